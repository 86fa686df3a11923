"""What every Embedder promises: the fake of the tests and the model of the product alike."""

from __future__ import annotations

import numpy as np
import pytest

from bot.parts import model_files
from retrieval.embed import SentenceEmbedder
from retrieval.ports import Embedder
from tests.standins.models import HashEmbedder

TEXTS = ["The bridge is closed.", "", "Prices rose by 4.7% in March", "😀 ... !", "The bridge is closed. " * 40, "the"]


def _real() -> Embedder:
    return SentenceEmbedder(*model_files("embedding", "all-minilm-l6-v2"))


@pytest.fixture(scope="module", params=[HashEmbedder, pytest.param(_real, marks=pytest.mark.slow)], ids=["fake", "real"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = request.param()
    return made


def test_rows_are_float32_unit_vectors_of_the_dimension(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=2e-3)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    vectors = embedder.embed([])
    assert vectors.shape == (0, embedder.dimension)
    assert vectors.dtype == np.float32


def test_rows_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    forwards, backwards = embedder.embed(TEXTS), embedder.embed(TEXTS[::-1])
    assert np.allclose(forwards, backwards[::-1], atol=2e-2)


def test_a_text_is_nearer_to_itself_than_to_another(embedder: Embedder) -> None:
    bridge, prices, again = embedder.embed([TEXTS[0], TEXTS[2], TEXTS[0]])
    assert bridge @ again > 0.99
    assert bridge @ prices < 0.8


def test_a_row_hardly_depends_on_what_else_is_in_the_batch(embedder: Embedder) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.allclose(alone, embedder.embed(TEXTS), atol=2e-2)


def test_the_id_names_the_model_and_stays(embedder: Embedder) -> None:
    assert embedder.model_id
    assert embedder.model_id == type(embedder).model_id if isinstance(embedder, HashEmbedder) else "@" in embedder.model_id
