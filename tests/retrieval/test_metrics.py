"""The measures of the retrieval bench, against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.metrics import mean, ndcg_at, percentile, recall_at

RANKINGS = st.lists(st.integers(0, 30), unique=True, max_size=20)
RELEVANT = st.sets(st.integers(0, 30), min_size=1, max_size=10)


def test_recall_is_the_share_of_the_relevant_that_was_found() -> None:
    assert recall_at([5, 1, 9, 2], {1, 2, 3, 4}, 3) == 0.25
    assert recall_at([5, 1, 9, 2], {1, 2, 3, 4}, 4) == 0.5
    assert recall_at([], {1}, 10) == 0


def test_recall_at_one_of_two_relevant_cannot_pass_one_half() -> None:
    assert recall_at([1, 2], {1, 2}, 1) == 0.5


def test_ndcg_discounts_a_find_by_the_logarithm_of_its_rank() -> None:
    assert ndcg_at([7, 8, 1], {1}, 10) == pytest.approx(1 / math.log2(4))
    # Found at ranks 1 and 3 of two relevant: (1 + 1/2) / (1 + 1/log2 3).
    assert ndcg_at([1, 8, 2], {1, 2}, 10) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))


def test_ndcg_is_one_when_more_are_relevant_than_fit_and_all_shown_are() -> None:
    assert ndcg_at(list(range(10)), set(range(25)), 10) == pytest.approx(1)


def test_ndcg_sees_nothing_past_its_depth() -> None:
    assert ndcg_at([9, 8, 1], {1}, 2) == 0


@given(RANKINGS, RELEVANT, st.integers(1, 25))
def test_measures_stay_between_nothing_and_one(ranking: list[int], relevant: set[int], k: int) -> None:
    assert 0 <= recall_at(ranking, relevant, k) <= 1
    assert 0 <= ndcg_at(ranking, relevant, k) <= 1 + 1e-12


@given(RANKINGS, RELEVANT)
def test_recall_never_falls_with_depth(ranking: list[int], relevant: set[int]) -> None:
    found = [recall_at(ranking, relevant, k) for k in range(1, 25)]
    assert found == sorted(found)


@given(RELEVANT, RANKINGS)
def test_relevant_passages_first_is_the_best_ranking(relevant: set[int], others: list[int]) -> None:
    ideal = [*relevant, *(id_ for id_ in others if id_ not in relevant)]
    assert ndcg_at(ideal, relevant, 10) == pytest.approx(1)


def test_percentile_is_the_nearest_rank() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([8], 0.95) == 8
    assert percentile([3, 5], 0) == 3


def test_mean_of_values() -> None:
    assert mean([0.1] * 10) == pytest.approx(0.1)


def test_what_is_undefined_is_refused() -> None:
    with pytest.raises(ValueError, match="without relevant"):
        recall_at([1], set(), 1)
    with pytest.raises(ValueError, match="without relevant"):
        ndcg_at([1], set(), 1)
    with pytest.raises(ValueError, match="no values"):
        mean([])
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
