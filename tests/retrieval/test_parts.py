"""Two votes mixed up in one claim are told apart: which number is the report's, which differs, which belongs to the other vote."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from retrieval.parts import count_of, parts_of
from retrieval.types import Part, Standing, Window
from tests.retrieval.news import hit, ref, window

AMERICAN = "The American text on the harbour was adopted by 93 votes to 12."
EUROPEAN = "The European text on fishing was adopted by 73 votes to 18."
CALDOVIAN = "The Caldovian text passed with 26 votes in favour, seven against and nine abstentions."
DORVANIAN = "The Dorvanian text received 33 votes in favour, with three against and six abstaining."


def told(number: int, text: str) -> Window:
    """An article of those words, in one window."""
    return Window(hit(ref(number), text).passage, text, 0, len(text))


def read(claim: str, *windows: Window) -> list[tuple[str, str, str, int]]:
    """Each part's words in the claim, standing, words in the article, and article (0: none)."""
    return [_row(claim, part) for part in parts_of(claim, windows)]


def _row(claim: str, part: Part) -> tuple[str, str, str, int]:
    return claim[slice(*part.span)], part.standing.value, part.words, part.article.id if part.article else 0


def _windows(*texts: str) -> list[Window]:
    return [window(ref(number, f"Outlet {number}"), text, text) for number, text in enumerate(texts, 1)]


def _stands(claim: str, windows: Sequence[Window]) -> list[tuple[str, Standing, str]]:
    return [(claim[slice(*part.span)], part.standing, part.words) for part in parts_of(claim, windows)]


@pytest.mark.parametrize("windows", [(told(1, AMERICAN), told(2, EUROPEAN)), (told(2, EUROPEAN), told(1, AMERICAN))])
def test_a_number_of_the_other_vote_stands_elsewhere(windows: Sequence[Window]) -> None:
    assert read("The American text on the harbour was adopted by 93 votes to 18.", *windows) == [
        ("93 votes", "agrees", "93 votes", 1),
        ("18", "elsewhere", "18", 2),
    ]


def test_the_other_vote_may_stand_in_the_same_article_or_the_same_sentence() -> None:
    claim, found = (
        "The American text on the harbour was adopted by 93 votes to 18.",
        [("93 votes", "agrees", "93 votes", 1), ("18", "elsewhere", "18", 1)],
    )
    assert read(claim, told(1, f"{AMERICAN} {EUROPEAN}")) == found
    assert read(claim, told(1, f"{AMERICAN[:-1]}, while {EUROPEAN[0].lower()}{EUROPEAN[1:]}")) == found


def test_a_number_that_nobody_has_differs_from_the_one_that_the_report_has() -> None:
    claim = "The American text on the harbour was adopted by 93 votes to 20."
    expected = [("93 votes", "agrees", "93 votes", 1), ("20", "differs", "12", 1)]
    assert read(claim, told(1, AMERICAN)) == read(claim, told(1, AMERICAN), told(2, EUROPEAN)) == expected


def test_a_number_of_which_no_report_speaks_stays_open() -> None:
    assert read(
        "The American text on the harbour was adopted by 93 votes, with 18 against and 40 abstentions.",
        told(1, "The American text on the harbour was adopted by 93 votes, with 12 against."),
        told(2, "The European text on fishing was adopted by 73 votes, with 18 against."),
    ) == [("93 votes", "agrees", "93 votes", 1), ("18", "elsewhere", "18", 2), ("40", "open", "", 0)]


def test_a_number_that_the_report_has_otherwise_is_not_right_because_another_report_has_it() -> None:
    claim = "The American text on the harbour was adopted by 93 votes to 18."
    found = read(claim, told(1, AMERICAN), told(2, "The European text on fishing drew 18 votes against."))
    assert [standing for _, standing, _, _ in found] == ["agrees", "elsewhere"]


def test_what_only_another_report_of_the_same_vote_has_agrees() -> None:
    claim = "The American text on the harbour was adopted by 93 votes, with 12 against and 40 abstentions."
    first = told(1, "The American text on the harbour was adopted by 93 votes, with 15 against.")
    second = told(2, "By 93 votes the American text was adopted in the end, with 40 abstentions.")
    assert [(fact, standing) for fact, standing, _, _ in read(claim, first, second)] == [
        ("93 votes", "agrees"), ("12", "differs"), ("40", "agrees"),
    ]  # fmt: skip


def test_a_toll_has_parts_too() -> None:
    assert read(
        "The storm killed 12 people and injured 40 in Harwick.", told(1, "The storm killed 12 people and injured 30 in Harwick.")
    ) == [
        ("12 people", "agrees", "12 people", 1),
        ("40", "differs", "30", 1),
    ]


@pytest.mark.parametrize(
    ("claim", "windows"),
    [
        ("The American text on the harbour was adopted by 93 votes to 12.", [told(1, AMERICAN), told(2, EUROPEAN)]),  # all agree
        ("The American text on the harbour was adopted by 95 votes to 20.", [told(1, AMERICAN)]),  # all differ: the whole claim does
        ("The American text on the harbour was adopted by 93 votes.", [told(1, AMERICAN), told(2, EUROPEAN)]),  # one fact
        ("The plan of Oster for three barns was adopted by 93 votes to 18.", [told(2, EUROPEAN), told(1, AMERICAN)]),  # of another vote
        ("The storm of Oster killed 12 sheep and 93 ducks in three barns.", [told(1, AMERICAN), told(2, EUROPEAN)]),  # of neither
        ("The American text on the harbour was adopted by 93 votes to 18.", []),
        ("The American text on the harbour was adopted.", [told(1, AMERICAN)]),
        ("", [told(1, AMERICAN)]),
        # One agrees and one is open: nothing is mixed up.
        ("The American text on the harbour was adopted by 93 votes, with 40 abstentions.", [told(1, AMERICAN.replace(" to 12", ""))]),
    ],
)  # fmt: skip
def test_where_facts_do_not_stand_apart_there_are_no_parts(claim: str, windows: list[Window]) -> None:
    assert parts_of(claim, windows) == ()


def test_a_count_of_some_of_them_does_not_differ_from_the_count_of_all() -> None:
    claim = "The storm killed 12 people and injured 40 in Harwick."
    assert read(claim, told(1, "The storm killed 12 people and injured another 30 in Harwick.")) == []


def test_a_count_of_another_vote_is_said_to_stand_elsewhere() -> None:
    claim = "The Dorvanian text was carried with 33 votes in favour, while nine states abstained."
    assert _stands(claim, _windows(CALDOVIAN, DORVANIAN)) == [
        ("33 votes", Standing.AGREES, "33 votes"),
        ("nine states", Standing.ELSEWHERE, "nine"),
    ]


def test_a_wrong_count_that_nobody_gives_differs() -> None:
    claim = "The Dorvanian text was carried with 33 votes in favour, while eleven states abstained."
    assert _stands(claim, _windows(CALDOVIAN, DORVANIAN))[1] == ("eleven states", Standing.DIFFERS, "six")


def test_nothing_is_told_apart_where_all_is_right_or_there_is_one_number() -> None:
    assert parts_of("The Dorvanian text got 33 votes in favour and three against.", _windows(CALDOVIAN, DORVANIAN)) == ()
    assert parts_of("The Dorvanian text got 26 votes in favour.", _windows(CALDOVIAN, DORVANIAN)) == ()
    assert parts_of("The Dorvanian text got 33 votes in favour and three against.", []) == ()


def test_a_plain_count_is_right_or_wrong_by_the_report_that_speaks_of_it() -> None:
    windows = _windows(CALDOVIAN, DORVANIAN)
    right = count_of("The Dorvanian text got 33 votes in favour and three against.", windows)
    wrong = count_of("The Dorvanian text got 33 votes in favour and seven against.", windows)
    assert right is not None and right.right and right.windows == {windows[1]}
    assert wrong is not None and not wrong.right and wrong.windows == {windows[1]}
    assert count_of("The Dorvanian text was liked.", windows) is None


def test_a_count_of_which_the_nearest_report_gives_one_number_or_none_is_not_plain() -> None:
    claim = "The American text on the harbour was adopted by 93 votes to 12."
    assert count_of(claim, [told(1, "The American text on the harbour was adopted by 93 votes.")]) is None
    assert count_of(claim, [told(1, "The American text on the harbour was adopted by 94 votes to 13.")]) is None
