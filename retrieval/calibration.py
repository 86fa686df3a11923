"""From the logits of one or two stance models to probabilities that can be trusted, with what the explicit comparison of facts adds.

probabilities = softmax(sum of weight x logits + shift + facts W), where facts are the 0s and 1s of `fact_row`; for one model the weight is
an inverse temperature. Fitted on pairs that trained nothing (retrieval/training/calibrate.py; Guo et al., ICML 2017). The comparison only
shifts the odds by what it was worth on those pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelError
from retrieval.facts.contrast import Contrast, contrast
from retrieval.types import StanceBars

Rows = NDArray[np.float32]
LABELS = ("agree", "contradict", "neutral")
KINDS = ("number", "date", "identifier", "direction", "negation")
FACTS = (*(f"{kind} differs" for kind in KINDS), *(f"{kind} agrees" for kind in KINDS), "number missing")
FILE = "calibration.json"
_EVEN = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted numbers, each triple in the order of LABELS. Without `facts`, the explicit comparison plays no part."""

    weights: tuple[float, ...] = (1.0,)  # one a model
    shift: tuple[float, float, float] = _EVEN
    facts: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    bars: StanceBars = StanceBars(0.65, 0.7)

    def probabilities(self, logits: Sequence[Rows], pairs: Sequence[tuple[str, str]]) -> Rows:
        """Each model's (n, 3) logits of n pairs of (evidence, claim) to (n, 3) probabilities; rows sum to 1."""
        mixed = sum(weight * rows for weight, rows in zip(self.weights, logits, strict=True))
        return softmax(np.asarray(mixed + np.array(self.shift) + self._moved(pairs), dtype=np.float32))

    def _moved(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        if not self.facts:
            return np.zeros((len(pairs), len(LABELS)))
        weights = np.array([self.facts.get(name, _EVEN) for name in FACTS])
        rows = np.array([fact_row(contrast(claim, evidence)) for evidence, claim in pairs]).reshape(len(pairs), len(FACTS))
        return cast("NDArray[np.float64]", rows @ weights)


def fact_row(found: Contrast) -> list[float]:
    """What the comparison found, as 0s and 1s in the order of FACTS."""
    differs, agrees = {match.kind for match in found.different}, {match.kind for match in found.same}
    missing = any(any(sign.isdigit() for sign in words) for words in found.missing)
    return [*(float(kind in differs) for kind in KINDS), *(float(kind in agrees) for kind in KINDS), float(missing)]


def softmax(logits: Rows) -> Rows:
    """(n, 3) to (n, 3), rows sum to 1."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float32)


def read_calibration(folder: Path) -> Calibration:
    """What lies beside the weights; no calibration at all where nothing does. Raises ModelError when it cannot be read."""
    file = folder / FILE
    if not file.exists():
        return Calibration()
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        facts = {name: tuple(row) for name, row in found["facts"].items()}
        return Calibration(tuple(found["weights"]), tuple(found["shift"]), facts, StanceBars(**found["bars"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The calibration of the stance model at {file} cannot be read ({type(error).__name__}). Install Crosscheck again."
        ) from error
