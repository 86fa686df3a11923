"""robots.txt, asked once a day and kept to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.sources import Failure, Problem
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Fetcher
from retrieval.web.robots import Robots
from tests.standins.news import HOST, Reply, Site

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def with_robots(work: Callable[[Site, Robots, list[datetime]], Awaitable[None]]) -> None:
    async def run() -> None:
        now = [NOON]
        async with Site() as site, Fetcher("Test/1", GuardedBackend([HOST], site.resolve)) as fetcher:
            await work(site, Robots(fetcher, "Crosscheck", lambda: now[0]), now)

    asyncio.run(run())


def test_what_the_rules_forbid_is_not_fetched_and_the_delay_is_known() -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        del now
        rules = b"User-agent: *\nDisallow: /private/\nCrawl-delay: 7\nSitemap: http://news.test/map.xml\n\nUser-agent: Other\nDisallow: /"
        site.on("/robots.txt", Reply(rules))
        await robots.check(site.url("/feed"))
        with pytest.raises(Failure, match="forbids") as caught:
            await robots.check(site.url("/private/feed"))
        assert caught.value.problem is Problem.ROBOTS
        assert robots.known_delay(site.url("/feed")) == timedelta(seconds=7)
        assert await robots.sitemaps(site.url("/feed")) == ["http://news.test/map.xml"]
        assert site.paths() == ["/robots.txt"]

    with_robots(work)


def test_rules_by_name_go_before_those_for_all() -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        del now
        site.on("/robots.txt", Reply(b"User-agent: *\nAllow: /\n\nUser-agent: crosscheck\nDisallow: /"))
        with pytest.raises(Failure, match="forbids"):
            await robots.check(site.url("/feed"))

    with_robots(work)


@pytest.mark.parametrize("status", [404, 403, 410])
def test_no_rules_forbid_nothing(status: int) -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        del now
        site.on("/robots.txt", Reply(b"", status))
        await robots.check(site.url("/feed"))
        assert robots.known_delay(site.url("/feed")) == timedelta(0)

    with_robots(work)


def test_rules_that_cannot_be_had_forbid_everything_for_a_while() -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        site.on("/robots.txt", Reply(b"", 500), Reply(b"User-agent: *\nAllow: /"))
        with pytest.raises(Failure, match="cannot be read") as caught:
            await robots.check(site.url("/feed"))
        assert caught.value.retry_after == timedelta(minutes=30)
        with pytest.raises(Failure):
            await robots.check(site.url("/feed"))
        now[0] += timedelta(minutes=31)
        await robots.check(site.url("/feed"))
        assert len(site.asked) == 2

    with_robots(work)


def test_rules_are_asked_again_after_a_day() -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        site.on("/robots.txt", Reply(b""), Reply(b"User-agent: *\nDisallow: /"))
        await robots.check(site.url("/feed"))
        now[0] += timedelta(hours=25)
        with pytest.raises(Failure):
            await robots.check(site.url("/feed"))

    with_robots(work)


@pytest.mark.parametrize(
    "rules", [b"\xff\xfe\x00\x00", b"Disallow", b"User-agent: *\nCrawl-delay: many\nDisallow:", bytes(range(256)) * 10]
)
def test_rules_that_are_none_forbid_nothing(rules: bytes) -> None:
    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        del now
        site.on("/robots.txt", Reply(rules))
        await robots.check(site.url("/feed"))

    with_robots(work)


def test_rules_are_asked_for_anew_after_a_day_and_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.web.robots._HOSTS", 1)

    async def work(site: Site, robots: Robots, now: list[datetime]) -> None:
        site.on("/robots.txt", Reply(b"User-agent: *\nCrawl-delay: 7"))
        for _ in range(2):
            await robots.check(site.url("/feed"))
        assert site.paths() == ["/robots.txt"]
        now[0] += timedelta(days=2)
        await robots.check(site.url("/feed"))
        assert site.paths() == ["/robots.txt"] * 2
        assert robots.known_delay(site.url("/feed")) == timedelta(seconds=7)
        with pytest.raises(Failure):
            await robots.check(site.url("/feed").replace("http:", "https:"))  # a second site, which cannot be reached
        assert robots.known_delay(site.url("/feed")) == timedelta(0)  # all were forgotten
        await robots.check(site.url("/feed"))
        assert site.paths() == ["/robots.txt"] * 3

    with_robots(work)
