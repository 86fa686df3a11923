"""Judged windows to a comparison."""

from __future__ import annotations

import random

import pytest

from retrieval.compare import Bars, compare, outcome_of, side_of
from retrieval.types import Claim, Comparison, Outcome, Stance, Window
from tests.retrieval.news import AGREES, CONTRADICTS, NEITHER, ref, window

CLAIM = Claim("The council closed the old bridge.")
YES = "The council closed the old bridge on Monday."
OTHER = "The council has closed the old bridge."
OFF = "Volcanoes erupted beneath Patagonian glaciers."
Judged = list[tuple[Window, Stance]]


def _judged(*rows: tuple[int, str, str, Stance]) -> tuple[Judged, dict[int, str]]:
    """Windows from (article number, outlet, words, stance); each article is all the words given for its number."""
    texts: dict[int, str] = {}
    for number, _, words, _ in rows:
        texts[number] = f"{texts[number]} {words}" if number in texts else words
    return [(window(ref(n, outlet), texts[n], words), stance) for n, outlet, words, stance in rows], {n * 10: t for n, t in texts.items()}


def _compared(*rows: tuple[int, str, str, Stance], limit: int = 5) -> Comparison:
    judged, texts = _judged(*rows)
    return compare(CLAIM, judged, texts, limit, {})


@pytest.mark.parametrize(
    ("stances", "words", "outcome"),
    [
        ([AGREES], YES, Outcome.AGREE),
        ([CONTRADICTS], YES, Outcome.CONTRADICT),
        ([AGREES, CONTRADICTS], YES, Outcome.MIXED),
        ([NEITHER], YES, Outcome.UNCLEAR),
        ([AGREES, NEITHER], YES, Outcome.AGREE),
        ([AGREES], OFF, Outcome.NO_MATCH),
        ([NEITHER], OFF, Outcome.NO_MATCH),
        ([], YES, Outcome.NO_MATCH),
    ],
)
def test_the_outcome_says_what_the_excerpts_say_together(stances: list[Stance], words: str, outcome: Outcome) -> None:
    found = _compared(*((number, f"Outlet {number}", f"{words} {number}", stance) for number, stance in enumerate(stances, 1)))
    assert found.outcome is outcome
    shown = [*found.agreeing, *found.contradicting]
    assert bool(shown) == (outcome in {Outcome.AGREE, Outcome.CONTRADICT, Outcome.MIXED})


def test_the_bars_decide_the_side() -> None:
    bars = Bars(agree=0.7, agree_with_quantities=0.6, contradict=0.8)
    assert side_of(Stance(0.7, 0.1, 0.2), bars) is Outcome.AGREE
    assert side_of(Stance(0.6999, 0.1, 0.2001), bars) is None
    assert side_of(Stance(0.6, 0.1, 0.3), bars, quantities=True) is Outcome.AGREE
    assert side_of(Stance(0.5999, 0.1, 0.3001), bars, quantities=True) is None
    assert side_of(Stance(0.1, 0.8, 0.1), bars) is Outcome.CONTRADICT
    assert side_of(Stance(0.1, 0.7999, 0.1001), bars) is None
    assert outcome_of([], [], near=True) is Outcome.UNCLEAR
    assert outcome_of([], [], near=False) is Outcome.NO_MATCH


def test_a_window_that_was_only_looked_at_makes_unclear_and_is_never_shown() -> None:
    judged, texts = _judged((1, "Echo", YES, AGREES), (2, "Post", OFF, NEITHER))
    found = compare(CLAIM, [(judged[0][0], None), judged[1]], texts, 5, {})
    assert (list(found.agreeing), found.outcome, found.considered) == ([], Outcome.UNCLEAR, 2)


def test_altered_stored_words_give_no_excerpt() -> None:
    judged, texts = _judged((1, "Echo", YES, AGREES), (2, "Post", OTHER, CONTRADICTS))
    altered = {10: texts[10].replace("Monday", "Sunday")}
    found = compare(CLAIM, judged, altered, 5, {})
    assert (list(found.agreeing), list(found.contradicting)) == ([], [])
    assert found.outcome is Outcome.UNCLEAR


def test_one_article_gives_one_excerpt_its_strongest() -> None:
    found = _compared((1, "Echo", YES, Stance(0.8, 0.1, 0.1)), (1, "Echo", OTHER, Stance(0.95, 0.02, 0.03)))
    assert [excerpt.text for excerpt in found.agreeing] == [OTHER]


def test_an_article_never_stands_on_both_sides() -> None:
    found = _compared((1, "Echo", YES, Stance(0.99, 0, 0.01)), (1, "Echo", OTHER, Stance(0.1, 0.85, 0.05)))
    assert (len(found.agreeing), len(found.contradicting)) == (1, 0)
    found = _compared((1, "Echo", YES, Stance(0.71, 0.2, 0.09)), (1, "Echo", OTHER, Stance(0, 0.99, 0.01)))
    assert (len(found.agreeing), len(found.contradicting)) == (0, 1)


def test_the_same_words_elsewhere_are_copies_of_the_best() -> None:
    found = _compared(
        (1, "Echo", YES, Stance(0.9, 0, 0.1)), (2, "Post", YES, Stance(0.95, 0, 0.05)), (3, "News", YES.upper(), Stance(0.8, 0, 0.2))
    )
    (only,) = found.agreeing
    assert only.article.source == "Post"
    assert list(only.copies) == ["https://a.example/1", "https://a.example/3"]
    assert found.independent_sources == 1


def test_several_outlets_come_before_several_articles_of_one() -> None:
    rows = [
        (1, "Echo", f"{YES} a", Stance(0.99, 0, 0.01)),
        (2, "Echo", f"{YES} b", Stance(0.98, 0, 0.02)),
        (3, "Post", f"{YES} c", Stance(0.80, 0, 0.20)),
        (4, "News", f"{YES} d", Stance(0.75, 0, 0.25)),
    ]
    assert [excerpt.article.id for excerpt in _compared(*rows).agreeing] == [1, 3, 4, 2]
    assert [excerpt.article.id for excerpt in _compared(*rows, limit=3).agreeing] == [1, 3, 4]
    assert _compared(*rows).independent_sources == 3


def test_at_most_so_many_a_side_are_shown() -> None:
    rows = [(n, f"Outlet {n}", f"{YES} {n}", AGREES if n % 2 else CONTRADICTS) for n in range(1, 21)]
    found = _compared(*rows, limit=4)
    assert (len(found.agreeing), len(found.contradicting)) == (4, 4)
    assert found.considered == 20


def test_the_order_of_the_windows_does_not_change_the_answer() -> None:
    rows = [(n, f"Outlet {n % 3}", f"{YES} {n % 4}", AGREES if n % 5 else CONTRADICTS) for n in range(1, 13)]
    judged, texts = _judged(*rows)
    wanted = compare(CLAIM, judged, texts, 5, {})
    for seed in range(5):
        random.Random(seed).shuffle(judged)
        assert compare(CLAIM, judged, texts, 5, {}) == wanted


def test_an_excerpt_without_the_claims_number_does_not_agree_but_may_contradict() -> None:
    claim = Claim("The council closed 14 old bridges.")
    rows = [(1, "Echo", "The council closed 12 old bridges.", AGREES), (2, "Post", "The council closed 11 old bridges.", CONTRADICTS)]
    judged, texts = _judged(*rows)
    found = compare(claim, judged, texts, 5, {})
    assert found.outcome is Outcome.CONTRADICT
    assert [excerpt.article.source for excerpt in found.contradicting] == ["Post"]


def test_the_newest_article_considered_is_named() -> None:
    found = _compared((3, "Echo", YES, AGREES), (9, "Post", OFF, NEITHER))
    assert found.newest_article_at == ref(9).published_at
    assert _compared().newest_article_at is None
