"""Ids with the time in them, times as Discord writes them, and waiting for something to happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 30.0  # seconds that a test waits for what comes in an instant where the machine has nothing else to do

EPOCH = 1_420_070_400_000  # milliseconds: the first second of 2015


class Snowflakes:
    """Ids that rise, with the time in their upper bits: discord.py reads it from them."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> int:
        self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH) << 22)
        return self._last

    def on_shard(self, shard: int, shards: int) -> int:
        """An id of a server that this shard serves, some milliseconds ahead of the clock."""
        made = self.new()
        while (made >> 22) % shards != shard:
            made += 1 << 22
        self._last = made
        return made


def moment(id_: int) -> str:
    """When an id was made, as Discord writes times."""
    return datetime.fromtimestamp(((id_ >> 22) + EPOCH) / 1000, UTC).isoformat(timespec="microseconds")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


async def until(reached: Callable[[], object], patience: float = PATIENCE) -> None:
    """As soon as `reached` gives something true. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(patience):
        while not reached():
            await asyncio.sleep(0.02)


class Happenings:
    """Wakes whoever waits for something to have happened."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, find: Callable[[], Found | None], timeout: float, what: Callable[[], str]) -> Found:
        """What `find` gives as soon as it is not None.

        Raises:
            TimeoutError: not in time; the message says what was waited for.
        """
        try:
            async with asyncio.timeout(timeout):
                while (found := find()) is None:
                    await self._next.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"waited {timeout:g} s for {what()}") from None
