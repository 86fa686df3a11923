"""Figures of a stance model: F1 by label, macro-F1, expected calibration error, precision at the bar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_recall_fscore_support

from retrieval.calibration import LABELS
from retrieval.training.data import Pair

Probabilities = NDArray[np.float64]
BINS = 10
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one set of pairs. F1s of labels that the set lacks are left out of its macro-F1."""

    pairs: int
    accuracy: float
    macro_f1: float
    f1: dict[str, float]
    ece: float
    contradict_precision: float | None  # of the pairs that would be shown as contradicting; None when none would
    contradict_recall: float | None
    macro_f1_interval: tuple[float, float] | None = None  # 95 %, bootstrap over the pairs

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def score(pairs: Sequence[Pair], probabilities: Probabilities, contradict_bar: float) -> Scores:
    """Scores of (n, 3) probabilities in the order of LABELS."""
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    guess = probabilities.argmax(axis=1)
    present = sorted(set(gold.tolist()))
    _, _, f1, _ = precision_recall_fscore_support(gold, guess, labels=list(range(len(LABELS))), zero_division=0.0)
    shown = probabilities[:, LABELS.index("contradict")] >= contradict_bar
    right = shown & (gold == LABELS.index("contradict"))
    contradictions = int((gold == LABELS.index("contradict")).sum())
    return Scores(
        pairs=len(pairs), accuracy=_rounded(float((gold == guess).mean())),
        macro_f1=_rounded(float(f1_score(gold, guess, labels=present, average="macro", zero_division=0.0))),
        f1={LABELS[i]: _rounded(float(f1[i])) for i in present}, ece=_rounded(expected_calibration_error(gold, probabilities)),
        contradict_precision=_rounded(float(right.sum() / shown.sum())) if shown.any() else None,
        contradict_recall=_rounded(float(right.sum() / contradictions)) if contradictions else None,
        macro_f1_interval=macro_f1_interval(gold, guess),
    )  # fmt: skip


def macro_f1_interval(gold: NDArray[np.int64], guess: NDArray[np.int64], seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of macro-F1 over `RESAMPLES` resamples of the pairs (Efron, 1979)."""
    rng = np.random.default_rng(seed)
    size = len(LABELS)
    # Resampling the cells of the confusion matrix is resampling the pairs.
    cells = np.bincount(gold * size + guess, minlength=size * size)
    matrices = rng.multinomial(len(gold), cells / cells.sum(), size=RESAMPLES).reshape(RESAMPLES, size, size)
    present = sorted(set(gold.tolist()))
    hits = matrices[:, present, present].astype(float)
    sums = matrices.sum(axis=1)[:, present] + matrices.sum(axis=2)[:, present]
    macro = np.divide(2 * hits, sums, out=np.zeros_like(hits), where=sums > 0).mean(axis=1)
    low, high = np.quantile(macro, (0.025, 0.975))
    return _rounded(float(low)), _rounded(float(high))


def by_source(pairs: Sequence[Pair], probabilities: Probabilities, contradict_bar: float) -> dict[str, Scores]:
    """Scores of each source, by name."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, pair in enumerate(pairs):
        rows[pair.source].append(row)
    return {source: score([pairs[i] for i in found], probabilities[found], contradict_bar) for source, found in sorted(rows.items())}


def expected_calibration_error(gold: NDArray[np.int64], probabilities: Probabilities) -> float:
    """Mean gap between confidence and accuracy over ten bins of confidence, weighted by their size (Guo et al., ICML 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean() for b in range(BINS) if (bins == b).any()]
    return float(sum(gaps))


def _rounded(value: float) -> float:
    return round(value, 4)
