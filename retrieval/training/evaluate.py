"""How good the stance model is, by source and label, on pairs that trained nothing.

    python -m retrieval.training.evaluate --data DIR [--weights DIR] [--out FILE]

Uses the same path as `python -m bot stance`: long evidence is cut to its nearest sentences, probabilities are calibrated. The
temperature was fitted on the even rows of dev, so calibration is reported on the odd rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np

from retrieval.compare import BARS
from retrieval.evidence import judge_evidence
from retrieval.models import ModelFiles
from retrieval.stance import CrossEncoderStance
from retrieval.training.data import LABELS, Pair, read_pairs
from retrieval.training.metrics import Probabilities, Scores, by_source, score
from retrieval.training.release import WEIGHTS, read_card_facts

SHOWN = ("vitaminc-real", "fever-dev", "fnc1-train", "mnli-dev")


def main() -> None:
    parser = argparse.ArgumentParser(description="Evaluate the stance model.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, default=Path("tests/bench/results/stance.json"))
    options = parser.parse_args()
    path = options.data / "dev.jsonl.xz"
    pairs = read_pairs(path)
    model = load(options.weights)
    probabilities = judge(model, pairs)
    report = {
        "commit": _commit(), "model": model.model_id, "data_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "overall": score(pairs, probabilities, BARS.contradict).as_json(),
        "ece_odd_rows": score(pairs[1::2], probabilities[1::2], BARS.contradict).ece,
        "majority": _majority(pairs).as_json(),
        "by_source": {name: found.as_json() for name, found in by_source(pairs, probabilities, BARS.contradict).items()},
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_table(pairs, probabilities)


def load(folder: Path) -> CrossEncoderStance:
    """The stance model in a folder, whatever its hash: this measures what lies there."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    facts = read_card_facts(folder)
    return CrossEncoderStance(ModelFiles(folder.name, folder, digest, facts.max_tokens, LABELS, facts.temperature))


def judge(model: CrossEncoderStance, pairs: list[Pair]) -> Probabilities:
    """(n, 3) probabilities in the order of LABELS, by the product's own path."""
    stances = judge_evidence(model, [(pair.evidence, pair.claim) for pair in pairs])
    return np.array([(stance.agree, stance.contradict, stance.neutral) for stance in stances])


def print_table(pairs: list[Pair], probabilities: Probabilities) -> None:
    """Overall, the four sets named in the model card, then all others."""
    rows = {"majority class": _majority(pairs), "overall": score(pairs, probabilities, BARS.contradict)}
    sources = by_source(pairs, probabilities, BARS.contradict)
    rows |= {name: sources.pop(name) for name in SHOWN if name in sources} | sources
    print(f"{'set':<20}{'pairs':>6}{'acc':>7}{'macroF1':>9}{'agree':>7}{'contr.':>7}{'neutr.':>7}{'ECE':>6}")  # noqa: T201
    for name, found in rows.items():
        f1 = "".join(f"{found.f1[label]:7.3f}" if label in found.f1 else f"{'-':>7}" for label in LABELS)
        print(f"{name:<20}{found.pairs:>6}{found.accuracy:7.3f}{found.macro_f1:9.3f}{f1}{found.ece:6.3f}")  # noqa: T201


def _majority(pairs: list[Pair]) -> Scores:
    label = Counter(pair.label for pair in pairs).most_common(1)[0][0]
    probabilities = np.tile(np.eye(len(LABELS))[LABELS.index(label)], (len(pairs), 1))
    return score(pairs, probabilities, BARS.contradict)


def _commit() -> str:
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607


if __name__ == "__main__":
    main()
