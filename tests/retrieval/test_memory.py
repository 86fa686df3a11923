"""What batches leave free goes back to the system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from retrieval.memory import EVERY, GivingBack, trim
from retrieval.turns import Turns

MB = 1_000_000


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has malloc_trim")
def test_pages_between_what_stays_are_given_back() -> None:
    blocks = [bytearray(100_000) for _ in range(1_000)]  # below the size that malloc maps apart
    kept = blocks[::50]
    del blocks
    before = _resident()
    trim()
    assert before - _resident() > 50 * MB
    assert len(kept) == 20


def test_memory_is_given_back_now_and_then() -> None:
    now, given = [0.0], []
    giving = GivingBack(lambda: given.append(now[0]), lambda: now[0])
    for at in (1.0, EVERY, EVERY + 1, 2 * EVERY - 1, 2 * EVERY, 9 * EVERY):
        now[0] = at
        giving.after_work()
    assert given == [EVERY, 2 * EVERY, 9 * EVERY]


@pytest.mark.parametrize("of", ["claim", "articles"])
def test_each_turn_tells_that_work_was_done(of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(GivingBack, "after_work", lambda self: given.append(of))
    turns = Turns()
    with pytest.raises(ValueError), getattr(turns, of)():
        assert not given
        raise ValueError
    assert given == [of]
