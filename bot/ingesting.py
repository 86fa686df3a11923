"""`ingest`: targets to stored articles, with a progress bar."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from bot.app import App
from bot.terminal import console, progress
from retrieval.errors import BadItem
from retrieval.ingest.files import count_items, read_target
from retrieval.ingest.pipeline import Report, ingest
from retrieval.types import Article


def ingest_targets(app: App, targets: Sequence[Path]) -> int:
    """Store the articles of all targets, bring the index up to date, report; how many items failed, each named on stderr."""
    err = console(stderr=True)
    with progress(err) as bar:
        total = _total(targets)
        task = bar.add_task("Ingesting", total=total)
        report = ingest(
            itertools.chain.from_iterable(map(_items, targets)),
            app.articles,
            app.embedder,
            lambda so_far: bar.update(task, completed=so_far.items),
        )
        bar.update(task, completed=report.items, total=report.items)
    app.index.follow()
    for item in report.failed:
        typer.echo(str(item), err=True)
    typer.echo(_summary(report), err=True)
    return len(report.failed)


def _items(target: Path) -> Iterator[Article | BadItem]:
    try:
        yield from read_target(target)
    except BadItem as error:
        yield error


def _total(targets: Sequence[Path]) -> int | None:
    counts = [count_items(target) for target in targets if os.path.exists(target)]  # unlike Path's, no where a folder may not be searched
    return None if any(count is None for count in counts) else sum(count or 0 for count in counts)


def _summary(report: Report) -> str:
    parts = [f"{count} {kind.value}" for kind, count in report.saved.items()]
    failed = f", {len(report.failed)} failed" if report.failed else ""
    copies = f" {report.copies} of the articles are copies of stories stored before." if report.copies else ""
    unserved = "".join(
        f" {count} in the language {language!r} are stored but not searched: no model here reads it."
        for language, count in report.unserved.items()
    )
    return f"Articles: {', '.join(parts)}{failed}; {report.passages} passages stored.{copies}{unserved}"
