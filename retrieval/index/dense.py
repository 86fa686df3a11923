"""The dense side: usearch HNSW over int8 vectors. It proposes candidates; their order comes from the stored float16 vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from retrieval.index.mark import read_mark, replace_durably, write_mark
from retrieval.memory import trim
from retrieval.ports import Indexable, Vectors

log = logging.getLogger("crosscheck.index")

# At a million made passages: recall@50 .998 with 16 links and a width of 256, .993 with 12, and .996 with 10 and a width of 320, which take
# 48 MB less than 16 and as long (DECISIONS 45).
CONNECTIVITY = 10
EXPANSION_ADD = 128
# Candidates beyond those wanted, and the width of the search. Recall@50 of 150 wanted, at 300,000 made passages with 16 links: .997 with 50
# more, with 150 and with 450, .992 with none.
MORE = 50
EXPANSION_SEARCH = 320
# Up to this size every vector is looked at: exact, the same answer always, and still under 2 ms.
EXACT_UP_TO = 5000
# A large index is written whole, so a few new rows wait in memory: the mark stays behind, and they are applied again at the next start.
WRITE_SHARE = 0.05
# Where more than that comes at once, it is put into the whole index in memory, since each row of a part that is put into another is linked
# twice; that is written each time it has doubled, from STEP rows on: a kill costs half of the work at most.
BULK = 20_000
STEP = 100_000
NO_KEYS = np.zeros(0, dtype=np.uint64)


class DenseIndex:
    """Passage ids by vector: a file that is mapped, not read, and beside it in memory what came and went since it was written.

    Processes that use one folder share the file's memory. `seq` is the last log row applied in memory; on the disk it may lag, never lead.
    It goes back where another process has written a file meanwhile: the log since that one is to be applied again.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self._path = path
        self._mark = path.with_name(path.name + ".seq")
        self._dimension = dimension
        self._written: Index | None = None
        self._fresh: Index = self._empty()
        self._keys_written = NO_KEYS  # rising
        self._gone: set[int] = set()  # of those in the file
        self._unwritten = 0  # rows
        self._start()

    def __len__(self) -> int:
        return self._size_written - len(self._gone) + len(self._fresh)

    def apply(self, gone: Iterable[int], items: Sequence[Indexable]) -> None:
        """Take out `gone`, put in `items`; an id in both ends up in. Applying the same again changes nothing."""
        ids = np.array(sorted({*gone, *(item.passage_id for item in items)}), dtype=np.uint64)
        if not len(ids):
            return
        known = ids[self._fresh.contains(ids)]
        if len(known):
            self._fresh.remove(known)
        if self._written is not None:
            self._gone.update(np.intersect1d(ids, self._keys_written, assume_unique=True).tolist())
        if items:
            self._fresh.add(np.array([item.passage_id for item in items], dtype=np.uint64), np.stack([item.vector for item in items]))
        self._unwritten += len(ids)
        if self._written is not None and self._unwritten > BULK and read_mark(self._mark) == self._base:
            self._fresh = self._gathered()
            self._forget_file()

    def commit(self, seq: int) -> None:
        """Make what was applied durable, up to log row `seq`, unless it is too little to write a large index anew."""
        self.seq = seq
        if self._written is None or self._unwritten >= WRITE_SHARE * self._size_written:
            self._write()
            self.close()
            self._start()

    def step(self, seq: int) -> None:
        """As `commit`, while much is applied: only once the index has doubled since it was written."""
        self.seq = seq
        if self._written is None and self._unwritten >= max(STEP, len(self) // 2):
            self._write()

    def search(self, vector: Vectors, count: int) -> list[int]:
        """Candidate ids, `count` and MORE at most of what is written and of what is not, to be scored exactly."""
        exact, wanted = len(self) <= EXACT_UP_TO, count + MORE
        found = _nearest(self._fresh, vector, wanted, exact)
        if self._written is None:
            return found
        asked = wanted
        while True:
            kept = [id_ for id_ in _nearest(self._written, vector, asked, exact) if id_ not in self._gone]
            if len(kept) >= wanted or asked >= self._size_written:
                return found + kept[:wanted]
            asked *= 2

    def ids(self) -> set[int]:
        """All ids it holds."""
        written = self._keys_written.tolist()
        return {*written} - self._gone | {*_keys(self._fresh).tolist()}

    def close(self) -> None:
        """Let go of the file."""
        self._forget_file()

    @property
    def _size_written(self) -> int:
        return len(self._keys_written)

    def _start(self) -> None:
        self._written, self._keys_written = self._mapped()
        if self._written is None:
            self._mark.unlink(missing_ok=True)
        self._fresh = self._empty()
        self._gone = set()
        self._unwritten = 0
        self.seq = self._base = read_mark(self._mark)

    def _write(self) -> None:
        """Put a file of all that is there now in the place of the last, unless another process has put one there meanwhile."""
        if read_mark(self._mark) == self._base:
            whole = self._gathered()
            replace_durably(self._path, lambda fresh: whole.save(str(fresh)))
            write_mark(self._mark, self.seq, self._path)
            self._base, self._unwritten = self.seq, 0

    def _gathered(self) -> Index:
        """All that is there now, in memory."""
        if self._written is None:
            return self._fresh
        whole = self._empty()
        whole.load(str(self._path))
        whole.remove(np.array(sorted(self._gone), dtype=np.uint64))
        keys = _keys(self._fresh)
        if len(keys):
            whole.add(keys, np.stack(list(self._fresh.get(keys, dtype="f32"))))  # type: ignore[arg-type] # all are there
        return whole

    def _forget_file(self) -> None:
        if self._written is not None:
            self._written.reset()  # type: ignore[no-untyped-call]
            self._written, self._keys_written = None, NO_KEYS
        self._gone = set()

    def _mapped(self) -> tuple[Index | None, NDArray[np.uint64]]:
        """The file and its ids, rising: looked up there in 8 bytes each, where usearch's own table takes 41."""
        if not self._path.exists():
            return None, NO_KEYS
        # usearch takes a file with a damaged body as it is, or crashes: only the very bytes that were written are mapped.
        if not read_mark(self._mark, self._path):
            log.warning("the dense index is not the file that was written and is made anew")
            return None, NO_KEYS
        try:
            index = self._empty()
            index.view(str(self._path))
            keys = _keys(index)
            keys.sort()
            index.reset()  # type: ignore[no-untyped-call]
            index = self._empty(lookups=False)
            index.view(str(self._path))
            trim()  # what usearch's table took: of a million ids, up to 24 MB
        except Exception as error:  # noqa: BLE001 - usearch raises RuntimeError, ValueError or its own for a damaged file
            log.warning("the dense index is damaged and is made anew (%s)", type(error).__name__)
            return None, NO_KEYS
        if index.ndim != self._dimension:
            log.warning("the dense index is not of %d dimensions and is made anew", self._dimension)
            return None, NO_KEYS
        return index, keys

    def _empty(self, *, lookups: bool = True) -> Index:
        """`lookups`: with usearch's table of ids, without which none can be looked up or taken out."""
        return Index(
            ndim=self._dimension, metric="cos", dtype="i8", connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD, expansion_search=EXPANSION_SEARCH, enable_key_lookups=lookups,
        )  # fmt: skip


def _nearest(index: Index, vector: Vectors, count: int, exact: bool) -> list[int]:
    size = len(index)
    return index.search(vector, min(size, count), exact=exact).keys.tolist() if size else []


def _keys(index: Index) -> NDArray[np.uint64]:
    return np.asarray(index.keys[: len(index)], dtype=np.uint64)
