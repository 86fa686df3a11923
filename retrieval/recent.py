"""An embedder that knows the last texts' vectors: a claim that is asked again, or looked at twice, is embedded once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from retrieval.ports import Embedder, Vectors

SIZE = 1024  # vectors: 1.5 MB


class RecentVectors:
    """The Embedder of questions. It keeps no text, only its digest. Safe for threads."""

    def __init__(self, embedder: Embedder, size: int = SIZE) -> None:
        self._embedder = embedder
        self._size = size
        self._known: OrderedDict[bytes, Vectors] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, unit rows, in the order given; each text that is not known once, in one batch."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        with self._guard:
            found = {key: self._known[key] for key in keys if key in self._known}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            found |= dict(zip(new, self._embedder.embed(list(new.values())), strict=True))
        with self._guard:
            for key in keys:
                self._known[key] = found[key]
                self._known.move_to_end(key)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, self.dimension), dtype=np.float32)
