"""The doors of the core: what it asks of models, indexes and stores. Each has two users: the real one and a test's, or two stores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retrieval.text import Span
from retrieval.types import Article, Match, Passage, Stance, StanceBars

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Text to vectors."""

    @property
    def model_id(self) -> str:
        """Names the weights and how text is prepared: vectors of different ids are never mixed."""

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, unit rows, in the order given; (0, dimension) for none."""


class StanceModel(Protocol):
    """Pairs to probabilities."""

    @property
    def model_id(self) -> str: ...

    @property
    def bars(self) -> StanceBars: ...

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """One calibrated Stance a pair of (evidence, claim), in the order given.

        The same pair gives the same Stance in any batch; where the CPU computes in bfloat16, within 0.005 of it.
        """


class PassageIndex(Protocol):
    """Two rankings of the passages that the store holds now. Following the store's change log is its own affair."""

    def dense(self, vector: Vectors, count: int) -> list[Match]:
        """At most `count` passages by cosine with the (dimension,) unit vector, best first, ties by id."""

    def lexical(self, text: str, count: int) -> list[Match]:
        """At most `count` passages by BM25 over the text's words, best first, ties by id. Any text is a legal query."""


@runtime_checkable
class FilteringIndex(PassageIndex, Protocol):
    """An index that can leave out what is hidden by itself."""

    def without(self, hidden: Collection[int]) -> PassageIndex:
        """The same index as if what sources of these ids brought were not stored, but for what others have a copy of."""


class PassageStore(Protocol):
    """Reading what the indexes point to."""

    def passages(self, ids: Sequence[int], hidden: Collection[int] = ()) -> dict[int, Passage]:
        """The passages that are there now, with their copies, by the ids asked for. One that has gone in the meantime is left out.

        Nothing shows of articles that sources of the ids `hidden` brought: in the place of such a passage stands its first copy that may
        be seen, and it is left out where there is none.
        """

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        """The whole text of revisions, to show an excerpt's surroundings and to re-find it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change log: after `seq`, the passage is there (`present`) or gone."""

    seq: int
    passage_id: int
    present: bool


class ChangeLog(Protocol):
    """What an index follows to become equal to the store."""

    def last_seq(self) -> int: ...

    def changes(self, after: int, limit: int) -> list[Change]:
        """Rows with seq > after, in order, at most `limit`."""

    def indexable(self, ids: Sequence[int], model_id: str) -> list[Indexable]:
        """What an index needs of those of the passages that are there now and have a vector of the model, by id."""

    def vectors(self, ids: Sequence[int], model_id: str) -> dict[int, Vectors]:
        """Stored vectors, (dimension,) float32 widened from float16, of those ids that have one."""

    def live_ids(self, model_id: str) -> Iterator[int]:
        """Ids of all passages that are there now and have a vector of the model, ascending."""


@dataclass(frozen=True, slots=True)
class Indexable:
    passage_id: int
    title: str
    text: str
    vector: Vectors  # (dimension,) float32


class Saved(StrEnum):
    """What saving an article did."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored article that may be the same story as a new one."""

    article_id: int
    url: str
    text: str
    story_id: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """The story that an article is a copy of: its stored copy that is most like it, and the passages that stand for some of its own."""

    article_id: int
    twins: Mapping[int, int]  # place of a passage in the article -> id of the stored passage that has its words
    stories: Sequence[int] = ()  # all stories that it is a copy of: they are one


class StoryMoved(Exception):
    """A passage that was to stand for a copy's has gone in the meantime: ask again."""


class ArticleStore(Protocol):
    """Where ingest puts articles."""

    def unknown(self, articles: Sequence[Article]) -> list[Article]:
        """Those of the articles whose words are not stored already, in order: what is worth embedding."""

    def stored_bands(self, bands: Iterable[int]) -> set[int]:
        """Those of the bands that a stored article has."""

    def candidates(self, bands: Sequence[int], url: str) -> list[Kept]:
        """Stored articles of other addresses that share a band of their sketch (retrieval/ingest/duplicates.py)."""

    def searched_passages(self, article_id: int) -> dict[int, str]:
        """Words of the passages that stand for those of an article in search: its own, or those that they are copies of."""

    def save(
        self,
        article: Article,
        passages: Sequence[Span],
        vectors: Vectors,
        model_id: str,
        story: Story | None = None,
        bands: Sequence[int] = (),
    ) -> Saved:
        """Article, passages, vectors and change-log rows in one transaction; nothing is written when it is unchanged.

        `vectors` has a row for each passage without a twin, in their order. Raises StoryMoved, with nothing written, when a twin has gone.
        """

    def remove(self, urls: Iterable[str]) -> int:
        """Take articles out of search; how many were there. Revisions that shown excerpts quote stay readable."""
