"""A month of watching feeds on loopback, in minutes: a clock that is turned, real HTTP, a real store, restarts in the middle.

python -m tests.bench.month [--feeds 300] [--days 30]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from retrieval.ingest.watch import PAUSE
from retrieval.sources import Kind
from tests.standins.news import Reply, Site, item, rss, story
from tests.standins.store import NOON, Store
from tests.standins.watching import TurnedClock, Watching

RESULTS = Path(__file__).parent / "results" / "month.json"
ITEMS = 20  # of a feed at a time
A_HOST = 6  # feeds on one host


@dataclass(frozen=True, slots=True)
class Month:
    """What a simulated month came to."""

    days: int
    feeds: int
    requests: int  # of feeds
    not_modified: int  # answered with 304: their bodies were saved
    requests_a_feed_a_day: float
    published: int  # articles, while it was watched
    stored: int
    missing: int  # published two days before the end or earlier, and not stored
    double: int  # stored under two addresses, or as two revisions
    shortest_pause_s: float  # between two requests to one host
    most_at_once: int  # requests to one host
    restarts: int
    seconds: float


class Outlet:
    """A feed that publishes at random times."""

    def __init__(self, number: int, days: int, rng: random.Random) -> None:
        self.number = number
        self.host = f"host{number // A_HOST}.test"
        self.path = f"/feed{number}.xml"
        count = max(1, round(days * rng.choice((0.1, 0.3, 0.5, 1, 1, 2, 3))))
        self.items = sorted(NOON + timedelta(days=days) * rng.random() for _ in range(count))
        self.validated = rng.random() < 0.8  # the others give no validators
        self.failing = rng.random() < 0.1  # answers 503 now and then
        self._rng = rng

    def url(self, at: int) -> str:
        return f"http://{self.host}/{self.number}/{at}"

    def reply(self, clock: Callable[[], datetime]) -> Reply:
        now = clock()
        if self.failing and self._rng.random() < 0.2:
            return Reply(b"", 503, {"Retry-After": "1800"})
        shown = [at for at, moment in enumerate(self.items) if moment <= now][-ITEMS:]
        headers = {"ETag": f'"{shown[-1] if shown else "none"}"'} if self.validated else {}
        body = rss(
            [item(self.url(at), f"Report {at}", whole=self.text(at), at=self.items[at]) for at in reversed(shown)], f"Outlet {self.number}"
        )
        return Reply(body, headers=headers)

    def text(self, at: int) -> str:
        words = [f"word{random.Random(f'{self.number} {at} {n}').randrange(50_000)}" for n in range(40)]  # noqa: S311
        return f"{story(f'Place{self.number}x{at}')} {' '.join(words)}."


async def simulate(store: Store, days: int, feeds: int, seed: int, restart_every: int = 3) -> Month:
    """Watch for `days`; every `restart_every` days the process is killed in the middle of its visits and another takes over."""
    started, rng, clock = time.monotonic(), random.Random(seed), TurnedClock()
    outlets = [Outlet(number, days, rng) for number in range(feeds)]
    hosts = {outlet.host for outlet in outlets}
    end = NOON + timedelta(days=days)
    restarts = 0
    async with Site(clock.now) as site:
        first = Watching(store, site, clock, hosts)
        for outlet in outlets:
            url = site.made(outlet.path, partial(outlet.reply, clock.now), outlet.host)
            first.book.add(url, Kind.FEED, f"Outlet {outlet.number}", NOON)
        await first.fetcher.aclose()
        while clock.now() < end:
            made = Watching(store, site, clock, hosts, owner=f"process {restarts}")
            stop_at = min(end, clock.now() + timedelta(days=restart_every))
            async with made.fetcher:
                await _watch_until(made, stop_at)
                restarts += 1
                killed = asyncio.create_task(made.watcher.run_due())
                await asyncio.sleep(rng.random() * 0.05)
                made.die()
                killed.cancel()
                await asyncio.gather(killed, return_exceptions=True)
            clock.turn(timedelta(minutes=20))
    return _report(store, site, outlets, days, restarts, clock, time.monotonic() - started)


async def _watch_until(made: Watching, stop_at: datetime) -> None:
    while made.clock.now() < stop_at:
        await made.watcher.run_due()
        due = made.book.next_due()
        made.clock.turn(max(timedelta(seconds=1), min(due or stop_at, stop_at) - made.clock.now()))


def _report(store: Store, site: Site, outlets: list[Outlet], days: int, restarts: int, clock: TurnedClock, seconds: float) -> Month:
    asked: dict[str, list[datetime]] = defaultdict(list)
    for one in site.asked:
        asked[one.host].append(one.at)
    pauses = [(later - earlier).total_seconds() for times in asked.values() for earlier, later in zip(times, times[1:], strict=False)]
    feeds = [one for one in site.asked if one.path.startswith("/feed")]
    old = clock.now() - timedelta(days=2)
    published = {outlet.url(at): moment for outlet in outlets for at, moment in enumerate(outlet.items)}
    stored = Counter(store.texts("SELECT url FROM article"))
    revisions = store.column("SELECT count(*) FROM revision")[0]
    return Month(
        days, len(outlets), len(feeds), site.not_modified, round(len(feeds) / len(outlets) / days, 2), len(published), len(stored),
        sum(1 for url, moment in published.items() if moment < old and url not in stored), revisions - len(stored),
        min(pauses), max(site.most_at_once.values()), restarts, round(seconds, 1),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="A month of watching feeds.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        month = asyncio.run(simulate(store, options.days, options.feeds, seed=1))
    report = json.dumps(asdict(month) | {"allowed_pause_s": PAUSE.total_seconds()}, indent=1)
    RESULTS.write_text(report + "\n", encoding="utf-8")
    print(report)  # noqa: T201


if __name__ == "__main__":
    main()
