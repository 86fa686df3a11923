"""The Screen of a client's terminal, seen from the service that works for it."""

from __future__ import annotations

import base64
import binascii
import io
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from rich.console import Console

from bot.screen import INPUT
from bot.service import wire
from bot.service.wire import Broken, Frame
from bot.terminal import console_for


@dataclass(frozen=True, slots=True)
class Looks:
    """What a client's terminal is like."""

    width: int = 80
    out: bool = False  # whether standard output is a terminal
    err: bool = False
    encoding: str = "utf-8"
    environ: dict[str, str] = field(default_factory=dict)


class Afar:
    """One client. Every call raises Broken when it is gone."""

    def __init__(self, connection: socket.socket, stream: BinaryIO, looks: Looks) -> None:
        self._connection = connection
        self._stream = stream
        self._looks = looks

    def line(self, text: str) -> None:
        self._print(f"{text}\n")

    def complain(self, sentence: str) -> None:
        self._print(f"{sentence}\n", "err")

    def show(self, show: Callable[[Console], None], *, stderr: bool = False) -> None:
        looks = self._looks
        file = _Written(looks.err if stderr else looks.out, looks.encoding)
        show(console_for(file, looks.width, looks.environ))
        self._print(file.getvalue(), "err" if stderr else "out")

    def read(self, path: str) -> bytes:
        return self._of_file({"read": path, "lines": None})

    def lines(self, at_once: int) -> Iterable[bytes]:
        """The client does longer input itself, so one answer has all of it."""
        return io.BytesIO(self._of_file({"read": INPUT, "lines": at_once}))

    def write(self, path: str, data: bytes) -> None:
        self._asked({"write": path, "data": base64.b64encode(data).decode()})

    def still(self) -> None:
        """Say that the work goes on."""
        wire.send(self._connection, {})

    def _print(self, text: str, to: str = "out") -> None:
        wire.send(self._connection, {"print": text, "to": to})

    def _of_file(self, frame: Frame) -> bytes:
        try:
            return base64.b64decode(str(self._asked(frame).get("data")), validate=True)
        except binascii.Error as error:
            raise Broken("data") from error

    def _asked(self, frame: Frame) -> Frame:
        """The client's answer. Raises OSError where it says one."""
        wire.send(self._connection, frame)
        answer = wire.receive(self._stream)
        number = answer.get("errno", 0)
        if isinstance(number, int) and number:
            raise OSError(number, str(answer.get("error")))
        return answer


class _Written(io.StringIO):
    """What is printed for a file that is a terminal or not, of this encoding."""

    def __init__(self, is_terminal: bool, encoding: str) -> None:
        super().__init__()
        self._is_terminal = is_terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._is_terminal


def looks_of(value: object) -> Looks:
    """What a client says of its terminal. Raises Broken."""
    if not isinstance(value, dict):
        raise Broken("terminal")
    width, environ, encoding = value.get("width"), value.get("environ"), value.get("encoding")
    if not isinstance(width, int) or not isinstance(environ, dict) or not isinstance(encoding, str):
        raise Broken("terminal")
    known = dict(_texts(environ))
    return Looks(min(max(width, 1), 1000), value.get("out") is True, value.get("err") is True, encoding, known)


def _texts(environ: dict[object, object]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
