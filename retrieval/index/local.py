"""The search index on this machine's disk: usearch for meaning, tantivy for words. Both are views of the store's change log.

A folder per embedding model holds `dense.usearch` and `lexical/`, each with the last log row that it has durably applied beside it.
Applying is idempotent (take out, then put in if the store has it), and the mark is written after the index: whatever the moment of a
kill, the rows since the mark are applied again at the next start. One process at a time writes, under a file lock.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from retrieval.errors import IndexFault
from retrieval.index.dense import DenseIndex
from retrieval.index.lexical import LexicalIndex
from retrieval.panics import is_panic
from retrieval.ports import ChangeLog, Vectors
from retrieval.types import Match

log = logging.getLogger("crosscheck.index")

# Rows of the log that are applied at once: bounds memory (1,000 vectors are 1.5 MB) and the time between two looks at the log.
PAGE = 1000
LOCK_SECONDS = 120


class LocalIndex:
    """The PassageIndex of one machine. Every search first follows the log, so it sees what was stored before it was asked."""

    def __init__(self, folder: Path, log: ChangeLog, model_id: str, dimension: int) -> None:
        self.folder = folder / model_id.replace("/", "_")
        self._log = log
        self._model_id = model_id
        self._dimension = dimension
        self._guard = threading.RLock()
        self._lock = FileLock(self.folder / ".lock", timeout=LOCK_SECONDS)  # one object, so that it can be taken again inside
        self._dense: DenseIndex | None = None
        self._lexical: LexicalIndex | None = None
        self._uneven_at = -1  # the log's last row when one side was made anew since it had other passages than the other

    def dense(self, vector: Vectors, count: int) -> list[Match]:
        """At most `count` passages by cosine with the stored float16 vectors, best first, ties by id."""
        with self._guard, self._translated():
            self.follow()
            candidates = self._opened()[0].search(vector, count)
        stored = self._log.vectors(candidates, self._model_id)
        scores = np.stack(list(stored.values())) @ vector if stored else ()
        matches = [Match(id_, float(score)) for id_, score in zip(stored, scores, strict=True)]
        return sorted(matches, key=lambda match: (-match.score, match.passage_id))[:count]

    def lexical(self, text: str, count: int) -> list[Match]:
        """At most `count` passages by BM25, best first, ties by id."""
        with self._guard, self._translated():
            self.follow()
            ask = self._opened()[1].asking(text, count)
        with self._translated():
            return ask()

    def follow(self, progress: Callable[[int], None] | None = None) -> int:
        """Apply what the log has since the last time; how many rows. Raises IndexFault when another process holds the index too long."""
        with self._guard, self._translated():
            dense, lexical = self._opened()
            last = self._log.last_seq()
            if last < max(dense.seq, lexical.seq):  # the database was replaced or restored
                with self._locked():
                    self._remake()
                dense, lexical = self._opened()
            if last == dense.seq == lexical.seq and (len(dense) == len(lexical) or last == self._uneven_at):
                return 0
            with self._locked():
                lexical.reload()  # another process may have applied some of it meanwhile
                count = self._apply(dense, progress) + self._apply_words(lexical)
                return count + self._evened(dense, lexical)

    def behind(self) -> int | None:
        """How many rows of the log are not applied here yet; None before the index is opened. It waits for nobody who searches."""
        dense, lexical = self._dense, self._lexical
        return None if dense is None or lexical is None else max(0, self._log.last_seq() - min(dense.seq, lexical.seq))

    def rebuild(self, progress: Callable[[int], None] | None = None) -> int:
        """Throw the index away and make it anew from the store; how many passages it holds then."""
        with self._guard, self._translated(), self._locked():
            self._remake()
            dense, lexical = self._opened()
            # The mark is read first: what is stored while the rebuild runs comes after it and is applied again.
            last = self._log.last_seq()
            for page in _pages(self._log.live_ids(self._model_id), PAGE):
                items = self._log.indexable(page, self._model_id)
                dense.apply((), items)
                lexical.apply((), items)
                if progress is not None:
                    progress(len(items))
            dense.commit(last)
            lexical.commit(last)
            return len(dense)

    def ids(self) -> tuple[set[int], set[int]]:
        """Passage ids that (the dense, the lexical) side holds now; for verification."""
        with self._guard, self._translated():
            self.follow()
            dense, lexical = self._opened()
            return dense.ids(), lexical.ids()

    def close(self) -> None:
        """Let go of files. The index is durable already."""
        with self._guard:
            if self._dense is not None:
                self._dense.close()
            if self._lexical is not None:
                self._lexical.close()
            self._dense = self._lexical = None

    def _apply(self, index: DenseIndex | LexicalIndex, progress: Callable[[int], None] | None) -> int:
        count = 0
        while True:
            while rows := self._log.changes(index.seq, PAGE):
                ids = sorted({row.passage_id for row in rows})
                index.apply(ids, self._log.indexable(ids, self._model_id))
                index.step(rows[-1].seq)
                count += len(rows)
                if progress is not None:
                    progress(len(rows))
            reached = index.seq
            index.commit(reached)
            if index.seq >= reached:
                return count  # else another process has written the dense side meanwhile: on from what it wrote

    def _evened(self, dense: DenseIndex, lexical: LexicalIndex) -> int:
        """Both sides hold the same passages. Where the lexical one has others, as a commit on a full disk has left it, begin it anew."""
        if dense.seq != lexical.seq or len(dense) == len(lexical):
            return 0
        self._uneven_at = dense.seq  # not again and again for one state of the log
        log.warning("the lexical index has %d passages, the dense one %d: it is made anew", len(lexical), len(dense))
        lexical.reset()
        return self._apply(lexical, None)

    def _apply_words(self, index: LexicalIndex) -> int:
        try:
            return self._apply(index, None)
        except ValueError as error:
            # tantivy refuses to write over a file that a killed commit left behind. The log knows everything: begin anew.
            log.warning("the lexical index cannot be written and is made anew (%s)", error)
            index.reset()
        try:
            return self._apply(index, None)
        except ValueError as error:
            raise IndexFault(f"The search index at {self.folder} cannot be written: {error}.") from error

    def _opened(self) -> tuple[DenseIndex, LexicalIndex]:
        if self._dense is None or self._lexical is None:
            try:
                with self._locked():
                    self._dense = DenseIndex(self.folder / "dense.usearch", self._dimension)
                    self._lexical = LexicalIndex(self.folder / "lexical")
            except OSError as error:
                raise IndexFault(f"The search index at {self.folder} cannot be opened: {error.strerror}.") from error
        return self._dense, self._lexical

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """What usearch (RuntimeError), tantivy (ValueError) and the disk (OSError) say when they cannot write or read is an IndexFault.

        The files are let go of: the next use begins with what is durable.
        """
        try:
            yield
        except BaseException as error:
            if not (isinstance(error, (OSError, RuntimeError, ValueError)) or is_panic(error)):
                raise
            with self._guard, contextlib.suppress(OSError, RuntimeError, ValueError):
                self.close()
            self._dense = self._lexical = None
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise IndexFault(
                f"The search index at {self.folder} cannot be brought up to date ({reason}). Nothing that was stored is lost: see that "
                "the disk is neither full nor broken, and try again."
            ) from error

    def _remake(self) -> None:
        self.close()
        for entry in self.folder.iterdir():
            if entry.name != ".lock":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds the articles' words
            self.folder.mkdir(exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise IndexFault(
                f"Another process has been writing the search index at {self.folder} for {LOCK_SECONDS} s. Try again."
            ) from error
        try:
            yield
        finally:
            self._lock.release()


def _pages(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    page: list[int] = []
    for id_ in ids:
        page.append(id_)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
