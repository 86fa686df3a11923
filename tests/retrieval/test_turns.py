"""People who wait for an answer go before articles that wait to be stored."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from retrieval.ports import Vectors
from retrieval.turns import Turns, Yielding
from tests.standins.models import HashEmbedder

WAIT = 10.0  # seconds, at most


class Slow:
    """An embedder that stops in each batch until it is let on."""

    model_id = HashEmbedder.model_id
    dimension = HashEmbedder.dimension

    def __init__(self) -> None:
        self.entered, self.go_on = threading.Semaphore(0), threading.Semaphore(0)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.entered.release()
        assert self.go_on.acquire(timeout=WAIT)
        return HashEmbedder().embed(texts)


def test_a_claim_gets_the_models_between_two_pieces_of_an_ingest() -> None:
    turns, slow, order = Turns(), Slow(), []

    def store() -> None:
        Yielding(slow, turns).embed([f"text {number}" for number in range(96)])
        order.append("articles")

    def check() -> None:
        with turns.claim():
            order.append("claim")

    ingesting, asking = threading.Thread(target=store), threading.Thread(target=check)
    ingesting.start()
    assert slow.entered.acquire(timeout=WAIT)
    asking.start()
    while not turns._claims:  # noqa: SLF001 - until it waits
        pass
    assert order == []
    slow.go_on.release()
    asking.join(WAIT)
    assert order == ["claim"]
    for _ in range(2):
        slow.go_on.release()
    ingesting.join(WAIT)
    assert order == ["claim", "articles"]


def test_vectors_are_those_of_the_embedder_in_order() -> None:
    texts = [f"word{number} " * (number % 7 + 1) for number in range(80)]
    assert np.allclose(Yielding(HashEmbedder(), Turns()).embed(texts), HashEmbedder().embed(texts))
    assert Yielding(HashEmbedder(), Turns()).embed([]).shape == (0, HashEmbedder.dimension)
