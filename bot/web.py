"""The parts that visit news sources, put together, and ingest behind them."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from bot.app import App
from bot.bare import bare
from retrieval.errors import BadItem
from retrieval.ingest.arrivals import OLDEST
from retrieval.ingest.pipeline import Report, ingest
from retrieval.ingest.watch import OnVisit, Watcher, host_turns
from retrieval.sources import Address, Visit, host_name
from retrieval.types import Article
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Fetcher
from retrieval.web.robots import Robots

log = logging.getLogger("crosscheck.web")

AGAIN = 60.0  # seconds until sources are visited again after a failure
ROBOT = "Crosscheck"  # the name that robots.txt addresses it by


class WallClock:
    """The Clock of everyday use."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, pause: timedelta) -> None:
        await asyncio.sleep(max(0.0, pause.total_seconds()))


@dataclass(frozen=True, slots=True)
class Web:
    """What looks at the web."""

    fetcher: Fetcher
    robots: Robots
    watcher: Watcher


async def keep_visiting(web: Web, stop: asyncio.Event) -> None:
    """Visit news sources until `stop`; what fails, as a database that is locked for long, is tried again."""
    while not stop.is_set():
        try:
            await web.watcher.run(stop)
        except Exception as error:  # noqa: BLE001 - who answers goes on answering, and the news must not grow old unnoticed
            log.error("news sources: %s; they are visited again in a minute", type(error).__name__, exc_info=bare(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN)


@asynccontextmanager
async def opened_web(app: App, on_visit: OnVisit | None = None) -> AsyncIterator[Web]:
    """A Watcher over the app's store, and its parts. What it had taken is given back at the end."""
    clock, owner = WallClock(), f"{socket.gethostname()[:50]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    storing = asyncio.Lock()  # one ingest at a time: batches of their own size, and copies find one another

    async def store(articles: Sequence[Article | BadItem]) -> Report:
        async with storing:
            return await asyncio.to_thread(ingest, articles, app.articles, app.ingest_embedder)

    async def mark_gone(url: str, at: datetime) -> bool:
        return await asyncio.to_thread(app.articles.mark_gone, url, at)

    def visited(address: Address, visit: Visit) -> None:
        # Whom a server reads in private is nobody else's affair.
        app.monitor.visited("private" if address.private else host_name(address.url), visit)
        if on_visit is not None:
            on_visit(address, visit)

    turn = host_turns(app.addresses, lambda: robots, clock, owner)
    fetcher = Fetcher(user_agent(app.settings.contact), GuardedBackend(app.settings.intranet_hosts), turn=turn)
    robots = Robots(fetcher, ROBOT, clock.now)
    watcher = Watcher(
        app.addresses,
        store,
        mark_gone,
        fetcher,
        robots,
        clock,
        owner,
        at_once=app.settings.visits_at_once,
        on_visit=visited,
        oldest=timedelta(days=app.settings.keep_days or OLDEST.days),
    )
    try:
        async with fetcher:
            yield Web(fetcher, robots, watcher)
    finally:
        app.addresses.release(owner)


def user_agent(contact: str) -> str:
    """Who asks, and where its operator can be reached."""
    return f"{ROBOT}/{version('crosscheck')} (news source reader{f'; {contact}' if contact else ''})"
