"""The listening side: a socket in the data folder, one thread a client. Who holds the folder's lock listens, so a killed process's socket
is only a file, and is replaced.

What people ask is in no log.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from bot.desk import Asker, Closing, Full
from bot.monitor.tracing import bound
from bot.service import wire
from bot.service.afar import Afar, looks_of
from bot.service.commands import Unreadable, command_of
from bot.service.place import code, is_ours, socket_path
from bot.service.queued import Queued, Room
from bot.service.wire import Broken, Frame
from config.given import database_name
from config.settings import BadSettings, settings_of
from db.ownership import make_folder
from retrieval.errors import CrosscheckError

log = logging.getLogger("crosscheck.service")

CLIENTS = 16  # at a time: who comes beyond does the work itself
SLOW = 10.0  # seconds that a request may take to come
PATIENT = 600.0  # seconds that a client may take to read its standard input, which somebody is perhaps typing


class Taken(CrosscheckError):
    """Another process answers for this data folder."""


class Service:
    """Answers clients from `listen` until `stop`."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._settings = room.app.settings
        self._database = database_name(self._settings.database_url.get_secret_value() if self._settings.database_url else None)
        self._code = code()
        self._lock = FileLock(self._settings.data_dir / "service.lock", thread_local=False)
        self._socket: socket.socket | None = None
        self._changed = threading.Condition()
        self._clients = 0
        self._count = 0

    @property
    def path(self) -> str:
        return socket_path(os.path.realpath(self._settings.data_dir))

    def listen(self) -> None:
        """Raises Taken, OSError."""
        make_folder(Path(self._settings.data_dir))
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise Taken(f"Another process answers for the data folder {self._settings.data_dir} already: one is enough.") from None
        try:
            self._socket = _bound(self.path)
        except OSError:
            self._lock.release()
            raise
        threading.Thread(target=self._accept, args=(self._socket,), name="service", daemon=True).start()
        log.info("commands are answered at %s", self.path)

    def stop(self) -> None:
        """Accept no more and let another process listen; what is under way goes on."""
        listening, self._socket = self._socket, None
        if listening is not None:
            if is_ours(self.path):
                os.unlink(self.path)
            listening.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
            listening.close()
            self._lock.release()

    def finish(self, seconds: float) -> bool:
        """Wait for what is under way; False where it takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._clients, seconds)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                if self._socket is not listening:
                    return
                log.warning("a client could not be accepted")
                time.sleep(0.1)
                continue
            with self._changed:
                self._clients += 1
                self._count += 1
            threading.Thread(target=self._serve, args=(connection, self._count), name="client", daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        started = time.monotonic()
        try:
            with connection, bound(client=number):
                what = self._answer(connection, number)
            log.info("client %d: %s after %.0f ms", number, what, 1000 * (time.monotonic() - started))
        except Broken as error:
            log.info("client %d is gone: %s", number, error)
        except Exception as error:  # noqa: BLE001 - its client does the work itself, and says what is wrong
            log.error("client %d: %s", number, type(error).__name__)
        finally:
            with self._changed:
                self._clients -= 1
                self._changed.notify_all()

    def _answer(self, connection: socket.socket, number: int) -> str:
        """What became of a request, for the log."""
        connection.settimeout(SLOW)
        with connection.makefile("rb") as stream:
            request = wire.receive(stream)
            why = self._why_not(request)
            if why:
                wire.send(connection, {"left": why, "process": os.getpid()})
                return why
            try:
                arguments = request.get("arguments")
                work = command_of([str(one) for one in arguments] if isinstance(arguments, list) else [])
            except Unreadable:
                wire.send(connection, {"left": "arguments", "process": os.getpid()})
                return "arguments"
            wire.send(connection, {"taken": os.getpid()})
            connection.settimeout(PATIENT)
            screen = Afar(connection, stream, looks_of(request.get("terminal")))
            queued = Queued(self._room, Asker("command line", str(number)), screen.still)
            try:
                wire.send(connection, {"exit": work(self._room.app, queued, screen)})
            except (Full, Closing) as error:
                wire.send(connection, {"left": type(error).__name__})
                return type(error).__name__
            return "answered"

    def _why_not(self, request: Frame) -> str:
        """Why this client's work is not done here; "" where it is."""
        if request.get("code") != self._code:
            return "code"
        given = request.get("settings")
        if not isinstance(given, dict) or given.pop("database", None) != self._database:
            return "settings"
        try:
            asked = settings_of(given)
        except BadSettings:
            return "settings"
        if asked.answering() != self._settings.answering():
            return "settings"
        return "busy" if self._clients > CLIENTS else ""


def _bound(path: str) -> socket.socket:
    """A socket that only this user can reach. Raises OSError."""
    folder = os.path.dirname(path)
    if os.path.basename(folder) == f"crosscheck-{os.getuid()}":
        os.makedirs(folder, 0o700, exist_ok=True)
        found = os.lstat(folder)
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise OSError(f"{folder} is somebody else's")
    if is_ours(path):
        os.unlink(path)  # of a process that was killed: its lock is free
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(path)
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    listening.listen(CLIENTS)
    return listening
