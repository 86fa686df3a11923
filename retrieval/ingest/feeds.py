"""A feed (RSS, Atom, RDF) -> Articles, with feedparser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, cast
from urllib.parse import urljoin

from retrieval.errors import BadItem
from retrieval.ingest.page import decode
from retrieval.ingest.records import checked_url, has_enough_words, language_code, make_article
from retrieval.types import Article

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf)(?=[\s>])", re.IGNORECASE)
_ROOT_WITHIN = 65_536  # characters from the start
_DROPPED = ("script", "style", "noscript", "template", "iframe", "object", "svg", "form", "head")
_BLOCKS = (
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre "
    "section table td th tr ul"
).split()
_BREAK = "\u2029"  # Unicode's paragraph separator: unlike \n, no markup holds it for looks


class Node(Protocol):
    """What is used of lxml's elements, which come without types."""

    text: str | None
    tail: str | None

    def iter(self, *tags: str) -> Iterator[Node]:
        """The elements of these names, the node itself included, in document order."""

    def itertext(self) -> Iterator[str]:
        """All text, in document order."""


def read_feed(data: bytes, where: str) -> list[Article | BadItem]:
    """The feed's items in its order, each an Article or the BadItem that says why not; [] for an empty feed, one BadItem for no feed.

    A broken feed gives what can be recovered of it. Entities that it declares, in its own or in another file, are never expanded.
    """
    import feedparser

    markup = _without_prologue(decode(data))
    if markup is None:
        return [BadItem(where, "not a feed (RSS, Atom or RDF)")]
    try:
        # A stream, since feedparser would open a bare value as an address or a file. `_plain` keeps no HTML that would need cleaning.
        parsed = feedparser.parse(io.BytesIO(markup.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False)
        feed = cast("Mapping[str, object]", parsed["feed"])
        entries = cast("Sequence[dict[str, object]]", parsed["entries"])
        is_feed = bool(entries or parsed["version"])
    except Exception as error:  # hostile markup reaches its untested corners; one feed must not end an ingest
        return [BadItem(where, f"the feed cannot be parsed ({type(error).__name__})")]
    if not is_feed:
        return [BadItem(where, "not a feed (RSS, Atom or RDF)")]
    return [_read_item(entry, feed, f"{where}, item {number}") for number, entry in enumerate(entries, start=1)]


def _without_prologue(markup: str) -> str | None:
    """The markup from its root element on; None when there is none.

    What stands before it is no use here, and all of the harm: only there can a document declare entities, and the encoding, which no
    longer holds for decoded text.
    """
    root = _ROOT.search(markup, 0, _ROOT_WITHIN)
    return markup[root.start() :] if root else None


def _read_item(entry: dict[str, object], feed: Mapping[str, object], where: str) -> Article | BadItem:
    try:
        return make_article(
            where,
            url=_link(entry, feed, where),
            title=_one(entry.get("title_detail")),
            source=_one(feed.get("title_detail")),
            text=_body(entry),
            published_at=_time(entry),
            language=language_code(_string(feed.get("language"))),
        )
    except BadItem as error:
        return error
    except Exception as error:  # as in read_feed: the markup of one item must not cost the others
        return BadItem(where, f"the item cannot be parsed ({type(error).__name__})")


def _link(entry: dict[str, object], feed: Mapping[str, object], where: str) -> str:
    link = _string(entry.get("link"))
    if link:
        return checked_url(urljoin(_string(feed.get("link")), link), where)
    guid = _string(entry.get("id"))
    if not guid.lower().startswith(("http://", "https://")):
        raise BadItem(where, "the item has no link")
    return checked_url(guid, where)


def _body(entry: dict[str, object]) -> str:
    """The whole content if the feed carries it, else the summary."""
    contents = cast("Sequence[object]", entry.get("content") or ())
    texts = [text for text in map(_one, (*contents, entry.get("summary_detail"))) if text]
    return next(filter(has_enough_words, texts), texts[0] if texts else "")


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
        block.text = _BREAK + (block.text or "")
        block.tail = _BREAK + (block.tail or "")
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
