"""Two rankings into one. Score fusion is what search uses; reciprocal rank fusion stays as the measured alternative (DECISIONS 4)."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.types import Match

# Weight of the dense side in the sum; the lexical side has the rest. Chosen by tests/bench/results/retrieval.json (DECISIONS 4): nDCG@10,
# averaged over nine sets of claims, .720 with 0.6, .714 with 0.5, .717 with 0.7; .695 by rank, .692 dense alone, .640 BM25 alone.
DENSE_WEIGHT = 0.6
# The constant of Cormack, Clarke and Buettcher (SIGIR 2009).
RRF_K = 60


def by_score(dense: Sequence[Match], lexical: Sequence[Match], dense_weight: float = DENSE_WEIGHT) -> list[Match]:
    """Weighted sum of min-max normalised scores, 0 to 1, best first, ties by id. What one side did not find counts 0 there.

    Method: CombSUM with min-max normalisation (Lee, SIGIR 1997), as in the BEIR fusion baselines of Anserini.
    """
    total: dict[int, float] = {}
    for weight, matches in ((dense_weight, dense), (1 - dense_weight, lexical)):
        for match, score in zip(matches, _normalised([match.score for match in matches]), strict=True):
            total[match.passage_id] = total.get(match.passage_id, 0.0) + weight * score
    return _ranked(total)


def by_rank(dense: Sequence[Match], lexical: Sequence[Match]) -> list[Match]:
    """Reciprocal rank fusion: the sum of 1 / (60 + rank), scaled so that first on both sides is 1. Best first, ties by id."""
    total: dict[int, float] = {}
    for matches in (dense, lexical):
        for rank, match in enumerate(matches, 1):
            total[match.passage_id] = total.get(match.passage_id, 0.0) + (RRF_K + 1) / (2 * (RRF_K + rank))
    return _ranked(total)


def _normalised(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    low, high = min(scores), max(scores)
    # The last one found is still found: it keeps a little more than what was not found at all.
    return [0.01 + 0.99 * (score - low) / (high - low) if high > low else 1.0 for score in scores]


def _ranked(total: dict[int, float]) -> list[Match]:
    return [Match(id_, score) for id_, score in sorted(total.items(), key=lambda item: (-item[1], item[0]))]
