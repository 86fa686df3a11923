"""Reading passages and the text around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from db.engine import Database
from db.schema import ArticleRow, Base, PassageRow, RevisionRow, SourceRow
from retrieval.types import ArticleRef, Passage

# Stated once, over the tables: a check reads hundreds of rows, and to build a statement, or map its rows, would cost more than to run it.
_P, _R, _A, _S = (Base.metadata.tables[row.__tablename__] for row in (PassageRow, RevisionRow, ArticleRow, SourceRow))
_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_PASSAGES = (
    select(
        _P.c.id, func.substr(_R.c.text, _P.c.start + 1, _P.c.end - _P.c.start), _P.c.start, _P.c.end,
        _A.c.id, _R.c.id, _A.c.url, _R.c.title, _S.c.name, _R.c.published_at,
        _A.c.external_id, _A.c.story_id, _A.c.gone_at.is_not(None), _A.c.feed_id,
    )
    .select_from(_P.join(_R, _R.c.id == _P.c.revision_id).join(_A, _A.c.id == _R.c.article_id).join(_S, _S.c.id == _A.c.source_id))
    .where(_P.c.id.in_(_IDS))
)  # fmt: skip
_COPIES = (
    select(_P.c.copy_of, _P.c.id, _A.c.url, _A.c.feed_id)
    .select_from(_P.join(_A, _A.c.revision_id == _P.c.revision_id).join(_R, _R.c.id == _P.c.revision_id))
    .where(_P.c.copy_of.in_(_IDS))
    .order_by(_R.c.published_at, _A.c.id, _P.c.id)
)


class Passages:
    """The PassageStore on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def passages(self, ids: Sequence[int], hidden: Collection[int] = ()) -> dict[int, Passage]:
        """The passages that are there now, with their copies, by the ids asked for; one that has gone is left out.

        Nothing shows of articles whose feed is in `hidden`: in the place of such a passage stands its first copy that may be seen.
        """
        with self._database.looking() as connection:
            found = {passage.id: passage for passage in map(_passage, connection.execute(_PASSAGES, {"ids": ids}))}
            seen: dict[int | None, dict[str, int]] = {}  # the copies that may be seen: url -> passage
            for of, id_, url, feed_id in connection.execute(_COPIES, {"ids": ids}):
                if feed_id not in hidden:
                    seen.setdefault(of, {}).setdefault(url, id_)
            visible = {id_: passage for id_, passage in found.items() if passage.article.feed_id not in hidden}
            heirs = {next(iter(seen[id_].values())): id_ for id_ in found if id_ not in visible and id_ in seen}
            if heirs:
                visible |= {heirs[passage.id]: passage for passage in map(_passage, connection.execute(_PASSAGES, {"ids": list(heirs)}))}
        return {id_: _with_copies(passage, seen.get(id_, ())) for id_, passage in visible.items()}

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        """The whole text of revisions, by revision id."""
        query = select(RevisionRow.id, RevisionRow.text).where(RevisionRow.id.in_(revision_ids))
        with self._database.reading() as session:
            return {id_: text for id_, text in session.execute(query)}


def _passage(row: Sequence[Any]) -> Passage:
    id_, text, start, end, *article = row
    return Passage(id_, text, start, end, ArticleRef(*article))


def _with_copies(passage: Passage, urls: Iterable[str]) -> Passage:
    copies = tuple(url for url in urls if url != passage.article.url)
    return Passage(passage.id, passage.text, passage.start, passage.end, passage.article, copies)
