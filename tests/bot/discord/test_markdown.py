"""What others wrote looks as it was written, and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.markdown import ISOLATE, MAX_HOST, MAX_LINK, escaped, host, linked, quoted, safe_url
from retrieval.text import normalise


def _seen(text: str) -> str:
    """What Discord shows of escaped text: a backslash in front of a sign is not seen."""
    return re.sub(r"\\([\W_])", r"\1", text)


@pytest.mark.parametrize(
    "text",
    [
        "# heading", "- list", "-# small", "> quote", "1. first", "12) twelfth", "*bold* **b** __u__ ~~s~~ ||spoiler||", "`code`",
        "```block```",
        "[masked](https://evil.example)", "<@123> <@&5> <#9> @everyone @here", "<t:1:R> <:smile:123>", "https://evil.example/a_b", "a\\*b",
    ],
)  # fmt: skip
def test_signs_are_seen_and_do_nothing(text: str) -> None:
    shown = escaped(text)
    assert _seen(shown) == text
    assert not re.search(r"(?<!\\)(?:[*_~`|\[\]<>@]|://)", shown)
    assert not re.match(r"[#>+-]|\d+[.)]", shown)


@given(st.text())
def test_any_text_stays_in_one_line_and_pings_nobody(text: str) -> None:
    shown = escaped(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[@<]", shown)


def test_a_quote_keeps_its_words_with_the_decisive_ones_in_bold() -> None:
    text = "The *93* votes of @all were cast."
    assert quoted(text, [(4, 14)]) == "The **\\*93\\* votes** of \\@all were cast."
    assert quoted(text) == "The \\*93\\* votes of \\@all were cast."
    assert quoted(text, [(4, 14), (10, 20), (900, 910)]) == "The **\\*93\\* votes** of \\@all were cast."
    assert quoted(text, [(3, 8), (8, 9), (9, 14)]) == "The **\\*93\\* votes** of \\@all were cast."
    assert quoted("a\u200bb", [(0, 1), (1, 2), (2, 3)]) == "**ab**"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_bold_never_swallows_or_adds_words(text: str, spans: list[tuple[int, int]]) -> None:
    bold = [(start, end) for start, end in spans if start < end]
    shown = re.sub(r"(?<!\\)\*\*", "", quoted(text, bold)).strip(ISOLATE + "\u2069")
    assert "".join(normalise(_seen(shown)).split()) == "".join(normalise(text).split()) or "\\" in text


def test_right_to_left_words_leave_their_surroundings_alone() -> None:
    assert escaped("שלום world").startswith(ISOLATE)
    assert quoted("قال الوزير", [(0, 3)]).startswith(ISOLATE)
    assert not escaped("hello").startswith(ISOLATE)


def test_links_lead_to_the_web_or_are_none() -> None:
    assert linked("Read it", "https://a.example/b(c)?d=e#:~:text=f%20g,h") == "[Read it](<https://a.example/b%28c%29?d=e#:~:text=f%20g,h>)"
    for bad in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "http://[bad",
        "ftp://a.example",
        f"https://a.example/{'a' * MAX_LINK}",
    ):
        assert linked("Read it", bad) == "Read it"
        assert safe_url(bad) == ""
    assert safe_url("https://a.example/x> [y](z)\n") == "https://a.example/x%3E%20[y]%28z%29"
    assert safe_url(" HTTPS://a.example/@x\ny") == "https://a.example/%40x%0Ay"
    for bad in ("https://bbc.example@evil.example/", "ht\ttps://a.example/", "https://a.example/\ud800"):
        assert safe_url(bad) == ""
    assert linked("a](b 😀", "https://a.example/") == "[a (b](<https://a.example/>)"


def test_the_host_is_shown_as_it_is() -> None:
    assert host("https://www.echo.example/a") == "echo.example"
    assert host("https://раураl.example/") == "xn--l-7sba6dbr.example"
    assert host("http://[bad") == ""
    assert host(f"https://bbc.example.{'a' * 200}.evil.example/").endswith("a.evil.example")
    assert len(host(f"https://{'a' * 200}.example/")) == MAX_HOST + 1
