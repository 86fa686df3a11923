"""Articles going in: new, revised, unchanged, removed. Each in one transaction with its passages, vectors and change-log rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.audience import EVERYONE, Audience, audiences
from db.copies import check_twins, story_of, withdraw
from db.engine import Database
from db.lexicon import add_words
from db.retrying import retried
from db.schema import ArticleRow, Base, PassageChangeRow, PassageRow, RevisionRow, SketchBandRow, SourceRow, VectorRow
from retrieval.hosts import unlike
from retrieval.ports import Kept, Saved, Story, Vectors
from retrieval.text import Span
from retrieval.types import Article

# Rows are inserted through their tables: the object mapper costs more than the statements.
_ARTICLE, _REVISION, _PASSAGE, _VECTOR, _CHANGE, _BAND = (
    Base.metadata.tables[row.__tablename__] for row in (ArticleRow, RevisionRow, PassageRow, VectorRow, PassageChangeRow, SketchBandRow)
)

MOST_LIKE = 12  # candidates that are compared: of a hundred copies any few will do


class Articles:
    """The ArticleStore on SQL."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def unknown(self, articles: Sequence[Article]) -> list[Article]:
        """Those of the articles, in order, whose words are not what is stored now, or that more are to see: what is worth embedding.

        Words of a source that fewer see than what is stored count as stored (see `save`).
        """
        query = (
            select(ArticleRow.url, RevisionRow.content_hash, ArticleRow.feed_id)
            .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
            .where(ArticleRow.url.in_([article.url for article in articles]))
        )
        with self._database.reading() as session:
            stored = {url: (digest, feed_id) for url, digest, feed_id in session.execute(query)}
            pairs = ((article.feed_id, stored[article.url][1]) for article in articles if article.url in stored)
            known = audiences(session, (feed for pair in pairs if pair[0] != pair[1] for feed in pair))

        def is_unknown(article: Article) -> bool:
            if article.url not in stored:
                return True
            digest, feed_id = stored[article.url]
            standing = _standing(article.feed_id, feed_id, known)
            return standing is _Standing.MORE or (standing is _Standing.EQUAL and digest != content_hash(article))

        return [article for article in articles if is_unknown(article)]

    def stored_bands(self, bands: Iterable[int]) -> set[int]:
        """Those of the bands that some stored article has: most news has none, and needs no look for candidates."""
        with self._database.reading() as session:
            return set(session.scalars(select(SketchBandRow.key).where(SketchBandRow.key.in_(set(bands))).distinct()))

    def candidates(self, bands: Sequence[int], url: str) -> list[Kept]:
        """Stored articles in search, of other addresses, that share a band of their sketch, with their text."""
        shared = SketchBandRow.key.in_(bands)
        count = func.count().label("shared")
        like = select(SketchBandRow.article_id, count).where(shared).group_by(SketchBandRow.article_id).subquery()
        query = (
            select(ArticleRow.id, ArticleRow.url, RevisionRow.text, ArticleRow.story_id)
            .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
            .join(like, like.c.article_id == ArticleRow.id)
            .where(ArticleRow.url != url)
            .order_by(like.c.shared.desc(), ArticleRow.id)
            .limit(MOST_LIKE)
        )
        with self._database.reading() as session:
            return [Kept(*row) for row in session.execute(query)]

    def searched_passages(self, article_id: int) -> dict[int, str]:
        """Words of the passages that stand for those of an article in search: its own, or those that they are copies of."""
        query = (
            select(
                func.coalesce(PassageRow.copy_of, PassageRow.id),
                func.substr(RevisionRow.text, PassageRow.start + 1, PassageRow.end - PassageRow.start),
            )
            .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
            .join(ArticleRow, ArticleRow.revision_id == RevisionRow.id)
            .where(ArticleRow.id == article_id)
        )
        with self._database.reading() as session:
            return {id_: words for id_, words in session.execute(query)}

    @retried
    def save(
        self,
        article: Article,
        passages: Sequence[Span],
        vectors: Vectors,
        model_id: str,
        story: Story | None = None,
        bands: Sequence[int] = (),
    ) -> Saved:
        """Store the article as it is now; nothing is written when its words are stored already.

        `vectors` is (n, dimension) float32, a row for each passage without a twin in `story`. What a source brings that fewer see than
        what is stored (db/audience.py), or that was removed meanwhile, counts as stored. Raises StoryMoved, StoreError.
        """
        twins = story.twins if story else {}
        if len(passages) - len(twins) != len(vectors):
            raise ValueError(f"{len(passages)} passages, {len(twins)} of them copies, but {len(vectors)} vectors")
        digest = content_hash(article)
        with self._database.writing() as session:
            now = self._now()
            stored = _stored(session, article.url)
            old = stored.feed_id if stored is not None and stored.revision_id is not None else article.feed_id
            known = audiences(session, (article.feed_id, old), hold=True)
            standing = _standing(article.feed_id, old, known) if article.feed_id in known else _Standing.LESS
            if standing is _Standing.LESS:
                return Saved.UNCHANGED
            if stored is not None and stored.digest == digest:
                session.execute(update(ArticleRow).where(ArticleRow.id == stored.id, ArticleRow.gone_at.is_not(None)).values(gone_at=None))
                if standing is _Standing.MORE:
                    widened = {"feed_id": article.feed_id, "source_id": _source_id(session, article.source, article.url, now)}
                    session.execute(update(_ARTICLE).where(_ARTICLE.c.id == stored.id).values(widened))
                return Saved.UNCHANGED
            values: dict[str, object] = {
                "source_id": _source_id(session, article.source, article.url, now),
                "external_id": article.external_id,
            }
            if article.feed_id is not None or standing is _Standing.MORE:
                values["feed_id"] = article.feed_id
            article_id = stored.id if stored else _add_article(session, article.url, now, values)
            heirs = withdraw(session, stored.id, stored.revision_id) if stored else {}
            twins = {place: heirs.get(twin, twin) for place, twin in twins.items()}
            check_twins(session, twins.values())
            number = _last_number(session, article_id) + 1 if stored else 1
            revision_id = _add_revision(session, article_id, number, article, digest, now)
            values |= {"revision_id": revision_id, "story_id": story_of(session, story), "gone_at": None}
            session.execute(update(_ARTICLE).where(_ARTICLE.c.id == article_id).values(values))
            _add_passages(session, revision_id, passages, twins, vectors, model_id)
            _add_bands(session, article_id, bands)
            return Saved.NEW if number == 1 else Saved.REVISED

    @retried
    def mark_gone(self, url: str, at: datetime) -> bool:
        """Remember that an article's page is no more; its words stay. Whether it was there and not marked yet."""
        with self._database.writing() as session:
            row = session.scalar(select(ArticleRow).where(ArticleRow.url == url, ArticleRow.gone_at.is_(None)))
            if row is not None:
                row.gone_at = at
            return row is not None

    def revisions(self, url: str) -> list[RevisionRow]:
        """All wordings of an article that are kept, oldest first; empty for an address that is not stored."""
        query = select(RevisionRow).join(ArticleRow, ArticleRow.id == RevisionRow.article_id).where(ArticleRow.url == url)
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(RevisionRow.number)))

    def remove(self, urls: Iterable[str]) -> int:
        """Take articles out of search; how many were there. Revisions stay readable for what has quoted them."""
        count = 0
        for url in urls:
            with self._database.writing() as session:
                row = session.scalar(select(ArticleRow).where(ArticleRow.url == url, ArticleRow.revision_id.is_not(None)))
                if row is not None:
                    withdraw(session, row.id, row.revision_id)
                    row.revision_id = None
                    count += 1
        return count

    def counts(self) -> dict[str, int]:
        """How many sources, articles in search and passages that are searched there are."""
        with self._database.reading() as session:
            return {
                "sources": session.scalar(select(func.count()).select_from(SourceRow)) or 0,
                "articles": session.scalar(select(func.count()).where(ArticleRow.revision_id.is_not(None))) or 0,
                "passages": session.scalar(select(func.count()).where(PassageRow.copy_of.is_(None))) or 0,
            }

    def by_source(self) -> list[tuple[str, int]]:
        """(outlet, articles in search), by name."""
        query = select(SourceRow.name, func.count(ArticleRow.id)).outerjoin(
            ArticleRow, (ArticleRow.source_id == SourceRow.id) & ArticleRow.revision_id.is_not(None)
        )
        with self._database.reading() as session:
            return [(name, count) for name, count in session.execute(query.group_by(SourceRow.name).order_by(SourceRow.name))]


def content_hash(article: Article) -> str:
    """Of what a reader would call the article. Without the outlet where a feed brought it: feeds of one site, each with its own name,
    share articles.
    """
    return wording_hash(article.title, article.published_at, "" if article.feed_id else article.source, article.text)


def wording_hash(title: str, published_at: datetime | None, outlet: str, text: str) -> str:
    """sha256 over title, time, outlet and text."""
    published = published_at.astimezone(UTC).isoformat() if published_at else ""
    return hashlib.sha256("\0".join((title, published, outlet, text)).encode()).hexdigest()


def _source_id(session: Session, name: str, url: str, now: datetime) -> int:
    """The outlet of that name; a new one that looks like another by a name written otherwise is called by its host."""
    found = session.scalar(select(SourceRow.id).where(SourceRow.name == name))
    if found is not None:
        return found
    honest = unlike(name, url, session.scalars(select(SourceRow.name)).all())
    if honest != name:
        return _source_id(session, honest, url, now)
    row = SourceRow(name=name, created_at=now)
    session.add(row)
    session.flush()
    return row.id


@dataclass(frozen=True, slots=True)
class _Stored:
    """An article as it is stored; `digest` is that of the words in search, None when they are not."""

    id: int
    revision_id: int | None
    feed_id: int | None
    digest: str | None


def _stored(session: Session, url: str) -> _Stored | None:
    query = (
        select(ArticleRow.id, ArticleRow.revision_id, ArticleRow.feed_id, RevisionRow.content_hash)
        .outerjoin(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
        .where(ArticleRow.url == url)
    )
    found = session.execute(query).one_or_none()
    return _Stored(*found) if found else None


class _Standing(Enum):
    """What the source of an article is against the one that brought what is stored under the same url."""

    LESS = "fewer see what it brings, or it was removed meanwhile: it changes nothing"
    EQUAL = "it may bring another wording"
    MORE = "all see it who saw the stored one, and others too"


def _standing(new: int | None, old: int | None, known: Mapping[int | None, Audience]) -> _Standing:
    if new == old:
        return _Standing.EQUAL
    audience, before = known.get(new), known.get(old, EVERYONE)
    if audience is None or not audience.covers(before):
        return _Standing.LESS
    return _Standing.MORE if audience.widens(before) else _Standing.EQUAL


def _add_article(session: Session, url: str, now: datetime, values: Mapping[str, object]) -> int:
    return int(session.scalars(insert(_ARTICLE).values({"url": url, "created_at": now, **values}).returning(_ARTICLE.c.id)).one())


def _last_number(session: Session, article_id: int) -> int:
    return session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.article_id == article_id)) or 0


def _add_revision(session: Session, article_id: int, number: int, article: Article, digest: str, now: datetime) -> int:
    row = {
        "article_id": article_id, "number": number, "title": article.title, "text": article.text, "published_at": article.published_at,
        "language": article.language, "content_hash": digest, "created_at": now,
    }  # fmt: skip
    return int(session.scalars(insert(_REVISION).values(row).returning(_REVISION.c.id)).one())


def _add_passages(
    session: Session, revision_id: int, passages: Sequence[Span], twins: Mapping[int, int], vectors: Vectors, model_id: str
) -> None:
    if not passages:
        return
    rows = [
        {"revision_id": revision_id, "start": start, "end": end, "copy_of": twins.get(place)} for place, (start, end) in enumerate(passages)
    ]
    ids = session.scalars(insert(_PASSAGE).returning(_PASSAGE.c.id, sort_by_parameter_order=True), rows)
    own = [id_ for place, id_ in enumerate(ids) if place not in twins]
    if own:
        halves = np.ascontiguousarray(vectors, dtype="<f2")
        session.execute(
            insert(_VECTOR),
            [{"passage_id": id_, "model_id": model_id, "data": half.tobytes()} for id_, half in zip(own, halves, strict=True)],
        )
        add_words(session, own)
        session.execute(insert(_CHANGE), [{"passage_id": id_, "present": True} for id_ in own])


def _add_bands(session: Session, article_id: int, bands: Sequence[int]) -> None:
    if bands:
        session.execute(insert(_BAND), [{"key": key, "article_id": article_id} for key in set(bands)])
