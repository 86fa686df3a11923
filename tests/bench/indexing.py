"""Speed and recall of the local index at 10,000 passages of made-up vectors and words: no model is needed."""

from __future__ import annotations

import time

import numpy as np

from bot.app import App, model_files
from retrieval.fuse import by_score
from retrieval.ports import Vectors
from retrieval.types import Article
from tests.bench.metrics import mean, percentile
from tests.bench.sample import scratch_app

ARTICLES, PASSAGES_EACH, WORDS_EACH = 1_000, 10, 60
CLUSTERS, NOISE = 200, 0.6  # topics, and how far from its topic's unit centre a passage lies
QUERIES, QUERY_WORDS = 200, 12
COUNT, DEPTH = 50, 150  # as retrieval.search asks; recall is of the first COUNT
VOCABULARY, ZIPF = 50_000, 1.1
SEED = 20_250_224


def index_speed() -> dict[str, float]:
    """Milliseconds (p50) of the dense side, the lexical side, and both with fusion; recall@50 of the dense side against an exact scan.

    Vectors lie about random topic centres, words have Zipf frequencies; everything goes through the real store on SQLite.
    """
    rng = np.random.default_rng(SEED)
    with scratch_app() as app:
        files, dimension = model_files("embedding", app.settings.embedding_model)
        centres = _unit(rng.standard_normal((CLUSTERS, dimension)))
        vectors = _near(centres, ARTICLES * PASSAGES_EACH, rng)
        _store(app, vectors, files.model_id, rng)
        started = time.perf_counter()
        app.index.follow()
        built = time.perf_counter() - started
        asked = [(vector, " ".join(_words(QUERY_WORDS, rng))) for vector in _near(centres, QUERIES, rng)]
        return {"passages": len(vectors), "build_s": built, **_measured(app, vectors, asked)}


def _measured(app: App, vectors: Vectors, asked: list[tuple[Vectors, str]]) -> dict[str, float]:
    stored = vectors.astype(np.float16).astype(np.float32)
    dense_ms: list[float] = []
    lexical_ms: list[float] = []
    search_ms: list[float] = []
    recalls: list[float] = []
    for vector, text in asked:
        started = time.perf_counter()
        dense = app.index.dense(vector, DEPTH)
        between = time.perf_counter()
        lexical = app.index.lexical(text, DEPTH)
        after = time.perf_counter()
        by_score(dense, lexical)
        ended = time.perf_counter()
        for took, seconds in ((dense_ms, between - started), (lexical_ms, after - between), (search_ms, ended - started)):
            took.append(seconds * 1000)
        exact = np.argsort(-(stored @ vector), kind="stable")[:COUNT] + 1  # passage ids count from 1 in a new database
        recalls.append(len({match.passage_id for match in dense[:COUNT]}.intersection(exact.tolist())) / COUNT)
    return {
        "dense_p50_ms": percentile(dense_ms, 0.5),
        "lexical_p50_ms": percentile(lexical_ms, 0.5),
        "search_p50_ms": percentile(search_ms, 0.5),
        "search_p95_ms": percentile(search_ms, 0.95),
        "recall_at_50": mean(recalls),
    }


def _store(app: App, vectors: Vectors, model_id: str, rng: np.random.Generator) -> None:
    for number in range(ARTICLES):
        texts = [" ".join(_words(WORDS_EACH, rng)) for _ in range(PASSAGES_EACH)]
        starts = np.cumsum([0] + [len(text) + 1 for text in texts]).tolist()
        spans = [(start, start + len(text)) for start, text in zip(starts, texts, strict=False)]
        article = Article(f"https://bench.example/{number}", " ".join(_words(8, rng)), f"Outlet {number % 20}", "\n".join(texts))
        app.articles.save(article, spans, vectors[number * PASSAGES_EACH : (number + 1) * PASSAGES_EACH], model_id)


def _words(count: int, rng: np.random.Generator) -> list[str]:
    """Made-up words, the commonest ones often: rank r with a chance of about r ** -ZIPF."""
    return [_spelt(int(rank) % VOCABULARY) for rank in rng.zipf(ZIPF, count)]


def _spelt(number: int) -> str:
    """A different pronounceable word for each number; syllables, so that the stemmer has little to cut."""
    syllables: list[str] = []
    while number or not syllables:
        number, rest = divmod(number, 70)
        syllables.append("bcdfgklmnprstv"[rest // 5] + "aeiou"[rest % 5])
    return "x" + "".join(syllables) + "k"


def _near(centres: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """(count, dimension) float32 unit rows, each about a random centre."""
    noise = _unit(rng.standard_normal((count, centres.shape[1])))
    return _unit(centres[rng.integers(0, len(centres), count)] + NOISE * noise)


def _unit(rows: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
