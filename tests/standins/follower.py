"""A watcher to be killed: `python -m tests.standins.follower FOLDER` visits what is due on 127.0.0.1, by the real clock, and ends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.addresses import Addresses
from retrieval.errors import BadItem
from retrieval.ingest import watch
from retrieval.ingest.pipeline import Report, ingest
from retrieval.types import Article
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Bounds, Fetcher
from retrieval.web.robots import Robots
from tests.standins.store import EMBEDDER, Store

LOCAL = "127.0.0.1"
PAUSE = timedelta(milliseconds=5)


class RealClock:
    """Time as it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, pause: timedelta) -> None:
        await asyncio.sleep(max(pause.total_seconds(), 0))


async def follow(store: Store, owner: str) -> None:
    """One round of visits."""
    book, clock = Addresses(store.database), RealClock()
    fetcher = Fetcher("Crosscheck/test", GuardedBackend({LOCAL}), Bounds(), watch.host_turns(book, lambda: robots, clock, owner))
    robots = Robots(fetcher, "Crosscheck", clock.now)
    storing = asyncio.Lock()

    async def save(articles: Sequence[Article | BadItem]) -> Report:
        async with storing:
            return await asyncio.to_thread(ingest, articles, store.articles, EMBEDDER)

    async def mark_gone(url: str, at: datetime) -> bool:
        return store.articles.mark_gone(url, at)

    watcher = watch.Watcher(
        book, save, mark_gone, fetcher, robots, clock, owner, at_once=4,
        on_visit=lambda address, _: print(address.id, flush=True),  # noqa: T201 - what the test waits for
    )  # fmt: skip
    async with fetcher:
        await watcher.run_due()


if __name__ == "__main__":
    watch.PAUSE = PAUSE
    with Store(Path(sys.argv[1])) as opened:
        asyncio.run(follow(opened, sys.argv[2]))
