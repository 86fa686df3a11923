"""Articles going in: new, revised, unchanged, removed. Each in one transaction with its passages, vectors and change-log rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.engine import Database
from db.schema import ArticleRow, PassageChangeRow, PassageRow, RevisionRow, SourceRow, VectorRow
from retrieval.ports import Saved, Vectors
from retrieval.text import Span
from retrieval.types import Article


class Articles:
    """The ArticleStore on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unknown(self, articles: Sequence[Article]) -> list[Article]:
        """Those of the articles whose words are not what is stored now, in order: what is worth embedding."""
        with self._database.reading() as session:
            query = (
                select(ArticleRow.url, RevisionRow.content_hash)
                .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
                .where(ArticleRow.url.in_([article.url for article in articles]))
            )
            stored = {url: digest for url, digest in session.execute(query)}
        return [article for article in articles if stored.get(article.url) != content_hash(article)]

    def save(self, article: Article, passages: Sequence[Span], vectors: Vectors, model_id: str) -> Saved:
        """Store the article as it is now; nothing is written when its words are stored already.

        `vectors` is (len(passages), dimension) float32, one row a passage. Raises StoreError.
        """
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages but {len(vectors)} vectors")
        digest = content_hash(article)
        with self._database.writing() as session:
            now = datetime.now(UTC)
            row = session.scalar(select(ArticleRow).where(ArticleRow.url == article.url))
            current = session.get(RevisionRow, row.revision_id) if row and row.revision_id else None
            if current is not None and current.content_hash == digest:
                return Saved.UNCHANGED
            source_id = _source_id(session, article.source, now)
            if row is None:
                row = ArticleRow(url=article.url, source_id=source_id, created_at=now)
                session.add(row)
                session.flush()
            row.source_id = source_id
            row.external_id = article.external_id
            _withdraw(session, row)
            revision = _new_revision(session, row.id, article, digest, now)
            row.revision_id = revision.id
            _add_passages(session, revision.id, passages, vectors, model_id)
            return Saved.NEW if current is None and revision.number == 1 else Saved.REVISED

    def remove(self, urls: Iterable[str]) -> int:
        """Take articles out of search; how many were there. Revisions stay readable for what has quoted them."""
        count = 0
        for url in urls:
            with self._database.writing() as session:
                row = session.scalar(select(ArticleRow).where(ArticleRow.url == url, ArticleRow.revision_id.is_not(None)))
                if row is not None:
                    _withdraw(session, row)
                    row.revision_id = None
                    count += 1
        return count

    def counts(self) -> dict[str, int]:
        """How many sources, articles in search and passages there are."""
        with self._database.reading() as session:
            return {
                "sources": session.scalar(select(func.count()).select_from(SourceRow)) or 0,
                "articles": session.scalar(select(func.count()).where(ArticleRow.revision_id.is_not(None))) or 0,
                "passages": session.scalar(select(func.count()).select_from(PassageRow)) or 0,
            }

    def by_source(self) -> list[tuple[str, int]]:
        """(outlet, articles in search), by name."""
        query = select(SourceRow.name, func.count(ArticleRow.id)).outerjoin(
            ArticleRow, (ArticleRow.source_id == SourceRow.id) & ArticleRow.revision_id.is_not(None)
        )
        with self._database.reading() as session:
            return [(name, count) for name, count in session.execute(query.group_by(SourceRow.name).order_by(SourceRow.name))]


def content_hash(article: Article) -> str:
    """sha256 over what a reader would call the article: its title, time, outlet and text."""
    published = article.published_at.astimezone(UTC).isoformat() if article.published_at else ""
    return hashlib.sha256("\0".join((article.title, published, article.source, article.text)).encode()).hexdigest()


def _source_id(session: Session, name: str, now: datetime) -> int:
    found = session.scalar(select(SourceRow.id).where(SourceRow.name == name))
    if found is not None:
        return found
    row = SourceRow(name=name, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def _new_revision(session: Session, article_id: int, article: Article, digest: str, now: datetime) -> RevisionRow:
    last = session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.article_id == article_id)) or 0
    revision = RevisionRow(
        article_id=article_id, number=last + 1, title=article.title, text=article.text, published_at=article.published_at,
        language=article.language, content_hash=digest, created_at=now,
    )  # fmt: skip
    session.add(revision)
    session.flush()
    return revision


def _withdraw(session: Session, article: ArticleRow) -> None:
    """Delete the passages of the current revision and say so in the change log."""
    if article.revision_id is None:
        return
    ids = session.scalars(select(PassageRow.id).where(PassageRow.revision_id == article.revision_id).order_by(PassageRow.id)).all()
    if ids:
        session.execute(delete(PassageRow).where(PassageRow.revision_id == article.revision_id))
        session.execute(insert(PassageChangeRow), [{"passage_id": id_, "present": False} for id_ in ids])


def _add_passages(session: Session, revision_id: int, passages: Sequence[Span], vectors: Vectors, model_id: str) -> None:
    rows = [PassageRow(revision_id=revision_id, start=start, end=end) for start, end in passages]
    session.add_all(rows)
    session.flush()
    if rows:
        halves = np.ascontiguousarray(vectors, dtype="<f2")
        session.execute(
            insert(VectorRow),
            [{"passage_id": row.id, "model_id": model_id, "data": half.tobytes()} for row, half in zip(rows, halves, strict=True)],
        )
        session.execute(insert(PassageChangeRow), [{"passage_id": row.id, "present": True} for row in rows])
