"""Numbers of a text with what they count, measure or are part of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facts.identifiers import identifiers
from retrieval.facts.quantities import quantities
from retrieval.facts.quantity import Quantity

YEAR = 365.25 * 86400
PIECES = st.lists(
    st.sampled_from(
        "93 1,500 4.7 12 0 two dozen half third a an no none nobody million bn m % per cent $ € - – to and in of between from at least "
        "about votes people killed or injured against km / h years old - 2024 March Resolution G20 , . ; (".split()
    ),
    max_size=25,
).map(" ".join)


def only(text: str) -> Quantity:
    (found,) = quantities(text)
    return found


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("93 votes", 93, 93, ""),
        ("ninety-three votes", 93, 93, ""),
        ("two hundred and four votes", 204, 204, ""),
        ("1,500 soldiers", 1500, 1500, ""),
        ("10 000 soldiers", 10_000, 10_000, ""),
        ("two dozen ships", 24, 24, ""),
        ("half a million people", 500_000, 500_000, ""),
        ("two and a half million people", 2_500_000, 2_500_000, ""),
        ("12.5 million people", 12_500_000, 12_500_000, ""),
        ("5m people", 5_000_000, 5_000_000, ""),
        ("$2.5bn", 2.5e9, 2.5e9, "USD"),
        ("US $690,000", 690_000, 690_000, "USD"),
        ("five million euros", 5e6, 5e6, "EUR"),
        ("£3k", 3000, 3000, "GBP"),
        ("12 %", 12, 12, "%"),
        ("12 per cent", 12, 12, "%"),
        ("0.25 percentage points", 0.25, 0.25, "pp"),
        ("25 basis points", 0.25, 0.25, "pp"),
        ("two-thirds of voters", 200 / 3, 200 / 3, "%"),
        ("half of the voters", 50, 50, "%"),
        ("one in five children", 20, 20, "%"),
        ("9 out of 10 doctors", 90, 90, "%"),
        ("three kilometres", 3000, 3000, "m"),
        ("8,849m high", 8849, 8849, "m"),
        ("2 tonnes", 2000, 2000, "kg"),
        ("half an hour", 1800, 1800, "s"),
        ("a 12-year sentence", 12 * YEAR, 12 * YEAR, "s"),
        ("36 km/h", 10, 10, "m/s"),
        ("3 square kilometres", 3e6, 3e6, "m²"),
        ("10-12 ships", 10, 12, ""),
        ("between 10 and 12 ships", 10, 12, ""),
        ("10 to 12 million people", 10e6, 12e6, ""),
        ("dozens of ships", 24, 99, ""),
        ("several hundred soldiers", 300, 900, ""),
        ("tens of thousands of fans", 20_000, 99_999, ""),
        ("Nobody was killed", 0, 0, ""),
        ("no votes against", 0, 0, ""),
    ],
)
def test_a_number_is_read_in_its_base_unit_however_it_is_written(text: str, low: float, high: float, unit: str) -> None:
    found = only(text)
    assert [found.low, found.high] == pytest.approx([low, high])
    assert found.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "on 14 August 2025, on March 3rd and in 1999",
        "at 10:30 a.m., 5pm and 1600 GMT",
        "call +44 20 7946 0958 or 555-010-1234",
        "Resolution 2758, Flight 370, the G20, Covid-19 and an A320",
        "in 2024/25 and 2008-09, version 1.2.3",
        "one of them said that one must go",
        "half-hearted, in the second-half",
        "no, none",
        "",
    ],
)
def test_dates_times_names_and_pronouns_are_no_quantities(text: str) -> None:
    assert [found for found in quantities(text) if not found.ordinal] == []


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("93 votes in favour, 18 against and 65 abstentions", [("vote", "for"), ("", "against"), ("", "abstain")]),
        ("It was adopted by 93 votes to 18.", [("vote", "for"), ("vote", "against")]),
        ("It was adopted 93-8-73 in the vote.", [("vote", "for"), ("vote", "against"), ("vote", "abstain")]),
        ("The assembly voted 190 to none.", [("vote", "for"), ("vote", "against")]),
        ("The motion was rejected by 93 votes to 18.", [("vote", ""), ("", "")]),
        ("Ninety-three countries voted for it.", [("countri", "for")]),
        ("Norway won 3-1.", [("", ""), ("", "")]),
        ("40 people were killed and 120 injured.", [("people", "dead"), ("", "injured")]),
        ("It killed 40 people and injured 120.", [("people", "dead"), ("", "injured")]),
        ("The death toll rose to 40.", [("", "dead")]),
        ("3 gunmen killed the guard.", [("gunmen", "")]),
        ("40 killed or injured, 7 missing", [("", "casualty"), ("", "missing")]),
        ("12 new electric buses", [("buse", "")]),
        ("a 12-member council", [("member", "")]),
        ("Two persons were arrested.", [("people", "arrested")]),
        ("They were killed in 12 strikes.", [("strike", "")]),
        ("the 45-year-old driver", [("old", "")]),
    ],
)
def test_a_number_knows_what_it_counts_and_in_which_role(text: str, counted: list[tuple[str, str]]) -> None:
    assert [(found.noun, found.role) for found in quantities(text)] == counted


@pytest.mark.parametrize(
    ("text", "modifier", "shown"),
    [
        ("Exactly 93 votes", "exact", "93 votes"),
        ("It took about 93 days.", "about", "about 93 days"),
        ("He lost nearly a hundred ships.", "about", "nearly a hundred ships"),
        ("At least 40 people came.", "at_least", "At least 40 people"),
        ("40+ seats", "at_least", "40+ seats"),
        ("They won 40 seats or more.", "exact", "40 seats"),
        ("up to 40 ships", "at_most", "up to 40 ships"),
        ("no more than 40 ships", "at_most", "no more than 40 ships"),
        ("more than $40m", "more_than", "more than $40m"),
        ("fewer than 40 ships", "less_than", "fewer than 40 ships"),
        ("It failed to reach 40 votes.", "less_than", "failed to reach 40 votes"),
        ("They did not reach 40 votes.", "less_than", "not reach 40 votes"),
        ("It fell short of 40 votes.", "less_than", "short of 40 votes"),
    ],
)
def test_a_number_is_shown_with_what_says_how_exact_it_is(text: str, modifier: str, shown: str) -> None:
    found = only(text)
    assert (found.modifier, text[found.start : found.end]) == (modifier, shown)


@pytest.mark.parametrize("text", ["another 12 people died", "12 of them died", "among them 12 children", "12 others died"])
def test_a_part_of_another_number_is_marked(text: str) -> None:
    assert only(text).partial


def test_a_change_from_one_number_to_another_is_two() -> None:
    assert [found.low for found in quantities("It rose from 4 % to 5 %.")] == [4, 5]


def test_ordinals_are_their_own_kind() -> None:
    assert [(found.low, found.ordinal, found.noun) for found in quantities("the third round, the 3rd attempt")] == [
        (3, True, "round"),
        (3, True, "attempt"),
    ]


def test_numbers_of_names_are_identifiers() -> None:
    assert [(found.name, found.number) for found in identifiers("Resolution 2758 and Flight MH370 of the G20 on Covid-19")] == [
        ("resolution", "2758"),
        ("flight", "MH370"),
        ("g", "20"),
        ("covid", "19"),
    ]


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=80), PIECES))
def test_any_text_gives_quantities_in_order_with_spans_inside_it(text: str) -> None:
    found = quantities(text)
    assert all(0 <= one.start < one.end <= len(text) and one.low <= one.high and one.slack >= 0 for one in found)
    assert all(one.start <= two.start and one.low == one.low for one, two in zip(found, found[1:], strict=False))


@settings(max_examples=60)
@given(st.integers(min_value=2, max_value=999_999))
def test_a_number_is_the_same_with_and_without_thousands_signs(number: int) -> None:
    plain, signed = quantities(f"They sent {number} x."), quantities(f"They sent {number:,} x.")
    if not 1900 <= number < 2100:  # looks like a year
        assert [one.low for one in plain] == [one.low for one in signed] == [number]


def test_a_scaled_number_after_a_capitalised_word_is_no_identifier() -> None:
    text = "The court fined the firm Kaspar Line 2.4 million euros."
    assert identifiers(text) == ()
    assert [(found.low, found.unit) for found in quantities(text)] == [(2_400_000, "EUR")]


def test_a_fraction_of_a_percentage_point_is_no_share() -> None:
    assert all(found.unit != "%" for found in quantities("The bank lifted its rate by a quarter of a percentage point."))


def test_a_version_and_more_digits_than_anybody_reads_are_no_quantities() -> None:
    assert [one.low for one in quantities("Version 1.2.3 of it has 5 parts.")] == [5]
    assert [one.low for one in quantities("It sold " + "9" * 301 + " tickets to 5 people.")] == [5]


def test_a_few_and_a_couple_are_small_numbers_with_or_without_of() -> None:
    few, couple, of = (only(text) for text in ("A few people came.", "A couple ships came.", "A couple of ships came."))
    assert (few.low, few.high, few.noun) == (2, 9, "people")
    assert (couple.low, couple.high, couple.noun) == (of.low, of.high, of.noun) == (2, 3, "ship")


def test_an_ordinal_after_a_number_is_a_share_only_where_a_whole_follows() -> None:
    assert only("One tenth of the road was lost.").unit == "%"
    assert [one.unit for one in quantities("The road lost one tenth after that.")] == [""]
