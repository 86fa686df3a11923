"""What of a site can be followed: its feeds, else its sitemaps, else the one page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import urljoin, urlsplit

from retrieval.errors import BadItem
from retrieval.ingest.feeds import parse_feed
from retrieval.ingest.page import decode, read_page
from retrieval.ingest.records import checked_url
from retrieval.ingest.sitemaps import read_sitemap
from retrieval.sources import Failure, Kind, host_name
from retrieval.web.fetch import Fetched

Get = Callable[[str], Awaitable[Fetched]]  # raises Failure

MAX_FEEDS = 12  # of one site: some name a feed for each reader's comment
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json")
_FEED_PLACES = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/all.atom.xml", "/feed.json")
_SITEMAP_PLACES = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be followed. `items` is how many articles or pages it names now."""

    kind: Kind
    url: str
    title: str
    items: int


class Element(Protocol):
    """What is used of lxml's elements, which come without types."""

    def get(self, key: str) -> str | None: ...
    def iterfind(self, path: str) -> Iterator[Element]: ...


async def discover(url: str, get: Get, sitemaps: Callable[[str], Awaitable[Sequence[str]]]) -> list[Found]:
    """What can be followed at `url`, best first; empty when it is a page of links without feeds, sitemaps or an article.

    `sitemaps` gives the sitemaps that a site's robots.txt names. Raises Failure when `url` itself cannot be fetched.
    """
    answer = await get(url)
    body, here = answer.body or b"", answer.moved_to or answer.url
    direct = as_feed(body, here) or as_sitemap(body, here)
    if direct is not None:
        return [direct]
    named = [found for link in _feed_links(body, answer.url) if (found := await _try(link, get, as_feed))]
    if named:
        return named
    page = _as_page(body, here)
    if page is not None and urlsplit(here).path.strip("/"):  # an article's address: the reader means it, not its site
        return [page]
    for places, read in ((_FEED_PLACES, as_feed), ((*await sitemaps(here), *_SITEMAP_PLACES), as_sitemap)):
        for place in places:
            found = await _try(urljoin(here, place), get, read)
            if found is not None:
                return [found]
    return [page] if page is not None else []


def as_feed(body: bytes, url: str) -> Found | None:
    """The feed that the body is, if it is one."""
    try:
        feed = parse_feed(body, url)
    except BadItem:
        return None
    return Found(Kind.FEED, url, feed.title, len(feed.items))


def as_sitemap(body: bytes, url: str) -> Found | None:
    """The sitemap that the body is, if it is one and names something."""
    try:
        sitemap = read_sitemap(body, url)
    except BadItem:
        return None
    count = len(sitemap.pages) + len(sitemap.sitemaps)
    return Found(Kind.SITEMAP, url, sitemap.outlet, count) if count else None


def _as_page(body: bytes, url: str) -> Found | None:
    try:
        article = read_page(body, url, url)
    except BadItem:
        return None
    return Found(Kind.PAGE, url, article.title, 1)


async def _try(url: str, get: Get, read: Callable[[bytes, str], Found | None]) -> Found | None:
    try:
        answer = await get(url)
    except Failure:
        return None
    return read(answer.body or b"", answer.moved_to or answer.url)


def _feed_links(body: bytes, base: str) -> list[str]:
    """Addresses of feeds that a page's head names, those of comments last, at most MAX_FEEDS."""
    from trafilatura.utils import load_html

    try:
        tree = cast("Element | None", load_html(decode(body)))
    except Exception:  # hostile markup reaches untested corners
        return []
    links = []
    for link in tree.iterfind(".//link[@href]") if tree is not None else ():
        if "alternate" in (link.get("rel") or "").lower().split() and (link.get("type") or "").strip().lower() in _FEED_TYPES:
            try:
                links.append((checked_url(urljoin(base, link.get("href") or ""), base), link.get("title") or ""))
            except (BadItem, ValueError):
                continue
    links.sort(key=lambda pair: ("comment" in f"{pair[0]} {pair[1]}".lower(), host_name(pair[0]) != host_name(base)))
    return list(dict.fromkeys(url for url, _ in links))[:MAX_FEEDS]
