"""Dates as the days that they may mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facts.dates import DateSpan, dates, overlap, within

PUBLISHED = date(2025, 8, 20)  # a Wednesday
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def spans(text: str, published: date | None = PUBLISHED) -> list[tuple[str, str]]:
    return [(str(found.first), str(found.last)) for found in dates(text, published)]


def only(text: str) -> DateSpan:
    (found,) = dates(text, PUBLISHED)
    return found


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("14 August 2025", "2025-08-14", "2025-08-14"),
        ("the 14th of August, 2025", "2025-08-14", "2025-08-14"),
        ("Aug. 14, 2025", "2025-08-14", "2025-08-14"),
        ("2025-08-14", "2025-08-14", "2025-08-14"),
        ("14/08/2025", "2025-08-14", "2025-08-14"),
        ("08/14/2025", "2025-08-14", "2025-08-14"),
        ("March 2024", "2024-03-01", "2024-03-31"),
        ("in March 2024", "2024-03-01", "2024-03-31"),
        ("in June", "2025-06-01", "2025-06-30"),
        ("in 1999", "1999-01-01", "1999-12-31"),
        ("the 2024 elections", "2024-01-01", "2024-12-31"),
        ("in the 1990s", "1990-01-01", "1999-12-31"),
        ("14-16 August 2025", "2025-08-14", "2025-08-16"),
        ("from June 14 to August 18, 2009", "2009-06-14", "2009-08-18"),
        ("between 1982 and 2009", "1982-01-01", "2009-12-31"),
        ("on August 14", "2025-08-14", "2025-08-14"),
        ("on 30 December", "2025-12-30", "2025-12-30"),
        ("yesterday", "2025-08-19", "2025-08-19"),
        ("last week", "2025-08-11", "2025-08-17"),
        ("last month", "2025-07-01", "2025-07-31"),
        ("next year", "2026-01-01", "2026-12-31"),
        ("on Monday", "2025-08-18", "2025-08-18"),
    ],
)
def test_a_date_is_the_span_of_days_that_it_may_mean(text: str, first: str, last: str) -> None:
    assert spans(text) == [(first, last)]


@pytest.mark.parametrize("text", ["04/05/2025", "31 February 2020", "She may go", "2000 soldiers", "a march of 10", "$2024", "10 am", ""])
def test_what_is_no_date_or_could_be_two_is_left_out(text: str) -> None:
    assert spans(text) == []


def test_a_number_after_a_month_that_counts_something_is_no_day() -> None:
    assert spans("In March 12 people came.") == [("2025-03-01", "2025-03-31")]


def test_without_publication_only_the_weekday_is_known_and_no_other_relative_date() -> None:
    (found,) = dates("On Monday, not yesterday or last week", None)
    assert (found.weekday, found.first, found.last) == (0, None, None)


@pytest.mark.parametrize(
    ("one", "two", "meet"),
    [
        ("14 August 2025", "August 2025", True),
        ("14 August 2025", "12 August 2025", False),
        ("14 August 2025", "August 14", True),
        ("14 August", "in September", False),
        ("after 2007", "25 October 2008", True),
        ("before 2007", "25 October 2008", False),
        ("by May 2024", "in 2020", True),
        ("on Monday", "18 August 2025", True),
    ],
)
def test_dates_overlap_when_one_day_may_be_both(one: str, two: str, meet: bool) -> None:
    assert overlap(only(one), only(two)) is overlap(only(two), only(one)) is meet


def test_a_day_is_within_its_month_but_not_the_other_way_round() -> None:
    day, month = only("14 August 2025"), only("in August 2025")
    assert within(day, month)
    assert not within(month, day)


@settings(max_examples=60)
@given(DAYS)
def test_every_day_is_read_back_from_its_common_spellings(day: date) -> None:
    for spelling in (
        f"{day:%Y-%m-%d}",
        f"{day.day} {day:%B} {day.year}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%b}. {day.day}, {day.year}",
    ):
        assert spans(f"It was on {spelling}.") == [(str(day), str(day))]


@settings(max_examples=60)
@given(st.text(max_size=80) | st.from_regex(r"(In |after )?([0-9/.-]{1,10} ?(May|March|Mon|last year| ,)? ?){1,4}"), st.none() | st.dates())
def test_any_text_gives_dates_in_order_with_spans_inside_it(text: str, published: date | None) -> None:
    found = dates(text, published)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= two.start for one, two in zip(found, found[1:], strict=False))
    assert all(one.first is None or one.last is None or one.first <= one.last for one in found)
    assert all(overlap(one, two) == overlap(two, one) for one in found for two in found)


def test_two_dates_with_and_are_a_span_only_after_between() -> None:
    assert spans("between 3 and 5 May 2024") == [("2024-05-03", "2024-05-05")]
    assert spans("between 3 May 2024 and 5 May 2024") == [("2024-05-03", "2024-05-05")]
    assert spans("on 3 May 2024 and 5 May 2024") == [("2024-05-03", "2024-05-03"), ("2024-05-05", "2024-05-05")]
