"""Panics of libraries in Rust. They are no Exceptions: who goes on after whatever fails would not go on after them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.errors import Panicked


def is_panic(error: BaseException) -> bool:
    """Whether this is a panic of a library in Rust. PyO3 gives each such library a class of its own, of this name."""
    return type(error).__name__ == "PanicException"


@contextmanager
def as_errors() -> Iterator[None]:
    """A panic within becomes Panicked, without its words, which may be those of the text that was read."""
    try:
        yield
    except BaseException as error:
        if is_panic(error):
            raise Panicked("A library failed within, over what it was given. The log of the time says where.") from None
        raise
