"""Which stored articles tell the story that one of them tells: alike, with names in common, and near in time in a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from retrieval.anchors import names
from retrieval.ingest.duplicates import credited_agency
from retrieval.ports import Embedder, PassageStore, Vectors
from retrieval.search import Search
from retrieval.text import sentences
from retrieval.types import ArticleRef


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a story goes.

    Of 145 pairs of articles of one story in tests/bench/data/posts (a1 to a3) 93 % are so alike and have so many names in common, and 1
    pair of two stories within 60 days; with .60, 86 % and 1; with one name, 95 % and 6. In the bundled sample no other story comes in, and
    what happens again after five weeks (a launch, a rate cut) stays apart by the gap.
    """

    alike: float = 0.55  # cosine of whole articles, with the first one
    names: int = 2  # in common with the first one, or the only one that one of the two has
    undated: float = 0.75  # the same where one of the two has no date
    gap: timedelta = timedelta(days=21)  # between an article and the next one of the story
    articles: int = 12
    per_voice: int = 4
    candidates: int = 20  # articles that one search gives: to read one costs 20 ms


REACH = Reach()
LEAD = 2  # sentences that say what an article is about
UNDATED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """An article of a story. `voice` names who tells it: articles of one voice are not independent of one another."""

    article: ArticleRef
    voice: str
    text: str
    copies: Sequence[str] = ()  # urls of the same story elsewhere


@dataclass(frozen=True, slots=True)
class _Read:
    """An article that may tell the story."""

    article: ArticleRef
    text: str
    copies: Sequence[str]
    about: Vectors  # (dimension,), a unit row

    @property
    def lead(self) -> str:
        spans = sentences(self.text)[:LEAD]
        return f"{self.article.title}. {self.text[: spans[-1][1]] if spans else ''}"


class Gathering:
    """Finds the articles of a story. One search for what is like the article, and one for what came before and after."""

    def __init__(self, search: Search, embedder: Embedder, store: PassageStore, reach: Reach = REACH) -> None:
        self._search = search
        self._embedder = embedder
        self._store = store
        self._reach = reach

    def gather(self, seed: ArticleRef, hidden: Collection[int] = ()) -> list[Told]:
        """The articles that tell the story of this one, itself among them, by date and undated last; copies of one text once.

        Of more than Reach has room for, those most like the seed. Articles that sources of the ids `hidden` brought are passed over. Empty
        where the seed has gone in the meantime.
        """
        read = self._read({seed.id: (seed, ())})
        if seed.id not in read:
            return []
        story = [read[seed.id]]
        for _ in range(2):
            edges = list(dict.fromkeys((story[0].lead, story[-1].lead)))
            hits = [hit for found in self._search.find(edges, self._reach.candidates, 1, hidden) for hit in found]
            fresh = {hit.passage.article.id: (hit.passage.article, hit.passage.copies) for hit in hits}
            read |= self._read({id_: found for id_, found in fresh.items() if id_ not in read or found[1] and not read[id_].copies})
            story = self._story(read[seed.id], read.values())
        return _told(read[seed.id], story, self._reach)

    def _read(self, articles: Mapping[int, tuple[ArticleRef, Sequence[str]]]) -> dict[int, _Read]:
        """The articles that are still there, with their copies' addresses."""
        texts = self._store.article_text([article.revision_id for article, _ in articles.values()])
        there = [(article, texts[article.revision_id], copies) for article, copies in articles.values() if article.revision_id in texts]
        abouts = self._embedder.embed([f"{article.title}\n{text}" for article, text, _ in there])
        return {article.id: _Read(article, text, copies, about) for (article, text, copies), about in zip(there, abouts, strict=True)}

    def _story(self, first: _Read, candidates: Iterable[_Read]) -> list[_Read]:
        """Those of the candidates that tell the story of the first, by date, undated last."""
        like = [one for one in candidates if one is first or _is_like(first, one, self._reach)]
        dated = sorted((one for one in like if one.article.published_at), key=_order)
        undated = [one for one in like if one.article.published_at is None]
        if not dated:
            return sorted(undated, key=_order)
        low = high = dated.index(first if first in dated else max(dated, key=lambda one: _likeness(first, one)))
        while low and _time(dated[low]) - _time(dated[low - 1]) <= self._reach.gap:
            low -= 1
        while high + 1 < len(dated) and _time(dated[high + 1]) - _time(dated[high]) <= self._reach.gap:
            high += 1
        return [*dated[low : high + 1], *sorted(undated, key=_order)]


def _is_like(first: _Read, one: _Read, reach: Reach) -> bool:
    undated = first.article.published_at is None or one.article.published_at is None
    if _likeness(first, one) < (reach.undated if undated else reach.alike):
        return False
    here, there = names(f"{first.article.title}. {first.text}"), names(f"{one.article.title}. {one.text}")
    return len(here & there) >= max(1, min(reach.names, len(here), len(there)))


def _likeness(first: _Read, one: _Read) -> float:
    return float(first.about @ one.about)


def _told(first: _Read, story: Sequence[_Read], reach: Reach) -> list[Told]:
    """The articles with their voices, copies of one text as one, as many as there is room for."""
    texts: dict[object, _Read] = {}
    for one in story:
        of = one.article.story_id or (one.article.id,)
        known = texts.get(of)
        texts[of] = one if known is None else replace(known, copies=(*known.copies, one.article.url, *one.copies))
    told = [Told(one.article, "", one.text, _without(one.copies, one.article.url)) for one in texts.values()]
    outlets = sorted({one.article.source for one in told})
    likeness = {one.article.id: _likeness(first, one) for one in texts.values()}
    taken: Counter[str] = Counter()
    kept: list[Told] = []
    for by in sorted((replace(one, voice=_voice(one, outlets)) for one in told), key=lambda one: -likeness[one.article.id]):
        if len(kept) < reach.articles and taken[by.voice] < reach.per_voice:
            taken[by.voice] += 1
            kept.append(by)
    return sorted(kept, key=lambda one: (one.article.published_at or UNDATED, one.article.id))


def _voice(one: Told, outlets: Iterable[str]) -> str:
    """The outlet; where the article credits an agency, the agency's own outlet if it tells the story too, else the agency."""
    agency = credited_agency(one.text)
    if not agency:
        return one.article.source
    return next((outlet for outlet in outlets if agency.casefold() in outlet.casefold()), agency)


def _without(urls: Iterable[str], own: str) -> tuple[str, ...]:
    return tuple(url for url in dict.fromkeys(urls) if url != own)


def _order(one: _Read) -> tuple[datetime, int]:
    return _time(one), one.article.id


def _time(one: _Read) -> datetime:
    return one.article.published_at or UNDATED
