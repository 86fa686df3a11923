"""Answers keep within Discord's limits, whatever the claim, the outlets and the news hold, and say the same as plain text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.packing import EACH, card, cards, clipped, packed, plain
from bot.render import Answer, Card
from bot.texts import units
from bot.words import words_for

WORDS = words_for("en-GB")
NASTY = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["@everyone", "<@123>", "```", "||", "**", "> ", "# ", "[a](https://evil.example)", "שלום", "😀", "\u202e", "W" * 4_000, "_" * 900]
    ),
)
LONG = st.lists(NASTY, max_size=12).map(" ".join)


def _card(outlet: str, quote: str, url: str = "https://echo.example/a", spans: Sequence[tuple[int, int]] = ()) -> Card:
    return Card(
        outlet, "24 Feb 2025", "Title", "", quote, "", spans, url, f"{url}#:~:text=a,b", "and 2 copies elsewhere", "93 against 120 votes"
    )


def _answer(claim: str, agreeing: Sequence[Card], contradicting: Sequence[Card]) -> Answer:
    return Answer(claim, "✓✗", "Sources differ: 2 agree, 1 contradicts.", agreeing, contradicting, "50 passages considered.")


CARDS = st.lists(st.builds(_card, LONG, LONG), max_size=6)


@settings(max_examples=60)
@given(LONG, CARDS, CARDS)
def test_an_answer_of_anything_fits(claim: str, agreeing: list[Card], contradicting: list[Card]) -> None:
    answer = _answer(claim, agreeing, contradicting)
    made = packed(answer, WORDS, ["-# a note"])
    assert made.length <= MAX_TEXT
    assert (len(made.agreeing), len(made.contradicting)) == (min(EACH, len(agreeing)), min(EACH, len(contradicting)))
    assert all(text.strip() for text in (made.head, *made.agreeing, *made.contradicting, made.foot))
    assert sum(map(units, cards(agreeing, WORDS))) <= MAX_TEXT
    assert 0 < units(plain(answer, WORDS)) <= MAX_CONTENT


@settings(max_examples=60)
@given(
    LONG,
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40)).map(lambda at: (at[0], at[0] + at[1])), max_size=4),
    st.integers(20, 700),
)
def test_a_clipped_quote_is_a_part_of_it(quote: str, spans: list[tuple[int, int]], width: int) -> None:
    inside = sorted(span for span in spans if span[1] <= len(quote))
    part, kept, before, after = clipped(quote, inside, width)
    assert part in quote
    assert len(part) <= width
    assert all(0 <= start < end <= len(part) for start, end in kept)
    assert before or quote.startswith(part)
    if len(quote) <= width:
        assert (part, before, after) == (quote, "", "")


def test_a_long_quote_is_cut_about_its_decisive_words() -> None:
    quote = f"{'It rained all day. ' * 40}The council voted 93 to 18. {'Nobody spoke. ' * 40}"
    at = quote.index("93 to 18")
    part, spans, before, after = clipped(quote, [(at, at + 8)], 200)
    assert [part[slice(*span)] for span in spans] == ["93 to 18"]
    assert (before, after) == ("… ", " …")
    assert part.strip() and not part.startswith("ained")


def test_a_card_says_who_when_what_and_where() -> None:
    text = card(_card("Harwick Echo", "The council voted 93 to 18.", spans=[(18, 26)]), WORDS)
    assert text == (
        "**Harwick Echo** · 24 Feb 2025\n> “The council voted **93 to 18**.”\n"
        "-# [Read it at echo.example](<https://echo.example/a#:~:text=a,b>) · and 2 copies elsewhere · 93 against 120 votes"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", ""])
def test_an_address_that_leads_nowhere_is_no_link(url: str) -> None:
    assert "](" not in card(_card("Echo", "It closed.", url), WORDS)


def test_a_link_too_long_leads_to_the_article_alone() -> None:
    one = Card("Echo", "", "", "", "It closed.", "", (), "https://echo.example/a", f"https://echo.example/a#:~:text={'x' * 900}", "", "")
    assert "(<https://echo.example/a>)" in card(one, WORDS)


def test_plain_text_has_the_sides_in_words_and_in_reading_order() -> None:
    answer = _answer("It closed.", [_card("Echo", "It closed on Monday.")], [_card("Post", "It stayed open.")])
    lines = plain(answer, WORDS).splitlines()
    assert lines[0] == "Claim: It closed."
    assert lines[1] == "Sources differ: 2 agree, 1 contradicts."
    assert lines[2].startswith("Agreeing 1, Echo, 24 Feb 2025: “It closed on Monday.”. and 2 copies elsewhere")
    assert lines[3].startswith("Contradicting 1, Post, 24 Feb 2025: “It stayed open.”")
    assert lines[-1] == "50 passages considered."
