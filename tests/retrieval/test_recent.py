"""Vectors of recent questions: the same as the model's, each made once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.ports import Vectors
from retrieval.recent import RecentVectors
from tests.standins.store import EMBEDDER


class Counting:
    """The test embedder, with what it was asked."""

    def __init__(self) -> None:
        self.model_id, self.dimension = EMBEDDER.model_id, EMBEDDER.dimension
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        return EMBEDDER.embed(texts)


def test_what_is_known_is_not_embedded_again_and_comes_in_the_order_asked() -> None:
    model = Counting()
    recent = RecentVectors(model)
    recent.embed(["granite", "lobsters", "granite"])
    again = recent.embed(["violins", "lobsters"])
    assert model.asked == [["granite", "lobsters"], ["violins"]]
    assert np.array_equal(again, EMBEDDER.embed(["violins", "lobsters"]))


def test_the_text_that_was_asked_longest_ago_is_forgotten_first() -> None:
    model = Counting()
    recent = RecentVectors(model, size=2)
    for text in ("granite", "lobsters", "granite", "violins", "granite", "lobsters"):
        recent.embed([text])
    assert model.asked == [["granite"], ["lobsters"], ["violins"], ["lobsters"]]


def test_no_texts_have_no_vectors() -> None:
    assert RecentVectors(Counting()).embed([]).shape == (0, EMBEDDER.dimension)
