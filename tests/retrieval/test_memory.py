"""What batches leave free goes back to the system."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.memory import EVERY, GivingBack, trim
from retrieval.turns import Turns
from tests.standins.processes import ROOT

MB = 1_000_000
# A block of 4 MB that is freed teaches glibc to take such blocks from its heap. Of a hundred of 2 MB each, every tenth stays.
LARGE_BLOCKS = """
from retrieval.turns import Turns
from tests.retrieval.test_memory import resident

def left():
    before = resident()
    blocks = [b"x" * 2_000_000 for _ in range(100)]
    kept = blocks[9::10]
    del blocks
    return resident() - before

block = b"x" * 4_000_000
del block
print(left())
Turns()
print(left())
"""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


of_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can")


@of_glibc
def test_large_blocks_between_what_stays_are_given_back_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", LARGE_BLOCKS], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert before > 150 * MB  # what glibc does by itself
    assert after < 50 * MB


@of_glibc
def test_pages_between_what_stays_are_given_back() -> None:
    blocks = [bytearray(100_000) for _ in range(1_000)]  # below the size that malloc maps apart
    kept = blocks[::50]
    del blocks
    before = resident()
    trim()
    assert before - resident() > 50 * MB
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
