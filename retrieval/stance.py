"""The stance model: does an excerpt agree with a claim, contradict it, or neither?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.calibration import LABELS, Calibration, Rows, read_calibration
from retrieval.errors import ModelError
from retrieval.models import ModelFiles, dtype_here, use_threads, verified
from retrieval.panics import as_errors
from retrieval.types import Stance, StanceBars

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from torch import Tensor

    from retrieval.encoder import Encoder

TOKENS_A_BATCH = 1024  # with padding; larger batches are no faster on two cores and take more memory
# Probabilities are rounded to this many places: padding in a batch moves the sixth, and the same pair shall give the same answer.
PLACES = 4


class CrossEncoderStance:
    """The StanceModel of the product, loaded at its first use. Raises ModelError then when its files are missing or altered.

    With a `partner`, another such model, both read each pair and their logits are mixed as the calibration says.
    """

    def __init__(self, files: ModelFiles, threads: int | None = None, partner: CrossEncoderStance | None = None) -> None:
        if sorted(files.labels) != sorted(LABELS):
            raise ModelError(f"The model {files.name} has the labels {', '.join(files.labels)}; needed are {', '.join(LABELS)}.")
        self._files = files
        self._threads = threads
        self._partner = partner
        self._loaded: tuple[Encoder, Tokenizer] | None = None
        self._calibrated: Calibration | None = None

    @property
    def model_id(self) -> str:
        return f"{self._files.model_id}+{self._partner.model_id}" if self._partner else self._files.model_id

    @property
    def bars(self) -> StanceBars:
        return self._calibration().bars

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """One calibrated Stance a pair of (evidence, claim), in the order given."""
        if not pairs:
            return []
        logits = [self.logits(pairs), *([self._partner.logits(pairs)] if self._partner else [])]
        return [as_stance(row) for row in self._calibration().probabilities(logits, pairs)]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Rows:
        """(n, 3) float32 in the order of LABELS, not calibrated. Batches are of like lengths: padding is the cost."""
        logits = np.zeros((len(pairs), len(LABELS)), dtype=np.float32)
        if not pairs:
            return logits
        encoder, tokenizer = self.load()
        order = [self._files.labels.index(label) for label in LABELS]
        with as_errors():
            encodings = tokenizer.encode_batch(list(pairs))
        for batch in _batches([len(encoding.ids) for encoding in encodings]):
            logits[batch] = encoder.logits(*_padded([encodings[i] for i in batch])).numpy()[:, order]
        return logits

    def load(self) -> tuple[Encoder, Tokenizer]:
        """Network and tokeniser, loaded once and verified."""
        if self._loaded is None:
            with verified(self._files) as found:
                use_threads(self._threads)
                from tokenizers import Tokenizer

                from retrieval.encoder import Encoder

                tokenizer: Tokenizer = Tokenizer.from_file(str(found.folder / "tokenizer.json"))
                tokenizer.no_padding()
                tokenizer.enable_truncation(self._files.max_tokens)
                self._loaded = Encoder(found.folder / "config.json", found.weights, dtype_here()), tokenizer
        return self._loaded

    def _calibration(self) -> Calibration:
        if self._calibrated is None:
            self._calibrated = read_calibration(self._files.folder)
        return self._calibrated


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers, short pairs first, as many together as TOKENS_A_BATCH holds when padded to the longest."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _padded(encodings: Sequence[Encoding]) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, segments and lengths as tensors. What stands in the padding is not read."""
    import torch

    lengths = [len(encoding.ids) for encoding in encodings]
    ids, types = torch.zeros(len(lengths), max(lengths), dtype=torch.long), torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    for row, encoding in enumerate(encodings):
        ids[row, : lengths[row]] = torch.tensor(encoding.ids)
        types[row, : lengths[row]] = torch.tensor(encoding.type_ids)
    return ids, types, torch.tensor(lengths)


def as_stance(row: Rows) -> Stance:
    """Probabilities in the order of LABELS as a Stance, rounded, summing to 1."""
    agree, contradict = round(float(row[0]), PLACES), round(float(row[1]), PLACES)
    return Stance(agree, contradict, round(1 - agree - contradict, PLACES))
