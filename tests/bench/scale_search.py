"""One size of tests/bench/scale.py, in a process of its own: search over a store that is there. Prints its figures as one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.app import App
from config.settings import Settings
from retrieval.fuse import by_score
from retrieval.ports import Vectors
from retrieval.search import DEPTH, Search
from retrieval.types import Match
from tests.bench.metrics import mean, percentile, recall_at

WARMING = 100
COUNT, PER_ARTICLE = 50, 3
BLOCK = 50_000
Query = tuple[Vectors, str]


class Given:
    """An Embedder that has the vectors already: what is timed is what comes after the embedding."""

    def __init__(self, model_id: str, queries: Sequence[Query]) -> None:
        self.model_id = model_id
        self.dimension = len(queries[0][0])
        self._vectors = {text: vector for vector, text in queries}

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])


def main() -> None:
    place, given = map(Path, sys.argv[1:3])
    queries = read_queries(given)
    with App(Settings(data_dir=place, database_url=None)) as app:
        started = time.perf_counter()
        app.embedder.embed(["A first text."])
        loaded = time.perf_counter()
        app.index.follow()
        figures = {"models_s": loaded - started, "open_s": time.perf_counter() - loaded}
        before = memory()
        search = Search(Given(app.embedder.model_id, queries), app.index, app.passages)
        for _, text in queries[:WARMING]:
            search.find([text], COUNT, PER_ARTICLE)
        figures |= _timed(app, search, queries[WARMING:])
        after = memory()
        figures |= {f"{name}_mb": value for name, value in after.items()} | {"before_mb": before["resident"]}
        figures |= _recalled(app, queries[WARMING:])
    print(json.dumps(figures))  # noqa: T201


def read_queries(path: Path) -> list[Query]:
    with np.load(path) as kept:
        return list(zip(kept["vectors"], kept["texts"].tolist(), strict=True))


def memory() -> dict[str, float]:
    """MB of this process now, and how much of it is files that are mapped; its peak."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return {
        name: int(lines[key].split()[0]) * 1024 / 1e6 for name, key in (("resident", "VmRSS"), ("mapped", "RssFile"), ("peak", "VmHWM"))
    }


def _timed(app: App, search: Search, queries: Sequence[Query]) -> dict[str, float]:
    took: dict[str, list[float]] = {"search": [], "dense": [], "lexical": []}
    for vector, text in queries:
        for name, ask in (
            ("search", lambda text=text: search.find([text], COUNT, PER_ARTICLE)),
            ("dense", lambda vector=vector: app.index.dense(vector, DEPTH * COUNT)),
            ("lexical", lambda text=text: app.index.lexical(text, DEPTH * COUNT)),
        ):
            started = time.perf_counter()
            ask()
            took[name].append((time.perf_counter() - started) * 1000)
    return {f"{name}_{label}_ms": percentile(each, share) for name, each in took.items() for label, share in (("p50", 0.5), ("p95", 0.95))}


def _recalled(app: App, queries: Sequence[Query]) -> dict[str, float]:
    """Recall of the dense side and of the fused ranking, against a scan of all vectors; and what the scan takes: the baseline."""
    ids = np.fromiter(app.changes.live_ids(app.embedder.model_id), dtype=np.int64)
    stored = np.concatenate([
        np.stack([row.astype(np.float16) for row in app.changes.vectors(part.tolist(), app.embedder.model_id).values()])
        for part in np.array_split(ids, max(1, len(ids) // 20_000))
    ])  # fmt: skip
    vectors = np.stack([vector for vector, _ in queries])
    scores = np.concatenate([vectors @ stored[at : at + BLOCK].astype(np.float32).T for at in range(0, len(stored), BLOCK)], axis=1)
    depth = DEPTH * COUNT
    recalls: dict[str, list[float]] = {"recall_at_10": [], "recall_at_50": [], "fused_recall_at_50": []}
    for (vector, text), row in zip(queries, scores, strict=True):
        best = np.argpartition(-row, depth)[:depth]
        best = best[np.lexsort((ids[best], -row[best]))]
        exact = [Match(int(ids[at]), float(row[at])) for at in best]
        found, lexical = app.index.dense(vector, depth), app.index.lexical(text, depth)
        for k in (10, 50):
            recalls[f"recall_at_{k}"].append(recall_at([one.passage_id for one in found], {one.passage_id for one in exact[:k]}, k))
        fused, wanted = by_score(found, lexical), {one.passage_id for one in by_score(exact, lexical)[:COUNT]}
        recalls["fused_recall_at_50"].append(recall_at([one.passage_id for one in fused], wanted, COUNT))
    wide = stored.astype(np.float32) if len(stored) <= 100_000 else None
    scans = []
    for vector in vectors[:10] if wide is not None else ():
        started = time.perf_counter()
        np.argpartition(-(wide @ vector), depth)
        scans.append((time.perf_counter() - started) * 1000)
    return {name: mean(each) for name, each in recalls.items()} | ({"scan_p50_ms": percentile(scans, 0.5)} if scans else {})


if __name__ == "__main__":
    main()
