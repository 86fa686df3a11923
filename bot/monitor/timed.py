"""An embedder whose work is timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.monitor.port import Unwatched
from retrieval.ports import Embedder, Vectors


@dataclass(frozen=True, slots=True)
class Timed:
    """The Embedder given, told of to those who watch."""

    embedder: Embedder
    monitor: Unwatched

    @property
    def model_id(self) -> str:
        return self.embedder.model_id

    @property
    def dimension(self) -> int:
        return self.embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the embedder gives it."""
        started = time.perf_counter()
        vectors = self.embedder.embed(texts)
        self.monitor.embedded(time.perf_counter() - started)
        return vectors
