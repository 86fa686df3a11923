"""Reading passages and the text around them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from db.engine import Database
from db.schema import ArticleRow, PassageRow, RevisionRow, SourceRow
from retrieval.types import ArticleRef, Passage


class Passages:
    """The PassageStore on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that are there now, with their copies; an id that has gone is left out."""
        query = (
            select(
                PassageRow.id, PassageRow.start, PassageRow.end,
                func.substr(RevisionRow.text, PassageRow.start + 1, PassageRow.end - PassageRow.start),
                ArticleRow.id, RevisionRow.id, ArticleRow.url, RevisionRow.title, SourceRow.name, RevisionRow.published_at,
                ArticleRow.external_id, ArticleRow.story_id, ArticleRow.gone_at.is_not(None),
            )
            .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
            .join(ArticleRow, ArticleRow.id == RevisionRow.article_id)
            .join(SourceRow, SourceRow.id == ArticleRow.source_id)
            .where(PassageRow.id.in_(ids))
        )  # fmt: skip
        copies = (
            select(PassageRow.copy_of, ArticleRow.url)
            .join(ArticleRow, ArticleRow.revision_id == PassageRow.revision_id)
            .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
            .where(PassageRow.copy_of.in_(ids))
            .order_by(RevisionRow.published_at, ArticleRow.id)
        )
        with self._database.reading() as session:
            urls: dict[int | None, dict[str, None]] = {}
            for id_, url in session.execute(copies):
                urls.setdefault(id_, {})[url] = None
            return {
                id_: Passage(id_, text, start, end, ArticleRef(*article), tuple(urls.get(id_, ())))
                for id_, start, end, text, *article in session.execute(query)
            }

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        """The whole text of revisions, by revision id."""
        query = select(RevisionRow.id, RevisionRow.text).where(RevisionRow.id.in_(revision_ids))
        with self._database.reading() as session:
            return {id_: text for id_, text in session.execute(query)}
