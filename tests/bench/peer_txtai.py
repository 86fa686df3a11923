"""txtai as a peer: BM25 of its own and Faiss, texts in SQLite. Runs in txtai's environment; see tests/bench/peer_rig.py.

Vectors are given: the transform looks them up, by the order of the passages while building and by the words of a query while serving.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from txtai import Embeddings

from tests.bench.peer_rig import COUNT, Data, Passage, Rows, Settings, run

# As in its documentation, neuml.github.io/txtai/embeddings/configuration: hybrid, content stored, all else as it comes.
CONFIG = {"method": "external", "hybrid": True, "content": True}


def build(data: Data, place: Path) -> dict[str, float]:
    vectors = data.vectors
    given = 0

    def next_vectors(texts: list[str]) -> Rows:
        nonlocal given
        given += len(texts)
        return np.array(vectors[given - len(texts) : given])

    embeddings = Embeddings({**CONFIG, "transform": next_vectors})
    embeddings.index((passage.id, searched(passage), None) for passage in data.passages())
    embeddings.save(str(place))
    return {}


def searched(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}"


class Served:
    """`settings` may have "probes", how many times as many of Faiss's cells are probed as by themselves, and "mmap"."""

    def __init__(self, data: Data, place: Path, settings: Settings) -> None:
        known = {words: vector for name in ("warming", "queries") for vector, words in data.queries(name)}

        def vectors_of(texts: list[str]) -> Rows:
            return np.stack([known[text] for text in texts])

        self._embeddings = Embeddings()
        self._embeddings.load(str(place), config={"transform": vectors_of, "faiss": {"mmap": settings.get("mmap", False)}})
        ann = self._embeddings.ann
        self.settings = {"nprobe": round(settings.get("probes", 1) * ann.nprobe()), "mmap": settings.get("mmap", False)}
        ann.config["faiss"] = self.settings

    def hybrid(self, vector: Rows, words: str) -> list[int]:
        return [int(found["id"]) for found in self._embeddings.search(words, COUNT)]

    def dense(self, vector: Rows) -> list[int]:
        """The Faiss side alone: a hybrid index has no public way to it."""
        return [place for place, _ in self._embeddings.ann.search(vector[np.newaxis], COUNT)[0]]


if __name__ == "__main__":
    run(build, Served)
