"""When a source is asked again."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sources import Failure, Problem
from retrieval.web.schedule import HEEDED, LONGEST, SHORTEST, after_failure, after_success

SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


@given(st.floats(0, 1e6), st.one_of(st.none(), SPANS), st.integers())
def test_the_pause_is_never_shorter_than_allowed_nor_endless(rate: float, asked_for: timedelta | None, seed: int) -> None:
    pause = after_success(rate, asked_for, random.Random(seed))
    assert pause >= max(SHORTEST, min(asked_for or timedelta(0), HEEDED))
    assert pause <= max(LONGEST * 1.2, HEEDED)


def test_a_busy_outlet_is_visited_more_often_than_a_quiet_one() -> None:
    pauses = [after_success(rate, None, random.Random(1)) for rate in (200.0, 12.0, 1.0, 0.0)]
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(minutes=20)


@given(st.sampled_from(Problem), st.integers(1, 10_000), st.one_of(st.none(), SPANS), st.integers())
def test_failures_wait_longer_each_time_and_at_least_as_long_as_told(
    problem: Problem, failures: int, retry_after: timedelta | None, seed: int
) -> None:
    pause = after_failure(Failure(problem, "x", retry_after), failures, random.Random(seed))
    assert pause >= min(retry_after or timedelta(0), timedelta(days=7))
    assert timedelta(minutes=15) <= pause <= timedelta(days=7)


@pytest.mark.parametrize("problem", list(Problem))
def test_the_pause_grows_until_its_bound(problem: Problem) -> None:
    pauses = [after_failure(Failure(problem, "x"), failures, random.Random(3)) for failures in range(1, 12)]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= timedelta(days=1)
