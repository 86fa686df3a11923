"""Embeddings that are made once: a file per model under .cache/ (ignored by git), keyed by the text's hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from retrieval.ports import Embedder, Vectors
from tests.bench.report import ROOT

FOLDER = ROOT / ".cache" / "embeddings"
# Texts between two writes of the file: an interrupted run loses a minute at most.
CHUNK = 2000


def embedded(embedder: Embedder, texts: Sequence[str], progress: Callable[[int, int], None], folder: Path = FOLDER) -> Vectors:
    """(n, dimension) float32 in the order of `texts`, widened from float16 as the store keeps them. `progress` hears (made, to make)."""
    path = folder / f"{embedder.model_id.replace('/', '_')}.npz"
    known = _read(path)
    keys = [_key(text) for text in texts]
    missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
    for start in range(0, len(missing), CHUNK):
        chunk = missing[start : start + CHUNK]
        for (key, _), vector in zip(chunk, embedder.embed([text for _, text in chunk]), strict=True):
            known[key] = vector.astype(np.float16)
        _write(path, known)
        progress(start + len(chunk), len(missing))
    return np.stack([known[key] for key in keys]).astype(np.float32) if keys else np.zeros((0, embedder.dimension), dtype=np.float32)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest().encode()


def _read(path: Path) -> dict[bytes, np.ndarray[tuple[int, ...], np.dtype[np.float16]]]:
    if not path.exists():
        return {}
    with np.load(path) as held:
        return dict(zip(held["keys"].tolist(), held["vectors"], strict=True))


def _write(path: Path, known: dict[bytes, np.ndarray[tuple[int, ...], np.dtype[np.float16]]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name("new-" + path.name)
    np.savez(fresh, keys=np.array(list(known), dtype="S32"), vectors=np.stack(list(known.values())))
    fresh.replace(path)
