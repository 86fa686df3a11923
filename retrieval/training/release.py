"""Put a trained model into the product: half precision, calibrated, with its facts beside it.

    python -m retrieval.training.release --run .train/stance/final --data DIR

Writes retrieval/weights/stance-minilm-l6 and prints the sha256 and temperature for config/models.toml.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize_scalar

import retrieval
from retrieval.evidence import WHOLE_UP_TO
from retrieval.models import ModelFiles
from retrieval.nearest import nearest_sentences
from retrieval.stance import CrossEncoderStance, Rows, softmax
from retrieval.training.data import LABELS, Pair, read_pairs

WEIGHTS = Path(retrieval.__file__).parent / "weights" / "stance-minilm-l6"
FILES = (
    "config.json", "tokenizer.json", "tokenizer_config.json", "modules.json", "sentence_bert_config.json",
    "config_sentence_transformers.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What belongs to the weights and is not in their own files."""

    temperature: float
    max_tokens: int
    pairs: int
    seed: int
    epochs: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Release a trained stance model.")
    parser.add_argument("--run", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    digest = write_half(options.run, options.out)
    run = json.loads((options.run / "run.json").read_text())
    dev = read_pairs(options.data / "dev.jsonl.xz")[::2]  # the odd rows are for measuring
    model = CrossEncoderStance(ModelFiles(options.out.name, options.out, digest, run["max_tokens"], LABELS))
    logits = model.logits([(nearest_sentences(pair.claim, pair.evidence, WHOLE_UP_TO), pair.claim) for pair in dev])
    facts = CardFacts(fit_temperature(logits, dev), run["max_tokens"], run["pairs"], run["seed"], run["epochs"])
    (options.out / "facts.json").write_text(json.dumps(asdict(facts), indent=2) + "\n", encoding="utf-8")
    print(f'for config/models.toml:\nsha256 = "{digest}"\ntemperature = {facts.temperature}\nmax_tokens = {facts.max_tokens}')  # noqa: T201


def write_half(run: Path, out: Path) -> str:
    """The run's files with float16 weights in `out`; the weights' sha256. Float16 keeps the labels of 4,447 of dev's 4,448 pairs."""
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (run / name).exists():
            shutil.copy(run / name, out / name)
    halves = {name: tensor.half() for name, tensor in load_file(run / "model.safetensors").items()}
    save_file(halves, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)  # save_file makes it readable by its owner alone
    return hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest()


def fit_temperature(logits: Rows, pairs: list[Pair]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., ICML 2017)."""
    gold = np.array([LABELS.index(pair.label) for pair in pairs])

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits / np.float32(temperature))[np.arange(len(gold)), gold] + 1e-9).mean())

    return round(float(minimize_scalar(loss, bounds=(0.3, 5.0), method="bounded").x), 3)


def read_card_facts(folder: Path) -> CardFacts:
    """The facts beside released weights."""
    return CardFacts(**json.loads((folder / "facts.json").read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
