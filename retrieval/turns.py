"""Who uses the models next: people who wait for an answer go before articles that wait to be stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from retrieval.memory import GivingBack, map_large_blocks
from retrieval.ports import Embedder, Vectors

_PIECE = 32  # texts that are embedded before somebody who waits is let in: about a third of a second


class Turns:
    """One user at a time; claims first, and among articles whoever came first. Between two, memory that was left free is given back."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._claims = 0
        map_large_blocks()
        self._memory = GivingBack()

    @contextmanager
    def claim(self) -> Iterator[None]:
        """The turn of a check."""
        with self._changed:
            self._claims += 1
            self._changed.wait_for(lambda: not self._busy)
            self._claims -= 1
            self._busy = True
        yield from self._held()

    @contextmanager
    def articles(self) -> Iterator[None]:
        """The turn of an ingest, when no check waits."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy and not self._claims)
            self._busy = True
        yield from self._held()

    def _held(self) -> Iterator[None]:
        try:
            yield
        finally:
            try:
                self._memory.after_work()
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()


class Yielding:
    """An Embedder that gives way to checks between pieces of its work."""

    def __init__(self, embedder: Embedder, turns: Turns) -> None:
        self._embedder = embedder
        self._turns = turns

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the embedder gives it; pieces are of like lengths, so that they cost no more than the whole."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for at in range(0, len(order), _PIECE):
            places = order[at : at + _PIECE]
            with self._turns.articles():
                vectors[places] = self._embedder.embed([texts[place] for place in places])
        return vectors
