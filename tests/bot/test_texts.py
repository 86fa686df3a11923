"""Texts made short, and how long they are."""

from __future__ import annotations

from bot.texts import shortened, units


def test_shortening_cuts_at_words_where_there_are_any() -> None:
    assert shortened("one two three", 10) == "one two…"
    assert shortened("a" * 50, 10) == "aaaaaaaaa…"
    assert shortened("short", 10) == "short"


def test_a_letter_beyond_the_basic_plane_counts_as_two_and_half_of_one_as_one() -> None:
    assert [units(text) for text in ("", "é", "🦒", "\ud83e")] == [0, 1, 2, 1]
