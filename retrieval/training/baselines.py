"""What a stance model must beat: always the commonest label, and embedding similarity alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.calibration import LABELS
from retrieval.evidence import WHOLE_UP_TO
from retrieval.nearest import nearest_sentences
from retrieval.ports import Embedder
from retrieval.training.data import Pair
from retrieval.training.metrics import Probabilities

_BINS = 12  # quantiles of similarity, each with its own share of labels


def majority(pairs: Sequence[Pair]) -> Probabilities:
    """(n, 3): the commonest label of these very pairs, with certainty."""
    label = Counter(pair.label for pair in pairs).most_common(1)[0][0]
    return np.tile(np.eye(len(LABELS))[LABELS.index(label)], (len(pairs), 1))


def similarity(embedder: Embedder, pairs: Sequence[Pair]) -> Probabilities:
    """(n, 3): the shares of the labels among pairs of like cosine similarity, read off the other half of the pairs.

    The best that similarity alone can do: any monotonous or other reading of it is allowed.
    """
    evidence = embedder.embed([nearest_sentences(pair.claim, pair.evidence, WHOLE_UP_TO) for pair in pairs])
    claims = embedder.embed([pair.claim for pair in pairs])
    cosine = np.einsum("ij,ij->i", evidence.astype(np.float64), claims.astype(np.float64))
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    out = np.empty((len(pairs), len(LABELS)))
    for start in (0, 1):
        out[start::2] = _read_off(cosine[1 - start :: 2], gold[1 - start :: 2], cosine[start::2])
    return out


def _read_off(known: NDArray[np.float64], gold: NDArray[np.int64], wanted: NDArray[np.float64]) -> Probabilities:
    edges = np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])
    table = np.ones((_BINS, len(LABELS)))  # one of each, so that an empty bin says nothing
    np.add.at(table, (np.searchsorted(edges, known), gold), 1)
    table /= table.sum(axis=1, keepdims=True)
    return np.asarray(table[np.searchsorted(edges, wanted)])
