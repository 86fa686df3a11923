"""Copies of stories: how well they are found, and what finding them costs beside embedding, in a store of 100,000 articles."""

from __future__ import annotations

import time

import numpy as np
from sqlalchemy import insert, select

from db.engine import Database
from db.schema import ArticleRow, RevisionRow, SketchBandRow, SourceRow
from retrieval.ingest.duplicates import BANDS, same_story, shingles, sketch
from retrieval.ingest.pipeline import ingest, passage_input
from retrieval.ingest.split import split
from retrieval.types import Article
from tests.bench.sample import scratch_app
from tests.standins.store import NOON
from tests.standins.stories import made_stories, pairs_found

STORED = 100_000  # articles that are there before
PAGE = 5_000
MEASURED = 120


def copies_quality_and_cost() -> dict[str, float]:
    """Precision and recall of pairs put into one story; milliseconds an article for finding them, for embedding it, and their ratio."""
    stories = made_stories(40, seed=3)
    articles = [Article(f"https://made.example/{number}", "", f"Outlet {number % 31}", made.text) for number, made in enumerate(stories)]
    with scratch_app() as app:
        ingest(articles, app.articles, app.embedder)
        with app.database.reading() as session:
            found = {url: group for url, group in session.execute(select(ArticleRow.url, ArticleRow.story_id))}
        precision, recall = pairs_found(stories, [found[article.url] for article in articles])
        _fill(app.database)
        texts = [made.text for made in made_stories(20, seed=8)][:MEASURED]
        started = time.perf_counter()
        for text in texts:
            mine = shingles(text)
            for kept in app.articles.candidates(sketch(mine).bands, "https://made.example/new"):
                same_story(mine, shingles(kept.text))
        between = time.perf_counter()
        app.embedder.embed([passage_input("", text[start:end]) for text in texts for start, end in split(text)])
        ended = time.perf_counter()
    finding, embedding = (between - started) / len(texts) * 1000, (ended - between) / len(texts) * 1000
    return {
        "stories": len({made.story for made in stories}), "articles": len(stories), "precision": precision, "recall": recall,
        "stored_articles": STORED, "finding_ms": finding, "embedding_ms": embedding, "finding_of_embedding": finding / embedding,
    }  # fmt: skip


def _fill(database: Database) -> None:
    """Bands of articles that are no copies, with a revision each."""
    rng = np.random.default_rng(5)
    with database.writing() as session:
        source = SourceRow(name="Filler", created_at=NOON)
        session.add(source)
        session.flush()
        source_id = source.id
    for page in range(0, STORED, PAGE):
        ids = range(1_000_000 + page, 1_000_000 + page + PAGE)
        keys = rng.integers(0, 2**62, size=(PAGE, BANDS))
        with database.writing() as session:
            session.execute(
                insert(ArticleRow),
                [
                    {"id": id_, "url": f"https://filler.example/{id_}", "source_id": source_id, "revision_id": id_, "created_at": NOON}
                    for id_ in ids
                ],
            )
            session.execute(
                insert(RevisionRow),
                [
                    {"id": id_, "article_id": id_, "number": 1, "title": "", "text": "filler", "content_hash": "", "created_at": NOON}
                    for id_ in ids
                ],
            )
            session.execute(
                insert(SketchBandRow),
                [{"key": int(key), "article_id": id_} for id_, row in zip(ids, keys, strict=True) for key in row],
            )
