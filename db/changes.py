"""The change log, as an index follows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import func, select

from db.engine import Database
from db.schema import PassageChangeRow, PassageRow, RevisionRow, VectorRow
from retrieval.ports import Change, Indexable, Vectors

# SQLite allows 32,766 values in one statement; this many keep a page of the log small in memory too.
PAGE = 1000


class Changes:
    """The ChangeLog on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_seq(self) -> int:
        with self._database.reading() as session:
            return session.scalar(select(func.max(PassageChangeRow.seq))) or 0

    def changes(self, after: int, limit: int) -> list[Change]:
        """Rows with seq > after, in order, at most `limit`."""
        query = select(PassageChangeRow.seq, PassageChangeRow.passage_id, PassageChangeRow.present)
        with self._database.reading() as session:
            rows = session.execute(query.where(PassageChangeRow.seq > after).order_by(PassageChangeRow.seq).limit(limit))
            return [Change(seq, passage_id, present) for seq, passage_id, present in rows]

    def indexable(self, ids: Sequence[int], model_id: str) -> list[Indexable]:
        """What an index needs of those of the passages that are there now and have a vector of the model, by id."""
        query = (
            select(
                PassageRow.id,
                RevisionRow.title,
                func.substr(RevisionRow.text, PassageRow.start + 1, PassageRow.end - PassageRow.start),
                VectorRow.data,
            )
            .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
            .join(VectorRow, (VectorRow.passage_id == PassageRow.id) & (VectorRow.model_id == model_id))
            .order_by(PassageRow.id)
        )
        found: list[Indexable] = []
        with self._database.reading() as session:
            for at in range(0, len(ids), PAGE):
                page = session.execute(query.where(PassageRow.id.in_(ids[at : at + PAGE])))
                found.extend(Indexable(id_, title, text, _widened(data)) for id_, title, text, data in page)
        return found

    def vectors(self, ids: Sequence[int], model_id: str) -> dict[int, Vectors]:
        """Stored vectors, (dimension,) float32, of those ids that have one."""
        query = select(VectorRow.passage_id, VectorRow.data).where(VectorRow.passage_id.in_(ids), VectorRow.model_id == model_id)
        with self._database.reading() as session:
            return {id_: _widened(data) for id_, data in session.execute(query)}

    def live_ids(self, model_id: str) -> Iterator[int]:
        """Ids of all passages that are there now and have a vector of the model, ascending."""
        last = 0
        while True:
            query = select(VectorRow.passage_id).where(VectorRow.model_id == model_id, VectorRow.passage_id > last)
            with self._database.reading() as session:
                page = session.scalars(query.order_by(VectorRow.passage_id).limit(PAGE)).all()
            if not page:
                return
            yield from page
            last = page[-1]


def _widened(data: bytes) -> Vectors:
    return np.frombuffer(data, dtype="<f2").astype(np.float32)
