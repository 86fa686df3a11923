"""The second story: articles as readers find them, to stored passages with their vectors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from retrieval.errors import BadItem
from retrieval.ingest.split import split
from retrieval.ports import ArticleStore, Embedder, Saved
from retrieval.text import Span
from retrieval.types import Article

# Articles that are embedded together. Enough for batches of like lengths, few enough that a kill loses a second or two of work.
BATCH = 32


@dataclass(slots=True)
class Report:
    """What an ingest did."""

    saved: dict[Saved, int] = field(default_factory=lambda: dict.fromkeys(Saved, 0))
    passages: int = 0
    failed: list[BadItem] = field(default_factory=list)

    @property
    def items(self) -> int:
        return sum(self.saved.values()) + len(self.failed)


def ingest(
    items: Iterable[Article | BadItem], store: ArticleStore, embedder: Embedder, on_item: Callable[[Report], None] | None = None
) -> Report:
    """Store the articles; go on after bad items, which the report names.

    Each article is one transaction, so a kill leaves whole articles only, and the same items again store the rest: what is there already
    is not embedded again. `on_item` is called with the report so far after each batch. Raises StoreError and ModelError, which end it.
    """
    report = Report()
    for batch in _batches(items, BATCH):
        report.failed.extend(item for item in batch if isinstance(item, BadItem))
        articles = [item for item in batch if isinstance(item, Article)]
        fresh = store.unknown(articles)
        report.saved[Saved.UNCHANGED] += len(articles) - len(fresh)
        _store(fresh, store, embedder, report)
        if on_item is not None:
            on_item(report)
    return report


def passage_input(title: str, passage: str) -> str:
    """What is embedded for a passage: its title says what "he" and "the vote" are about."""
    return f"{title}\n{passage}" if title else passage


def _store(articles: list[Article], store: ArticleStore, embedder: Embedder, report: Report) -> None:
    spans: list[list[Span]] = [split(article.text, article.language or "en") for article in articles]
    inputs = [
        passage_input(article.title, article.text[start:end]) for article, cut in zip(articles, spans, strict=True) for start, end in cut
    ]
    vectors = embedder.embed(inputs)
    at = 0
    for article, cut in zip(articles, spans, strict=True):
        outcome = store.save(article, cut, vectors[at : at + len(cut)], embedder.model_id)
        at += len(cut)
        report.saved[outcome] += 1
        report.passages += len(cut) if outcome is not Saved.UNCHANGED else 0


def _batches(items: Iterable[Article | BadItem], size: int) -> Iterator[list[Article | BadItem]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
