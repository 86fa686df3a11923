"""Facts of two events in one sentence told apart, counts that stand, and accounts that change: over windows, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from retrieval.accounts import accounts_of
from retrieval.parts import count_of, parts_of
from retrieval.types import Claim, Standing, Window
from tests.retrieval.news import ref, window

CALDOVIAN = "The Caldovian text passed with 26 votes in favour, seven against and nine abstentions."
DORVANIAN = "The Dorvanian text received 33 votes in favour, with three against and six abstaining."


def _windows(*texts: str) -> list[Window]:
    return [window(ref(number, f"Outlet {number}"), text, text) for number, text in enumerate(texts, 1)]


def _dated(*told: tuple[int, str]) -> list[Window]:
    """Windows of articles published on days of January."""
    found = []
    for number, (day, text) in enumerate(told, 1):
        article = replace(
            ref(number, f"Outlet {number}"), title="Train in Culverne, Dassel", published_at=datetime(2026, 1, day, tzinfo=UTC)
        )
        found.append(window(article, text, text))
    return found


def _stands(claim: str, windows: Sequence[Window]) -> list[tuple[str, Standing, str]]:
    return [(claim[slice(*part.span)], part.standing, part.words) for part in parts_of(claim, windows)]


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
