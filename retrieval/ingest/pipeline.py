"""The second story: articles as readers find them, to stored passages with their vectors."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from retrieval.errors import BadItem
from retrieval.ingest.duplicates import Shingles, likeness, same_story, shingles, sketch
from retrieval.ingest.languages import is_served, with_language
from retrieval.ingest.split import split
from retrieval.ports import ArticleStore, Embedder, Saved, Story, StoryMoved, Vectors
from retrieval.text import Span
from retrieval.types import Article

# Articles that are embedded together. Enough for batches of like lengths, few enough that a kill loses a second or two of work.
BATCH = 32
_TRIES = 3


@dataclass(slots=True)
class Report:
    """What an ingest did."""

    saved: dict[Saved, int] = field(default_factory=lambda: dict.fromkeys(Saved, 0))
    passages: int = 0
    failed: list[BadItem] = field(default_factory=list)
    copies: int = 0  # articles that are copies of a story stored before
    unserved: Counter[str] = field(default_factory=Counter)  # articles stored but not searched, by language

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


@dataclass(slots=True)
class _Draft:
    """An article on its way into the store."""

    article: Article
    cut: list[Span]
    shingles: Shingles
    bands: Sequence[int]
    story: Story | None = None

    def own(self) -> list[int]:
        """Places of the passages that no stored passage stands for."""
        twins = self.story.twins if self.story else {}
        return [place for place in range(len(self.cut)) if place not in twins]

    def inputs(self) -> list[str]:
        """What is embedded."""
        return [passage_input(self.article.title, self.words(place)) for place in self.own()]

    def words(self, place: int) -> str:
        start, end = self.cut[place]
        return self.article.text[start:end]


def _store(articles: list[Article], store: ArticleStore, embedder: Embedder, report: Report) -> None:
    """Store articles: of those that may be copies of one another, one after the other, so that the later finds the earlier."""
    waiting = [_draft(article) for article in articles]
    while waiting:
        seen: set[int] = set()
        now: list[_Draft] = []
        later: list[_Draft] = []
        for draft in waiting:
            (later if seen.intersection(draft.bands) else now).append(draft)
            seen.update(draft.bands)
        stored = store.stored_bands(band for draft in now for band in draft.bands)
        for draft in now:
            if not stored.isdisjoint(draft.bands):
                draft.story = _story(draft, store)
        vectors = embedder.embed([text for draft in now for text in draft.inputs()])
        at = 0
        for draft in now:
            count = len(draft.own())
            _save(draft, vectors[at : at + count], store, embedder, report)
            at += count
        waiting = later


def _draft(article: Article) -> _Draft:
    article = with_language(article)
    if not is_served(article.language):
        return _Draft(article, [], frozenset(), ())
    text_shingles = shingles(article.text)
    return _Draft(article, split(article.text, article.language or "en"), text_shingles, sketch(text_shingles).bands)


def _story(draft: _Draft, store: ArticleStore) -> Story | None:
    """The stored article that this one is a copy of, and what of it need not be searched twice; None where it is news."""
    kept = [(one, shingles(one.text)) for one in store.candidates(draft.bands, draft.article.url)]
    same = [(likeness(draft.shingles, theirs), -one.article_id) for one, theirs in kept if same_story(draft.shingles, theirs)]
    if not same:
        return None
    article_id, ids = -max(same)[1], {-negative for _, negative in same}
    stories = sorted({one.story_id for one, _ in kept if one.article_id in ids and one.story_id is not None})
    by_words = {_plain(words): passage_id for passage_id, words in store.searched_passages(article_id).items()}
    places = {place: by_words.get(_plain(draft.words(place))) for place in range(len(draft.cut))}
    return Story(article_id, {place: twin for place, twin in places.items() if twin is not None}, stories)


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _save(draft: _Draft, vectors: Vectors, store: ArticleStore, embedder: Embedder, report: Report) -> None:
    for _ in range(_TRIES):
        try:
            outcome = store.save(draft.article, draft.cut, vectors, embedder.model_id, draft.story, draft.bands)
        except StoryMoved:
            draft.story = _story(draft, store)
            vectors = embedder.embed(draft.inputs())
            continue
        break
    else:  # others are busy with the same story: a copy that is searched by itself is better than none
        draft.story = replace(draft.story, twins={}) if draft.story else None
        outcome = store.save(draft.article, draft.cut, embedder.embed(draft.inputs()), embedder.model_id, draft.story, draft.bands)
    report.saved[outcome] += 1
    if outcome is Saved.UNCHANGED:
        return
    report.passages += len(draft.cut)
    report.copies += draft.story is not None
    if not is_served(draft.article.language):
        report.unserved[draft.article.language or ""] += 1


def _batches(items: Iterable[Article | BadItem], size: int) -> Iterator[list[Article | BadItem]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
