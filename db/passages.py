"""Reading passages and the text around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from db.engine import Database
from db.schema import ArticleRow, PassageRow, RevisionRow, SourceRow
from retrieval.types import ArticleRef, Passage


class Passages:
    """The PassageStore on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def passages(self, ids: Sequence[int], hidden: Collection[int] = ()) -> dict[int, Passage]:
        """The passages that are there now, with their copies, by the ids asked for; one that has gone is left out.

        Nothing shows of articles whose feed is in `hidden`: in the place of such a passage stands its first copy that may be seen.
        """
        copies = (
            select(PassageRow.copy_of, PassageRow.id, ArticleRow.url, ArticleRow.feed_id)
            .join(ArticleRow, ArticleRow.revision_id == PassageRow.revision_id)
            .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
            .where(PassageRow.copy_of.in_(ids))
            .order_by(RevisionRow.published_at, ArticleRow.id, PassageRow.id)
        )
        with self._database.reading() as session:
            found = {passage.id: passage for passage in map(_passage, session.execute(_query(ids)))}
            seen: dict[int | None, dict[str, int]] = {}  # the copies that may be seen: url -> passage
            for of, id_, url, feed_id in session.execute(copies):
                if feed_id not in hidden:
                    seen.setdefault(of, {}).setdefault(url, id_)
            visible = {id_: passage for id_, passage in found.items() if passage.article.feed_id not in hidden}
            heirs = {next(iter(seen[id_].values())): id_ for id_ in found if id_ not in visible and id_ in seen}
            if heirs:
                visible |= {heirs[passage.id]: passage for passage in map(_passage, session.execute(_query(heirs)))}
        return {id_: _with_copies(passage, seen.get(id_, ())) for id_, passage in visible.items()}

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        """The whole text of revisions, by revision id."""
        query = select(RevisionRow.id, RevisionRow.text).where(RevisionRow.id.in_(revision_ids))
        with self._database.reading() as session:
            return {id_: text for id_, text in session.execute(query)}


def _query(ids: Collection[int]) -> Select[Any]:
    return (
        select(
            PassageRow.id, func.substr(RevisionRow.text, PassageRow.start + 1, PassageRow.end - PassageRow.start),
            PassageRow.start, PassageRow.end,
            ArticleRow.id, RevisionRow.id, ArticleRow.url, RevisionRow.title, SourceRow.name, RevisionRow.published_at,
            ArticleRow.external_id, ArticleRow.story_id, ArticleRow.gone_at.is_not(None), ArticleRow.feed_id,
        )
        .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
        .join(ArticleRow, ArticleRow.id == RevisionRow.article_id)
        .join(SourceRow, SourceRow.id == ArticleRow.source_id)
        .where(PassageRow.id.in_(ids))
    )  # fmt: skip


def _passage(row: Sequence[Any]) -> Passage:
    id_, text, start, end, *article = row
    return Passage(id_, text, start, end, ArticleRef(*article))


def _with_copies(passage: Passage, urls: Iterable[str]) -> Passage:
    copies = tuple(url for url in urls if url != passage.article.url)
    return Passage(passage.id, passage.text, passage.start, passage.end, passage.article, copies)
