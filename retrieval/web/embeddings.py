"""The embedding model behind an address: Text Embeddings Inference, or any other server of `/v1/embeddings` as OpenAI has it.

The same model is expected there as config/models.toml names here: before its first use, and now and then, what it makes of a few texts is
compared with what ours has made of them, so that vectors of two models are not mixed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from retrieval.errors import ModelError, TextRefused
from retrieval.ports import Vectors

PROBES = Path(__file__).parents[1] / "weights" / "probes"
ALIKE = 0.99  # cosine with our own vectors: bfloat16 against float32 gives .999, another pooling or another model under .9
UNIT = 0.01  # by which a row's length may differ from 1
BATCH = 32  # texts of one request: what Text Embeddings Inference takes by default
TRIES = 3
REFUSED = frozenset({400, 413, 422})  # what servers answer to a text that they do not take
KNOWN_FOR = 3600.0  # seconds for which a server is taken to serve the model that it served
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Probes:
    """Texts, and the (n, dimension) unit vectors that the model has for them."""

    texts: tuple[str, ...]
    vectors: Vectors


class RemoteEmbedder:
    """An Embedder. Every use raises ModelError where the server cannot be asked, or is not the model expected."""

    def __init__(self, url: str, key: str | None, name: str, model_id: str, dimension: int, most_wait: float = 4.0) -> None:
        """`name`: what the server calls the model; `most_wait`: seconds between two tries, at most."""
        self._address = f"{url.rstrip('/').removesuffix('/v1')}/v1/embeddings"
        self._name = name
        self._model_id = model_id
        self._dimension = dimension
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(timeout=TIMEOUT, headers=headers)
        self._retrying = Retrying(
            retry=retry_if_exception(_passes), stop=stop_after_attempt(TRIES), wait=wait_random_exponential(0.2, most_wait), reraise=True
        )
        self._turn = threading.Lock()
        self._known_until = 0.0  # by the monotonic clock

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As Embedder has it."""
        self.probe()
        found = self._embedded(texts)
        self.probe()  # which asks only where a request failed in between: who was begun again may be another
        return found

    def probe(self) -> None:
        """Make sure that it is the model expected: at first, each hour, and after a failure, when it may be another. Raises ModelError."""
        with self._turn:
            if time.monotonic() < self._known_until:
                return
            probes = read_probes(self._model_id)
            alike = np.sum(self._embedded(probes.texts) * probes.vectors, axis=1)
            if float(alike.min()) < ALIKE:
                raise ModelError(
                    f"The server of CROSSCHECK_EMBEDDINGS_URL embeds otherwise than {self._model_id} (cosine {alike.min():.2f}): "
                    f"let it serve that model, or set CROSSCHECK_EMBEDDING_MODEL."
                )
            self._known_until = time.monotonic() + KNOWN_FOR

    def close(self) -> None:
        self._client.close()

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        found = np.empty((len(texts), self._dimension), dtype=np.float32)
        for at in range(0, len(texts), BATCH):
            some = texts[at : at + BATCH]
            found[at : at + len(some)] = self._rows(self._asked(some), len(some))
        return found

    def _asked(self, texts: Sequence[str]) -> object:
        """What the server says to them, as JSON."""
        body = {"model": self._name, "input": list(texts), "encoding_format": "float"}
        try:
            return self._retrying(self._post, body).json()
        except httpx.HTTPStatusError as error:
            kind = TextRefused if error.response.status_code in REFUSED else ModelError
            raise kind(f"The server of CROSSCHECK_EMBEDDINGS_URL answers {error.response.status_code}.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"The server of CROSSCHECK_EMBEDDINGS_URL cannot be reached ({type(error).__name__}).") from error
        except ValueError as error:
            raise ModelError("The server of CROSSCHECK_EMBEDDINGS_URL gives no JSON: it is no server of embeddings.") from error

    def _post(self, body: object) -> httpx.Response:
        try:
            return self._client.post(self._address, json=body).raise_for_status()
        except httpx.HTTPError:
            self._known_until = 0.0
            raise

    def _rows(self, answer: object, count: int) -> Vectors:
        """(count, dimension) unit rows in the order of the texts."""
        data = answer.get("data") if isinstance(answer, dict) else None
        try:
            rows = {int(one["index"]): one["embedding"] for one in data or ()}
            vectors = np.asarray([rows[at] for at in range(count)], dtype=np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("The server of CROSSCHECK_EMBEDDINGS_URL does not answer as /v1/embeddings does.") from error
        if vectors.shape != (count, self._dimension):
            raise ModelError(f"The server of CROSSCHECK_EMBEDDINGS_URL has vectors of another length than {self._dimension}.")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.abs(lengths - 1) <= UNIT):  # not a number is not within it either
            raise ModelError("The server of CROSSCHECK_EMBEDDINGS_URL gives vectors that are not of length 1: let it normalise them.")
        return np.asarray(vectors / lengths, dtype=np.float32)


def read_probes(model_id: str) -> Probes:
    """Raises ModelError where none are stored for the model."""
    file = PROBES / f"{model_id}.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"There are no reference vectors of {model_id}, so no server can be trusted to have it.") from error
    vectors = np.asarray(stored["vectors"], dtype=np.float32)
    return Probes(tuple(stored["texts"]), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _passes(error: BaseException) -> bool:
    """Whether another try may help."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)
