"""A feed (RSS, Atom or RDF with feedparser, or JSON Feed) -> what its items give: words, and addresses of pages."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast
from urllib.parse import urljoin
from xml.sax import SAXException  # only named: what feedparser met where the markup breaks off

from retrieval.errors import BadItem
from retrieval.ingest.page import decode
from retrieval.ingest.records import checked_url, has_enough_words, language_code, make_article, parse_time
from retrieval.types import Article

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf)(?=[\s>])", re.IGNORECASE)
_ROOT_WITHIN = 65_536  # characters from the start
_DROPPED = ("script", "style", "noscript", "template", "iframe", "object", "svg", "form", "head")
_BLOCKS = (
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre "
    "section table td th tr ul"
).split()
_WHOLE_WORDS = 120  # fewer are a teaser, even where the feed calls them its content
_WHOLE_SUMMARY_WORDS = 300
_CUT_SHORT = re.compile(r"(?:\.\.\.|…|\[…\]|\bread (?:more|on)\b|\bcontinue reading\b|\bfull (?:story|article)\b)\W*$", re.IGNORECASE)
_PERIODS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30),
            "yearly": timedelta(days=365)}  # fmt: skip
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what lxml reads from entities and refuses to write
_BREAK = "\u2029"  # Unicode's paragraph separator: unlike \n, no markup holds it for looks


class Node(Protocol):
    """What is used of lxml's elements, which come without types."""

    text: str | None
    tail: str | None

    def iter(self, *tags: str) -> Iterator[Node]:
        """The elements of these names, the node itself included, in document order."""

    def itertext(self) -> Iterator[str]:
        """All text, in document order."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item. `whole` says that `text` is the article and not its beginning: the page need not be visited."""

    where: str
    url: str
    title: str
    source: str
    text: str
    published_at: datetime | None
    language: str | None
    whole: bool

    def article(self) -> Article:
        """The item's words as an article. Raises BadItem when there are too few."""
        return make_article(
            self.where, url=self.url, title=self.title, source=self.source, text=self.text, published_at=self.published_at,
            language=self.language,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was read. An item that cannot be read is the BadItem that says why not."""

    title: str
    ttl: timedelta | None  # how long the feed itself says that it holds
    items: Sequence[FeedItem | BadItem]


def read_feed(data: bytes, where: str) -> list[Article | BadItem]:
    """The feed's items as articles, in its order, each an Article or the BadItem that says why not; one BadItem for no feed."""
    try:
        feed = parse_feed(data, where)
    except BadItem as error:
        return [error]
    return [item if isinstance(item, BadItem) else _article(item) for item in feed.items]


def parse_feed(data: bytes, where: str) -> Feed:
    """A feed with its items in its order. Raises BadItem for what is no feed.

    A broken feed gives what can be recovered of it. Entities that it declares, in its own or in another file, are never expanded.
    """
    import feedparser

    text = decode(data)
    if text.lstrip()[:1] == "{":
        return _json_feed(text, where)
    markup = _without_prologue(text)
    if markup is None:
        raise BadItem(where, "not a feed (RSS, Atom, RDF or JSON Feed)")
    try:
        # A stream, since feedparser would open a bare value as an address or a file. `_plain` keeps no HTML that would need cleaning.
        parsed = feedparser.parse(io.BytesIO(markup.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False)
        feed = cast("Mapping[str, object]", parsed["feed"])
        entries = cast("Sequence[dict[str, object]]", parsed["entries"])
        is_feed = bool(entries or (parsed["version"] and not isinstance(parsed.get("bozo_exception"), SAXException)))
    except Exception as error:  # hostile markup reaches its untested corners; one feed must not end an ingest
        raise BadItem(where, f"the feed cannot be parsed ({type(error).__name__})") from error
    if not is_feed:
        raise BadItem(where, "not a feed (RSS, Atom, RDF or JSON Feed)")
    items = [_read_item(entry, feed, f"{where}, item {number}") for number, entry in enumerate(entries, start=1)]
    return Feed(_one(feed.get("title_detail")), _ttl(feed), items)


def _article(item: FeedItem) -> Article | BadItem:
    try:
        return item.article()
    except BadItem as error:
        return error


def _without_prologue(markup: str) -> str | None:
    """The markup from its root element on; None when there is none.

    What stands before it is no use here, and all of the harm: only there can a document declare entities, and the encoding, which no
    longer holds for decoded text.
    """
    root = _ROOT.search(markup, 0, _ROOT_WITHIN)
    return markup[root.start() :] if root else None


def _read_item(entry: dict[str, object], feed: Mapping[str, object], where: str) -> FeedItem | BadItem:
    try:
        text, is_content = _body(entry)
        return FeedItem(
            where, _link(entry, feed, where), _one(entry.get("title_detail")), _one(feed.get("title_detail")), text, _time(entry),
            language_code(_string(feed.get("language"))), _is_whole(text, is_content),
        )  # fmt: skip
    except BadItem as error:
        return error
    except Exception as error:  # as in parse_feed: the markup of one item must not cost the others
        return BadItem(where, f"the item cannot be parsed ({type(error).__name__})")


def _is_whole(text: str, is_content: bool) -> bool:
    """Whether a feed's words read like a whole article, not like its first lines: a summary must be long for that."""
    return len(text.split()) >= (_WHOLE_WORDS if is_content else _WHOLE_SUMMARY_WORDS) and not _CUT_SHORT.search(text[-60:])


def _ttl(feed: Mapping[str, object]) -> timedelta | None:
    """RSS's ttl (minutes), or the period of the syndication module."""
    minutes = _string(feed.get("ttl")).strip()
    if minutes.isdecimal():
        return timedelta(minutes=int(minutes[:6]))
    period = _PERIODS.get(_string(feed.get("sy_updateperiod")).strip().lower())
    often = _string(feed.get("sy_updatefrequency")).strip()
    if period is None:
        return None
    return period / max(1, int(often[:4])) if often.isdecimal() else period


def _json_feed(text: str, where: str) -> Feed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org). Raises BadItem when it is none."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadItem(where, "not a feed (RSS, Atom, RDF or JSON Feed)") from error
    if not isinstance(feed, dict) or "jsonfeed.org" not in _string(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise BadItem(where, "not a feed (RSS, Atom, RDF or JSON Feed)")
    items = [_json_item(item, feed, f"{where}, item {number}") for number, item in enumerate(feed["items"], start=1)]
    return Feed(_string(feed.get("title")), None, items)


def _json_item(item: object, feed: Mapping[str, object], where: str) -> FeedItem | BadItem:
    if not isinstance(item, dict):
        return BadItem(where, "the item is not an object")
    try:
        content = _string(item.get("content_text")) or _plain(_string(item.get("content_html")))
        text = content if has_enough_words(content) else _string(item.get("summary")) or content
        address = urljoin(_string(feed.get("home_page_url")), _string(item.get("url")) or _string(item.get("id")))
        return FeedItem(
            where, checked_url(address, where), _string(item.get("title")), _string(feed.get("title")), text, _json_time(item),
            language_code(_string(item.get("language")) or _string(feed.get("language"))), _is_whole(text, text is content),
        )  # fmt: skip
    except BadItem as error:
        return error
    except Exception as error:  # as in parse_feed
        return BadItem(where, f"the item cannot be parsed ({type(error).__name__})")


def _json_time(item: Mapping[str, object]) -> datetime | None:
    for key in ("date_published", "date_modified"):
        try:
            return parse_time(_string(item.get(key)))
        except ValueError:
            continue
    return None


def _link(entry: dict[str, object], feed: Mapping[str, object], where: str) -> str:
    link = _string(entry.get("link"))
    if link:
        return checked_url(urljoin(_string(feed.get("link")), link), where)
    guid = _string(entry.get("id"))
    if not guid.lower().startswith(("http://", "https://")):
        raise BadItem(where, "the item has no link")
    return checked_url(guid, where)


def _body(entry: dict[str, object]) -> tuple[str, bool]:
    """The content if the feed carries it with enough words, else the summary; and whether it is the content."""
    contents = cast("Sequence[object]", entry.get("content") or ())
    texts = [(text, is_content) for detail, is_content in (*((one, True) for one in contents), (entry.get("summary_detail"), False))
             if (text := _one(detail))]  # fmt: skip
    return next((pair for pair in texts if has_enough_words(pair[0])), texts[0] if texts else ("", False))


def _one(detail: object) -> str:
    """The plain text of one of feedparser's details: {"value", "type", ...}."""
    if not isinstance(detail, dict):
        return ""
    value = _string(detail.get("value"))
    return value if detail.get("type") == "text/plain" else _plain(value)


def _plain(html: str) -> str:
    """The visible text of a piece of HTML, a blank line between its blocks."""
    from lxml.etree import strip_elements
    from trafilatura.utils import load_html

    if "<" not in html and "&" not in html:
        return html
    tree = load_html(f"<html>\n<body>\n<div>{html}</div></body></html>")
    if tree is None:
        return ""
    strip_elements(tree, *_DROPPED, with_tail=False)
    root = cast("Node", tree)
    for block in root.iter(*_BLOCKS):
        block.text = _BREAK + _NO_TEXT.sub("", block.text or "")
        block.tail = _BREAK + _NO_TEXT.sub("", block.tail or "")
    paragraphs = (" ".join(part.split()) for part in "".join(root.itertext()).split(_BREAK))
    return "\n\n".join(filter(None, paragraphs))


def _time(entry: dict[str, object]) -> datetime | None:
    """When the item was published, else updated. A date that is none costs the date, not the item: feeds are full of them."""
    for key in ("published_parsed", "updated_parsed"):
        # dict.get: feedparser's own get answers for the one with the other, and warns of it.
        moment = cast("Sequence[int] | None", dict.get(entry, key))
        if moment is None:
            continue
        year, month, day, hour, minute, second = moment[:6]
        try:
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
        except ValueError:
            continue
    return None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
