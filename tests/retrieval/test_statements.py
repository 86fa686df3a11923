"""Pairs of statements: which are compared, which say the same alone or with the sentence before, which are opposed."""

from __future__ import annotations

import pytest

from retrieval.gathering import Told
from retrieval.statements import (
    Pair,
    Statement,
    is_opposed,
    judged_pairs,
    likeness_of,
    nearest_pairs,
    same_in_context,
    says_the_same,
    statements_of,
)
from retrieval.types import Stance, StanceBars
from tests.retrieval.news import ref
from tests.standins.models import HashEmbedder, WordStance

BARS = StanceBars(agree=0.65, contradict=0.8)
VOTE = "The council of Harwick voted 14 to 3 to close the old bridge."
YES, NO, NEITHER = Stance(0.9, 0.05, 0.05), Stance(0.05, 0.9, 0.05), Stance(0.05, 0.05, 0.9)


def statements(*texts: str) -> list[Statement]:
    """Of one article an outlet."""
    return statements_of([Told(ref(number, f"Outlet {number}"), f"Outlet {number}", text) for number, text in enumerate(texts)])


def pair(one: str, other: str, there: Stance, back: Stance, likeness: float = 0.8) -> Pair:
    first, second = statements(one, other)
    return Pair(first, second, likeness, there, back)


def test_questions_and_scraps_are_no_statements_and_each_knows_the_sentence_before() -> None:
    text = f"It rained. {VOTE} Did the council of Harwick vote to close every bridge? Mayor Olsen spoke about buses and repairs."
    made = statements(text)
    assert [one.text for one in made] == [VOTE, "Mayor Olsen spoke about buses and repairs."]
    assert made[0].wider == f"It rained. {VOTE}"
    assert all(text[one.start : one.end] == one.text and text[one.wider_start : one.end] == one.wider for one in made)


def test_only_statements_of_different_voices_that_are_alike_are_paired() -> None:
    made = statements(f"{VOTE} {VOTE}", VOTE, "A young giraffe was born at Oren zoo on Sunday.")
    pairs = nearest_pairs(made, likeness_of(made, HashEmbedder().embed([one.text for one in made])))
    assert [(one.one.voice, one.other.voice) for one in pairs] == [("Outlet 0", "Outlet 1")] * 2
    assert pairs[0].likeness == pytest.approx(1)
    assert [one.there.agree > 0.9 for one in judged_pairs(pairs, WordStance(), None)] == [True, True]


@pytest.mark.parametrize(
    ("one", "other", "there", "back", "same"),
    [
        (VOTE, VOTE, YES, NEITHER, True),
        (VOTE, VOTE, NEITHER, YES, True),
        (VOTE, VOTE, NEITHER, NEITHER, False),
        (VOTE, VOTE, YES, NO, False),  # as sure of the opposite
        (VOTE, VOTE.replace("14", "12"), YES, YES, False),  # another number
        (VOTE, "The council of Oren closed the old bridge there.", YES, YES, False),  # another name
        (VOTE, VOTE, Stance(0.45, 0.1, 0.45), Stance(0.05, 0.1, 0.85), True),  # both its numbers: a lower bar, as in a check
        ("Oren closed the old stone bridge.", "Oren closed the old bridge for good.", Stance(0.5, 0.1, 0.4), Stance(0.5, 0.1, 0.4), True),
        ("Oren closed the old stone bridge.", "Oren closed the old bridge for good.", Stance(0.5, 0.1, 0.4), NEITHER, False),
    ],
)  # fmt: skip
def test_who_says_the_same(one: str, other: str, there: Stance, back: Stance, same: bool) -> None:
    assert says_the_same(pair(one, other, there, back), BARS) is same


@pytest.mark.parametrize(
    ("there", "back", "likeness", "opposed"),
    [
        (NO, NO, 0.8, True),
        (NO, Stance(0.3, 0.4, 0.3), 0.8, True),
        (NO, NEITHER, 0.8, False),  # one way round alone is too often two matters
        (NO, NO, 0.6, False),  # not much alike
        (Stance(0.2, 0.7, 0.1), NO, 0.8, True),
        (Stance(0.2, 0.7, 0.1), Stance(0.2, 0.7, 0.1), 0.8, False),
    ],
)
def test_who_is_opposed(there: Stance, back: Stance, likeness: float, opposed: bool) -> None:
    assert is_opposed(pair(VOTE, VOTE.replace("14", "12"), there, back, likeness), BARS) is opposed


def test_what_says_the_same_with_the_sentence_before_it_comes_back_with_that() -> None:
    whole = "The council of Harwick met at noon. Members closed a dusty bridge near Oren mill."
    one, other = statements(whole, "The council of Harwick met at noon and closed something.")
    plain = Pair(one, other, 0.5)
    assert not says_the_same(judged_pairs([plain], WordStance(), None)[0], BARS)
    for scout in (None, WordStance()):
        (found,) = same_in_context([plain], WordStance(), scout)
        assert (found.one.text, found.one.start, found.other) == (whole, 0, other)
