"""A command asked of a running service. Standard library alone, and little of it: the whole process takes no longer than it must.

Whatever is in the way (no service, another version, other settings, an end in the middle), the command line does the work itself, and
does not print again what was printed already.
"""

from __future__ import annotations

import base64
import os
import socket
import sys
from typing import BinaryIO

from bot.service import wire
from bot.service.place import code, is_ours, socket_path
from bot.service.wire import Broken, Frame
from config.given import given_settings, serves

COMMANDS = ("check", "search", "stance")
WITHOUT = "--no-service"
CONNECT = 1.0  # seconds
SILENT = 30.0  # seconds without a word from a service that is at work
LOOKS = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")  # what colours and width hang on


class Unserved(Exception):
    """No service does it. `printed`: what of the output is there already, in pieces; `read`: what was read of files that are read once."""

    def __init__(self, why: str, printed: int = 0, read: dict[str, bytes] | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.printed = printed
        self.read = read or {}


def ask(arguments: list[str]) -> int:
    """Have a service run the command; its exit code. Raises Unserved."""
    if not arguments or arguments[0] not in COMMANDS or WITHOUT in arguments or "--help" in arguments:
        raise Unserved("arguments")
    with _connected(arguments) as connection, connection.makefile("rb") as stream:
        return _Asking(connection, stream).run()


def state() -> tuple[str, int | None]:
    """("ready", its process) where a service would answer, else why it would not: "none", "off", "settings", "code", "busy"."""
    try:
        with _connected([]) as connection, connection.makefile("rb") as stream:
            frame = wire.receive(stream)
    except Unserved as error:
        return error.why, None
    except Broken:
        return "none", None
    why, process = str(frame.get("left")), frame.get("process")
    return "ready" if why == "arguments" else why, process if isinstance(process, int) else None


def _connected(arguments: list[str]) -> socket.socket:
    """A connection on which the request was made. Raises Unserved."""
    try:
        settings = given_settings()
    except (OSError, ValueError) as error:  # whoever reads them for good says so
        raise Unserved("settings") from error
    if not serves(settings):
        raise Unserved("off")
    path = socket_path(str(settings["data_dir"]))
    if not hasattr(socket, "AF_UNIX") or not is_ours(path):
        raise Unserved("none")
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT)
        connection.connect(path)
        connection.settimeout(SILENT)
        wire.send(connection, {"code": code(), "settings": settings, "arguments": arguments, "terminal": _terminal()})
    except (OSError, Broken, TypeError, ValueError) as error:
        connection.close()
        raise Unserved("none") from error
    return connection


class _Asking:
    """One command while it runs elsewhere."""

    def __init__(self, connection: socket.socket, stream: BinaryIO) -> None:
        self._connection = connection
        self._stream = stream
        self._printed = 0
        self._read: dict[str, bytes] = {}

    def run(self) -> int:
        try:
            while True:
                frame = wire.receive(self._stream)
                if "exit" in frame:
                    return int(str(frame["exit"]))
                self._heed(frame)
        except (Broken, KeyError, ValueError) as error:
            raise Unserved("gone", self._printed, self._read) from error

    def _heed(self, frame: Frame) -> None:
        if "left" in frame:
            raise Unserved(str(frame["left"]), self._printed, self._read)
        if "print" in frame:
            target = sys.stderr if frame["to"] == "err" else sys.stdout
            target.write(str(frame["print"]))
            target.flush()
            self._printed += 1
        elif "read" in frame:
            wire.send(self._connection, self._of_file(str(frame["read"]), frame.get("lines")))
        elif "write" in frame:
            wire.send(self._connection, _written(str(frame["write"]), str(frame["data"])))

    def _of_file(self, path: str, lines: object) -> Frame:
        try:
            if path == "-":
                data = _lines(sys.stdin.buffer, lines) if isinstance(lines, int) else sys.stdin.buffer.read(wire.READ)
            else:
                with open(path, "rb") as file:
                    data = file.read(wire.READ)
        except OSError as error:
            return _refused(error)
        self._read[path] = self._read.get(path, b"") + data
        if len(data) >= wire.READ or isinstance(lines, int) and data.count(b"\n") >= lines:
            raise Unserved("size", self._printed, self._read)  # there is perhaps more of it, and it is nobody's turn to wait for that
        return {"data": base64.b64encode(data).decode()}


def _lines(stream: BinaryIO, count: int) -> bytes:
    """The first lines, to the end where there are fewer."""
    found: list[bytes] = []
    size = 0
    while len(found) < count and size < wire.READ and (line := stream.readline(wire.READ)):
        found.append(line)
        size += len(line)
    return b"".join(found)


def _written(path: str, data: str) -> Frame:
    try:
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
    except OSError as error:
        return _refused(error)
    return {"errno": 0}


def _refused(error: OSError) -> Frame:
    return {"errno": error.errno or -1, "error": error.strerror or type(error).__name__}


def _terminal() -> Frame:
    return {
        "width": _width(), "out": sys.stdout.isatty(), "err": sys.stderr.isatty(), "encoding": sys.stdout.encoding,
        "environ": {name: os.environ[name] for name in LOOKS if name in os.environ},
    }  # fmt: skip


def _width() -> int:
    """Columns of the terminal that standard input, error or output is; 80 where none is."""
    for stream in (0, 1, 2):
        try:
            return os.get_terminal_size(stream).columns or 80
        except OSError:
            continue
    return 80
