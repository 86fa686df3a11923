"""Faults of Discord: the machinery of tests/bot/discord/trouble.py, which breaks what it likes under hundreds of uses, with other seeds."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bot.discord import test_random_faults as story
from tests.bot.discord.trouble import Trouble
from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane

AT_ONCE = 60  # faults of one story, at the least: fewer need not meet enough uses


def _story(seed: int, faults: int) -> str:
    """How many faults were met. Raises AssertionError where somebody was left without an answer, or something piled up."""
    patch = pytest.MonkeyPatch()
    for variable in [*os.environ]:
        if variable.startswith("CROSSCHECK_"):
            patch.delenv(variable)
    troubles: list[Trouble] = []
    folder = Path(tempfile.mkdtemp(prefix="discord"))
    patch.chdir(folder)
    rng: random.Random = _made(story.rng)(SimpleNamespace(param=seed), patch)
    rows, flying, log = _made(story.rows)(patch), _made(story.flying)(patch), story._logging(patch)

    def trouble_of(chat: Any) -> Trouble:
        troubles.append(Trouble(chat, rng, rows, flying))
        return troubles[0]

    asyncio.run(story._story(folder, trouble_of, log, faults))
    return json.dumps(sum(one.met > 0 for one in troubles[0].faults) + sum(troubles[0].done[turn] for turn in troubles[0]._turns))


def _made(fixture: object) -> Callable[..., Any]:
    """The function under a fixture."""
    found: Callable[..., Any] = inspect.unwrap(fixture)  # type: ignore[arg-type]
    return found


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    def play(kind: Kind, count: int) -> Sequence[Done]:
        started, faults = time.monotonic(), max(AT_ONCE, count)
        seed = lane.chance.randrange(1_000_000)
        met = json.loads(lane.aside(lambda: _story(seed, faults), 500))
        each = round((time.monotonic() - started) / max(1, met), 3)
        lane.number += max(0, met - 1)
        return [Done(kind.name, 1, "itself", (), (), each, note=f"story {seed}") for _ in range(min(met, count))]

    yield play
