"""Measures of a ranking against the passages that are known to be relevant, each relevant to the same degree."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


def recall_at(ranking: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Share of `relevant` among the first `k` of `ranking`, 0 to 1. With more than `k` relevant it cannot reach 1.

    `ranking` holds each id once, best first. Raises ValueError when nothing is relevant.
    """
    if not relevant:
        raise ValueError("recall of a query without relevant passages is undefined")
    return len(set(ranking[:k]).intersection(relevant)) / len(relevant)


def ndcg_at(ranking: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Normalised discounted cumulative gain of the first `k`, gain 1 or 0, 0 to 1; 1 when the relevant ones stand first.

    Method: Jarvelin and Kekalainen (ACM TOIS 20(4), 2002), discount log2(rank + 1) as in trec_eval and BEIR.
    `ranking` holds each id once, best first. Raises ValueError when nothing is relevant.
    """
    if not relevant:
        raise ValueError("nDCG of a query without relevant passages is undefined")
    gain = sum(_discount(rank) for rank, id_ in enumerate(ranking[:k], 1) if id_ in relevant)
    return gain / sum(_discount(rank) for rank in range(1, min(k, len(relevant)) + 1))


def mean(values: Collection[float]) -> float:
    """The arithmetic mean. Raises ValueError for none."""
    if not values:
        raise ValueError("the mean of no values is undefined")
    return math.fsum(values) / len(values)


def percentile(values: Collection[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed: nearest rank. Raises ValueError for none."""
    if not values:
        raise ValueError("a percentile of no values is undefined")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)
