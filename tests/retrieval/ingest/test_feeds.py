"""Feeds: RSS, Atom and RDF, whole and broken, kind and hostile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import BadItem
from retrieval.ingest.feeds import parse_feed, read_feed
from retrieval.types import Article

SAID = "The council of Harwick voted on Tuesday to close its old bridge."
ITEM = f"<title>Bridge closes</title><link>https://echo.example/bridge</link><description>{SAID}</description>"


def _rss(*items: str, channel: str = "<title>Harwick Echo</title><link>https://echo.example/</link>") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {spaces}><channel>{channel}{inner}</channel></rss>'.encode()


ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Harwick Echo</title>
<link href="https://echo.example/"/><entry><title type="html">Bridge &lt;b&gt;closes&lt;/b&gt;</title><id>tag:echo,2024:1</id>
<link rel="alternate" href="https://echo.example/bridge"/><published>2024-05-31T18:30:00+02:00</published>
<updated>2024-06-01T00:00:00Z</updated><summary>In short: it is shut, and the council has said so in public.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{SAID}</p><p>It opens in March.</p></div></content></entry></feed>"""
RDF = f"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://echo.example/"><title>Harwick Echo</title></channel>
<item rdf:about="https://echo.example/bridge"><title>Bridge closes</title><link>https://echo.example/bridge</link>
<description>{SAID}</description><dc:date>2024-05-31T16:30:00Z</dc:date></item></rdf:RDF>"""


def _articles(data: bytes) -> Sequence[Article]:
    articles = [item for item in read_feed(data, "feed.xml") if isinstance(item, Article)]
    assert articles
    return articles


def _reason(data: bytes) -> str:
    (item,) = read_feed(data, "feed.xml")
    assert isinstance(item, BadItem)
    return item.reason


@pytest.mark.parametrize("data", [_rss(ITEM + "<pubDate>Fri, 31 May 2024 18:30:00 +0200</pubDate>"), ATOM.encode(), RDF.encode()])
def test_rss_atom_and_rdf_say_the_same(data: bytes) -> None:
    (article,) = _articles(data)
    assert (article.url, article.title, article.source) == ("https://echo.example/bridge", "Bridge closes", "Harwick Echo")
    assert article.published_at == datetime(2024, 5, 31, 16, 30, tzinfo=UTC)
    assert article.text.startswith(SAID)


def test_whole_content_is_preferred_over_the_summary() -> None:
    (article,) = _articles(ATOM.encode())
    assert article.text == f"{SAID}\n\nIt opens in March."


def test_content_without_words_leaves_the_summary() -> None:
    (article,) = _articles(_rss(ITEM + "<content:encoded><![CDATA[<img src='a.png'>]]></content:encoded>"))
    assert article.text == SAID


def test_html_becomes_paragraphs_without_scripts_and_styles() -> None:
    noise = "<style>p{color:red}</style><script>alert(1)</script>"
    html = f"<p>{SAID}\n <b>At</b> once.</p>{noise}<ul><li>One</li><li>Two&nbsp;&amp; 3</li></ul>"
    (article,) = _articles(_rss(f"{ITEM}<content:encoded><![CDATA[{html}]]></content:encoded>"))
    assert article.text == f"{SAID} At once.\n\nOne\n\nTwo & 3"


def test_an_item_without_a_link_is_known_by_its_guid() -> None:
    (article,) = _articles(_rss(f"<guid isPermaLink='false'>https://echo.example/1</guid><description>{SAID}</description>"))
    assert article.url == "https://echo.example/1"
    assert article.title == SAID


def test_a_relative_link_is_joined_to_the_feeds() -> None:
    (article,) = _articles(_rss(f"<link>/news/1</link><description>{SAID}</description>"))
    assert article.url == "https://echo.example/news/1"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (f"<title>Bridge</title><description>{SAID}</description>", "the item has no link"),
        (f"<guid isPermaLink='false'>tag:1</guid><description>{SAID}</description>", "the item has no link"),
        (f"<link>javascript:alert(1)</link><description>{SAID}</description>", "not an http or https address"),
        (f"<link>https://a:b@echo.example/</link><description>{SAID}</description>", "user name or password"),
        ("<link>https://echo.example/1</link><title>Bridge</title>", "no article text found"),
        ("<link>https://echo.example/1</link><description>More</description>", "no article text found"),
    ],
)
def test_a_bad_item_is_named_and_the_others_are_read(item: str, reason: str) -> None:
    bad, good = read_feed(_rss(item, ITEM), "feed.xml")
    assert isinstance(bad, BadItem)
    assert bad.where == "feed.xml, item 1"
    assert reason in bad.reason
    assert isinstance(good, Article)


@pytest.mark.parametrize("date", ["<pubDate>yesterday</pubDate>", "<pubDate></pubDate>", "", "<pubDate>31 Foo 99999</pubDate>"])
def test_a_date_that_is_none_costs_the_date_only(date: str) -> None:
    assert _articles(_rss(ITEM + date))[0].published_at is None


def test_without_a_date_of_publication_the_update_counts() -> None:
    (article,) = _articles(ATOM.replace("published>", "ignored>").encode())
    assert article.published_at == datetime(2024, 6, 1, tzinfo=UTC)


def test_an_unnamed_feed_is_named_by_the_host() -> None:
    assert _articles(_rss(ITEM, channel="<language>en-us</language>"))[0].source == "echo.example"


def test_the_feeds_language_is_the_items() -> None:
    assert _articles(_rss(ITEM, channel="<title>E</title><language>en-us</language>"))[0].language == "en"


def test_another_charset_is_read_as_declared() -> None:
    data = _rss(ITEM.replace("Harwick", "Málaga")).decode().replace('"utf-8"', '"iso-8859-1"').encode("iso-8859-1")
    assert "Málaga" in _articles(data)[0].text


@pytest.mark.parametrize(
    "data",
    [
        _rss(ITEM)[: -len("</item></channel></rss>")],
        _rss(ITEM.replace("closes", "closes & opens")),
        _rss(ITEM.replace("closes", "closes&nbsp;")),
        _rss(ITEM.replace("closes", "closes \x01")),
        b"\n\n  " + _rss(ITEM),
    ],
)
def test_a_broken_feed_gives_what_can_be_recovered(data: bytes) -> None:
    (article,) = _articles(data)
    assert article.text == SAID
    assert article.title.startswith("Bridge closes")


def test_a_feed_without_items_is_empty() -> None:
    assert read_feed(_rss(), "feed.xml") == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words",
        b"<html><body><p>hello</p></body></html>",
        b"<?xml version='1.0'?><urlset><url><loc>https://echo.example/</loc></url></urlset>",
        b"\x00\xff" * 50,
        b"<" * 100_000,
    ],
)
def test_what_is_no_feed_is_one_bad_item(data: bytes) -> None:
    assert _reason(data) == "not a feed (RSS, Atom, RDF or JSON Feed)"


_BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))


@pytest.mark.parametrize("decoy", ["", "<!-- <a> -->", "<!-- <rss> -->", "<?x <rss ?>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_does_not_go_off(decoy: str, encoding: str) -> None:
    item = f"<item><title>&e12;</title><link>https://echo.example/1</link><description>{SAID} &e12;</description></item>"
    bomb = f'{decoy}<!DOCTYPE rss [<!ENTITY e0 "boom">{_BOMB}]><rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
    for read in read_feed(bomb.encode(encoding), "feed.xml"):
        assert isinstance(read, BadItem) or (len(read.text) < 300 and "boom" not in read.text + read.title)


@pytest.mark.parametrize("decoy", ["", "<!-- <a> -->"])
def test_an_external_entity_is_not_opened(tmp_path: Path, decoy: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("swordfish")
    item = f"<item><title>&x;</title><link>https://echo.example/1</link><description>{SAID} &x;</description></item>"
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % y SYSTEM "{secret.as_uri()}"> %y;]>'
    data = f'<?xml version="1.0"?>{decoy}{doctype}<rss version="2.0"><channel><title>&x;</title>{item}</channel></rss>'
    assert "swordfish" not in repr(read_feed(data.encode(), "feed.xml"))


def test_a_feed_that_is_an_address_is_not_fetched(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(_rss(ITEM))
    assert _reason(str(feed).encode()) == "not a feed (RSS, Atom, RDF or JSON Feed)"
    assert _reason(feed.as_uri().encode()) == "not a feed (RSS, Atom, RDF or JSON Feed)"


@settings(max_examples=100)
@given(st.binary(max_size=200), st.integers(0, len(ATOM)), st.booleans())
def test_arbitrary_bytes_never_raise(noise: bytes, at: int, alone: bool) -> None:
    whole = ATOM.encode()
    for item in read_feed(noise if alone else whole[:at] + noise + whole[at:], "x"):
        assert isinstance(item, Article | BadItem)


def test_control_characters_in_entities_cost_nothing() -> None:
    data = _rss(
        ITEM.replace("Bridge closes", "Bridge &amp;#1;&amp;lt;p&amp;gt; closes"), channel="<title>&lt;p&gt;Echo&amp;#2;&lt;/p&gt;</title>"
    )
    (article,) = _articles(data)
    assert article.source == "Echo"
    assert article.title.startswith("Bridge")


@pytest.mark.parametrize(
    ("channel", "wait"),
    [
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(hours=6)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(days=1)),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
    ],
)
def test_a_feed_says_when_it_wants_to_be_read_again(channel: str, wait: timedelta | None) -> None:
    name = '<rss version="2.0"'
    data = _rss(ITEM, channel=f"<title>Harwick Echo</title>{channel}")
    syndication = data.replace(name.encode(), f'{name} xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'.encode())
    assert parse_feed(syndication, "https://echo.example/feed").ttl == wait
