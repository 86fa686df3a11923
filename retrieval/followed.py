"""Followed claims against news that was just stored: the index the other way round. No model is run, and no claim is searched for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Indexable, Vectors
from retrieval.text import terms

# A claim is checked again if a passage has BAR or more of DENSE_SHARE * cosine + (1 - DENSE_SHARE) * share of the claim's words. Measured
# on 1,039 pairs in which evidence agrees or contradicts, over their 593 passages (`python -m tests.bench.follows`): by cosine alone, the
# bar that lets 95 % of the pairs through (.35) makes 74 % of the claims due by evidence for others. BAR lets 98 % of those through in which
# a check shows an excerpt, 96 % of those with a contradiction, and makes 39 % due, since the sets share topics; of a thousand passages on
# other topics, 2 % become due. The small stance model behind that lost more of them than a higher bar which leaves as few claims.
DENSE_SHARE = 0.6
BAR = 0.40
CHUNK = 500  # claims at once: with a thousand passages 2 MB


class Arrived:
    """Passages that were just stored, to be compared with any number of claims."""

    def __init__(self, passages: Sequence[Indexable]) -> None:
        """At least one passage; their vectors are unit rows."""
        self._vectors: Vectors = np.stack([passage.vector for passage in passages])
        found: dict[str, list[int]] = defaultdict(list)
        for place, passage in enumerate(passages):
            for word in set(terms(f"{passage.title}\n{passage.text}")):
                found[word].append(place)
        self._places = {word: np.array(places) for word, places in found.items()}

    def speak_of(self, claims: Sequence[str], vectors: Vectors) -> NDArray[np.bool_]:
        """(n,): for each claim whether some passage may speak of it. `vectors` (n, dimension) are the claims', unit rows."""
        spoken = np.zeros(len(claims), dtype=np.bool_)
        for at in range(0, len(claims), CHUNK):
            spoken[at : at + CHUNK] = self.scores(claims[at : at + CHUNK], vectors[at : at + CHUNK]).max(axis=1) >= BAR
        return spoken

    def scores(self, claims: Sequence[str], vectors: Vectors) -> Vectors:
        """(n, passages) float32 of all claims at once."""
        scores: Vectors = DENSE_SHARE * (vectors @ self._vectors.T)
        for row, claim in zip(scores, claims, strict=True):
            self._add_words(row, claim)
        return scores

    def _add_words(self, row: Vectors, claim: str) -> None:
        """Add to each passage's score its share of the claim's words, weighted by rarity among the passages as in retrieval/nearest.py."""
        weights = {word: math.log1p(len(row) / len(self._places.get(word, (0,)))) for word in sorted(set(terms(claim)))}
        total = sum(weights.values()) or 1.0
        for word, weight in weights.items():
            if word in self._places:
                row[self._places[word]] += (1 - DENSE_SHARE) * weight / total
