"""A sitemap (sitemaps.org, with Google's news extension) -> addresses of pages or of further sitemaps, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from retrieval.errors import BadItem
from retrieval.ingest.records import checked_url, one_line, parse_time
from retrieval.sources import NewPage

MAX_PAGES = 500  # of one sitemap: the newest; an archive of fifty thousand is not news
_NEVER = "0001"


class Element(Protocol):
    """What is used of lxml's elements, which come without types."""

    text: str | None
    tag: object

    def iter(self, *tags: str) -> Iterator[Element]: ...
    def __iter__(self) -> Iterator[Element]: ...


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap names. `outlet` is the name that a news sitemap gives its publication."""

    pages: list[NewPage]
    sitemaps: list[str]
    outlet: str


def read_sitemap(data: bytes, where: str, since: datetime | None = None) -> Sitemap:
    """The newest MAX_PAGES pages, and further sitemaps, newest first; what is dated before `since` is left out.

    Raises BadItem for what is no sitemap.

    Broken markup gives what can be recovered of it. Entities are not expanded, and nothing is loaded.
    """
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = cast("Element | None", etree.fromstring(data, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadItem(where, "not a sitemap") from error
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise BadItem(where, "not a sitemap")
    entries = [_entry(element) for element in root if _name(element) in ("url", "sitemap")]
    if since is not None:
        entries = [
            entry
            for entry in entries
            if (dated := _time(entry.get("publication_date") or entry.get("lastmod", ""))) is None or dated > since
        ]
    entries.sort(key=lambda entry: entry.get("publication_date") or entry.get("lastmod") or _NEVER, reverse=True)
    places = [(url, entry) for entry in entries if (url := _url(entry, where))]
    if _name(root) == "sitemapindex":
        return Sitemap([], [url for url, _ in places], "")
    pages = [NewPage(url, one_line(entry.get("title", "")), "", _time(entry.get("publication_date", ""))) for url, entry in places]
    outlet = next((entry["name"] for _, entry in places if entry.get("name")), "")
    return Sitemap(pages[:MAX_PAGES], [], one_line(outlet))


def _entry(element: Element) -> dict[str, str]:
    """The first text of each kind of element inside, by its name without namespace; an image's loc is not the page's."""
    found: dict[str, str] = {}
    for inner in element.iter():
        namespace = str(inner.tag).partition("}")[0]
        if inner is not element and "image" not in namespace and "video" not in namespace:
            found.setdefault(_name(inner), (inner.text or "").strip())
    return found


def _url(entry: dict[str, str], where: str) -> str | None:
    try:
        return checked_url(entry.get("loc", ""), where)
    except BadItem:
        return None


def _time(value: str) -> datetime | None:
    try:
        return parse_time(value)
    except ValueError:
        return None


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
