"""Threads and Discord that take their time, as on a machine with other work: what a test takes for granted comes to light.

On where CROSSCHECK_TEST_SHAKEN is set to a seed: `make test-shaken`. Each test has its own delays, the same each time that the seed is.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from aiohttp import web

from tests.standins.discord.rest import Rest

Made = TypeVar("Made")
OFTEN, SELDOM = 0.4, 0.03  # the share that is late; seldom where one waits for another, or delays would add up
LONGEST = 0.4  # seconds


def shake(test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Delay, before and after: what threads do, what Discord is asked, what it tells. Delays follow from `test`, a name with the seed."""
    chance = random.Random(test)  # noqa: S311 - no secret

    def delayed(work: Callable[..., Awaitable[Made]], share: float) -> Callable[..., Awaitable[Made]]:
        async def late(*args: object, **kwargs: object) -> Made:
            before, after = (chance.uniform(0, LONGEST) if chance.random() < share else 0.0 for _ in range(2))
            await asyncio.sleep(before)
            made = await work(*args, **kwargs)
            await asyncio.sleep(after)
            return made

        return late

    monkeypatch.setattr(asyncio, "to_thread", delayed(asyncio.to_thread, OFTEN))
    monkeypatch.setattr(Rest, "handle", delayed(Rest.handle, OFTEN))
    for send in ("send_str", "send_bytes"):
        monkeypatch.setattr(web.WebSocketResponse, send, delayed(getattr(web.WebSocketResponse, send), SELDOM))
