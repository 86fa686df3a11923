"""A model behind an address: asked in pieces, tried again, and trusted only when it is the model expected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.app import App
from bot.parts import model_files
from config.settings import Settings
from retrieval.embed import SentenceEmbedder
from retrieval.errors import ModelError, TextRefused
from retrieval.ports import Embedder, Vectors
from retrieval.web import embeddings
from retrieval.web.embeddings import KNOWN_FOR, RemoteEmbedder
from tests.standins.embeddings import EmbeddingServer, serving
from tests.standins.models import HashEmbedder

TEXTS = ["The bridge is closed.", "Prices rose in March.", "Snow fell."]
MODEL = HashEmbedder()


class Other(HashEmbedder):
    """Another model with vectors of the same length."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.ascontiguousarray(super().embed(texts)[:, ::-1])


@pytest.fixture(autouse=True)
def probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The fake's own reference vectors."""
    if "slow" in request.keywords:
        return
    (tmp_path / f"{MODEL.model_id}.json").write_text(json.dumps({"texts": TEXTS, "vectors": MODEL.embed(TEXTS).tolist()}), encoding="utf-8")
    monkeypatch.setattr(embeddings, "PROBES", tmp_path)


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with serving(MODEL) as found:
        yield found


def _remote(server: EmbeddingServer, key: str | None = None) -> RemoteEmbedder:
    return RemoteEmbedder(server.url, key, "hash", MODEL.model_id, MODEL.dimension, most_wait=0.01)


def _refused(server: EmbeddingServer) -> str:
    remote = _remote(server)
    with pytest.raises(ModelError) as refused:
        remote.embed(["x"])
    remote.close()
    return str(refused.value)


def test_vectors_are_those_of_the_model_and_many_texts_are_asked_in_pieces(server: EmbeddingServer) -> None:
    texts = [f"Bridge {n} is closed." for n in range(70)]
    remote = _remote(server)
    assert np.allclose(remote.embed(texts), MODEL.embed(texts), atol=1e-6)
    assert [len(asked["input"]) for asked in server.asked] == [3, 32, 32, 6]
    assert remote.embed([]).shape == (0, MODEL.dimension)
    remote.close()


def test_rows_may_come_in_any_order(server: EmbeddingServer) -> None:
    server.change = lambda rows: rows[::-1]
    remote = _remote(server)
    assert np.allclose(remote.embed(TEXTS), MODEL.embed(TEXTS), atol=1e-6)
    remote.close()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_tried_again(server: EmbeddingServer, status: int) -> None:
    server.answers = [(status, b"")] * 2
    remote = _remote(server)
    assert len(remote.embed(["x"])) == 1
    remote.close()


def test_a_fault_that_stays_is_told_and_may_end_later(server: EmbeddingServer) -> None:
    server.answers = [(503, b"")] * 3
    remote = _remote(server)
    with pytest.raises(ModelError, match="answers 503"):
        remote.embed(["x"])
    assert len(remote.embed(["x"])) == 1
    remote.close()


def test_a_key_is_shown(server: EmbeddingServer) -> None:
    server.key = "s3cr3t"
    assert "answers 401" in _refused(server) and len(server.asked) == 1
    remote = _remote(server, "s3cr3t")
    assert len(remote.embed(["x"])) == 1
    remote.close()


class _Another(HashEmbedder):
    """Another model of the same dimension."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        return super().embed([text[::-1] for text in texts])


def test_another_model_is_not_trusted(server: EmbeddingServer) -> None:
    server.embedder = _Another()
    assert "embeds otherwise than hash-embedder@64" in _refused(server)


def _cut(rows: list[dict[str, Any]]) -> object:
    return [row | {"embedding": row["embedding"][:8]} for row in rows]


def _long(rows: list[dict[str, Any]]) -> object:
    return [row | {"embedding": [2 * value for value in row["embedding"]]} for row in rows]


def _none(rows: list[dict[str, Any]]) -> object:
    return [row | {"embedding": [float("nan")] * MODEL.dimension} for row in rows]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_cut, "another length than 64"), (_long, "not of length 1"), (_none, "not of length 1"),
        (lambda rows: rows[1:], "does not answer as"), (lambda rows: "x", "does not answer as"), (lambda rows: [1], "does not answer as"),
    ],
)  # fmt: skip
def test_what_is_no_vector_is_told_in_a_sentence(server: EmbeddingServer, change: Any, said: str) -> None:
    server.change = change
    assert said in _refused(server)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data":null}'])
def test_what_is_no_answer_is_told_in_a_sentence(server: EmbeddingServer, body: bytes) -> None:
    server.answers = [(200, body)]
    assert "no server of embeddings" in (said := _refused(server)) or "does not answer as" in said


def test_a_server_that_is_not_there_is_told_in_a_sentence(server: EmbeddingServer) -> None:
    remote = RemoteEmbedder("http://127.0.0.1:9", None, "hash", MODEL.model_id, MODEL.dimension, most_wait=0.01)
    with pytest.raises(ModelError, match="cannot be reached"):
        remote.embed(["x"])
    remote.close()


def test_a_model_without_reference_vectors_is_not_asked_of_a_server(server: EmbeddingServer) -> None:
    remote = RemoteEmbedder(server.url, None, "x", "unknown@1", MODEL.dimension)
    with pytest.raises(ModelError, match="no reference vectors of unknown@1"):
        remote.embed(["x"])
    remote.close()


@pytest.mark.slow
def test_the_bundled_model_behind_an_address_is_known_by_its_vectors(tmp_path: Path) -> None:
    real: Embedder = SentenceEmbedder(*model_files("embedding", "all-minilm-l6-v2"))
    with serving(real) as found, App(Settings(data_dir=tmp_path, embeddings_url=f"{found.url}/v1/")) as app:
        assert app.embedder.model_id == real.model_id
        assert np.allclose(app.embedder.embed(TEXTS), real.embed(TEXTS), atol=2e-2)
        assert [hits for hits in app.search.find(["The bridge is closed."], 3)] == [[]]


def test_a_server_that_serves_another_model_after_a_failure_is_found_out(server: EmbeddingServer) -> None:
    remote = _remote(server)
    remote.embed(["x"])
    server.answers = [(503, b"")] * 3
    with pytest.raises(ModelError, match="503"):
        remote.embed(["x"])
    server.embedder = Other()  # it is begun again
    with pytest.raises(ModelError, match="embeds otherwise"):
        remote.embed(["x"])
    remote.close()


def test_a_server_is_not_trusted_for_ever(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("retrieval.web.embeddings.time.monotonic", lambda: now[0])
    remote = _remote(server)
    for _ in range(2):
        remote.embed(["x"])
    assert [len(asked["input"]) for asked in server.asked] == [3, 1, 1]
    now[0] += KNOWN_FOR
    remote.embed(["x"])
    assert [len(asked["input"]) for asked in server.asked] == [3, 1, 1, 3, 1]
    remote.close()


@pytest.mark.parametrize(("status", "refused"), [(413, True), (422, True), (401, False), (503, False)])
def test_texts_that_are_not_taken_are_told_from_a_server_that_takes_none(server: EmbeddingServer, status: int, refused: bool) -> None:
    remote = _remote(server)
    remote.embed(["x"])
    server.answers = [(status, b"")] * 3
    with pytest.raises(ModelError) as told:
        remote.embed(["y"])
    assert isinstance(told.value, TextRefused) == refused
    remote.close()


def test_what_a_server_says_that_was_begun_again_meanwhile_is_not_kept(server: EmbeddingServer) -> None:
    remote = _remote(server)
    remote.embed(["x"])
    server.answers, server.embedder = [(503, b"")], Other()
    with pytest.raises(ModelError, match="embeds otherwise"):
        remote.embed(["y"])
    remote.close()
