"""How the news changed its account of a fact: tolls that rise, corrections; other events and votes left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.accounts import CHANGES_WITHIN, accounts_of
from retrieval.types import ArticleRef, Claim, Window
from tests.retrieval.news import hit, ref, window

FIRST = datetime(2025, 3, 1, 8, tzinfo=UTC)
CLAIM = "The ferry sank off Norwick near Harwick and five people were killed."
SANK = "The Brandt ferry sank off Norwick near Harwick and {} people were killed, Mayor Ilse Brandt said."
ELSEWHERE = "The Olga ferry sank off Garland near Tarrow and five people were killed, Mayor Jan Vos said."


def told(number: int, text: str, after: timedelta | None, source: str = "Echo", title: str = "What is known of Harwick") -> Window:
    """An article of those words, that long after the first; None: without a date."""
    article = ArticleRef(number, number, f"https://a.example/{number}", title, source, None if after is None else FIRST + after)
    return Window(hit(article, text).passage, text, 0, len(text))


def days(number: int) -> timedelta:
    return timedelta(days=number)


def read(claim: str, *windows: Window, context: str = "") -> list[tuple[str, int, int, list[str], int]]:
    """Each account's words, first and last day, outlets, and earliest article."""
    found = accounts_of(Claim(claim, context=context), windows)
    return [(one.words, (one.since - FIRST).days, (one.until - FIRST).days, list(one.sources), one.article.id) for one in found]


def _dated(*told: tuple[int, str]) -> list[Window]:
    """Windows of articles published on days of January."""
    found = []
    for number, (day, text) in enumerate(told, 1):
        article = replace(
            ref(number, f"Outlet {number}"), title="Train in Culverne, Dassel", published_at=datetime(2026, 1, day, tzinfo=UTC)
        )
        found.append(window(article, text, text))
    return found


def test_a_toll_that_rose_has_an_account_each_earliest_first_with_its_outlets() -> None:
    windows = [
        told(3, SANK.format("five"), days(3), "Post"),
        told(1, SANK.format("two"), days(0)),
        told(2, SANK.format("five"), days(1), "Courier"),
        told(4, SANK.format("five"), days(4), "Courier"),
    ]
    assert read(CLAIM, *windows) == [("two people", 0, 0, ["Echo"], 1), ("five people", 1, 4, ["Courier", "Post"], 2)]


def test_a_correction_downwards_is_a_change_too_and_the_claim_may_have_either_value() -> None:
    windows = [told(1, SANK.format("five"), days(0)), told(2, SANK.format("four"), days(2))]
    expected = [("five people", 0, 0, ["Echo"], 1), ("four people", 2, 2, ["Echo"], 2)]
    assert read(CLAIM, *windows) == read(CLAIM.replace("five", "four"), *windows) == expected


def test_the_words_of_an_account_stand_at_its_place_in_the_article() -> None:
    text = f"It rained. {SANK.format('two')}"
    start = len("It rained. ")
    passage = hit(told(1, text, days(0)).passage.article, text).passage
    first = accounts_of(Claim(CLAIM), [Window(passage, text[start:], start, len(text)), told(2, SANK.format("five"), days(1))])[0]
    assert text[first.start : first.end] == first.words == "two people"
    assert first.value == 2


def test_money_changes_too() -> None:
    text = "The fund for Harwick and Norwick raised {} dalers."
    assert read(text.format(400), told(1, text.format(300), days(0)), told(2, text.format(400), days(1))) == [
        ("300 dalers", 0, 0, ["Echo"], 1),
        ("400 dalers", 1, 1, ["Echo"], 2),
    ]


def test_of_an_article_its_first_number_counts() -> None:
    both = told(1, f"{SANK.format('two')} Ten years ago the same ferry sank near Harwick and nine people were killed.", days(0))
    assert [row[0] for row in read(CLAIM, both, told(2, SANK.format("five"), days(1)))] == ["two people", "five people"]


def test_the_first_number_is_that_of_the_text_in_whatever_order_its_passages_were_found() -> None:
    text = f"{SANK.format('two')} Ten years ago the same ferry sank near Harwick and nine people were killed."
    passage, end = hit(told(1, text, days(0)).passage.article, text).passage, text.index(" Ten")
    found = [
        Window(passage, text[end + 1 :], end + 1, len(text)),
        Window(passage, text[:end], 0, end),
        told(2, SANK.format("five"), days(1)),
    ]
    assert [row[0] for row in read(CLAIM, *found)] == ["two people", "five people"]


def test_a_place_in_a_row_does_not_change() -> None:
    text = "It was the {} ferry of the Brandt line that sank off Norwick near Harwick."
    assert read(text.format("fifth"), told(1, text.format("fourth"), days(0)), told(2, text.format("fifth"), days(1))) == []


def test_a_claim_that_points_back_is_placed_by_its_context() -> None:
    windows = [told(1, SANK.format("two"), days(0)), told(2, SANK.format("five"), days(1))]
    claim = "Relatives who waited all night ashore learnt only this morning from radio bulletins that five died."
    assert read(claim, *windows) == []
    assert (
        len(
            read(
                claim.replace("died", "people were killed"),
                *windows,
                context="The Brandt ferry sank off Norwick near Harwick, Brandt said.",
            )
        )
        == 2
    )


@pytest.mark.parametrize(
    "second",
    [
        told(2, SANK.format("two"), days(1)),  # the same
        told(2, SANK.format("five"), None),  # no date
        told(2, SANK.format("at least five"), days(1)),  # no plain number
        told(2, SANK.format("another five"), days(1)),  # a part
        told(2, SANK.format("five").replace("killed", "injured"), days(1)),  # of something else
        told(2, SANK.format("five"), CHANGES_WITHIN + days(1)),  # next year's
        told(2, ELSEWHERE, days(1), title="What is known of Tarrow"),
    ],
)  # fmt: skip
def test_what_is_no_other_account_of_the_same_event_is_left_out(second: Window) -> None:
    assert read(CLAIM.replace("five", "two"), told(1, SANK.format("two"), days(0)), second) == []


def test_an_account_just_within_the_time_of_one_event_counts() -> None:
    windows = [told(1, SANK.format("two"), days(0)), told(2, SANK.format("five"), CHANGES_WITHIN)]
    assert len(read(CLAIM, *windows)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "The council of Harwick adopted the Norwick plan by {} votes to 3.",
        "The Norwick plan got {} votes from the council of Harwick.",
        "In Harwick {} members of the Norwick council voted against the plan.",
    ],
)
def test_votes_do_not_change(text: str) -> None:
    assert read(text.format(14), told(1, text.format(12), days(0)), told(2, text.format(14), days(1))) == []


@pytest.mark.parametrize(
    "claim",
    [
        CLAIM.replace("five", "eight"),  # a number that nobody gave
        "The ferry sank off Norwick near Harwick and another five people were killed.",
        "The fifth ferry sank off Norwick near Harwick.",
        "The ferry sank off Norwick near Harwick.",
        "In Garland five people were killed when lorries collided on the frozen motorway behind Tarrow airport.",
        "",
    ],
)
def test_a_claim_that_gives_none_of_the_numbers_that_changed_has_no_accounts(claim: str) -> None:
    assert read(claim, told(1, SANK.format("two"), days(0)), told(2, SANK.format("five"), days(1))) == []


def test_without_articles_there_are_no_accounts() -> None:
    assert read(CLAIM) == []


def test_a_toll_that_was_lowered_is_told_in_order() -> None:
    windows = _dated(
        (14, "Nine people died in the derailment near Culverne, the prefect of Dassel said."),
        (10, "Eleven people died in the derailment near Culverne, the prefect of Dassel said."),
        (11, "Eleven people died in the derailment near Culverne, Dassel officials repeated."),
    )
    found = accounts_of(Claim("Eleven people died in the derailment near Culverne."), windows)
    assert [(each.words, each.value, each.since.day, each.until.day, len(each.sources)) for each in found] == [
        ("Eleven people", 11, 10, 11, 2),
        ("Nine people", 9, 14, 14, 1),
    ]
    for each in found:
        (quoted,) = {one.text[each.start - one.start : each.end - one.start] for one in windows if one.passage.article == each.article}
        assert quoted == each.words


def test_what_never_changed_and_votes_and_values_that_nobody_gave_make_no_account() -> None:
    same = _dated((10, "Eleven people died near Culverne in Dassel."), (12, "Eleven people died near Culverne in Dassel, it was said."))
    assert accounts_of(Claim("Eleven people died near Culverne."), same) == ()
    changed = _dated((10, "Eleven people died near Culverne in Dassel."), (12, "Nine people died near Culverne in Dassel."))
    assert accounts_of(Claim("Forty people died near Culverne."), changed) == ()
    votes = _dated(
        (10, "The Culverne council of Dassel gave it 33 votes in favour."),
        (12, "The Culverne council of Dassel gave it 26 votes in favour."),
    )
    assert accounts_of(Claim("The Culverne council gave it 33 votes in favour."), votes) == ()
