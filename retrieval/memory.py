"""Memory that the models' batches leave free, given back to the system.

Each batch has tensors of other shapes, so what one leaves free fits the next badly. glibc takes blocks of up to 32 MB from its heaps once
it has seen their size, and keeps what is free there, in pieces between what stays: 355 of 592 MB after 3,500 checks. So large blocks are
mapped each by itself, and go back when they are freed; of the heaps, whole free pages are given back now and then (DECISIONS 59, 61).
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable

LARGE = 1 << 20  # bytes
EVERY = 1.0  # seconds; a trim takes 1 or 2 ms
_M_MMAP_THRESHOLD = -3  # malloc.h


def map_large_blocks() -> None:
    """From now on, blocks of LARGE bytes or more lie apart, where the C library can do so (glibc)."""
    if _mallopt is not None:
        _mallopt(_M_MMAP_THRESHOLD, LARGE)


def trim() -> None:
    """Give free pages back, where the C library can (glibc)."""
    if _malloc_trim is not None:
        _malloc_trim(0)


class GivingBack:
    """Gives memory back now and then, when it is told that work was done."""

    def __init__(self, give: Callable[[], None] = trim, clock: Callable[[], float] = time.monotonic) -> None:
        self._give = give
        self._clock = clock
        self._last = clock()

    def after_work(self) -> None:
        """Not for use by two threads at once."""
        if (now := self._clock()) - self._last >= EVERY:
            self._last = now
            self._give()


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


_mallopt, _malloc_trim = _of_glibc("mallopt"), _of_glibc("malloc_trim")
