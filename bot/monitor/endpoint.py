"""/metrics, /healthz and /readyz over HTTP, in threads of their own: they answer also where the event loop hangs or the database is locked.

What is answered was gathered before (sampling.py), so an answer waits for nothing. Bounded: some connections at once, seconds each, one
request a connection, no body; a Host that is not ours is refused, so that no page in somebody's browser can read it by DNS rebinding.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bot.monitor.health import Verdict

log = logging.getLogger("crosscheck.monitor")

AT_ONCE = 8  # connections; further ones are closed at once
SECONDS = 5.0  # that a client may be silent; twice that, and it is cut off whatever it does
JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: HTTPStatus
    content_type: str
    body: bytes


class Pages:
    """The three paths, and what each answers."""

    def __init__(self, registry: CollectorRegistry, live: Callable[[], Verdict], ready: Callable[[], Verdict]) -> None:
        self._registry = registry
        self._live = live
        self._ready = ready

    def answer(self, path: str, accepted: str) -> Answer:
        """By the path alone, `accepted` being the request's Accept: a query is not ours."""
        if path == "/metrics":
            encode, content_type = choose_encoder(accepted)
            return Answer(HTTPStatus.OK, content_type, encode(self._registry))
        if path == "/healthz":
            return _told(self._live())
        if path == "/readyz":
            return _told(self._ready())
        return plain(HTTPStatus.NOT_FOUND)


class Endpoint:
    """Listens from `start` to `stop`."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.host = host
        self._asked_for = port
        self._pages = pages
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """Where it listens: other than asked for where that was 0."""
        return self._server.server_address[1] if self._server else self._asked_for

    def start(self) -> None:
        """Raises OSError where the address cannot be had."""
        self._server = _Server(self.host, self._asked_for, self._pages)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="monitor", daemon=True).start()
        log.info("figures are shown at http://%s:%d/metrics", self.host, self.port)

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()


_HOST = re.compile(r"(?:\[(?P<number>[0-9a-f:.]+)\]|(?P<name>[0-9a-z._-]+))(?::[0-9]{1,5})?")
_Request = socket.socket | tuple[bytes, socket.socket]
_Client = Any


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a slow client is not waited for at the end
    request_queue_size = AT_ONCE

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.pages = pages
        self.own_name = host.lower()
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._until: dict[_Request, float] = {}  # connections that are open, and when each is cut
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As TCPServer: HTTPServer asks DNS for this machine's name besides, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.own_name, self.server_address[1]

    def process_request(self, request: _Request, client_address: _Client) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._until[request] = time.monotonic() + 2 * SECONDS
        super().process_request(request, client_address)

    def process_request_thread(self, request: _Request, client_address: _Client) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._until.pop(request, None)
            self._free.release()

    def service_actions(self) -> None:
        """Some times a second: cut those who send a byte now and then."""
        for request, until in list(self._until.items()):
            if time.monotonic() > until and isinstance(request, socket.socket):
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: _Request, client_address: _Client) -> None:
        """A client that went away, or a mistake of ours: never its words."""
        del request, client_address
        log.debug("a reader of figures could not be answered (%s)", type(sys.exc_info()[1]).__name__)

    def is_ours(self, host: str | None) -> bool:
        """Whether a Host header names this server: by a number, as this machine, or by the name that it listens at."""
        match = _HOST.fullmatch((host or "").strip().lower())
        if match is None:
            return False
        name = match["number"] or match["name"]
        if name in ("localhost", self.own_name, socket.gethostname().lower()):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SECONDS
    protocol_version = "HTTP/1.0"  # one request a connection

    def version_string(self) -> str:
        return "Crosscheck"

    def do_GET(self) -> None:
        self._send(self._answered())

    def do_HEAD(self) -> None:
        self._send(self._answered(), with_body=False)

    def _answered(self) -> Answer:
        if not self.server.is_ours(self.headers.get("Host")):
            return plain(HTTPStatus.MISDIRECTED_REQUEST)
        return self.server.pages.answer(self.path, self.headers.get("Accept", ""))

    def _send(self, answer: Answer, *, with_body: bool = True) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Without the request's words, which the standard page repeats."""
        del message, explain
        self.close_connection = True
        self._send(plain(HTTPStatus(code)), with_body=self.command != "HEAD")

    def log_message(self, format: str, *args: object) -> None:
        """Not at all: a scrape each few seconds says nothing."""


def plain(status: HTTPStatus) -> Answer:
    return Answer(status, TEXT, f"{status.value} {status.phrase}\n".encode())


def _told(verdict: Verdict) -> Answer:
    body = json.dumps({"ok": verdict.good, "missing": dict(verdict.missing)}).encode() + b"\n"
    return Answer(HTTPStatus.OK if verdict.good else HTTPStatus.SERVICE_UNAVAILABLE, JSON, body)
