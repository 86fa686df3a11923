"""What a model says of many pairs, kept, since the large one needs minutes for a thousand: a run that was stopped goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.calibration import LABELS, Rows
from retrieval.stance import CrossEncoderStance
from retrieval.training.data import Pair

CACHE = Path(".train/logits")
CHUNK = 1000  # pairs a file


def logits_of(model: CrossEncoderStance, pairs: Sequence[Pair], cache: Path = CACHE) -> Rows:
    """(n, 3) logits in the order of LABELS; only chunks that this model has not judged before are judged."""
    folder = cache / model.model_id
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [np.zeros((0, len(LABELS)), dtype=np.float32)]
    for start in range(0, len(pairs), CHUNK):
        texts = [(pair.evidence, pair.claim) for pair in pairs[start : start + CHUNK]]
        file = folder / f"{hashlib.sha256(repr(texts).encode()).hexdigest()[:24]}.npy"
        if not file.exists():
            scratch = file.with_suffix(".part.npy")
            np.save(scratch, model.logits(texts))
            scratch.rename(file)
        chunks.append(np.load(file))
    return np.concatenate(chunks)
