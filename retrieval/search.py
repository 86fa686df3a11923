"""Claims to passages: both indexes asked, fused, at most n passages an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from retrieval.fuse import by_score
from retrieval.ports import Embedder, PassageIndex, PassageStore, Vectors
from retrieval.types import Hit, Match

# Each side gives so many times the passages wanted, since many fall to the limit an article or are found by one side only.
DEPTH = 3
# Where much of what is found is hidden, a side is asked for twice as many, and again, up to so many times: 0.3 s at worst, for 50 passages
# where thousands of hidden ones are nearer; 5 ms where none is.
DEEPEST = 16


class Search:
    """Retrieval alone, as `search` shows it and `check` uses it."""

    def __init__(self, embedder: Embedder, index: PassageIndex, store: PassageStore) -> None:
        self._embedder = embedder
        self._index = index
        self._store = store

    def find(self, queries: Sequence[str], count: int, per_article: int | None = None, hidden: Collection[int] = ()) -> list[list[Hit]]:
        """For each query at most `count` hits, best first, at most `per_article` of one article (None: any number).

        What sources of the ids `hidden` brought is passed over as if it were not stored. The queries are embedded in one batch. The same
        query over the same store gives the same hits.
        """
        vectors = self._embedder.embed(queries)
        return [self._find_one(query, vector, count, per_article, hidden) for query, vector in zip(queries, vectors, strict=True)]

    def _find_one(self, query: str, vector: Vectors, count: int, per_article: int | None, hidden: Collection[int]) -> list[Hit]:
        dense = self._visible(lambda depth: self._index.dense(vector, depth), DEPTH * count, hidden)
        lexical = self._visible(lambda depth: self._index.lexical(query, depth), DEPTH * count, hidden)
        fused = by_score(dense, lexical)
        passages = self._store.passages([match.passage_id for match in fused], hidden)
        dense_ranks, lexical_ranks = _ranks(dense), _ranks(lexical)
        hits: list[Hit] = []
        taken: Counter[int] = Counter()
        for match in fused:
            passage = passages.get(match.passage_id)
            if passage is None or (per_article is not None and taken[passage.article.id] >= per_article):
                continue
            taken[passage.article.id] += 1
            hits.append(Hit(passage, match.score, dense_ranks.get(match.passage_id), lexical_ranks.get(match.passage_id)))
            if len(hits) == count:
                break
        return hits

    def _visible(self, ask: Callable[[int], list[Match]], depth: int, hidden: Collection[int]) -> list[Match]:
        """The first `depth` matches that are not hidden. Taken out before the sides are fused, hidden ones change nobody's scores."""
        asked = depth
        while True:
            matches = ask(asked)
            if not hidden:
                return matches
            there = self._store.passages([match.passage_id for match in matches], hidden)
            seen = [match for match in matches if match.passage_id in there][:depth]
            if len(seen) == depth or len(matches) < asked or asked >= DEEPEST * depth:
                return seen
            asked *= 2


def _ranks(matches: Sequence[Match]) -> dict[int, int]:
    return {match.passage_id: rank for rank, match in enumerate(matches, 1)}
