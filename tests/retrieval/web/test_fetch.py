"""One GET against a scripted site: what comes, what does not and why, and what it may cost."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

import brotli
import pytest
import zstandard

from retrieval.sources import Failure, Problem, Validators
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Bounds, Fetched, Fetcher
from tests.standins.news import HOST, Reply, Site

T = TypeVar("T")
BODY = b"<rss><channel><title>x</title></channel></rss>" * 40
SMALL = Bounds(wire_bytes=100_000, bytes=200_000, redirects=3, seconds=3.0, connect_seconds=1.0, read_seconds=1.0)


def with_site(work: Callable[[Site, Fetcher], Awaitable[T]], bounds: Bounds = SMALL) -> T:
    async def run() -> T:
        async with Site() as site, Fetcher("Test/1", GuardedBackend([HOST, "other.test"], site.resolve), bounds) as fetcher:
            return await work(site, fetcher)

    return asyncio.run(run())


def got(*replies: Reply, validators: Validators | None = None, bounds: Bounds = SMALL) -> Fetched:
    async def work(site: Site, fetcher: Fetcher) -> Fetched:
        return await fetcher.get(site.on("/feed", *replies), "*/*", validators)

    return with_site(work, bounds)


def failed(*replies: Reply, bounds: Bounds = SMALL) -> Failure:
    with pytest.raises(Failure) as caught:
        got(*replies, bounds=bounds)
    assert str(caught.value).endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes), ("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress),
        ("zstd", zstandard.compress), ("gzip, br", lambda body: brotli.compress(gzip.compress(body))), ("identity", bytes),
    ],
)  # fmt: skip
def test_a_body_comes_as_it_was_before_compression(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    found = got(Reply(pack(BODY), headers={"Content-Encoding": encoding, "Content-Type": "text/xml"} if encoding else {}))
    assert found.body == BODY
    assert found.moved_to is None


def test_raw_deflate_is_read_as_browsers_do() -> None:
    packer = zlib.compressobj(wbits=-15)
    assert got(Reply(packer.compress(BODY) + packer.flush(), headers={"Content-Encoding": "deflate"})).body == BODY


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress)])
def test_a_bomb_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(30_000_000))
    assert len(bomb) < SMALL.wire_bytes
    assert failed(Reply(bomb, headers={"Content-Encoding": encoding})).problem is Problem.LARGE


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "compress", "gzip, gzip, gzip"])
def test_a_broken_or_unknown_encoding_is_told(encoding: str) -> None:
    assert failed(Reply(b"\x00\x01garbage" * 9, headers={"Content-Encoding": encoding})).problem is Problem.UNREADABLE


def test_an_endless_body_ends_at_the_limit() -> None:
    assert failed(Reply(b"x" * 4096, endless=True)).problem is Problem.LARGE


def test_a_slow_drip_ends_when_the_time_is_up() -> None:
    slow = Bounds(seconds=0.6, read_seconds=0.5)
    assert failed(Reply(b"x" * 100, drip=0.05), bounds=slow).problem is Problem.SLOW


def test_silence_ends_sooner() -> None:
    assert failed(Reply(b"xx", drip=30.0), bounds=Bounds(seconds=9.0, read_seconds=0.3)).problem is Problem.SLOW


def test_a_connection_cut_in_the_middle_gives_nothing() -> None:
    assert failed(Reply(BODY, cut=True)).problem is Problem.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, Problem.MISSING), (410, Problem.GONE), (403, Problem.DENIED), (401, Problem.DENIED), (451, Problem.DENIED), (429, Problem.BUSY),
     (503, Problem.BUSY), (500, Problem.FAULT), (418, Problem.FAULT), (304, Problem.FAULT)],
)  # fmt: skip
def test_each_status_is_its_own_problem(status: int, problem: Problem) -> None:
    failure = failed(Reply(b"", status))
    assert failure.problem is problem
    assert str(status) in str(failure)


def test_retry_after_is_heard_in_seconds_and_as_a_date() -> None:
    assert failed(Reply(b"", 429, {"Retry-After": "120"})).retry_after == timedelta(seconds=120)
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1))
    heard = failed(Reply(b"", 503, {"Retry-After": soon})).retry_after
    assert heard is not None
    assert timedelta(minutes=59) < heard <= timedelta(hours=1)
    assert failed(Reply(b"", 503, {"Retry-After": "soon"})).retry_after is None


def test_an_unchanged_feed_costs_no_body() -> None:
    reply = Reply(BODY, headers={"ETag": '"v1"', "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"})

    async def work(site: Site, fetcher: Fetcher) -> None:
        url = site.on("/feed", reply)
        first = await fetcher.get(url, "*/*")
        again = await fetcher.get(url, "*/*", first.validators)
        assert first.body == BODY
        assert again.body is None
        assert again.validators == first.validators == Validators('"v1"', "Mon, 02 Nov 2026 10:00:00 GMT")
        assert site.asked[1].headers["If-None-Match"] == '"v1"'
        assert site.asked[1].headers["If-Modified-Since"] == "Mon, 02 Nov 2026 10:00:00 GMT"

    with_site(work)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"Cache-Control": "public, max-age=600"}, timedelta(minutes=10)),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Expires": "Mon, 02 Nov 2026 11:00:00 GMT", "Date": "Mon, 02 Nov 2026 10:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "0"}, None),
        ({"Expires": "Mon, 02 Nov 2020 11:00:00 GMT"}, timedelta(0)),
        ({}, None),
    ],
)
def test_how_long_an_answer_holds(headers: dict[str, str], fresh: timedelta | None) -> None:
    assert got(Reply(BODY, headers=headers)).fresh_for == fresh


def test_a_chain_of_permanent_moves_is_a_move_and_a_temporary_one_is_none() -> None:
    async def work(site: Site, fetcher: Fetcher) -> None:
        end = site.on("/new", Reply(BODY))
        middle = site.on("/middle", Reply(b"", 308, {"Location": "/new"}))
        found = await fetcher.get(site.on("/old", Reply(b"", 301, {"Location": middle})), "*/*")
        assert (found.url, found.moved_to, found.body) == (end, end, BODY)
        found = await fetcher.get(site.on("/away", Reply(b"", 302, {"Location": middle})), "*/*")
        assert (found.url, found.moved_to) == (end, None)

    with_site(work)


@pytest.mark.parametrize("location", ["/feed", "/loop", "ftp://news.test/x", "http://user:secret@news.test/", "//", "http://[::1", ""])
def test_redirects_that_lead_nowhere_are_told(location: str) -> None:
    async def work(site: Site, fetcher: Fetcher) -> None:
        site.on("/loop", Reply(b"", 302, {"Location": "/feed"}))
        with pytest.raises(Failure) as caught:
            await fetcher.get(site.on("/feed", Reply(b"", 302, {"Location": location} if location else {})), "*/*")
        assert caught.value.problem in (Problem.REDIRECTS, Problem.FAULT, Problem.UNREACHABLE)

    with_site(work)


def test_more_redirects_than_allowed_are_told() -> None:
    async def work(site: Site, fetcher: Fetcher) -> None:
        for number in range(9):
            site.on(f"/{number}", Reply(b"", 302, {"Location": f"/{number + 1}"}))
        with pytest.raises(Failure, match="more than 3 times"):
            await fetcher.get(site.url("/0"), "*/*")
        assert len(site.asked) == 4

    with_site(work)


def test_cookies_are_not_kept() -> None:
    async def work(site: Site, fetcher: Fetcher) -> None:
        url = site.on("/feed", Reply(BODY, headers={"Set-Cookie": "id=1; Path=/"}))
        await fetcher.get(url, "*/*")
        await fetcher.get(url, "*/*")
        assert all("Cookie" not in asked.headers for asked in site.asked)
        assert site.asked[0].headers["User-Agent"] == "Test/1"

    with_site(work)


def test_nobody_listening_is_told() -> None:
    async def work(site: Site, fetcher: Fetcher) -> None:
        url = site.url("/feed")
        await site.__aexit__(None, None, None)
        with pytest.raises(Failure, match="No connection"):
            await fetcher.get(url, "*/*")

    with_site(work)
