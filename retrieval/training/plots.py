"""The diagrams of a model card: how far probabilities can be trusted, and what silence buys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from retrieval.calibration import LABELS
from retrieval.training.data import Pair
from retrieval.training.metrics import BINS, Probabilities


def reliability(pairs: Sequence[Pair], probabilities: Probabilities, file: Path) -> None:
    """Of the pairs given a probability for a label, the share that has it; a bar a tenth, a panel a label (Guo et al., ICML 2017)."""
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    for place, (label, axes) in enumerate(zip(LABELS, figure.subplots(1, len(LABELS), sharey=True), strict=True)):
        given, right = probabilities[:, place], gold == place
        bins = np.minimum((given * BINS).astype(int), BINS - 1)
        filled = [b for b in range(BINS) if (bins == b).any()]
        axes.bar([(b + 0.5) / BINS for b in filled], [right[bins == b].mean() for b in filled], width=0.09, color="#4477aa")
        axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle="--")
        _label(axes, f"{label} ({len(pairs)} pairs)", "probability given", "share that is so" if place == 0 else "")
    figure.savefig(file, dpi=110)


def risk_coverage(pairs: Sequence[Pair], probabilities: Probabilities, file: Path) -> None:
    """Wrong ones among those shown, for each share shown: the surest first, a curve a side (El-Yaniv and Wiener, JMLR 2010)."""
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for label, colour, line in (("agree", "#4477aa", "-"), ("contradict", "#cc6677", "--")):
        place = LABELS.index(label)
        order = np.argsort(-probabilities[:, place], kind="stable")
        hits = np.cumsum(gold[order] == place)
        count = np.arange(1, len(order) + 1)
        recall = hits / max(1, hits[-1])
        upto = int(np.searchsorted(recall, 0.95)) + 1
        axes.plot(recall[:upto], 1 - hits[:upto] / count[:upto], color=colour, linestyle=line, label=label)
    axes.axhline(0.1, color="black", linewidth=0.8, linestyle=":")
    axes.legend()
    _label(axes, f"What is shown, and how much of it is wrong ({len(pairs)} pairs)", "share of that label's pairs shown", "share wrong")
    figure.savefig(file, dpi=110)


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
