"""Where a command prints and what it reads: the terminal of this process, or that of a client (bot/service/afar.py).

Output comes in pieces, one a call. Whoever does a command again that somebody else has begun leaves out the pieces that are there.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from rich.console import Console

INPUT = "-"  # the path that means standard input


class Screen(Protocol):
    """What a command uses to show and to read."""

    def line(self, text: str) -> None:
        """A line of standard output."""

    def complain(self, sentence: str) -> None:
        """A line on stderr."""

    def show(self, show: Callable[[Console], None], *, stderr: bool = False) -> None:
        """What `show` prints, as one piece."""

    def read(self, path: str) -> bytes:
        """A whole file. Raises OSError."""

    def lines(self, at_once: int) -> Iterable[bytes]:
        """The lines of standard input, no more than `at_once` of them ahead of what is asked for."""

    def write(self, path: str, data: bytes) -> None:
        """A whole file. Raises OSError."""


class Terminal:
    """The Screen of this process. `printed` pieces are there already, and of the files in `read` their beginnings were read."""

    def __init__(self, printed: int = 0, read: Mapping[str, bytes] | None = None) -> None:
        self._printed = printed
        self._read = dict(read or {})

    def line(self, text: str) -> None:
        if self._is_new():
            typer.echo(text)

    def complain(self, sentence: str) -> None:
        if self._is_new():
            typer.echo(sentence, err=True)

    def show(self, show: Callable[[Console], None], *, stderr: bool = False) -> None:
        if self._is_new():
            from bot.terminal import console

            show(console(stderr=stderr))

    def read(self, path: str) -> bytes:
        begun = self._read.pop(path, b"")
        if path == INPUT:
            return begun + sys.stdin.buffer.read()
        with open(path, "rb") as file:
            # What was read and can be read again, as of a plain file, is read again; of a pipe there is only the rest.
            return file.read() if file.seekable() else begun + file.read()

    def lines(self, at_once: int) -> Iterable[bytes]:
        return chain(io.BytesIO(self._read.pop(INPUT, b"")), sys.stdin.buffer)

    def write(self, path: str, data: bytes) -> None:
        with open(path, "wb") as file:
            file.write(data)

    def _is_new(self) -> bool:
        self._printed -= 1
        return self._printed < 0
