"""Outlets are called so that nobody takes them for others, and hosts are written so that it is seen whose they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.confusables import likeness, mixes_scripts, poses_as, skeleton
from retrieval.errors import BadItem
from retrieval.hosts import ascii_host, ascii_url, honest_name, site, unlike
from retrieval.ingest.records import checked_url, make_article

EVIL = "https://evil.example/a"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ВВС News", "BBC News"), ("BBС News", "BBC News"), ("AI Jazeera", "Al Jazeera"), ("Modem Times", "Modern Times"),
        ("𝐁𝐁𝐂", "BBC"), ("ϹΝΝ", "CNN"), ("Τhe Guardian", "The Guardian"), ("Reuterꜱ", "Reuters"), ("B\u200bB\u200bС", "BBC"),
    ],
)  # fmt: skip
def test_a_name_that_looks_like_another_is_known(name: str, other: str) -> None:
    assert poses_as(name, other) and poses_as(other, name)


@pytest.mark.parametrize(
    ("name", "other"), [("BBC News", "bbc  news"), ("Le Monde", "Le Monde"), ("Guardian", "Guardián"), ("Вести", "Vesti"), ("NHK", "ZDF")]
)
def test_a_name_that_is_the_same_or_looks_otherwise_is_none(name: str, other: str) -> None:
    assert not poses_as(name, other)


def test_scripts_are_mixed_within_a_word_alone_and_as_no_language_does() -> None:
    assert all(map(mixes_scripts, ("BBС", "Ωmega", "раypal", "news Rеuters")))
    assert not any(map(mixes_scripts, ("Новости BBC", "NHK日本ニュース", "한국KBS", "Échos", "Ελευθερία Post", "42 · news", "")))


@given(st.text(max_size=30))
def test_a_skeleton_is_its_own_and_so_is_a_name(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
    assert not poses_as(text, text)
    assert likeness(text) == likeness(text.replace(" ", ""))


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("BBС News", EVIL, "evil.example"), ("bbc.co.uk", EVIL, "evil.example"), ("News from www.bbc.co.uk", EVIL, "evil.example"),
        ("news.bbc.co.uk - World", "https://feeds.bbc.co.uk/x", "news.bbc.co.uk - World"), ("Bild.de", "https://www.bild.de/x", "Bild.de"),
        ("U.S. News", EVIL, "U.S. News"), ("St.Gallen Tagblatt", EVIL, "St.Gallen Tagblatt"), ("Harwick Echo", EVIL, "Harwick Echo"),
    ],
)  # fmt: skip
def test_a_name_that_says_it_is_another_site_gives_way_to_the_host(name: str, url: str, shown: str) -> None:
    assert honest_name(name, url) == shown
    assert make_article("here", url=url, title="", source=name, text="The council voted to close the old bridge on Monday.").source == shown


def test_of_two_outlets_that_look_alike_the_ascii_one_keeps_its_name() -> None:
    assert unlike("ВВС", EVIL, ["BBC", "Echo"]) == "evil.example"
    assert unlike("AI Jazeera", EVIL, ["Al Jazeera"]) == "evil.example"
    assert unlike("BBC", "https://bbc.co.uk/", ["ВВС"]) == "BBC"
    assert unlike("BBC", EVIL, ["bbc", "BBC"]) == "BBC"


def test_addresses_are_kept_with_their_host_in_ascii_or_not_at_all() -> None:
    assert checked_url("https://straße.example:8443/ö?x=ü", "here") == "https://xn--strae-oqa.example:8443/ö?x=ü"
    assert checked_url("https://a_b.example/", "here") == "https://a_b.example/"
    for bad in ("https://evil.example\\.bbc.co.uk/", "https://bbc%2eco.uk/", "https://☃.example/", "https://.example/"):
        with pytest.raises(BadItem, match="host"):
            checked_url(bad, "here")


@given(st.text(max_size=40))
def test_a_host_is_ascii_and_stays_what_it_is(text: str) -> None:
    url = f"https://{text}/"
    host = ascii_host(url)
    assert host.isascii() and site(url) == host.removeprefix("www.")
    if host:
        assert ascii_host(ascii_url(url)) == host
