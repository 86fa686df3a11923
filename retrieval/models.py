"""What the two models share: verified files, threads, number formats. torch is imported where it is used, to keep other commands quick."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from retrieval.errors import ModelError

if TYPE_CHECKING:
    import torch
    from torch import Tensor


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
    others: tuple[tuple[str, str], ...] = ()  # (file, sha256) that are read beside the weights; () where nobody has written them down

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
    """Raises ModelError unless every file that would be loaded is there and is the very one expected."""
    with verified(files):
        pass


@dataclass(frozen=True, slots=True)
class Loadable:
    """A verified model: a folder with its files, and those of its weights, in order."""

    folder: Path
    weights: Sequence[Path]


@contextmanager
def verified(files: ModelFiles) -> Iterator[Loadable]:
    """The model's files, each the very bytes expected (about 0.1 s), in a folder of this process's own: what libraries are to load from.

    What is read there is what was verified, though somebody puts another file in its place meanwhile; and whatever else lies beside the
    model (code, pickles) is not there. Of a model without `others`, that is its .json and .txt files. Raises ModelError.
    """
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="crosscheck-model-")))  # 0700
        named = zip(("base.safetensors", "model.safetensors")[-len(files.weights) :], files.weights, strict=True)
        weights = [_held(file, expected, files, folder / name, held) for name, (file, expected) in named]
        for name, expected in files.others or _texts_of(files.folder):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(_bytes(files.folder / name, expected, files))
        try:
            yield Loadable(folder, weights)
        except (SafetensorError, json.JSONDecodeError, KeyError) as error:
            raise ModelError(f"The model {files.name} at {files.folder} cannot be understood. Install Crosscheck again.") from error


def _held(file: Path, expected: str, files: ModelFiles, link: Path, held: ExitStack) -> Path:
    """A link to the file as it was opened and verified: of weights, since a copy would take their room once more."""
    try:
        stream = held.enter_context(file.open("rb"))
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(files, file, error) from error
    if found != expected:
        raise _altered(files, file)
    opened = Path(f"/proc/self/fd/{stream.fileno()}")
    link.symlink_to(opened if opened.exists() else file.absolute())  # without /proc, the file is trusted to stay what it was
    return link


def _bytes(file: Path, expected: str, files: ModelFiles) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _unreadable(files, file, error) from error
    if expected and hashlib.sha256(data).hexdigest() != expected:
        raise _altered(files, file)
    return data


def _texts_of(folder: Path) -> list[tuple[str, str]]:
    """Files beside the weights that hold no code, where no hashes of them are known."""
    found = (file for pattern in ("*.json", "*.txt", "*/*.json") for file in folder.glob(pattern))
    return [(str(file.relative_to(folder)), "") for file in sorted(found)]


def _unreadable(files: ModelFiles, file: Path, error: OSError) -> ModelError:
    return ModelError(f"The model {files.name} cannot be read at {file} ({error.strerror}). Install Crosscheck again.")


def _altered(files: ModelFiles, file: Path) -> ModelError:
    return ModelError(f"The model {files.name} at {file} is not the file it should be (its sha256 differs). Install Crosscheck again.")


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


# oneDNN and what lies between it and torch keep a kernel for each shape that they have seen, 1,024 by default: a service grew by 110 MB
# with each 250 checks, until some 700 were in use. With 64 kept it is 130 MB in all, and a check takes no longer (DECISIONS 50).
KERNEL_CACHES, KERNELS = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"), "64"


def use_threads(count: int | None) -> None:
    """Processor threads of both models together, and how many compiled kernels may be kept: before a model is loaded."""
    for cache in KERNEL_CACHES:
        os.environ.setdefault(cache, KERNELS)
    import torch

    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(count or available)


def read_now(weights: Iterable[Tensor]) -> None:
    """Takes what lies in a mapped file into memory now: rows of rare words would come one by one for days, while somebody waits."""
    for tensor in weights:
        tensor.sum()


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
