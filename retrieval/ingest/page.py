"""A web page -> Article, with trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol, cast
from urllib.parse import urljoin

from retrieval.errors import BadItem
from retrieval.ingest.records import checked_url, language_code, make_article, parse_time
from retrieval.ingest.walls import wall
from retrieval.sources import host_name
from retrieval.types import Article

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_DECLARED_WITHIN = 4_096  # bytes from the start
# Only charsets of the web: Python would also decode "punycode", whose time grows with the square of the length.
_CHARSET = re.compile(
    r"(?:windows-|cp)125\d|windows-874|iso-?8859-\d{1,2}|latin-?\d|us-ascii|koi8-[ru]|macintosh|gbk|gb2312|gb18030"
    r"|big5(?:-hkscs)?|euc-(?:jp|kr)|shift[_-]jis|iso-2022-jp"
)
_WEB_MEANING = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "gb2312": "gb18030"}
_GUESSED_FROM = 9_000  # bytes; guessing from more takes seconds and says the same
_SAME_SITE_PREFIXES = ("www.", "m.", "amp.", "mobile.")


class Element(Protocol):
    """What is used of lxml's elements, which come without types."""

    def get(self, key: str) -> str | None:
        """An attribute's value."""

    def iterfind(self, path: str) -> Iterator[Element]:
        """Elements below, in document order."""


def read_page(data: bytes, where: str, url: str | None = None) -> Article:
    """The article of an HTML page, a blank line between paragraphs. `url` is where it was fetched from, None for a file.

    The address is the page's canonical link or og:url. A fetched page may name one of its own site only, so that nobody speaks in
    another outlet's name; otherwise the address is `url`.

    Raises BadItem when it holds no article, is no page, or (a file) does not name its address.
    """
    from trafilatura import bare_extraction
    from trafilatura.settings import Document
    from trafilatura.utils import load_html

    if b"\0" in data[:1024] and data[:2] not in _BYTE_ORDER_MARKS:
        raise BadItem(where, "not an HTML page but binary data")
    markup = decode(data)
    try:
        tree = cast("Element | None", load_html(markup))
        # The metadata readers want the tree as it was; bare_extraction works on a copy.
        found = None if tree is None else bare_extraction(tree, include_comments=False, with_metadata=True)
    except Exception as error:  # hostile markup reaches untested corners of three libraries; one page must not end an ingest
        raise BadItem(where, "the page cannot be parsed") from error
    if tree is None or not isinstance(found, Document) or not found.text:
        raise BadItem(where, "no article text found")
    if instead := wall(found.text, markup):
        raise BadItem(where, f"not an article but {instead}")
    address = _address(tree, where, url)
    return make_article(
        where,
        url=address,
        title=found.title or "",
        source=_source(tree, found.sitename or ""),
        text="\n\n".join(line.strip() for line in found.text.split("\n") if line.strip()),
        published_at=_published_at(tree, found.date or ""),
        language=_language(tree),
    )


def decode(data: bytes) -> str:
    """Markup as text: by byte order mark, as UTF-8, by the charset that it declares, by a guess. Never fails."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _encodings(data: bytes) -> Iterator[str]:
    from trafilatura.utils import detect_encoding

    yield "utf-8"  # first: text that decodes as UTF-8 is UTF-8, whatever it declares
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    if declared:
        name = declared[1].decode("ascii", "replace").lower()
        if _CHARSET.fullmatch(name):
            yield _WEB_MEANING.get(name, name)
    yield from detect_encoding(data[:_GUESSED_FROM])


def _address(tree: Element, where: str, url: str | None) -> str:
    for named in _named_addresses(tree):
        try:
            address = checked_url(urljoin(url or "", named), where)
        except (BadItem, ValueError):
            continue
        if url is None or _site(address) == _site(url):
            return address
    if url is None:
        raise BadItem(where, "the page does not name its address (no canonical link and no og:url)")
    return url


def _named_addresses(tree: Element) -> Iterator[str]:
    # Not trafilatura's own choice: it also takes <base> and translations, which other pages share.
    for link in tree.iterfind(".//head//link[@href]"):
        if "canonical" in _attribute(link, "rel").lower().split():
            yield _attribute(link, "href")
    yield from _meta(tree, "og:url")


def _site(url: str) -> str:
    host = host_name(url)
    for prefix in _SAME_SITE_PREFIXES:
        host = host.removeprefix(prefix)
    return host


def same_site(one: str, other: str) -> bool:
    """Whether two urls are of one registered domain, or of one host where it has none (an intranet's)."""
    from courlan import extract_domain

    domain = extract_domain(one)
    return domain == extract_domain(other) if domain else _site(one) == _site(other)


def _source(tree: Element, sitename: str) -> str:
    """The outlet's name for itself; "" when it is only an address, as of its page on a social network."""
    name = next(_meta(tree, "og:site_name"), sitename)
    return "" if "//" in name else name


def _published_at(tree: Element, date: str) -> datetime | None:
    for value in _meta(tree, "article:published_time"):
        try:
            return parse_time(value)
        except ValueError:
            continue
    try:
        return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _language(tree: Element) -> str | None:
    tags = [_attribute(tree, "lang"), *_meta(tree, "og:locale")]  # the tree is the html element
    return next((code for code in map(language_code, tags) if code), None)


def _meta(tree: Element, name: str) -> Iterator[str]:
    for element in tree.iterfind(".//head//meta[@content]"):
        named = _attribute(element, "property") or _attribute(element, "name")
        content = _attribute(element, "content").strip()
        if content and named.strip().lower() == name:
            yield content


def _attribute(element: Element, key: str) -> str:
    return element.get(key) or ""
