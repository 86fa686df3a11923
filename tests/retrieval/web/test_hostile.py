"""Small bodies that are made to cost much: time and memory stay in proportion to their size."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import BadItem
from retrieval.ingest.feeds import Feed, parse_feed
from retrieval.ingest.sitemaps import read_sitemap
from retrieval.web.decoding import BadEncoding, TooLarge, decoded
from retrieval.web.robots import _parsed, _relevant

MARKUP = st.recursive(
    st.text("<>&;\"'x \ud800", max_size=12),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(["rss", "channel", "item", "title", "link", "url", "loc", "urlset", "sitemap", "feed", "entry", "b", "![CDATA["]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


def test_many_empty_members_of_a_gzip_stream_are_refused() -> None:
    with pytest.raises(BadEncoding):
        decoded(gzip.compress(b"") * 5_000, "gzip", 1_000)


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_any_bytes_are_decoded_or_refused(data: bytes, encodings: str) -> None:
    try:
        assert len(decoded(data, encodings, 1_000)) <= 1_000
    except (BadEncoding, TooLarge):
        pass


@given(st.binary(max_size=3_000), st.integers(0, 4_000))
def test_what_was_packed_comes_back_or_is_too_large(data: bytes, limit: int) -> None:
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}
    for name, pack in packers.items():
        if len(data) > limit:
            with pytest.raises(TooLarge):
                decoded(pack(data), name, limit)
        else:
            assert decoded(pack(data), name, limit) == data


def test_rules_for_others_are_not_kept() -> None:
    crowd = "".join(f"User-agent: bot{n}\n" for n in range(3_000)) + "".join(f"Disallow: /{n}\n" for n in range(3_000))
    text = f"{crowd}\nUser-agent: *\nDisallow: /private\n"
    assert _relevant(text, "crosscheck").count("\n") < 10
    rules = _parsed(text.encode(), "Crosscheck")
    assert rules.can_fetch("http://a.example/5", "Crosscheck")
    assert not rules.can_fetch("http://a.example/private", "Crosscheck")


def test_a_group_of_several_agents_counts_for_each() -> None:
    rules = _parsed(b"User-agent: other\nUser-agent: Crosscheck # us\nDisallow: /x\n\nUser-agent: *\nDisallow: /y", "Crosscheck")
    assert not rules.can_fetch("http://a.example/x", "Crosscheck")
    assert rules.can_fetch("http://a.example/y", "Crosscheck")


@given(st.text("Useragn-tDilow: /*\n#crosshk\x00\ud800", max_size=200))
def test_any_rules_are_read(text: str) -> None:
    _parsed(text.encode("utf-8", "surrogatepass"), "Crosscheck").can_fetch("http://a.example/x", "Crosscheck")


def test_nested_entries_of_a_sitemap_are_walked_once() -> None:
    nested = "<url>" * 200 + "<loc>http://a.example/x</loc>" + "</url>" * 200
    assert read_sitemap(f"<urlset>{nested * 20}</urlset>".encode(), "x").pages


@given(MARKUP)
def test_any_markup_is_a_sitemap_and_a_feed_or_none(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for read in (read_sitemap, parse_feed):
        try:
            found = read(data, "x")
        except BadItem:
            continue
        if isinstance(found, Feed):
            for item in found.items:
                assert isinstance(item, BadItem) or item.url.startswith("http")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.just("http://a.example/x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "title", "content_html", "id", "language"]), inner),
    max_leaves=8,
)


@given(JSON, JSON)
def test_any_json_feed_is_read_or_refused(items: object, title: object) -> None:
    import json

    data = json.dumps({"version": "https://jsonfeed.org/version/1", "title": title, "items": items}).encode()
    try:
        feed = parse_feed(data, "x")
    except BadItem:
        return
    assert isinstance(items, list)
    assert len(feed.items) == len(items)
