"""What a visit brought: an answer from the web, read as the feed, sitemap or page that its address is known for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retrieval.errors import BadItem
from retrieval.ingest.duplicates import canonical_url
from retrieval.ingest.feeds import Feed, FeedItem, parse_feed
from retrieval.ingest.page import read_page, same_site
from retrieval.ingest.records import one_line
from retrieval.ingest.sitemaps import Sitemap, read_sitemap
from retrieval.sources import Address, Failure, Kind, NewPage, Problem
from retrieval.types import Article
from retrieval.web.fetch import Fetched

MAX_ITEMS = 200  # of a feed at one visit, as it orders them: the newest
OLDEST = timedelta(days=60)  # a feed's item or a sitemap's page from before is no news
FUTURE = timedelta(days=1)  # a date further ahead is a slip, and dropped
MAX_TEASER = 5_000  # characters


@dataclass(frozen=True, slots=True)
class Brought:
    """What a visit gave."""

    articles: Sequence[Article | BadItem] = ()
    pages: Sequence[NewPage] = ()
    sitemaps: Sequence[str] = ()
    name: str = ""
    asked_for: timedelta | None = None  # how long the source says that it holds
    article_url: str = ""


class Reader:
    """Reads answers. What was published longer ago than `oldest` (at most OLDEST) is left out."""

    def __init__(self, now: Callable[[], datetime], oldest: timedelta) -> None:
        self._now = now
        self._oldest = min(oldest, OLDEST)

    def read(self, address: Address, answer: Fetched) -> Brought:
        """What the answer holds. Raises Failure where it is not what the address is known for."""
        body = answer.body or b""
        try:
            match address.kind:
                case Kind.FEED:
                    return self._read_feed(address, parse_feed(body, address.url))
                case Kind.SITEMAP:
                    return self._read_sitemap(address, body)
                case Kind.PAGE:
                    article = self._read_page(address, body, answer)
                    return Brought([article], article_url=article.url)
        except BadItem as error:
            problem = Problem.NO_ARTICLE if address.kind is Kind.PAGE else Problem.UNREADABLE
            raise Failure(problem, in_words(error)) from error

    def _read_feed(self, address: Address, feed: Feed) -> Brought:
        articles: list[Article | BadItem] = []
        pages: list[NewPage] = []
        for item in feed.items[:MAX_ITEMS]:
            if isinstance(item, BadItem):
                articles.append(item)
            elif self._is_news(item.published_at):
                self._sort(address, item, articles, pages)
        return Brought(articles, pages, name=one_line(feed.title), asked_for=feed.ttl)

    def _sort(self, address: Address, item: FeedItem, articles: list[Article | BadItem], pages: list[NewPage]) -> None:
        """An item that is whole is an article if it is of the feed's own site, so that nobody speaks in another's name; else its page is
        visited.
        """
        url, published = canonical_url(item.url), self.dated(item.published_at)
        if not (item.whole and same_site(item.url, address.url)):
            pages.append(NewPage(url, one_line(item.title), one_line(item.text, MAX_TEASER), published))
            return
        try:
            article = replace(item, url=url, published_at=published, source=address.name or item.source).article()
            articles.append(replace(article, feed_id=address.id))
        except BadItem as error:
            articles.append(error)

    def _read_sitemap(self, address: Address, body: bytes) -> Brought:
        sitemap = self.sitemap(body, address.url)
        return Brought((), sitemap.pages, sitemap.sitemaps, sitemap.outlet)

    def sitemap(self, body: bytes, url: str) -> Sitemap:
        """The news pages of a sitemap, or the sitemaps of an index. Raises BadItem."""
        sitemap = read_sitemap(body, url, self._now() - self._oldest)
        return replace(sitemap, pages=[replace(page, url=canonical_url(page.url)) for page in sitemap.pages])

    def _read_page(self, address: Address, body: bytes, answer: Fetched) -> Article:
        article = read_page(body, address.url, answer.url)
        return replace(
            article, url=canonical_url(article.url), source=address.name or article.source, feed_id=address.feed_id or address.id,
            published_at=self.dated(address.published_at or article.published_at), title=article.title or address.title,
        )  # fmt: skip

    def _is_news(self, published_at: datetime | None) -> bool:
        return published_at is None or published_at > self._now() - self._oldest

    def dated(self, published_at: datetime | None) -> datetime | None:
        """The time of publication, unless it lies ahead."""
        return None if published_at is not None and published_at > self._now() + FUTURE else published_at


def attributed(address: Address, pages: Sequence[NewPage]) -> list[NewPage]:
    """The pages with what their source says of them; of one that members added, for pages of other sites their address alone.

    Else anybody could have a summary of theirs quoted as what stands on another's page, once that cannot be read.
    """
    if not address.private:
        return list(pages)
    return [page if same_site(page.url, address.url) else NewPage(page.url, own=False) for page in pages]


def in_words(error: BadItem) -> str:
    """A sentence for what could not be read."""
    reason = error.reason
    return f"What came is {reason}." if reason.startswith("not ") else f"{reason[:1].upper()}{reason[1:]}."
