"""Two rankings into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fuse import by_rank, by_score
from retrieval.types import Match

Fusion = Callable[[Sequence[Match], Sequence[Match]], list[Match]]
RANKING = st.dictionaries(st.integers(1, 20), st.floats(-5, 50), max_size=12).map(
    lambda scores: sorted((Match(id_, score) for id_, score in scores.items()), key=lambda match: (-match.score, match.passage_id))
)


@pytest.mark.parametrize("fuse", [by_score, by_rank])
@given(dense=RANKING, lexical=RANKING)
def test_all_that_was_found_comes_once_best_first_with_ties_by_id(fuse: Fusion, dense: list[Match], lexical: list[Match]) -> None:
    fused = fuse(dense, lexical)
    assert sorted(match.passage_id for match in fused) == sorted({match.passage_id for match in (*dense, *lexical)})
    assert fused == sorted(fused, key=lambda match: (-match.score, match.passage_id))
    assert all(0 < match.score <= 1 + 1e-9 for match in fused)
    assert fuse(dense, lexical) == fused


@pytest.mark.parametrize("fuse", [by_score, by_rank])
def test_first_on_both_sides_is_1_and_nothing_found_is_nothing(fuse: Fusion) -> None:
    both = [Match(7, 0.9), Match(8, 0.1)]
    first, second = fuse(both, both)
    assert first.passage_id == 7
    assert first.score == pytest.approx(1)
    assert second.score < 1
    assert fuse([], []) == []


@pytest.mark.parametrize("fuse", [by_score, by_rank])
def test_found_by_both_sides_beats_found_by_one(fuse: Fusion) -> None:
    dense, lexical = [Match(1, 0.9), Match(2, 0.89), Match(3, 0.1)], [Match(4, 9.0), Match(2, 8.9), Match(5, 1.0)]
    assert fuse(dense, lexical)[0].passage_id == 2


def test_the_weight_moves_the_balance_and_the_last_found_still_counts() -> None:
    dense, lexical = [Match(1, 0.9), Match(3, 0.1)], [Match(2, 9.0), Match(3, 1.0)]
    assert by_score(dense, lexical, 0.9)[0].passage_id == 1
    assert by_score(dense, lexical, 0.1)[0].passage_id == 2
    assert {match.passage_id: match.score for match in by_score(dense, lexical, 0.5)}[3] == pytest.approx(0.01)
