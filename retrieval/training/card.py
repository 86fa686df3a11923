"""Writes the table of a model card from what `evaluate` found, between the card's two marks.

python -m retrieval.training.card
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from retrieval.training.evaluate import MODELS, RESULTS, SHOWN
from retrieval.training.release import WEIGHTS

BEGIN, END = "<!-- figures: written by retrieval.training.card -->", "<!-- end of figures -->"
Row = Mapping[str, Any]  # as evaluate's report has it


def main() -> None:
    report = json.loads((RESULTS / "stance.json").read_text(encoding="utf-8"))
    for name in MODELS:
        file = WEIGHTS / f"stance-{name}" / "README.md"
        head, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
        _, mark, tail = rest.partition(END)
        if not mark:
            raise SystemExit(f"{file} has no marks for its figures")
        file.write_text(f"{head}{BEGIN}\n{figures(report, name)}\n{END}{tail}", encoding="utf-8")


def figures(report: Mapping[str, Any], name: str) -> str:
    """The table, and a paragraph on silence and the challenge set, in Markdown."""
    odd, hard = report["facts_and_news_odd_rows"][name], report["challenge"][name]
    phenomena = sorted(report["challenge_accuracy"][name].items(), key=lambda item: item[1])
    worst, best = (", ".join(f"{one} {share:.2f}" for one, share in part) for part in (phenomena[:8], phenomena[:-5:-1]))
    shown = 100 * (odd["contradict_precision"] or 0)
    return "\n".join([
        "| set | pairs | accuracy | macro-F1 | F1 agree | F1 contradict | F1 neutral |",
        "| --- | --: | --: | --: | --: | --: | --: |",
        *(_line(label, row) for label, row in _rows(report, name)),
        "",
        f"On the odd rows of facts and news: calibration error {odd['ece']:.3f}; of the pairs at or over the bar of contradiction",
        f"{shown:.1f} % do contradict, and they are {100 * odd['contradict_recall']:.1f} % of those that do. On the challenge set",
        f"({hard['pairs']} pairs of ours, never trained on): accuracy {hard['accuracy']:.3f};",
        f"worst {worst};",
        f"best {best}.",
    ])  # fmt: skip


def _rows(report: Mapping[str, Any], name: str) -> Iterator[tuple[str, Row]]:
    for label, row in report["dev"].items():
        if label.split()[0] in (name, "majority", "embedding", "first"):
            yield label, row
    yield "**facts and news, odd rows**", report["facts_and_news_odd_rows"][name]
    sources = report["by_source"][name]
    yield from ((source, sources[source]) for source in SHOWN)
    yield from ((source, row) for source, row in sorted(sources.items()) if source not in SHOWN)


def _line(label: str, row: Row) -> str:
    labels = "".join(f" {_share(row['f1'].get(label))} |" for label in ("agree", "contradict", "neutral"))
    return f"| {label} | {row['pairs']} | {row['accuracy']:.3f} | {row['macro_f1']:.3f} |{labels}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
