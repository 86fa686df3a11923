"""The embedding model: text to unit vectors, on sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.models import ModelFiles, dtype_here, quiet_loading, read_now, use_threads, verified
from retrieval.panics import as_errors
from retrieval.ports import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# More than 16 passages at once only cost memory: throughput on two cores is flat from there on.
BATCH = 16


class SentenceEmbedder:
    """The Embedder of the product. Loading takes seconds and happens at the first use, so that a program that embeds nothing stays quick.

    Raises ModelError at the first use when the model's files are missing or altered.
    """

    def __init__(self, files: ModelFiles, dimension: int, threads: int | None = None) -> None:
        self._files = files
        self._dimension = dimension
        self._threads = threads
        self._model: SentenceTransformer | None = None

    @property
    def model_id(self) -> str:
        return self._files.model_id

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, unit rows, in the order given. Batches are formed by length inside encode."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        with as_errors():
            vectors = self.load().encode(
                list(texts), batch_size=BATCH, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def load(self) -> SentenceTransformer:
        """The model, loaded once and verified."""
        if self._model is None:
            with verified(self._files) as found:
                use_threads(self._threads)
                from sentence_transformers import SentenceTransformer

                with quiet_loading():
                    model = SentenceTransformer(
                        str(found.folder), device="cpu", local_files_only=True, trust_remote_code=False,
                        model_kwargs={"torch_dtype": dtype_here(), "use_safetensors": True},
                    )  # fmt: skip
                read_now(model.parameters())
            model.max_seq_length = self._files.max_tokens
            self._model = model
        return self._model
