"""How good the stance models are: on pairs that trained nothing, by source, on the challenge set by phenomenon, beside baselines.

    python -m retrieval.training.evaluate --data DIR [--out FILE] [--plots]

Uses the same path as `python -m bot stance`: long evidence is cut to its nearest sentences, probabilities are calibrated. Calibration
and bars were fitted on the even rows of dev's fact-checking and news sources, so what depends on them is reported on the odd rows.
"Large" is the large model mixed with the small one, as the product uses them; "without comparison" is fitted on the same rows without
the explicit comparison of facts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.calibration import Calibration, Rows, read_calibration
from retrieval.embed import SentenceEmbedder
from retrieval.models import ModelFiles, sha256_of
from retrieval.stance import CrossEncoderStance
from retrieval.training import baselines
from retrieval.training.calibrate import fit, fitting_rows
from retrieval.training.challenge import CHALLENGE, read_challenge
from retrieval.training.data import Pair, read_pairs, shorten
from retrieval.training.judged import logits_of
from retrieval.training.metrics import Probabilities, Scores, by_source, score
from retrieval.training.recipe import FACTUAL
from retrieval.training.release import PACKAGED, WEIGHTS, model_files
from retrieval.training.tables import show_challenge, show_scores

RESULTS = Path("tests/bench/results")
FIRST = RESULTS / "stance-first.json"  # what this command found for the first bundled model, on the same pairs
MODELS = ("small", "large")
SHOWN = ("vitaminc-real", "fever-dev", "fnc1-train", "mnli-dev")


@dataclass(frozen=True, slots=True)
class _Logits:
    """Of one model."""

    dev: Rows  # (n, 3)
    challenge: Rows  # (m, 3)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model, or two together, say of dev and of the challenge set, under one calibration."""

    bar: float  # from which a pair is shown as contradicting
    dev: Probabilities  # (n, 3)
    challenge: Probabilities  # (m, 3)


def main() -> None:
    options = _options()
    file = options.data / "dev.jsonl.xz"
    pairs, challenge = shorten(read_pairs(file)), read_challenge(CHALLENGE)
    models = {name: CrossEncoderStance(model_files(WEIGHTS / f"stance-{name}")) for name in MODELS}
    logits = {name: _Logits(logits_of(model, pairs), logits_of(model, challenge)) for name, model in models.items()}
    judged = {
        "small without comparison": _judge(None, [logits["small"]], pairs, challenge),
        "small": _judge(read_calibration(WEIGHTS / "stance-small"), [logits["small"]], pairs, challenge),
        "large alone": _judge(None, [logits["large"]], pairs, challenge),
        "large without comparison": _judge(None, [logits["large"], logits["small"]], pairs, challenge),
        "large": _judge(read_calibration(WEIGHTS / "stance-large"), [logits["large"], logits["small"]], pairs, challenge),
    }
    rows = _baselines(pairs, sha256_of(file)) | {name: score(pairs, found.dev, found.bar) for name, found in judged.items()}
    apart = [row for row in range(1, len(pairs), 2) if pairs[row].source in FACTUAL]
    kept = [pairs[row] for row in apart]
    odd = {name: score(kept, found.dev[apart], found.bar) for name, found in judged.items()}
    sources = {name: by_source(pairs, judged[name].dev, judged[name].bar) for name in MODELS}
    hard = {name: score(challenge, found.challenge, found.bar) for name, found in judged.items()}
    phenomena = {name: by_source(challenge, found.challenge, found.bar) for name, found in judged.items()}
    report = {
        "commit": _commit(), "models": {name: model.model_id for name, model in models.items()},
        "data_sha256": sha256_of(file), "challenge_sha256": sha256_of(CHALLENGE),
        "dev": _json(rows), "facts_and_news_odd_rows": _json(odd), "by_source": {name: _json(found) for name, found in sources.items()},
        "challenge": _json(hard),
        "challenge_accuracy": {name: {one: found.accuracy for one, found in each.items()} for name, each in phenomena.items()},
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    show_scores("all of dev", rows)
    show_scores("facts and news, odd rows", odd)
    for name, found in sources.items():
        show_scores(f"{name}, by source", {one: found[one] for one in SHOWN if one in found} | found)
    show_challenge(hard, phenomena)
    if options.plots:
        from retrieval.training.plots import reliability, risk_coverage

        for name in MODELS:
            reliability(kept, judged[name].dev[apart], WEIGHTS / f"stance-{name}" / "reliability.png")
            risk_coverage(kept, judged[name].dev[apart], WEIGHTS / f"stance-{name}" / "risk-coverage.png")


def _judge(calibration: Calibration | None, logits: Sequence[_Logits], pairs: list[Pair], challenge: list[Pair]) -> Judged:
    """Under the calibration in force, or where it is None under one fitted on the even rows without the explicit comparison."""
    rows = fitting_rows(pairs)
    used = calibration or fit([each.dev[rows] for each in logits], [pairs[row] for row in rows], facts=False)
    return Judged(
        used.bars.contradict,
        used.probabilities([each.dev for each in logits], _texts(pairs)).astype(np.float64),
        used.probabilities([each.challenge for each in logits], _texts(challenge)).astype(np.float64),
    )


def _texts(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.evidence, pair.claim) for pair in pairs]


def _baselines(pairs: list[Pair], digest: str) -> dict[str, Scores]:
    """Whatever is to be beaten, at a bar of 0.7."""
    embedder = SentenceEmbedder(ModelFiles("all-minilm-l6-v2", PACKAGED, sha256_of(PACKAGED / "model.safetensors"), 256), 384)
    rows = {
        "majority class": score(pairs, baselines.majority(pairs), 0.7),
        "embedding similarity": score(pairs, baselines.similarity(embedder, pairs), 0.7),
    }
    first = json.loads(FIRST.read_text(encoding="utf-8")) if FIRST.exists() else None
    return rows | ({"first model": Scores(**first["overall"])} if first and first["data_sha256"] == digest else {})


def _json(rows: Mapping[str, Scores]) -> dict[str, dict[str, object]]:
    return {name: found.as_json() for name, found in rows.items()}


def _commit() -> str:
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Evaluate the stance models.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--out", type=Path, default=RESULTS / "stance.json")
    parser.add_argument("--plots", action="store_true", help="draw the diagrams of the model cards (extra train)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
