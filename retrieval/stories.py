"""Outlet against outlet: the articles that tell one story, and what independent outlets share and have differently in it.

A story is what happened, whoever tells it. Copies of one agency's text (ArticleRef.story_id) are one voice in it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from retrieval.errors import UserError, sentence
from retrieval.gathering import Gathering, Told
from retrieval.ingest.duplicates import canonical_url
from retrieval.points import Points, find_points
from retrieval.ports import Embedder, PassageStore, StanceModel
from retrieval.search import Search
from retrieval.text import normalise, words
from retrieval.types import ArticleRef

# Cosine that the nearest article must have with the words that were asked for: all of 19 names of stored stories have more (from .36 on,
# for a single word), 10 of 17 names of others less. For the rest of these the nearest story is shown, and named.
ASKED = 0.35
CANDIDATES = 20  # articles of which the nearest is taken

MAX_ASKED = 400  # characters

_NO_WORDS = sentence("Name the story in a few words, such as “the closing of the bridge in Harwick”.")
_TOO_LONG = sentence("The text has {length:,} characters; at most {limit:,} can be read. Name the story in a few words.")
_NOT_STORED = sentence(
    "No article with this address is stored. Name the story in a few words instead, such as “the closing of the bridge”."
)
_NOT_FOUND = sentence("No stored article tells of this. Name the story in other words, such as “the closing of the bridge in Harwick”.")


class NoStory(UserError):
    """No stored article tells the story that was asked for."""


class ArticleFinder(Protocol):
    """Articles by address."""

    def at(self, url: str, hidden: Collection[int] = ()) -> ArticleRef | None:
        """The article that search has under this address; None where it is not stored, or a source of the ids `hidden` brought it."""


@dataclass(frozen=True, slots=True)
class StoryComparison:
    """The answer: who tells the story, and what they share, have differently and have alone. Nothing is compared with one voice."""

    asked: str
    told: Sequence[Told]  # by date, undated last
    points: Points
    models: Mapping[str, str]  # role -> model id
    took_ms: Mapping[str, float] = field(default_factory=dict)  # step -> milliseconds

    @property
    def voices(self) -> int:
        """How many outlets tell it that have not copied from one another."""
        return len({one.voice for one in self.told})


class Stories:
    """Compares the outlets that tell a story. Synchronous; use it from one thread at a time."""

    def __init__(
        self,
        search: Search,
        embedder: Embedder,
        store: PassageStore,
        finder: ArticleFinder,
        stance: StanceModel,
        models: Mapping[str, str],
        scout: StanceModel | None = None,
    ) -> None:
        self._search = search
        self._embedder = embedder
        self._finder = finder
        self._stance = stance
        self._scout = scout
        self._models = models
        self._gathering = Gathering(search, embedder, store)

    def compare(self, asked: str, hidden: Collection[int] = ()) -> StoryComparison:
        """`asked` is the address of a stored article, or names the story in any words. The same words give the same answer.

        Articles that sources of the ids `hidden` brought are as if they were not stored. Raises NoStory, ModelError, StoreError,
        IndexFault.
        """
        started = time.perf_counter()
        asked = normalise(asked.encode("utf-8", "replace").decode("utf-8")).strip()  # half of a surrogate pair is no text
        if len(asked) > MAX_ASKED:
            raise NoStory(_TOO_LONG, length=len(asked), limit=MAX_ASKED)
        if not words(asked):
            raise NoStory(_NO_WORDS)
        seed = self._at(asked, hidden) if "://" in asked and not asked.split()[1:] else self._nearest(asked, hidden)
        told = self._gathering.gather(seed, hidden)
        if not told:  # it went just now
            raise NoStory(_NOT_FOUND)
        found = time.perf_counter()
        points = find_points(told, self._embedder, self._stance, self._scout)
        took = {"search": found - started, "compare": time.perf_counter() - found}
        return StoryComparison(asked, told, points, self._models, {step: round(seconds * 1000, 1) for step, seconds in took.items()})

    def _at(self, url: str, hidden: Collection[int]) -> ArticleRef:
        found = self._finder.at(url, hidden) or self._finder.at(canonical_url(url), hidden)
        if found is None:
            raise NoStory(_NOT_STORED)
        return found

    def _nearest(self, asked: str, hidden: Collection[int]) -> ArticleRef:
        """The article that is most about what was asked for."""
        query = " ".join(asked.split())
        hits = self._search.find([query], CANDIDATES, 1, hidden)[0]
        abouts = [f"{hit.passage.article.title}\n{hit.passage.text}" for hit in hits]
        vectors = self._embedder.embed([query, *abouts])
        likeness = vectors[1:] @ vectors[0]
        if not hits or likeness.max() < ASKED:
            raise NoStory(_NOT_FOUND)
        return hits[int(likeness.argmax())].passage.article
