"""The tables that the evaluation prints."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from retrieval.calibration import LABELS
from retrieval.training.metrics import Scores

_WIDTH = 120  # of a pipe too


def show_scores(title: str, rows: Mapping[str, Scores]) -> None:
    """One row a set, model or baseline; P and R of contradict are at the bar from which an excerpt is shown."""
    table = Table(title, box=None)
    for heading in ("pairs", "acc", "macro-F1", "95 %", *LABELS, "P contr.", "R contr.", "ECE"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in rows.items():
        interval = "{:.3f}-{:.3f}".format(*found.macro_f1_interval) if found.macro_f1_interval else ""
        f1 = [_places(found.f1.get(label)) for label in LABELS]
        shown = (_places(found.contradict_precision), _places(found.contradict_recall))
        table.add_row(name, str(found.pairs), _places(found.accuracy), _places(found.macro_f1), interval, *f1, *shown, _places(found.ece))
    Console(width=_WIDTH).print(table)


def show_challenge(overall: Mapping[str, Scores], phenomena: Mapping[str, Mapping[str, Scores]]) -> None:
    """Accuracy by phenomenon, a column a model, the last model's worst first."""
    names = list(overall)
    table = Table("challenge set", box=None)
    for heading in ("pairs", *names):
        table.add_column(heading, justify="right")
    last = phenomena[names[-1]]
    table.add_row("all", str(overall[names[-1]].pairs), *(_places(overall[name].accuracy) for name in names))
    for one in sorted(last, key=lambda one: last[one].accuracy):
        table.add_row(one, str(last[one].pairs), *(_places(phenomena[name][one].accuracy) for name in names))
    Console(width=_WIDTH).print(table)


def _places(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
