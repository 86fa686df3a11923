"""Reading the articles that a post links to: from the store, else from the web, within the seconds that an answer may wait for them.

What is fetched here is compared and never stored: by posting links anybody could plant sources.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from bot.app import App
from bot.web import ROBOT, WallClock, user_agent
from retrieval.errors import BadItem
from retrieval.ingest.arrivals import FUTURE
from retrieval.ingest.duplicates import canonical_url
from retrieval.ingest.languages import is_served, with_language
from retrieval.ingest.page import read_page
from retrieval.ingest.watch import ACCEPT_PAGE, PAUSE
from retrieval.own import OwnArticle
from retrieval.sources import Failure, host_name
from retrieval.types import Article, ArticleRef
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Bounds, Fetched, Fetcher
from retrieval.web.robots import Robots

log = logging.getLogger("crosscheck.own")

MOST = 3  # links of a post
SECONDS = 5.0  # for all of them: an answer waits no longer
_BOUNDS = Bounds(wire_bytes=2_000_000, bytes=4_000_000, redirects=3, seconds=SECONDS, connect_seconds=3.0, read_seconds=SECONDS)
_LEASE = timedelta(seconds=4 * SECONDS)  # of a host, should this process die meanwhile
_MEDIA = re.compile(r"\.(?:jpe?g|png|gifv?|webp|avif|svg|bmp|heic|mp[34]|m4[av]|mov|webm|wav|ogg|pdf|zip|docx?|xlsx?)$", re.IGNORECASE)
_KIND = re.compile(rb"<meta\b[^>]{0,300}og:type[^>]{0,300}>", re.IGNORECASE)
_NO_ARTICLE = re.compile(rb"content\s*=\s*[\"']?(?:video|music)", re.IGNORECASE)


async def own_articles(app: App, links: Sequence[str], hidden: Collection[int] = ()) -> list[OwnArticle]:
    """The articles behind the first MOST links that are no pictures or films, in their order, each once; ready within about SECONDS.

    Articles that sources of the ids `hidden` brought are as if they were not stored. What cannot be read is left out: no answer fails
    for a link. Raises StoreError.
    """
    wanted = [link for link in links if not _MEDIA.search(_path(link))][:MOST]
    found = {link: await asyncio.to_thread(_stored, app, link, hidden) for link in wanted}
    missing = [link for link, own in found.items() if own is None]
    if missing and app.settings.fetch_links:
        found |= await _fetched(app, missing, hidden)
    return list({own.article.url: own for link in reversed(wanted) if (own := found[link])}.values())[::-1]


def _path(link: str) -> str:
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _stored(app: App, link: str, hidden: Collection[int]) -> OwnArticle | None:
    ref = app.headlines.at(link, hidden) or app.headlines.at(canonical_url(link), hidden)
    if ref is None:
        return None
    return OwnArticle(link, ref, app.passages.article_text([ref.revision_id]).get(ref.revision_id, ""))


async def _fetched(app: App, links: Sequence[str], hidden: Collection[int]) -> dict[str, OwnArticle | None]:
    """What each link leads to, None where nothing could be read in time."""
    turns = _Hosts(app)
    fetcher = Fetcher(user_agent(app.settings.contact), GuardedBackend(app.settings.intranet_hosts), _BOUNDS, turns.turn)
    turns.robots = Robots(fetcher, ROBOT, WallClock().now)
    async with fetcher:
        reading = {link: asyncio.create_task(_read_link(app, fetcher, turns.robots, link, hidden)) for link in links}
        try:
            await asyncio.wait(reading.values(), timeout=SECONDS)
        finally:
            for task in reading.values():
                task.cancel()
            await asyncio.gather(*reading.values(), return_exceptions=True)
            await turns.leave()
    return {link: None if task.cancelled() else task.result() for link, task in reading.items()}


async def _read_link(app: App, fetcher: Fetcher, robots: Robots, link: str, hidden: Collection[int]) -> OwnArticle | None:
    try:
        answer = await fetcher.get(link, ACCEPT_PAGE, permit=robots.check)
        article = await asyncio.to_thread(_article, answer)
        if article is None:
            return None
        stored = await asyncio.to_thread(_stored, app, article.url, hidden)  # the link may have been a shortened one
    except Failure as failure:
        log.info("a post's own link was not read: %s", failure.problem)
        return None
    except BadItem:
        log.info("a post's own link leads to no article")
        return None
    except Exception as error:  # noqa: BLE001 - hostile pages; no answer fails for a link
        log.error("a post's own link was not read: %s", type(error).__name__)
        return None
    if stored is not None:
        return replace(stored, url=link)
    return OwnArticle(link, ArticleRef(0, 0, article.url, article.title, article.source, article.published_at), article.text)


def _article(answer: Fetched) -> Article | None:
    """The article of a page; None for a film, and for a language that no model reads. Raises BadItem."""
    body = answer.body or b""
    if "html" not in answer.content_type.lower() or any(_NO_ARTICLE.search(kind) for kind in _KIND.findall(body)):
        return None
    article = with_language(read_page(body, answer.url, answer.url))
    if not is_served(article.language):
        return None
    ahead = article.published_at is not None and article.published_at > WallClock().now() + FUTURE
    return replace(article, url=canonical_url(article.url), published_at=None if ahead else article.published_at)


class _Hosts:
    """The turns of the hosts that one call asks, by lease as visits to sources take them: nobody else asks a host meanwhile.

    Between its own few requests to a host (robots.txt, a redirect, the page) there is only the pause that the host asks for, or a person
    would wait too long; the usual pause comes after the last one.
    """

    def __init__(self, app: App) -> None:
        self.robots: Robots
        self._book = app.addresses
        self._clock = WallClock()
        self._owner = f"own-{uuid.uuid4().hex}"
        self._own: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pauses: dict[str, timedelta] = {}  # of the hosts that were asked

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """A Fetcher's `turn`."""
        host = host_name(url)
        async with self._own[host]:
            if host in self._pauses:
                await self._clock.sleep(self.robots.known_delay(url))
            else:
                while (again := await asyncio.to_thread(self._book.take_host, host, self._owner, self._clock.now(), _LEASE)) is not None:
                    await self._clock.sleep(again - self._clock.now())
            try:
                yield
            finally:
                self._pauses[host] = max(PAUSE, self.robots.known_delay(url))

    async def leave(self) -> None:
        """Give all turns back."""
        for host, pause in self._pauses.items():
            await asyncio.to_thread(self._book.leave_host, host, self._owner, self._clock.now() + pause)
        await asyncio.to_thread(self._book.release, self._owner)  # a turn that was taken while the time ran out
