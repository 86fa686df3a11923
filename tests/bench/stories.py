"""Outlet against outlet over the bundled sample and the news of tests/bench/data/posts (a1 to a3): `python -m tests.bench.stories`.

Every point was read and called right or not (data/stories.jsonl); what nobody has read is printed and counted as unread. A shared point is
right where its excerpts say one thing, a differing or changed one where they cannot both be so at one time. With --show all are printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter
from pathlib import Path

from bot.app import App
from retrieval.ingest.files import read_target
from retrieval.ingest.pipeline import ingest
from retrieval.points import Point
from retrieval.stories import StoryComparison
from retrieval.types import Claim
from tests.bench.metrics import percentile
from tests.bench.report import RESULTS, Value, save, show
from tests.bench.sample import SAMPLE, scratch_app

DATA = Path(__file__).parent / "data"
NEWS = ("articles-a1.jsonl", "articles-a2.jsonl", "articles-a3.jsonl")
KINDS = ("shared", "differing", "changed")
STORIES = (
    "the Baltimore bridge collapse",
    "UN vote on Ukraine",
    "martial law in South Korea",
    "German election result",
    "Assad's flight to Moscow",
    "Paris Olympics medals",
    "Nobel Prize in Physics",
    "ECB rate cut",
    "European peacekeepers in Ukraine",
    "Assembly vote on the Arlen Strait",
    "train derails near Culverne",
    "Bank of Cordaine cuts rate",
    "Cartwell fine",
    "dockers strike in Astermouth",
    "dune fever vaccine",
    "rival texts on the Fensund strait",
    "explosion at Grimsholt grain terminal",
    "former mayor of Ebbenau sentenced",
    "ground staff strike at Eichfeld airport",
    "vaccine against Eskell fever",
    "Lakes League resolutions on the Kessara dam",
    "ferry disaster off Iskaar",
    "Bank of Keldmark rate cut",
    "Lorvatel fine",
    "dockers strike at the port of Jessany",
    "Lomi fever vaccine",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Outlet against outlet: what of it is right, and how long it takes.")
    parser.add_argument("--out", type=Path, default=RESULTS / "stories.json")
    parser.add_argument("--show", action="store_true", help="print every point")
    arguments = parser.parse_args()
    with scratch_app() as app:
        _ingest(app)
        app.compare_stories([Claim(STORIES[0])])  # the models are loaded
        compared = app.compare_stories([Claim(story) for story in STORIES])
        models = app.models
    known = read_verdicts()
    if arguments.show:
        for one in compared:
            _print(one)
    rows = [[one.asked, str(one.voices), *(_of(one, kind, known) for kind in KINDS), str(len(one.points.only))] for one in compared]
    took = [sum(one.took_ms.values()) for one in compared]
    figures = _figures(compared, known) | {"p50_ms": percentile(took, 0.5), "max_ms": max(took)}
    show("Outlet against outlet: right of shown", ["story", "voices", *KINDS, "only"], [rows])
    show("In all", ["figure", "value"], [[[name, f"{value:,.0f}"] for name, value in figures.items()]])
    results: dict[str, Value] = {"models": dict(models), **figures}
    save(arguments.out, results)


def read_verdicts() -> dict[tuple[str, ...], bool]:
    """By kind and excerpts: whether a point is right."""
    lines = (json.loads(line) for line in (DATA / "stories.jsonl").read_text(encoding="utf-8").splitlines())
    return {(line["kind"], *line["excerpts"]): line["right"] for line in lines}


def _ingest(app: App) -> None:
    files = [*(SAMPLE / name for name in ("articles.jsonl", "continental.xml", "pages")), *(DATA / "posts" / name for name in NEWS)]
    ingest(itertools.chain.from_iterable(map(read_target, files)), app.articles, app.embedder)
    app.index.follow()


def _points(one: StoryComparison, kind: str) -> list[Point]:
    return list({"shared": one.points.shared, "differing": one.points.differing, "changed": one.points.changed}[kind])


def _key(kind: str, point: Point) -> tuple[str, ...]:
    return kind, *(excerpt.text for excerpt in point.excerpts)


def _of(one: StoryComparison, kind: str, known: dict[tuple[str, ...], bool]) -> str:
    """Such as: 2 of 3."""
    points = _points(one, kind)
    unread = [point for point in points if _key(kind, point) not in known]
    for point in unread:
        sys.stderr.write(f"unread: {json.dumps({'kind': kind, 'excerpts': _key(kind, point)[1:], 'right': None}, ensure_ascii=False)}\n")
    right = sum(known.get(_key(kind, point), False) for point in points)
    return f"{right} of {len(points)}" + (f" ({len(unread)} unread)" if unread else "")


def _figures(compared: list[StoryComparison], known: dict[tuple[str, ...], bool]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for kind in KINDS:
        for point in (point for one in compared for point in _points(one, kind)):
            counts[f"{kind}_shown"] += 1
            counts[f"{kind}_right"] += known.get(_key(kind, point), False)
    return {"stories": len(compared), **{name: counts[name] for kind in KINDS for name in (f"{kind}_shown", f"{kind}_right")}}


def _print(one: StoryComparison) -> None:
    out = sys.stdout.write
    out(f"\n{one.asked}: {one.voices} voices, {one.took_ms}\n")
    for told in one.told:
        out(f"  {told.article.published_at} {told.voice}: {told.article.title}\n")
    for kind in KINDS:
        for point in _points(one, kind):
            out(f"  {kind.upper()} {point.difference}\n")
            for excerpt in point.excerpts:
                out(f"    {excerpt.article.source}: {excerpt.text}\n")
    for excerpt in one.points.only:
        out(f"  ONLY {excerpt.article.source}: {excerpt.text}\n")


if __name__ == "__main__":
    main()
