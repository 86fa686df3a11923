"""Fit what turns logits into probabilities: the models' weights, a shift and the worth of the explicit comparison.

    python -m retrieval.training.calibrate --data DIR --weights retrieval/weights/stance-large [--partner retrieval/weights/stance-small]

Fitted on the even rows of dev's fact-checking and news sources, which trained nothing; the evaluation reports on the odd rows. In a whole
check most windows tell of other events, as those pairs do not, so more of its contradictions are wrong than of theirs: `--bars` sets what
tests/bench/sides.py speaks for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from retrieval.calibration import FACTS, FILE, LABELS, Calibration, Rows, fact_row, softmax
from retrieval.facts.contrast import contrast
from retrieval.stance import CrossEncoderStance
from retrieval.training.data import Pair, read_pairs, shorten
from retrieval.training.judged import logits_of
from retrieval.training.recipe import FACTUAL
from retrieval.training.release import model_files
from retrieval.types import StanceBars

# Of shifts and of the worth of facts, in nats: a fact that is seen a few times may hardly move the odds.
PENALTY = 2.0
PRECISION = 0.9  # wanted of what is shown on either side
SEEN = 10  # times that a fact must be seen, to be worth anything


def fit(logits: Sequence[Rows], pairs: list[Pair], *, facts: bool = True) -> Calibration:
    """The calibration with the least negative log-likelihood and L2-penalty (Guo et al., ICML 2017, with a shift and facts added).

    `logits` is one (n, 3) a model, in the order of LABELS, of the pairs' own evidence.
    """
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    rows = np.array([fact_row(contrast(pair.claim, pair.evidence)) for pair in pairs])
    seen = (rows.sum(axis=0) >= SEEN) & facts
    used = rows[:, seen]
    size = len(LABELS)

    models = len(logits)

    def unpacked(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        return np.exp(values[:models]), values[models : models + size], values[models + size :].reshape(-1, size)

    def probabilities(values: NDArray[np.float64]) -> NDArray[np.float64]:
        weights, shift, worth = unpacked(values)
        mixed = np.tensordot(weights, np.stack(logits), axes=1) + shift + used @ worth
        return softmax(np.asarray(mixed, dtype=np.float32)).astype(np.float64)

    def loss(values: NDArray[np.float64]) -> float:
        likely = probabilities(values)[np.arange(len(gold)), gold]
        return float(-np.log(likely + 1e-9).sum() + PENALTY * (values[models:] ** 2).sum() / 2)

    def slope(values: NDArray[np.float64]) -> NDArray[np.float64]:
        wrong = probabilities(values)
        wrong[np.arange(len(gold)), gold] -= 1
        outer = [weight * float((wrong * rows).sum()) for weight, rows in zip(np.exp(values[:models]), logits, strict=True)]
        return np.concatenate([outer, np.concatenate([wrong.sum(axis=0), (used.T @ wrong).ravel()]) + PENALTY * values[models:]])

    start = np.concatenate([np.full(models, -np.log(models)), np.zeros(size * (1 + used.shape[1]))])
    found = minimize(loss, start, jac=slope, method="L-BFGS-B").x
    weights, shift, worth = unpacked(found)
    names = [name for name, kept in zip(FACTS, seen, strict=True) if kept]
    facts_worth = {name: _triple(row) for name, row in zip(names, worth, strict=True)}
    given = probabilities(found).astype(np.float32)
    bars = StanceBars(*(bar(given[:, place], gold == place) for place in map(LABELS.index, ("agree", "contradict"))))
    return Calibration(tuple(round(float(weight), 4) for weight in weights), _triple(shift), facts_worth, bars)


def bar(probabilities: NDArray[np.float32], right: NDArray[np.bool_], precision: float = PRECISION) -> float:
    """The lowest probability from which on `precision` of those shown are right; 1.0 where none does. (n,) each.

    Precision is smoothed by one wrong pair, so that a lucky few at the top do not set the bar.
    """
    order = np.argsort(-probabilities, kind="stable")
    found = np.cumsum(right[order]) / (np.arange(len(order)) + 2)
    enough = np.flatnonzero(found >= precision)
    return round(float(probabilities[order[enough[-1]]]), 4) if len(enough) else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Calibrate a released stance model.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the released model")
    parser.add_argument("--partner", type=Path, default=None, help="folder of the model that reads each pair beside it")
    parser.add_argument(
        "--bars", type=float, nargs=2, default=None, metavar=("AGREE", "CONTRADICT"), help="bars that whole checks speak for"
    )
    options = parser.parse_args()
    pairs = shorten(read_pairs(options.data / "dev.jsonl.xz"))
    folders = [options.weights, *([options.partner] if options.partner else [])]
    rows = fitting_rows(pairs)
    logits = [logits_of(CrossEncoderStance(model_files(folder)), pairs)[rows] for folder in folders]
    found = fit(logits, [pairs[row] for row in rows])
    sys.stderr.write(f"bars for a precision of {PRECISION} on pairs: {found.bars}\n")
    if options.bars:
        found = replace(found, bars=StanceBars(*options.bars))
    (options.weights / FILE).write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    print(json.dumps(asdict(found), indent=1))  # noqa: T201


def fitting_rows(pairs: Sequence[Pair]) -> list[int]:
    """The even rows of sources that judge facts."""
    return [row for row in range(0, len(pairs), 2) if pairs[row].source in FACTUAL]


def _triple(row: NDArray[np.float64]) -> tuple[float, float, float]:
    agree, contradict, neutral = (round(float(value - row.mean()), 4) for value in row)
    return agree, contradict, neutral


if __name__ == "__main__":
    main()
