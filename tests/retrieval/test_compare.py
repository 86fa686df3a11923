"""Judged windows to a comparison."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from retrieval.bearing import Bearing
from retrieval.claims import parse_claim
from retrieval.compare import Bars, compare, independent_sources, outcome_of, side_of
from retrieval.nearest import overlap_scores
from retrieval.types import ArticleRef, Claim, Comparison, Outcome, Stance, Standing, Window
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
    assert side_of(Stance(0.5, 0.5, 0.0), Bars(agree=0.5, contradict=0.6)) is None  # as much for it as against it
    assert outcome_of([], [], near=True) is Outcome.UNCLEAR
    assert outcome_of([], [], near=False) is Outcome.NO_MATCH


def test_a_window_that_was_only_looked_at_makes_unclear_and_is_never_shown() -> None:
    judged, texts = _judged((1, "Echo", YES, AGREES), (2, "Post", OFF, NEITHER))
    found = compare(CLAIM, [(judged[0][0], None), judged[1]], texts, 5, {})
    assert (list(found.agreeing), found.outcome, found.considered) == ([], Outcome.UNCLEAR, 2)


@pytest.mark.parametrize(
    ("words", "stance", "outcome"),
    [
        ("The Kremlin said that Russia would accept European peacekeepers.", AGREES, Outcome.AGREE),
        ("The Kremlin said that Russia would accept European peacekeepers.", CONTRADICTS, Outcome.CONTRADICT),
        ("The Kremlin declined to confirm that Russia would accept European peacekeepers.", AGREES, Outcome.UNCLEAR),
        ("The Kremlin declined to confirm that Russia would accept European peacekeepers.", CONTRADICTS, Outcome.CONTRADICT),
        ("Trump said that Russia would accept European peacekeepers.", AGREES, Outcome.UNCLEAR),
        ("Trump said that Russia would accept European peacekeepers.", CONTRADICTS, Outcome.UNCLEAR),
    ],
)
def test_only_the_speaker_s_words_tell_whether_they_said_it(words: str, stance: Stance, outcome: Outcome) -> None:
    claim = parse_claim("The Kremlin said that Russia would accept European peacekeepers.")
    judged, texts = _judged((1, "Echo", words, stance))
    assert compare(claim, judged, texts, 5, {}).outcome is outcome


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


def test_a_share_of_words_at_a_bar_is_enough() -> None:
    judged, texts = _judged((1, "Echo", "The bridge of Oren was painted green.", AGREES), (2, "Post", OFF, NEITHER))
    share = overlap_scores(CLAIM.text, [window.text for window, _ in judged])[0]
    assert compare(CLAIM, judged, texts, 5, {}, Bars(topic=share)).considered == 2
    assert len(compare(CLAIM, judged, texts, 5, {}, Bars(topic=share)).agreeing) == 1
    assert compare(CLAIM, judged, texts, 5, {}, Bars(topic=share + 0.001)).agreeing == []
    unclear = [(window, NEITHER) for window, _ in judged]
    assert compare(CLAIM, unclear, texts, 5, {}, Bars(topic=0, near=share)).outcome is Outcome.UNCLEAR
    assert compare(CLAIM, unclear, texts, 5, {}, Bars(topic=0, near=share + 0.001)).outcome is Outcome.NO_MATCH


def test_what_has_all_quantities_of_the_claim_is_on_topic_and_agrees_from_a_lower_bar() -> None:
    claim = Claim("Oren backed the plan by 93 votes to 18.")
    unsure = Stance(0.5, 0.1, 0.4)
    judged, texts = _judged((1, "Echo", "In Oren 93 stood for it, 18 against.", unsure), (2, "Post", "In Oren they were for it.", unsure))
    found = compare(claim, judged, texts, 5, {})
    assert [excerpt.article.source for excerpt in found.agreeing] == ["Echo"]
    assert compare(claim, judged, texts, 5, {}, Bars(topic=0.99)).agreeing == found.agreeing
    assert compare(claim, judged, texts, 5, {}, Bars(agree_with_quantities=0.51)).agreeing == []


def test_the_side_that_clears_its_bar_by_the_larger_share_of_what_is_left_has_the_article() -> None:
    """0.815 is 47 hundredths of the way from the bar, 0.65, to 1; 0.85 is 50 hundredths of the way from 0.7 to 1."""
    found = _compared((1, "Echo", YES, Stance(0.815, 0, 0.185)), (1, "Echo", OTHER, Stance(0, 0.85, 0.15)))
    assert (len(found.agreeing), len(found.contradicting)) == (0, 1)


def test_an_article_that_is_as_much_for_as_against_agrees() -> None:
    judged, texts = _judged((1, "Echo", YES, Stance(0.75, 0, 0.25)), (1, "Echo", OTHER, Stance(0, 0.75, 0.25)))
    found = compare(CLAIM, judged, texts, 5, {}, Bars(agree=0.5, contradict=0.5))
    assert (len(found.agreeing), len(found.contradicting)) == (1, 0)


def test_of_a_side_the_strongest_window_speaks_for_its_article_whichever_came_last() -> None:
    rows = [
        (1, "Echo", YES, Stance(0.99, 0, 0.01)),
        (1, "Echo", f"{YES} Again.", Stance(0.7, 0, 0.3)),
        (1, "Echo", OTHER, Stance(0, 0.85, 0.15)),
    ]
    for order in (rows, rows[::-1]):
        found = _compared(*order)
        assert (len(found.agreeing), len(found.contradicting)) == (1, 0)


def test_what_is_left_out_leaves_the_rest_in() -> None:
    found = _compared((1, "Echo", YES, NEITHER), (2, "Post", YES, AGREES), (3, "News", OTHER, CONTRADICTS))
    assert [excerpt.article.source for excerpt in (*found.agreeing, *found.contradicting)] == ["Post", "News"]


def test_with_bearings_these_alone_say_which_side_a_window_is_on() -> None:
    rows = [(n, f"Outlet {n}", f"{YES} {n}", NEITHER) for n in range(1, 7)]
    judged, texts = _judged(*rows)
    given = (Bearing(2.0, -1.0), Bearing(-1.0, 1.0), Bearing(0.0, -3.0), Bearing(-0.1, -0.2), Bearing(0.5, 0.5))
    bearings = {window: bearing for (window, _), bearing in zip(judged, given, strict=False)}  # none of the sixth
    found = compare(CLAIM, judged, texts, 9, {}, bearings=bearings)
    assert [excerpt.article.id for excerpt in found.agreeing] == [1, 5, 3]
    assert [excerpt.article.id for excerpt in found.contradicting] == [2]
    unjudged = [(judged[0][0], None), *judged[1:]]
    assert [excerpt.article.id for excerpt in compare(CLAIM, unjudged, texts, 9, {}, bearings=bearings).agreeing] == [5, 3]


def test_with_bearings_a_number_may_stand_elsewhere() -> None:
    claim = Claim("The council closed 14 old bridges.")
    judged, texts = _judged((1, "Echo", "The council closed its old bridges.", AGREES))
    bearings = {judged[0][0]: Bearing(1.0, -1.0)}
    assert compare(claim, judged, texts, 5, {}).agreeing == []
    assert len(compare(claim, judged, texts, 5, {}, bearings=bearings).agreeing) == 1


def test_a_contradiction_says_what_differs_in_the_words_of_both() -> None:
    claim = Claim("The council closed 14 bridges.")
    judged, texts = _judged(
        (1, "Echo", "The council closed 12 bridges.", CONTRADICTS), (2, "Post", "The council closed 14 bridges.", AGREES)
    )
    found = compare(claim, judged, texts, 5, {})
    assert [(excerpt.article.source, excerpt.difference) for excerpt in (*found.agreeing, *found.contradicting)] == [
        ("Post", ""),
        ("Echo", "14 against 12 bridges"),
    ]


def test_words_like_yesterday_count_from_the_articles_date_where_it_has_one() -> None:
    claim = Claim("The council closed the bridge on 3 February 2025.")
    words = "The council closed the bridge on 5 March, it said yesterday."
    differences = []
    for article in (ref(2), replace(ref(2), published_at=None)):
        found = compare(claim, [(window(article, words, words), CONTRADICTS)], {20: words}, 5, {})
        differences += [excerpt.difference for excerpt in found.contradicting]
        assert found.newest_article_at == article.published_at
    assert differences == ["", "3 February 2025 against 5 March"]  # with a date, "yesterday" may be the day meant


def test_the_comparison_says_what_was_asked_by_which_models_and_how_the_facts_stand() -> None:
    claim = Claim("The council closed 14 bridges and 3 roads.")
    judged, texts = _judged((1, "Echo", "The council closed 14 bridges and 5 roads.", CONTRADICTS), (2, "Post", OFF, NEITHER))
    found = compare(claim, judged, texts, 5, {"stance": "plain"})
    assert (found.claim, found.models) == (claim, {"stance": "plain"})
    assert [(part.standing, part.words) for part in found.parts] == [(Standing.AGREES, "14 bridges"), (Standing.DIFFERS, "5 roads")]
    assert found.contradicting[0].stance == CONTRADICTS


def test_how_a_figure_changed_over_time_is_told() -> None:
    claim = Claim("The ferry sank off Norwick near Harwick and five people were killed.")
    words = [f"The Brandt ferry sank off Norwick near Harwick and {toll} people were killed, Ilse Brandt said." for toll in ("two", "five")]
    judged, texts = _judged(*((number, f"Outlet {number}", text, NEITHER) for number, text in enumerate(words, 1)))
    found = compare(claim, judged, texts, 5, {})
    assert [(account.words, account.sources) for account in found.accounts] == [
        ("two people", ("Outlet 1",)),
        ("five people", ("Outlet 2",)),
    ]


def _told(
    number: int, outlet: str, words: str, story: int | None, copies: tuple[str, ...] = ()
) -> tuple[tuple[Window, Stance], dict[int, str]]:
    """An agreeing window of an article of that story, whose words stand in those copies too."""
    article: ArticleRef = replace(ref(number, outlet), story_id=story)
    found = window(article, words, words)
    return (replace(found, passage=replace(found.passage, copies=copies)), AGREES), {article.revision_id: words}


def test_one_story_is_shown_once_and_counts_as_one_source() -> None:
    told = [_told(1, "Echo", YES, 7), _told(2, "Post", f"{YES} It said so.", 7), _told(3, "News", f"{YES} Twice.", 8)]
    found = compare(CLAIM, [one for one, _ in told], {key: words for _, texts in told for key, words in texts.items()}, 5, {})
    assert [(excerpt.article.source, list(excerpt.copies)) for excerpt in found.agreeing] == [
        ("Echo", ["https://a.example/2"]),
        ("News", []),
    ]
    assert found.independent_sources == 2


def test_a_story_has_not_the_number_of_an_article() -> None:
    told = [_told(1, "Echo", YES, None), _told(2, "Post", f"{YES} It said so.", 1)]
    found = compare(CLAIM, [one for one, _ in told], {key: words for _, texts in told for key, words in texts.items()}, 5, {})
    assert len(found.agreeing) == 2
    assert independent_sources(found.agreeing) == 2


def test_an_excerpt_is_no_copy_of_itself() -> None:
    first, second = "https://a.example/1", "https://a.example/2"
    told = [_told(1, "Echo", YES, None, (second,)), _told(2, "Post", YES, None, (first,))]
    found = compare(CLAIM, [one for one, _ in told], {key: words for _, texts in told for key, words in texts.items()}, 5, {})
    assert [list(excerpt.copies) for excerpt in found.agreeing] == [[second]]


def test_outlets_take_turns_in_the_order_of_their_best() -> None:
    rows = [
        (n, outlet, f"{YES} {n}", Stance(0.99 - n / 100, 0, 0.01 + n / 100))
        for n, outlet in enumerate(("Echo", "Echo", "Echo", "Post", "Post"), 1)
    ]
    assert [excerpt.article.id for excerpt in _compared(*rows).agreeing] == [1, 4, 2, 5, 3]
