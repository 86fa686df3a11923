"""Claims to passages: both indexes asked, fused, at most n passages an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from retrieval.fuse import by_score
from retrieval.ports import Embedder, FilteringIndex, PassageIndex, PassageStore, Vectors
from retrieval.types import Hit, Match, Passage

# Each side gives so many times the passages wanted, since many fall to the limit an article or are found by one side only.
DEPTH = 3
# Where much of what is found is hidden, a side is asked for twice as many, and again, up to so many times: 0.3 s at worst, for 50 passages
# where thousands of hidden ones are nearer; 5 ms where none is.
DEEPEST = 16

READ = 2  # so many times the passages wanted are read at once


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What both sides found for a query, fused, and each passage's rank on either side."""

    fused: Sequence[Match]
    dense: Mapping[int, int]
    lexical: Mapping[int, int]


class Search:
    """Retrieval alone, as `search` shows it and `check` uses it."""

    def __init__(self, embedder: Embedder, index: PassageIndex, store: PassageStore) -> None:
        self._embedder = embedder
        self._index = index
        self._store = store
        self._beside = ThreadPoolExecutor(1, "lexical")  # the sides are asked at once: neither index holds the interpreter

    def find(self, queries: Sequence[str], count: int, per_article: int | None = None, hidden: Collection[int] = ()) -> list[list[Hit]]:
        """For each query at most `count` hits, best first, at most `per_article` of one article (None: any number).

        What sources of the ids `hidden` brought is passed over as if it were not stored. The queries are embedded in one batch. The same
        query over the same store gives the same hits.
        """
        vectors = self._embedder.embed(queries)
        found = [self._ranked(query, vector, DEPTH * count, hidden) for query, vector in zip(queries, vectors, strict=True)]
        # As a rule the first hits have all that is wanted; what claims of one post share is read once.
        first = {match.passage_id for each in found for match in each.fused[: READ * count]}
        passages = self._store.passages(sorted(first), hidden)
        return [self._hits(each, passages, count, per_article, hidden) for each in found]

    def _ranked(self, query: str, vector: Vectors, depth: int, hidden: Collection[int]) -> _Ranked:
        index = self._index.without(hidden) if hidden and isinstance(self._index, FilteringIndex) else self._index
        # With the context, so that what is logged there is known to be of this claim.
        asked = self._beside.submit(copy_context().run, self._visible, lambda depth: index.lexical(query, depth), depth, hidden)
        dense = self._visible(lambda depth: index.dense(vector, depth), depth, hidden)
        lexical = asked.result()
        return _Ranked(by_score(dense, lexical), _ranks(dense), _ranks(lexical))

    def _hits(
        self, found: _Ranked, passages: Mapping[int, Passage], count: int, per_article: int | None, hidden: Collection[int]
    ) -> list[Hit]:
        hits: list[Hit] = []
        taken: Counter[int] = Counter()
        for at, match in enumerate(found.fused):
            if at and at % (READ * count) == 0:
                passages = self._store.passages([each.passage_id for each in found.fused[at : at + READ * count]], hidden)
            passage = passages.get(match.passage_id)
            if passage is None or (per_article is not None and taken[passage.article.id] >= per_article):
                continue
            taken[passage.article.id] += 1
            hits.append(Hit(passage, match.score, found.dense.get(match.passage_id), found.lexical.get(match.passage_id)))
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
