"""The third story: addresses that are due are visited, what they give is stored, and the next visit is set.

Any number of processes may run a Watcher over one store: addresses and hosts are taken by lease. What a visit brings is stored before
the visit is remembered, and the validators of a conditional request only then: a kill in between costs one visit made again, whose
articles are known by then.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from retrieval.errors import BadItem, ModelError, StoreError, TextRefused
from retrieval.ingest.arrivals import OLDEST, Brought, Reader, attributed, in_words
from retrieval.ingest.pipeline import Report
from retrieval.ingest.records import make_article
from retrieval.ingest.sitemaps import MAX_PAGES
from retrieval.ports import Saved
from retrieval.sources import Address, AddressBook, Failure, Kind, NewPage, Problem, Skipped, State, Validators, Visit, host_name
from retrieval.types import Article
from retrieval.web.fetch import Fetched, Fetcher, Turn
from retrieval.web.robots import Robots
from retrieval.web.schedule import after_failure, after_success

log = logging.getLogger("crosscheck.sources")

ACCEPT_FEED = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
LEASE = timedelta(minutes=15)  # of an address: longer than the slowest visit
HOST_LEASE = timedelta(minutes=2)
PAUSE = timedelta(seconds=2)  # between two requests to one host, where robots.txt asks for no longer one
# A page is looked at again after these times from the last look, since reports are corrected; then it is settled.
LOOKS = (timedelta(hours=2), timedelta(hours=22), timedelta(days=6))
PAGE_TRIES = 12  # over about a week
MAX_SITEMAPS = 5  # of a sitemap index at one visit: the newest
WAKE = 1.0  # seconds after which new work is looked for while some is under way
IDLE = timedelta(seconds=30)
IDLE_ROUNDS = 60  # waits for hosts or for other processes, in a row, after which what is left is left to the next round
SOON = timedelta(minutes=2)  # what becomes due so soon is waited for


class Clock(Protocol):
    """Time, so that a month can pass in a test."""

    def now(self) -> datetime: ...

    async def sleep(self, pause: timedelta) -> None: ...


Store = Callable[[Sequence[Article | BadItem]], Awaitable[Report]]  # ingest, in the thread of the models
MarkGone = Callable[[str, datetime], Awaitable[bool]]
OnVisit = Callable[[Address, Visit], None]


class Watcher:
    """Visits what is due. `owner` names this process among those that share the store."""

    def __init__(
        self,
        book: AddressBook,
        store: Store,
        mark_gone: MarkGone,
        fetcher: Fetcher,
        robots: Robots,
        clock: Clock,
        owner: str,
        *,
        at_once: int = 8,
        on_visit: OnVisit | None = None,
        oldest: timedelta = OLDEST,
        seed: int | None = None,
    ) -> None:
        self._book = book
        self._store = store
        self._mark_gone = mark_gone
        self._fetcher = fetcher
        self._robots = robots
        self._clock = clock
        self._owner = owner
        self._at_once = at_once
        self._on_visit = on_visit
        self._reader = Reader(clock.now, oldest)
        self._rng = random.Random(seed)  # noqa: S311 - spreads visits, keeps no secret

    async def run(self, stop: asyncio.Event) -> None:
        """Visit what is due until `stop` is set; visits under way are finished first."""
        while not stop.is_set():
            if await self.run_due(stop):
                continue
            due = await asyncio.to_thread(self._book.next_due)
            pause = min(max(due - self._clock.now(), timedelta(seconds=1)), IDLE) if due else IDLE
            await self._sleep(pause, stop)

    async def run_due(self, stop: asyncio.Event | None = None) -> int:
        """Visit everything that is due now, `at_once` addresses at a time, each host in its turn; how many visits that took."""
        idle = 0
        running: set[asyncio.Task[None]] = set()
        count = 0
        try:
            while True:
                free = self._at_once - len(running)
                if free and not (stop and stop.is_set()):
                    taken = await asyncio.to_thread(self._book.take, self._owner, self._clock.now(), LEASE, free)
                    running.update(asyncio.create_task(self.visit(address)) for address in taken)
                    count += len(taken)
                if not running:
                    idle += 1
                    if idle > IDLE_ROUNDS or (stop and stop.is_set()) or not await self._wait_for_host(stop):
                        return count
                    continue
                idle = 0
                done, running = await asyncio.wait(running, timeout=WAKE, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _wait_for_host(self, stop: asyncio.Event | None) -> bool:
        """Sleep until something can be visited, if that is soon: its host must rest, or another process has it. False where it is not."""
        due = await asyncio.to_thread(self._book.next_due)
        now = self._clock.now()
        if due is None or due > now + SOON:
            return False
        await self._sleep(max(due - now, timedelta(seconds=0.2)), stop)
        return True

    async def _sleep(self, pause: timedelta, stop: asyncio.Event | None) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(pause))
        stopping = asyncio.ensure_future((stop or asyncio.Event()).wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeping, stopping):
                task.cancel()
            await asyncio.gather(sleeping, stopping, return_exceptions=True)

    async def visit(self, address: Address) -> None:
        """One visit of an address that was taken: fetch, read, store, remember."""
        try:
            answer = await self._fetch(address)
            brought = Brought() if answer.body is None else await asyncio.to_thread(self._reader.read, address, answer)
            if brought.sitemaps:  # they change while their index stays, so the index is never asked conditionally
                answer = replace(answer, validators=Validators())
                brought = replace(brought, pages=await self._pages_of(brought.sitemaps))
            report = await self._store(brought.articles) if brought.articles else Report()
            if brought.pages:
                named = replace(address, name=address.name or brought.name)
                await asyncio.to_thread(self._book.add_pages, named, attributed(address, brought.pages), self._clock.now())
            visit = self._success(address, answer, brought, report)
        except Failure as failure:
            visit = await self._failure(address, failure)
        except (StoreError, ModelError) as error:
            if not isinstance(error, TextRefused):
                raise  # no fault of the source's
            visit = await self._failure(address, Failure(Problem.STUMBLED, str(error)))
        except Exception as error:  # one source, whatever it sends, must not stop the others
            log.exception("source %d: an error of our own", address.id)
            visit = await self._failure(address, Failure(Problem.STUMBLED, f"An error over what came ({type(error).__name__})."))
        remembered = await asyncio.to_thread(self._book.visited, address, visit)
        if not remembered:
            log.warning("source %d: the lease ran out before the visit ended; another process has it", address.id)
        _log(address, visit)
        if self._on_visit is not None:
            self._on_visit(address, visit)

    async def _fetch(self, address: Address) -> Fetched:
        accept = ACCEPT_PAGE if address.kind is Kind.PAGE else ACCEPT_FEED
        return await self._fetcher.get(address.url, accept, address.validators, self._robots.check)

    async def _pages_of(self, sitemaps: Sequence[str]) -> list[NewPage]:
        """The pages of a sitemap index's newest sitemaps. Raises Failure when none of them can be read."""
        pages: list[NewPage] = []
        failure: Failure | None = None
        for url in sitemaps[:MAX_SITEMAPS]:
            try:
                answer = await self._fetcher.get(url, ACCEPT_FEED, permit=self._robots.check)
                pages.extend((await asyncio.to_thread(self._reader.sitemap, answer.body or b"", url)).pages)
            except BadItem as error:
                failure = Failure(Problem.UNREADABLE, in_words(error))
            except Failure as error:
                failure = error
        if failure is not None and not pages:
            raise failure
        return pages[:MAX_PAGES]

    def _success(self, address: Address, answer: Fetched, brought: Brought, report: Report) -> Visit:
        now = self._clock.now()
        asked_for = max((wish for wish in (answer.fresh_for, brought.asked_for) if wish), default=None)
        state, settled = None, ""
        if address.kind is not Kind.PAGE:
            pause = after_success(address.articles_a_day, asked_for, self._rng)
        elif address.visits < len(LOOKS):
            pause = LOOKS[address.visits]
        else:
            state, pause, settled = State.SETTLED, timedelta(0), "Looked at often enough: articles seldom change later."
        stored = sum(count for kind, count in report.saved.items() if kind != "unchanged")
        return Visit(
            now, now + pause, why=settled or _shortfall(report), state=state, url=answer.moved_to, name=brought.name,
            validators=answer.validators, not_modified=answer.body is None, articles=stored, article_url=brought.article_url,
            skipped=_skipped(report),
        )  # fmt: skip

    async def _failure(self, address: Address, failure: Failure) -> Visit:
        """The next try, or the end: of a source only where the server says that it is gone, of a page after some tries."""
        now = self._clock.now()
        failures = address.failures + 1
        state = None
        why = str(failure)
        if address.kind is Kind.PAGE:
            final = failure.problem in (Problem.GONE, Problem.MISSING, Problem.DENIED, Problem.ROBOTS, Problem.NO_ARTICLE, Problem.REFUSED)
            if final or failures >= PAGE_TRIES:
                state = State.GONE if failure.problem in (Problem.GONE, Problem.MISSING) else State.SETTLED
                why = f"{why} {await self._settle(address, failure)}".strip()
        elif failure.problem is Problem.GONE:
            state, why = State.GONE, f"{why} It is not visited any more."
        return Visit(now, now + after_failure(failure, failures, self._rng), failure.problem, why, state)

    async def _settle(self, address: Address, failure: Failure) -> str:
        """What becomes of a page that cannot be read: what was stored stays; else the words that its feed gave are kept, if they do."""
        if address.visits:
            gone = failure.problem in (Problem.GONE, Problem.MISSING)
            if gone and await self._mark_gone(address.article_url, self._clock.now()):
                return "What was stored of it stays."
            return ""
        try:
            teaser = make_article(
                address.url, url=address.url, title=address.title, source=address.name, text=address.teaser,
                published_at=self._reader.dated(address.published_at),
            )  # fmt: skip
        except BadItem:
            return ""
        if failure.problem in (Problem.GONE, Problem.MISSING, Problem.REFUSED):
            return ""
        await self._store([replace(teaser, feed_id=address.feed_id)])
        return "The summary in the feed was stored instead."


def host_turns(book: AddressBook, robots: Callable[[], Robots], clock: Clock, owner: str) -> Turn:
    """A Fetcher's `turn`: a host is asked by one request at a time, of any process, with a pause after each."""
    left: dict[str, datetime] = {}

    @asynccontextmanager
    async def turn(url: str) -> AsyncIterator[None]:
        host = host_name(url)
        if host in left:  # the delay that the host asks for may have become known only from the answer before
            await clock.sleep(max(left.pop(host) + robots().known_delay(url) - clock.now(), timedelta(0)))
        while (again := await asyncio.to_thread(book.take_host, host, owner, clock.now(), HOST_LEASE)) is not None:
            await clock.sleep(again - clock.now())
        try:
            yield
        finally:
            pause = max(PAUSE, robots().known_delay(url))
            left[host] = clock.now()
            await asyncio.to_thread(book.leave_host, host, owner, clock.now() + pause)

    return turn


def _skipped(report: Report) -> dict[Skipped, int]:
    found = {
        Skipped.UNCHANGED: report.saved[Saved.UNCHANGED],
        Skipped.COPY: report.copies,
        Skipped.LANGUAGE: report.unserved.total(),
        Skipped.UNREADABLE: len(report.failed),
    }
    return {why: count for why, count in found.items() if count}


def _shortfall(report: Report) -> str:
    """What of a visit that went well could not be stored or is not searched, in words."""
    parts = []
    if report.failed:
        parts.append(f"{len(report.failed)} items could not be read ({report.failed[0].reason}).")
    if report.unserved:
        named = ", ".join(f"{count} in {language}" for language, count in report.unserved.most_common(3))
        parts.append(f"Stored but not searched, since no model here reads the language: {named}.")
    return " ".join(parts)


def _log(address: Address, visit: Visit) -> None:
    """A line a visit: ids and counts, never words of an article."""
    if visit.problem is None:
        log.info(
            "source %d %s: %s, %d new or revised", address.id, address.kind, "unchanged" if visit.not_modified else "read", visit.articles
        )
    else:
        log.info("source %d %s: failed (%s), next visit %s", address.id, address.kind, visit.problem, visit.next_visit_at.isoformat())
