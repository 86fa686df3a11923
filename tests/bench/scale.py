"""Search and check at 10,000, 100,000 and 1,000,000 passages: speed, recall, memory, disk, building and catching up.

    python -m tests.bench.scale [--passages N ...] [--folder .bench] [--data ../shared/data/stance]

The stores are kept in the folder, since to fill the largest and build its index takes minutes. Passages are made (tests/bench/made_news.py)
about real ones: the evidence under --data where there is any, else the bundled sample. What is timed runs in a fresh process for each size,
with the embedding model loaded, so that its memory is that of a search that serves.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.app import App
from bot.parts import model_files
from config.settings import Settings
from retrieval.ports import Vectors
from retrieval.types import Article
from tests.bench.made_news import SEED, MadeNews
from tests.bench.report import RESULTS, ROOT, Value, save, show
from tests.bench.sample import ingest_sample, scratch_app

SIZES = (10_000, 100_000, 1_000_000)
FOLDER = ROOT / ".bench"
DATA = ROOT.parent / "shared" / "data" / "stance"
QUERIES = 400  # of which scale_search.py warms up with some
REAL = 20_000  # passages that made ones lie about
LATER = 1_000  # passages that come after the index was built: to catch up with


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure search and check at many sizes.")
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", choices=("search", "check"), nargs="+", default=("search", "check"))
    parser.add_argument("--out", type=Path, default=RESULTS / "scale.json")
    options = parser.parse_args()
    real = real_vectors(options.folder, options.data)
    found: dict[str, Value] = {}
    rows = []
    for size in options.passages:
        figures = measured(size, options.folder, real, options.only)
        found[str(size)] = dict(figures)
        rows.append([[f"{size:,}", name, f"{value:,.3f}"] for name, value in figures.items()])
    show("Search and check by size", ("passages", "figure", "value"), rows)
    save(options.out, {"real": len(real), "sizes": found})


def scale() -> dict[str, float]:
    """As the program, for `make bench`: each figure with its size."""
    real = real_vectors(FOLDER, DATA)
    return {f"{size} {name}": value for size in SIZES for name, value in measured(size, FOLDER, real, ("search", "check")).items()}


def measured(size: int, folder: Path, real: Vectors, what: Sequence[str]) -> dict[str, float]:
    """The figures of one size: milliseconds, seconds, MB (1,000,000 bytes), shares."""
    place = folder / str(size)
    if not (place / "filled").exists():
        _fill(place, size, real)
    figures = _indexed(place, size, real)
    for name in what:
        figures |= _in_a_process(name, place, real)
    return figures


def real_vectors(folder: Path, data: Path) -> Vectors:
    """(n, dimension) float32 unit rows of real passages, made once and kept."""
    kept = folder / "real.npy"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with scratch_app() as app:
            vectors = app.embedder.embed(_evidence(data)) if (data / "train.jsonl.xz").exists() else _of_sample(app)
        np.save(kept, vectors)
    loaded: Vectors = np.load(kept)
    return loaded


def _evidence(data: Path) -> list[str]:
    with lzma.open(data / "train.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = sorted({text for line in lines if 60 < len(text := json.loads(line)["evidence"]) < 600})
    random.Random(SEED).shuffle(texts)
    return texts[:REAL]


def _of_sample(app: App) -> Vectors:
    ingest_sample(app, app.embedder)
    return np.stack(list(app.changes.vectors(list(app.changes.live_ids(app.embedder.model_id)), app.embedder.model_id).values()))


def _fill(place: Path, size: int, real: Vectors) -> None:
    shutil.rmtree(place, ignore_errors=True)
    with _app(place) as app:
        _store(app, MadeNews(real), size, "made")
    (place / "filled").touch()


def _store(app: App, news: MadeNews, size: int, name: str) -> None:
    model_id = model_files("embedding", app.settings.embedding_model)[0].model_id
    for number, made in enumerate(news.articles(size)):
        article = Article(f"https://{name}.example/{number}", made.title, f"Made {number % 20}", made.text)
        app.articles.save(article, made.spans, made.vectors, model_id)


def _indexed(place: Path, size: int, real: Vectors) -> dict[str, float]:
    """Builds the index where there is none, and lets it catch up with LATER passages, which are taken out again."""
    figures: dict[str, float] = {}
    built = place / "built.json"
    with _app(place) as app:
        if not built.exists():
            started = time.perf_counter()
            app.index.follow()
            built.write_text(json.dumps({"build_s": time.perf_counter() - started}), encoding="utf-8")
        figures |= json.loads(built.read_text(encoding="utf-8"))
        app.index.follow()
        _store(app, MadeNews(real, SEED + 2), LATER, "later")
        started = time.perf_counter()
        app.index.follow()
        figures["catch_up_s"] = time.perf_counter() - started
        app.articles.remove([f"https://later.example/{number}" for number in range(LATER)])
        app.index.follow()
    figures["database_mb"] = _bytes(place.glob("*.db*")) / 1e6
    figures["index_mb"] = _bytes(path for path in (place / "index").rglob("*") if path.is_file()) / 1e6
    return {"passages": size, **figures}


def _bytes(files: object) -> int:
    return sum(path.stat().st_size for path in files)  # type: ignore[attr-defined]


def _in_a_process(what: str, place: Path, real: Vectors) -> dict[str, float]:
    """Queries are drawn here: what draws them takes memory, which is not to be counted."""
    drawn = MadeNews(real, SEED + 1).queries(QUERIES)
    with tempfile.TemporaryDirectory() as folder:
        queries = Path(folder) / "queries.npz"
        np.savez(queries, vectors=np.stack([vector for vector, _ in drawn]), texts=np.array([text for _, text in drawn]))
        command = [sys.executable, "-m", f"tests.bench.scale_{what}", str(place), str(queries)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _app(place: Path) -> App:
    return App(Settings(data_dir=place, database_url=None))


if __name__ == "__main__":
    main()
