"""Crosscheck beside its peers, through the doors that ingest and `search` use; see tests/bench/peer_rig.py. No model is loaded."""

from __future__ import annotations

import time
from itertools import groupby
from pathlib import Path

import numpy as np

from bot.app import App
from bot.parts import model_files
from config.settings import Settings as AppSettings
from retrieval.search import Search
from retrieval.types import Article
from tests.bench.peer_rig import COUNT, Data, Passage, Rows, Settings, run
from tests.bench.scale_search import Given


def build(data: Data, place: Path) -> dict[str, float]:
    vectors = data.vectors
    started = time.perf_counter()
    with _app(place) as app:
        model_id = model_files("embedding", app.settings.embedding_model)[0].model_id
        for number, group in groupby(data.passages(), key=lambda passage: passage.article):
            passages = list(group)
            starts = np.cumsum([0] + [len(passage.text) + 1 for passage in passages]).tolist()
            spans = [(start, start + len(passage.text)) for start, passage in zip(starts, passages, strict=False)]
            rows = vectors[passages[0].id : passages[-1].id + 1]
            app.articles.save(_article(number, passages), spans, rows, model_id)
        stored = time.perf_counter()
        app.index.follow()
        np.save(place / "ids.npy", np.fromiter(app.changes.live_ids(model_id), dtype=np.int64))
    return {"store_s": stored - started, "index_s": time.perf_counter() - stored}


def _article(number: int, passages: list[Passage]) -> Article:
    text = "\n".join(passage.text for passage in passages)
    return Article(f"https://made.example/{number}", passages[0].title, f"Made {number % 20}", text)


class Served:
    """Passages are stored in their order, so the place of an id among all ids is the passage's."""

    def __init__(self, data: Data, place: Path, settings: Settings) -> None:
        self.settings = settings
        self._app = _app(place)
        self._ids = np.load(place / "ids.npy", mmap_mode="r")
        model_id = model_files("embedding", self._app.settings.embedding_model)[0].model_id
        queries = [*data.queries("warming"), *data.queries("queries")]
        self._search = Search(Given(model_id, queries), self._app.index, self._app.passages)
        self._app.index.follow()

    def hybrid(self, vector: Rows, words: str) -> list[int]:
        return self._places([hit.passage.id for hit in self._search.find([words], COUNT)[0]])

    def dense(self, vector: Rows) -> list[int]:
        return self._places([match.passage_id for match in self._app.index.dense(vector, COUNT)])

    def _places(self, ids: list[int]) -> list[int]:
        places: list[int] = np.searchsorted(self._ids, ids).tolist()
        return places


def _app(place: Path) -> App:
    return App(AppSettings(data_dir=place, database_url=None))


if __name__ == "__main__":
    run(build, Served)
