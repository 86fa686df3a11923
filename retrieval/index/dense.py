"""The dense side: usearch HNSW over int8 vectors. It proposes candidates; their order comes from the stored float16 vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from usearch.index import Index

from retrieval.index.mark import read_mark, replace_durably, write_mark
from retrieval.ports import Indexable, Vectors

log = logging.getLogger("crosscheck.index")

CONNECTIVITY = 16
EXPANSION_ADD = 128
# Candidates a result: with 4, int8 recall@50 was 1.00 at 200,000 passages, against 0.95 without rescoring (DECISIONS 3).
RESCORED = 4
# Up to this size every vector is looked at: exact, the same answer always, and still under 2 ms.
EXACT_UP_TO = 5000
# A large index is written whole, so a few new rows wait: the mark stays behind and they are applied again at the next start.
WRITE_SHARE = 0.05


class DenseIndex:
    """Passage ids by vector. `seq` is the last log row applied in memory; on the disk it may lag, never lead."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._path = path
        self._mark = path.with_name(path.name + ".seq")
        self._dimension = dimension
        stored = self._read()
        self._index: Index = stored if stored is not None else self._empty()
        self.seq = read_mark(self._mark) if stored is not None else 0
        self._unwritten = 0

    def __len__(self) -> int:
        return len(self._index)

    def apply(self, gone: Iterable[int], items: Sequence[Indexable]) -> None:
        """Take out `gone`, put in `items`; an id in both ends up in. Applying the same again changes nothing."""
        present = [id_ for id_ in (*gone, *(item.passage_id for item in items)) if id_ in self._index]
        if present:
            self._index.remove(np.array(sorted(set(present)), dtype=np.uint64))
        if items:
            self._index.add(np.array([item.passage_id for item in items], dtype=np.uint64), np.stack([item.vector for item in items]))
        self._unwritten += len(present) + len(items)

    def commit(self, seq: int) -> None:
        """Make what was applied durable, up to log row `seq`, unless it is too little to write a large index anew."""
        self.seq = seq
        if self._unwritten >= WRITE_SHARE * len(self._index):
            replace_durably(self._path, lambda fresh: self._index.save(str(fresh)))
            write_mark(self._mark, seq, self._path)
            self._unwritten = 0

    def search(self, vector: Vectors, count: int) -> list[int]:
        """Candidate ids, RESCORED times `count` at most, to be scored exactly."""
        size = len(self._index)
        if size == 0:
            return []
        found = self._index.search(vector, min(size, count * RESCORED), exact=size <= EXACT_UP_TO)
        return [int(key) for key in found.keys]

    def ids(self) -> set[int]:
        """All ids it holds."""
        return {int(key) for key in self._index.keys}

    def _read(self) -> Index | None:
        if not self._path.exists():
            return None
        # usearch takes a file with a damaged body as it is, or crashes: only the very bytes that were written are loaded.
        if not read_mark(self._mark, self._path):
            log.warning("the dense index is not the file that was written and is made anew")
            return None
        try:
            index = self._empty()
            index.load(str(self._path))
        except Exception as error:  # noqa: BLE001 - usearch raises RuntimeError, ValueError or its own for a damaged file
            log.warning("the dense index is damaged and is made anew (%s)", type(error).__name__)
            return None
        if index.ndim != self._dimension:
            log.warning("the dense index is not of %d dimensions and is made anew", self._dimension)
            return None
        return index

    def _empty(self) -> Index:
        return Index(
            ndim=self._dimension, metric="cos", dtype="i8", connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD, expansion_search=4 * CONNECTIVITY * RESCORED,
        )  # fmt: skip
