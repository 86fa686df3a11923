"""What the two models share: verified files, threads, number formats. torch is imported where it is used, to keep other commands quick."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import ModelError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model lies and what it must be."""

    name: str
    folder: Path
    sha256: str  # of model.safetensors
    max_tokens: int
    labels: tuple[str, ...] = ()  # the stance model's outputs, in order
    base: Path | None = None  # a file of weights that training left as they were, and that model.safetensors therefore lacks
    base_sha256: str = ""

    @property
    def weights(self) -> list[tuple[Path, str]]:
        """Each file of weights and its sha256; of a later one, tensors take the place of an earlier one's."""
        own = (self.folder / "model.safetensors", self.sha256)
        return [(self.base, self.base_sha256), own] if self.base else [own]

    @property
    def model_id(self) -> str:
        """Name and the weights' hash: what vectors and stored checks are keyed by."""
        return f"{self.name}@{self.sha256[:12]}"


def verify(files: ModelFiles) -> None:
    """Raises ModelError unless the weights are there and are the very bytes expected (about 0.1 s)."""
    for weights, expected in files.weights:
        try:
            found = sha256_of(weights)
        except OSError as error:
            raise ModelError(f"The model {files.name} cannot be read at {weights} ({error.strerror}). Install Crosscheck again.") from error
        if found != expected:
            raise ModelError(
                f"The model {files.name} at {weights} is not the file it should be (its sha256 differs). Install Crosscheck again."
            )


def sha256_of(file: Path) -> str:
    """The hex digest of a file's bytes. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512_BF16 or AMX). Without, torch emulates it, 22 times slower than float32."""
    import torch

    features = torch.cpu.get_capabilities()
    return bool(features.get("avx512_bf16") or features.get("amx_bf16"))


def dtype_here() -> torch.dtype:
    import torch

    return torch.bfloat16 if has_bfloat16() else torch.float32


def use_threads(count: int | None) -> None:
    """Processor threads of both models together."""
    import torch

    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(count or available)


@contextmanager
def quiet_loading() -> Iterator[None]:
    """No progress bars and load reports of transformers on the user's screen while a model loads."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
