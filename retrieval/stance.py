"""The stance model: does an excerpt agree with a claim, contradict it, or neither? A cross-encoder on sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelError
from retrieval.models import ModelFiles, dtype_here, quiet_loading, use_threads, verify
from retrieval.types import Stance

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from transformers import PreTrainedModel

Rows = NDArray[np.float32]
LABELS = ("agree", "contradict", "neutral")
BATCH = 8  # 0.98 of the time of 16 for 24 pairs on two cores, and 14 MB less at the peak
# Probabilities are rounded to this many places: padding in a batch moves the sixth, and the same pair shall give the same answer.
PLACES = 4


class CrossEncoderStance:
    """The StanceModel of the product, loaded at its first use. Raises ModelError then when its files are missing or altered."""

    def __init__(self, files: ModelFiles, threads: int | None = None) -> None:
        if sorted(files.labels) != sorted(LABELS):
            raise ModelError(f"The model {files.name} has the labels {', '.join(files.labels)}; needed are {', '.join(LABELS)}.")
        self._files = files
        self._threads = threads
        self._model: CrossEncoder | None = None

    @property
    def model_id(self) -> str:
        return self._files.model_id

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """One calibrated Stance a pair of (evidence, claim), in the order given."""
        return [as_stance(row, self._files.labels) for row in softmax(self.logits(pairs) / self._files.temperature)]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Rows:
        """(n, 3) float32 in the order of the model's own labels, not calibrated. Batches are of like lengths: padding is the cost."""
        if not pairs:
            return np.zeros((0, len(LABELS)), dtype=np.float32)
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
        ranked = self.load().predict([pairs[i] for i in order], batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False)
        logits = np.empty((len(pairs), len(LABELS)), dtype=np.float32)
        logits[order] = ranked
        return logits

    def load(self) -> CrossEncoder:
        """The model, loaded once and verified."""
        if self._model is None:
            verify(self._files)
            use_threads(self._threads)
            from sentence_transformers import CrossEncoder
            from torch import float16
            from torch.nn import Identity

            with quiet_loading():
                model: CrossEncoder = CrossEncoder(
                    str(self._files.folder), device="cpu", local_files_only=True, max_length=self._files.max_tokens,
                    activation_fn=Identity(), model_kwargs={"torch_dtype": float16},
                )  # fmt: skip
            _widen(model)
            self._model = model
        return self._model


def _widen(model: CrossEncoder) -> None:
    """From the stored float16 to what this CPU computes in. The word table, half of all weights, stays as stored where it is only looked
    up: 23 MB less, the same numbers, since torch widens what is looked up when it adds the positions.
    """
    import torch

    transformer = cast("PreTrainedModel", model.model)
    dtype = dtype_here()
    table = transformer.get_input_embeddings().weight
    for weights in transformer.parameters():
        if weights is not table or dtype is not torch.float32:
            weights.data = weights.data.to(dtype)


def softmax(logits: Rows) -> Rows:
    """(n, 3) to (n, 3), rows sum to 1."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float32)


def as_stance(row: Rows, labels: Sequence[str]) -> Stance:
    """Probabilities in the order of `labels` as a Stance, rounded, summing to 1."""
    found = dict(zip(labels, row.tolist(), strict=True))
    agree, contradict = round(found["agree"], PLACES), round(found["contradict"], PLACES)
    return Stance(agree, contradict, round(1 - agree - contradict, PLACES))
