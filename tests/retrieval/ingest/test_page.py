"""Pages: whose they are, when they appeared, what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import BadItem
from retrieval.ingest.page import decode, read_page

FIRST = (
    "The council of Harwick voted on Tuesday to close the old bridge over the Stour. Engineers had warned in a report of forty pages "
    "that its southern pier may not last another winter, and asked for barriers at once."
)
SECOND = (
    "“Nobody wants this,” said the mayor, Edda Lorne, after the vote. Some 1,500 drivers cross it on a working day; they will go by way of "
    "the mill until a temporary bridge opens in March, which the county has promised to pay for."
)
DAY = datetime(2024, 5, 30, tzinfo=UTC)
HEAD = """
<title>Bridge closes | Harwick Echo</title>
<link rel="canonical" href="https://echo.example/news/bridge">
<meta property="og:site_name" content="Harwick Echo">
<meta property="article:published_time" content="2024-05-31T18:30:00+02:00">
"""


def _page(head: str = HEAD, html: str = '<html lang="en-GB">', body: str = f"<p>{FIRST}</p>\n<p>{SECOND}</p>") -> bytes:
    navigation = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    article = f"<article><h1>Bridge closes</h1>{body}</article>"
    return f"<!doctype html>\n{html}<head>{head}</head><body>{navigation}{article}<footer>All rights</footer></body></html>".encode()


def test_a_page_becomes_an_article() -> None:
    article = read_page(_page(), "bridge.html")
    assert (article.url, article.title, article.source) == ("https://echo.example/news/bridge", "Bridge closes", "Harwick Echo")
    assert article.published_at == datetime(2024, 5, 31, 16, 30, tzinfo=UTC)
    assert article.language == "en"


def test_paragraphs_are_separated_by_blank_lines_and_the_rest_of_the_page_is_left_out() -> None:
    text = read_page(_page(body=f"<p>{FIRST}</p><script>track('me')</script><p>{SECOND}</p>"), "x").text
    assert text.endswith(f"{FIRST}\n\n{SECOND}")
    assert "Sport" not in text
    assert "track" not in text


def test_a_line_break_of_the_source_does_not_end_a_paragraph() -> None:
    wrapped = FIRST.replace(" to close", "\n      to close")
    assert FIRST in read_page(_page(body=f"<p>{wrapped}</p><p>{SECOND}</p>"), "x").text


def test_without_a_canonical_link_og_url_names_the_page() -> None:
    head = '<base href="https://other.example/"><meta property="og:url" content="https://echo.example/b">'
    assert read_page(_page(head), "x").url == "https://echo.example/b"


@pytest.mark.parametrize(
    "head",
    [
        "<title>Bridge</title>",
        '<base href="https://echo.example/">',
        '<link rel="canonical" href="/news/bridge">',
        '<link rel="canonical" href="file:///etc/hosts">',
        '<link rel="canonical" href="https://ann:secret@echo.example/">',
        '<link rel="canonical" href="https://[broken/">',
        '<link rel="alternate" hreflang="x-default" href="https://echo.example/de">',
    ],
)
def test_a_file_that_does_not_name_its_address_is_refused(head: str) -> None:
    with pytest.raises(BadItem, match="does not name its address"):
        read_page(_page(head), "bridge.html")


@pytest.mark.parametrize(
    ("canonical", "address"),
    [
        ("https://echo.example/news/bridge", "https://echo.example/news/bridge"),
        ("https://www.echo.example/news/bridge", "https://www.echo.example/news/bridge"),
        ("/news/bridge", "https://m.echo.example/news/bridge"),
        ("https://reuters.example/news/bridge", "https://m.echo.example/b?utm=1"),
        ("", "https://m.echo.example/b?utm=1"),
    ],
)
def test_a_fetched_page_may_only_speak_for_its_own_site(canonical: str, address: str) -> None:
    page = _page(f'<link rel="canonical" href="{canonical}">')
    assert read_page(page, "x", "https://m.echo.example/b?utm=1").url == address


def test_the_host_stands_in_for_the_name_of_the_site() -> None:
    page = _page('<title>Bridge</title><meta property="article:publisher" content="https://social.example/echo">')
    assert read_page(page, "x", "https://www.echo.example/b").source == "echo.example"


@pytest.mark.parametrize(
    ("meta", "published_at"),
    [
        ('<meta property="article:published_time" content="2024-05-31T18:30:00">', datetime(2024, 5, 31, 18, 30, tzinfo=UTC)),
        ('<meta property="article:published_time" content="soon"><meta name="date" content="2024-05-30">', DAY),
        ('<meta name="date" content="2024-05-30">', DAY),
        ("", None),
    ],
)
def test_the_time_is_the_stated_one_else_the_day(meta: str, published_at: datetime | None) -> None:
    assert read_page(_page(meta), "x", "https://echo.example/b").published_at == published_at


@pytest.mark.parametrize(
    ("html", "language"),
    [('<html lang="pt-BR">', "pt"), ("<html>", None), ('<html lang="">', None)],
)
def test_the_language_is_the_declared_one(html: str, language: str | None) -> None:
    assert read_page(_page(html=html), "x").language == language


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("né".encode(), "né"),
        (b"\xef\xbb\xbfn\xc3\xa9", "né"),
        ("né".encode("utf-16"), "né"),
        (b"\xfe\xff" + "né".encode("utf-16-be"), "né"),
        ('<meta charset="windows-1251">Мост'.encode("cp1251"), '<meta charset="windows-1251">Мост'),
        (b"<?xml version='1.0' encoding='iso-8859-1'?>n\xe9 \x93so\x94", "<?xml version='1.0' encoding='iso-8859-1'?>né “so”"),
        ('<meta charset="iso-8859-1">né'.encode(), '<meta charset="iso-8859-1">né'),
    ],
)
def test_markup_is_decoded_by_what_it_is_before_what_it_says(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize("charset", ["punycode", "zlib", "unicode_escape", "no-such-thing"])
def test_a_charset_that_is_none_of_the_web_is_not_used(charset: str) -> None:
    assert charset in decode(f'<meta charset="{charset}">caf'.encode() + b"\xe9")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no article text found"),
        (b"<html></html>", "no article text found"),
        (b"just some words", "no article text found"),
        (_page(body="<p>Read more.</p>").replace(b"Bridge closes", b"").replace(b"All rights", b""), "no article text found"),
        (b"%PDF-1.7\n\x00\x01\x02 " + _page(), "not an HTML page but binary data"),
        (b"<div>" * 20_000 + FIRST.encode(), "no article text found"),
    ],
)
def test_what_holds_no_article_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadItem) as caught:
        read_page(data, "bridge.html", "https://echo.example/b")
    assert (caught.value.where, caught.value.reason) == ("bridge.html", reason)


@settings(max_examples=60)
@given(st.binary(max_size=400), st.integers(0, len(_page())), st.booleans())
def test_arbitrary_bytes_raise_nothing_but_bad_item(noise: bytes, at: int, alone: bool) -> None:
    data = noise if alone else _page()[:at] + noise + _page()[at:]
    try:
        article = read_page(data, "x", "https://echo.example/b")
    except BadItem:
        return
    article.text.encode()
    assert article.title
