"""Statements of several outlets become points: shared, differing, changed, and what one has alone. Real facts, fake models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.gathering import Told
from retrieval.points import ONLY, SHOWN, Point, Points, find_points
from retrieval.types import ArticleRef
from tests.standins.models import HashEmbedder, WordStance

CLOSED = "The council of Harwick voted 14 to 3 to close the old bridge."
CLOSED_TOO = "The council of Harwick voted 14 to 3 on Monday to close the old bridge."
OTHERWISE = "The council of Harwick voted 12 to 5 to close the old bridge."
SIX, NINE = "Six people died when the ferry sank off Harwick harbour.", "Nine people died when the ferry sank off Harwick harbour."
ALONE = "Engineer Amalia Brook found rust in forty cables during spring."


def told(number: int, text: str, outlet: str, day: int | None = 1, hour: int = 8, voice: str = "") -> Told:
    at = datetime(2025, 2, day, hour, tzinfo=UTC) if day else None
    article = ArticleRef(number, number, f"https://a.example/{number}", "Report", outlet, at)
    return Told(article, voice or outlet, text)


def points(*articles: Told) -> Points:
    return find_points(articles, HashEmbedder(), WordStance(), WordStance())


def _texts(every: Sequence[Point]) -> list[list[str]]:
    return [[excerpt.text for excerpt in point.excerpts] for point in every]


def test_what_two_outlets_say_alike_is_one_point_with_an_excerpt_each() -> None:
    found = points(told(1, f"It rained. {CLOSED}", "Echo"), told(2, CLOSED_TOO, "Post"), told(3, CLOSED, "Courier", day=2))
    assert _texts(found.shared) == [[CLOSED, CLOSED_TOO, CLOSED]]
    assert [excerpt.article.source for excerpt in found.shared[0].excerpts] == ["Echo", "Post", "Courier"]
    assert found.differing == found.changed == []


def test_articles_of_one_voice_are_not_compared() -> None:
    assert points(told(1, CLOSED, "Echo"), told(2, CLOSED, "Echo")) == Points()
    assert points(told(1, CLOSED, "Agency"), told(2, OTHERWISE, "Echo", voice="Agency")) == Points()
    assert points() == Points()


def test_counts_of_one_vote_that_differ_are_side_by_side_with_the_difference_in_words() -> None:
    found = points(told(1, CLOSED, "Echo"), told(2, OTHERWISE, "Post"))
    assert _texts(found.differing) == [[CLOSED, OTHERWISE]]
    assert found.differing[0].difference == "14 against 12"
    assert found.shared == found.changed == []


def test_a_vote_does_not_change_with_the_days() -> None:
    found = points(told(1, CLOSED, "Echo", day=1), told(2, OTHERWISE, "Post", day=5))
    assert _texts(found.differing) == [[CLOSED, OTHERWISE]]
    assert found.changed == []


def test_a_toll_that_later_news_has_otherwise_has_changed_earlier_first() -> None:
    found = points(told(1, SIX, "Echo", day=1), told(2, NINE, "Post", day=3))
    assert _texts(found.changed) == [[SIX, NINE]]
    assert found.changed[0].difference == "Six people against Nine people"
    assert found.differing == []


def test_tolls_of_the_same_hours_differ() -> None:
    found = points(told(1, SIX, "Echo", hour=8), told(2, NINE, "Post", hour=11))
    assert _texts(found.differing) == [[SIX, NINE]]
    assert found.changed == []


def test_without_dates_nothing_has_changed() -> None:
    found = points(told(1, SIX, "Echo", day=None), told(2, NINE, "Post", day=None))
    assert _texts(found.differing) == [[SIX, NINE]]


def test_what_a_late_article_still_says_has_not_changed() -> None:
    found = points(told(1, SIX, "Echo", day=1), told(2, NINE, "Post", day=3), told(3, SIX, "Courier", day=4))
    assert found.changed == []
    assert _texts(found.differing) == [[SIX, NINE]]


def test_an_article_that_says_both_is_not_opposed_to_one_of_them() -> None:
    found = points(told(1, CLOSED, "Echo"), told(2, f"{OTHERWISE} {CLOSED}", "Post"))
    assert found.differing == found.changed == []
    assert _texts(found.shared) == [[CLOSED, CLOSED]]


def test_what_one_outlet_alone_has_names_something_and_stands_nowhere_else() -> None:
    found = points(told(1, f"{CLOSED} {ALONE} He praised the quiet work of everybody near 1990.", "Echo"), told(2, CLOSED, "Post"))
    assert [(excerpt.article.source, excerpt.text) for excerpt in found.only] == [("Echo", ALONE)]


def test_the_same_articles_give_the_same_points() -> None:
    articles = [told(1, f"{CLOSED} {SIX} {ALONE}", "Echo"), told(2, f"{NINE} {OTHERWISE}", "Post", day=3), told(3, CLOSED_TOO, "Courier")]
    assert points(*articles) == points(*articles)


SENTENCE = st.sampled_from([CLOSED, CLOSED_TOO, OTHERWISE, SIX, NINE, ALONE, "Why was that?", "", "\u2028x", "Nobody 93–8 „said“ so…"])
TEXT = st.one_of(st.lists(SENTENCE, max_size=6).map(" ".join), st.text(max_size=80))


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXT, st.sampled_from(["Echo", "Post", "Courier"]), st.sampled_from([None, 1, 2, 9])), max_size=5))
def test_every_excerpt_is_a_slice_of_its_article_and_each_outlet_speaks_once_in_a_point(
    given_: list[tuple[str, str, int | None]],
) -> None:
    articles = [told(number, text, outlet, day) for number, (text, outlet, day) in enumerate(given_)]
    found = points(*articles)
    whole = {one.article.id: one.text for one in articles}
    every = [*found.shared, *found.differing, *found.changed]
    for excerpt in (excerpt for point in (*every, Point(found.only)) for excerpt in point.excerpts):
        assert whole[excerpt.article.id][excerpt.start : excerpt.end] == excerpt.text
    for point in every:
        outlets = [excerpt.article.source for excerpt in point.excerpts]
        assert len(outlets) == len(set(outlets)) >= 2
    assert max(map(len, (found.shared, found.differing, found.changed))) <= SHOWN
    assert len(found.only) <= ONLY
