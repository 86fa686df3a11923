"""Trained weights to the files that the product carries: int8 rows with a scale each, and only what training changed.

Int8 per row, symmetric (as in Jacob et al., CVPR 2018, for weights alone): a quarter of float32, and the labels of nearly all pairs stay.
What training left as it was comes from a base: the packaged embedding model's own file for the small model, base.safetensors for the
large one, which stays the same from one training to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from retrieval.encoder import SCALE, read_weights

State = Mapping[str, Tensor]


def changed(trained: State, original: State) -> dict[str, Tensor]:
    """The tensors of `trained` that `original` lacks or has otherwise. Names may differ by the architecture's prefix."""
    bare = {name.partition(".")[2]: tensor for name, tensor in original.items() if name.startswith(("bert.", "mpnet."))}
    known = {**original, **bare}

    def same(name: str, tensor: Tensor) -> bool:
        other = known.get(name, known.get(name.partition(".")[2]))
        return other is not None and other.shape == tensor.shape and bool(torch.equal(other.float(), tensor.float()))

    return {name: tensor for name, tensor in trained.items() if not same(name, tensor)}


def packed(state: State) -> dict[str, Tensor]:
    """Matrices of weights as int8 with `NAME.scale`; vectors and small tables as float16."""
    result: dict[str, Tensor] = {}
    for name, tensor in sorted(state.items()):
        if tensor.ndim == 2 and min(tensor.shape) > 64 and "position" not in name:
            scale = (tensor.float().abs().amax(dim=1) / 127).clamp(min=1e-12)
            result[name] = (tensor.float() / scale[:, None]).round().to(torch.int8)
            result[name + SCALE] = scale
        elif tensor.is_floating_point():
            result[name] = tensor.half()
    return result


def write(state: State, file: Path) -> None:
    """`state`, packed, as a safetensors file that others may read."""
    save_file(packed(state), file, metadata={"format": "pt"})
    file.chmod(0o644)  # save_file makes it readable by its owner alone


def widened(files: Sequence[Path], config: Path) -> dict[str, Tensor]:
    """Packed files as the library's model has its tensors: float32, under their full names."""
    weights = read_weights(files, config)
    return {
        name: tensor.float() * weights[name + SCALE].float()[:, None] if name + SCALE in weights else tensor.float()
        for name, tensor in weights.items()
        if not name.endswith(SCALE)
    }


def read_state(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model.safetensors")
