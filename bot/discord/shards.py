"""Which part of Discord a process serves, and what processes that serve it together must do one after the other.

Locks lie in the data folder, so they hold for the processes of one machine, and are free at once when one is killed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

IDENTIFY_EVERY = 5.0  # seconds between two sessions that begin in one bucket (shard id modulo max_concurrency), as Discord asks
LOOK = 0.1  # seconds between two looks at a lock


class Shards:
    """The shards of one process: `ids` of `count`, or all where neither is set."""

    def __init__(self, folder: Path, ids: Collection[int] | None, count: int | None) -> None:
        self._folder = folder
        self.ids = sorted(ids) if ids else None
        self._count = count
        self.every = IDENTIFY_EVERY

    def serves(self, guild_id: int | None) -> bool:
        """Whether what happens in a server is this process's; direct messages are the first shard's."""
        if self.ids is None or self._count is None:
            return True
        return ((guild_id or 0) >> 22) % self._count in self.ids

    async def identify(self, bucket: int) -> None:
        """Returns when a session of this bucket may begin, whichever process began the last one."""
        stamp = self._folder / f"identify-{bucket}.at"
        lock = FileLock(self._folder / f"identify-{bucket}.lock", thread_local=False)
        while True:
            async with _held(lock):
                wait = _age(stamp)
                if wait >= self.every:
                    stamp.touch()
                    return
            await asyncio.sleep(self.every - wait)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Entered when no other process serves just these shards any more: in a restart, when the one before has ended."""
        which = hashlib.sha256(f"{self.ids} {self._count}".encode()).hexdigest()[:12] if self.ids else "all"
        async with _held(FileLock(self._folder / f"shards-{which}.lock", thread_local=False)):
            yield


def _age(stamp: Path) -> float:
    """Seconds since the last session began; a clock that was set back counts as never."""
    try:
        age = time.time() - os.stat(stamp).st_mtime
    except OSError:
        return float("inf")
    return age if age >= 0 else float("inf")


@asynccontextmanager
async def _held(lock: FileLock) -> AsyncIterator[None]:
    """A lock, waited for without a thread, which a process that ends would have to wait for in turn."""
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            await asyncio.sleep(LOOK)
    try:
        yield
    finally:
        lock.release()
