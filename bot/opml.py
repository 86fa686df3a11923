"""Lists of feeds as other readers write them: OPML in and out."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree  # only written with; what others wrote is read by listparser

from retrieval.errors import BadItem, UserError
from retrieval.ingest.page import decode
from retrieval.ingest.records import checked_url, one_line
from retrieval.sources import Address


def read(data: bytes) -> list[tuple[str, str]]:
    """(url, name) of the feeds of an OPML file, once each. Raises UserError when it holds none."""
    import listparser

    try:
        found = listparser.parse(decode(data)).feeds
    except Exception as error:  # hostile markup reaches its untested corners
        raise UserError("The file cannot be read as OPML.") from error
    feeds: dict[str, str] = {}
    for feed in found:
        try:
            feeds.setdefault(checked_url(feed.url, "OPML"), one_line(feed.title or ""))
        except BadItem:
            continue
    if not feeds:
        raise UserError("The file names no feed.")
    return list(feeds.items())


def written(feeds: Sequence[Address]) -> str:
    """The feeds as OPML 2.0."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Crosscheck's news sources"
    body = ElementTree.SubElement(root, "body")
    for feed in feeds:
        ElementTree.SubElement(body, "outline", type="rss", text=feed.name or feed.url, xmlUrl=feed.url)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
