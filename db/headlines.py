"""Articles by address and by age: what `compare` starts from, and what it offers while somebody types."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from db.engine import Database
from db.schema import ArticleRow, RevisionRow, SourceRow
from retrieval.types import ArticleRef


class Headlines:
    """Reading articles as search has them now, without their text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at(self, url: str, hidden: Collection[int] = ()) -> ArticleRef | None:
        """The article that search has under this address; None where it is not stored, or a source of the ids `hidden` brought it."""
        with self._database.reading() as session:
            row = session.execute(_query().where(ArticleRow.url == url)).one_or_none()
        return _visible(row, hidden) if row is not None else None

    def latest(self, count: int, hidden: Collection[int] = ()) -> list[ArticleRef]:
        """Those of the `count` articles stored last that are not of the sources `hidden`, the last first: a walk down the primary key."""
        with self._database.reading() as session:
            rows = session.execute(_query().order_by(ArticleRow.id.desc()).limit(count)).all()
        return [one for row in rows if (one := _visible(row, hidden))]


def _query() -> Select[*tuple[Any, ...]]:
    """The columns of an ArticleRef, in its order."""
    return (
        select(
            ArticleRow.id, RevisionRow.id, ArticleRow.url, RevisionRow.title, SourceRow.name, RevisionRow.published_at,
            ArticleRow.external_id, ArticleRow.story_id, ArticleRow.gone_at.is_not(None), ArticleRow.feed_id,
        )
        .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
        .join(SourceRow, SourceRow.id == ArticleRow.source_id)
    )  # fmt: skip


def _visible(row: Any, hidden: Collection[int]) -> ArticleRef | None:  # noqa: ANN401 - a row of any query
    article = ArticleRef(*row)
    return article if article.feed_id not in hidden else None
