"""Which clauses go on counting one vote or toll."""

from __future__ import annotations

import pytest

from retrieval.reading.counting import same_count
from tests.retrieval.reading.nasty import NASTY


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("93 states voted for it", "73 states abstained"),
        ("93 states voted for it", "with 12 against"),
        ("It passed with 93 votes", "only eight of the small states voted against it"),
        ("Three members backed it", "the rest were absent"),
        ("Fourteen members backed the plan", "three opposed it"),
        ("Nine people voted for it", "six didn’t want to say"),
        ("Nine people were killed", "40 were injured"),
        ("Nine people were killed", "there were at least forty wounded"),
        ("Nine were killed", "another 12 are missing"),
        ("Dozens were arrested", "nobody was hurt"),
    ],
)
def test_a_clause_goes_on_counting_the_same_vote_or_toll(before: str, after: str) -> None:
    assert same_count(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Nine people were killed", "40 houses were sold"),
        ("Nine people were killed", "eight states voted against it"),  # a toll, then a vote
        ("93 states voted for it", "nine people in the hall were injured"),
        ("The states voted for it", "73 states abstained"),  # nothing was counted before
        ("The town lost nine houses", "six were sold"),
        ("Nine people were killed", "the driver was arrested"),
        ("Nine people were killed", "40 of the many old houses in the north of the town were damaged, none injured"),
    ],
)
def test_a_clause_that_counts_something_else_does_not(before: str, after: str) -> None:
    assert not same_count(before, after)


def test_long_clauses_are_compared_to_the_end() -> None:
    for text in (*NASTY, "a-" * 10_000, "-" * 20_000):
        same_count("5 votes", f"5 {text}")
        same_count(f"5 votes {text}", "5 votes")
