"""A Watcher over a real store and a loopback site, with a clock that a test turns."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from db.addresses import Addresses
from db.articles import Articles
from retrieval.errors import BadItem
from retrieval.ingest.pipeline import Report, ingest
from retrieval.ingest.watch import Watcher, host_turns
from retrieval.sources import Address, Visit
from retrieval.types import Article
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Bounds, Fetcher
from retrieval.web.robots import Robots
from tests.standins.news import HOST, Site
from tests.standins.store import EMBEDDER, NOON, Store

QUICK = Bounds(wire_bytes=200_000, bytes=400_000, seconds=1.5, connect_seconds=0.5, read_seconds=0.5)


class TurnedClock:
    """Time that passes when somebody sleeps, or when a test turns it."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, pause: timedelta) -> None:
        self.turn(max(pause, timedelta(0)))
        await asyncio.sleep(0.005)  # or time would fly past the leases of whoever is at real work meanwhile

    def turn(self, pause: timedelta) -> None:
        self._now += pause


class Watching:
    """What a test holds of it."""

    def __init__(self, store: Store, site: Site, clock: TurnedClock, hosts: Collection[str] = (HOST,), owner: str = "test") -> None:
        self.store, self.site, self.clock, self.owner = store, site, clock, owner
        self.book = Addresses(store.database)
        store.articles = Articles(store.database, clock.now)
        self.visits: list[tuple[Address, Visit]] = []
        turn = host_turns(self.book, lambda: self.robots, clock, owner)
        self.fetcher = Fetcher("Crosscheck/test", GuardedBackend(hosts, site.resolve), QUICK, turn)
        self.robots = Robots(self.fetcher, "Crosscheck", clock.now)
        self._storing = asyncio.Lock()
        self.watcher = Watcher(
            self.book, self._store, self._mark_gone, self.fetcher, self.robots, clock, owner, at_once=4,
            on_visit=lambda address, visit: self.visits.append((address, visit)), seed=random.Random(1).randrange(99),
        )  # fmt: skip

    async def _store(self, articles: Sequence[Article | BadItem]) -> Report:
        async with self._storing:
            return ingest(articles, self.store.articles, EMBEDDER)

    async def _mark_gone(self, url: str, at: datetime) -> bool:
        return self.store.articles.mark_gone(url, at)

    def die(self) -> None:
        """From now on it writes nothing any more: what it had taken stays taken until its lease runs out, as after a kill."""

        def nothing(*_: object) -> bool:
            return False

        self.book.leave_host = self.book.visited = nothing  # type: ignore[assignment]

    def texts(self) -> dict[str, str]:
        """Url to the text that is in search."""
        sources = {passage.article.url: passage.article.revision_id for passage in self.store.stored_passages()}
        texts = self.store.passages.article_text(list(sources.values()))
        return {url: texts[revision] for url, revision in sources.items()}


@asynccontextmanager
async def watching(store: Store, hosts: Collection[str] = (HOST,)) -> AsyncIterator[Watching]:
    """A site and a Watcher that may visit it."""
    clock = TurnedClock()
    async with Site(clock.now) as site:
        made = Watching(store, site, clock, hosts)
        async with made.fetcher:
            yield made
