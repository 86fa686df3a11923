"""Average the weights of several checkpoints of one run: the gain of a decayed learning rate without ending the run.

    python -m retrieval.training.average --out .train/large/final FILE.safetensors FILE.safetensors ...

As in latest weight averaging (Kaddour, 2022): under a constant learning rate, the mean of the last checkpoints is better than each.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor


def average(files: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of each tensor, in float64 on the way. Raises KeyError when a file lacks a tensor of the first, ValueError for none."""
    if not files:
        raise ValueError("There is no checkpoint to average.")
    total = {name: tensor.double() for name, tensor in load_file(files[0]).items()}
    for file in files[1:]:
        more = load_file(file)
        for name, tensor in total.items():
            tensor += more[name].double()
    return {name: (tensor / len(files)).to(torch.float32) for name, tensor in total.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Average checkpoints.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="folder; its model.safetensors is written")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(average(options.files), options.out / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
