"""What of a site can be followed, best first: feeds, sitemaps, the one page."""

from __future__ import annotations

import asyncio

import pytest

from retrieval.ingest.discover import MAX_FEEDS, Found, discover
from retrieval.sources import Failure, Kind, Problem
from retrieval.web.dialer import GuardedBackend
from retrieval.web.fetch import Fetched, Fetcher
from retrieval.web.robots import Robots
from tests.standins.news import HOST, Reply, Site, item, page, rss, story
from tests.standins.store import NOON

FEED = rss([item("http://news.test/a", "Bridge closes", "It is shut.")])
HOME = b"<html><head><title>Harwick Echo</title>%s</head><body><a href='/a'>Bridge closes</a></body></html>"


def found(replies: dict[str, Reply], path: str = "/") -> list[tuple[Kind, str, str, int]]:
    """Kind, path, title and items of what is found at the path of a site that answers so."""

    async def run() -> tuple[list[Found], str]:
        async with Site() as site, Fetcher("Test/1", GuardedBackend([HOST], site.resolve)) as fetcher:
            for at, reply in replies.items():
                site.on(at, reply)

            async def get(url: str) -> Fetched:
                return await fetcher.get(url, "*/*")

            robots = Robots(fetcher, "Crosscheck", lambda: NOON)
            return await discover(site.url(path), get, robots.sitemaps), site.url("")

    seen, root = asyncio.run(run())
    return [(one.kind, one.url.removeprefix(root), one.title, one.items) for one in seen]


def _link(href: str, type_: str = "application/rss+xml", title: str = "") -> bytes:
    return f'<link rel="alternate" type="{type_}" href="{href}" title="{title}">'.encode()


def test_a_feed_and_a_sitemap_are_what_they_are() -> None:
    assert found({"/feed": Reply(FEED)}, "/feed") == [(Kind.FEED, "/feed", "Harwick Echo", 1)]
    sitemap = b"<urlset><url><loc>http://news.test/a</loc></url><url><loc>http://news.test/b</loc></url></urlset>"
    assert found({"/map.xml": Reply(sitemap)}, "/map.xml") == [(Kind.SITEMAP, "/map.xml", "", 2)]


def test_a_feed_that_moved_is_named_by_where_it_is() -> None:
    moved = Reply(b"", 301, {"Location": "/new"})
    assert found({"/feed": moved, "/new": Reply(FEED)}, "/feed") == [(Kind.FEED, "/new", "Harwick Echo", 1)]


def test_of_a_page_all_feeds_that_it_names_and_that_are_there_are_found_those_of_comments_last() -> None:
    head = b"".join(
        [
            _link("/comments", title="Comments"), _link("/gone"), _link("/news"), _link("/news"), _link("mailto:x@news.test"), _link("http://["),
            _link("/style.css", "text/css"), b'<link rel="stylesheet" type="application/rss+xml" href="/sheet">',
        ]
    )  # fmt: skip
    replies = {"/": Reply(HOME % head), "/news": Reply(FEED), "/comments": Reply(rss([], "Comments")), "/sheet": Reply(FEED)}
    assert found(replies) == [(Kind.FEED, "/news", "Harwick Echo", 1), (Kind.FEED, "/comments", "Comments", 0)]


def test_of_very_many_feeds_some_are_tried() -> None:
    head = b"".join(_link(f"/feed{number}") for number in range(40))
    replies = {"/": Reply(HOME % head)} | {f"/feed{number}": Reply(FEED) for number in range(40)}
    assert [path for _, path, _, _ in found(replies)] == [f"/feed{number}" for number in range(MAX_FEEDS)]


def test_an_articles_address_is_the_article_and_not_its_site() -> None:
    article = page("http://news.test/bridge", "Bridge closes", story("Harwick"))
    assert found({"/bridge": Reply(article), "/feed": Reply(FEED)}, "/bridge") == [(Kind.PAGE, "/bridge", "Bridge closes", 1)]


def test_a_page_of_links_leads_to_a_feed_where_feeds_usually_lie() -> None:
    replies = {"/": Reply(HOME % b""), "/feed": Reply(b"<html>No feed here</html>"), "/rss.xml": Reply(FEED)}
    assert found(replies) == [(Kind.FEED, "/rss.xml", "Harwick Echo", 1)]


def test_else_to_a_sitemap_that_robots_name_or_that_lies_where_sitemaps_do() -> None:
    sitemap = b"<urlset><url><loc>http://news.test/a</loc></url></urlset>"
    assert found({"/": Reply(HOME % b""), "/sitemap.xml": Reply(sitemap)}) == [(Kind.SITEMAP, "/sitemap.xml", "", 1)]
    empty = {"/": Reply(HOME % b""), "/sitemap.xml": Reply(b"<urlset></urlset>")}
    assert found(empty) == []
    named = empty | {"/robots.txt": Reply(b"Sitemap: /ours.xml"), "/ours.xml": Reply(sitemap)}
    assert [path for _, path, _, _ in found(named)] == ["/ours.xml"]


def test_a_front_page_that_reads_like_an_article_is_followed_as_a_page_when_there_is_nothing_else() -> None:
    article = page("http://news.test/", "Bridge closes", story("Harwick"))
    assert found({"/": Reply(article)}) == [(Kind.PAGE, "/", "Bridge closes", 1)]


def test_what_cannot_be_fetched_is_told_as_it_is() -> None:
    with pytest.raises(Failure) as caught:
        found({"/": Reply(b"", 500)})
    assert caught.value.problem is Problem.FAULT


def test_what_is_no_markup_has_nothing_to_follow() -> None:
    assert found({"/": Reply(b"\x00\xff" * 500)}) == []
    assert found({"/": Reply(b"")}) == []
