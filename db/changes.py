"""The change log, as an index follows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import bindparam, func, select

from db.engine import Database
from db.schema import Base, PassageChangeRow, PassageRow, RevisionRow, VectorRow
from retrieval.ports import Change, Indexable, Vectors

# SQLite allows 32,766 values in one statement; this many keep a page of the log small in memory too.
PAGE = 1000

# Stated once, over the tables: each search asks them.
_VECTOR = Base.metadata.tables[VectorRow.__tablename__]
_VECTORS = select(_VECTOR.c.passage_id, _VECTOR.c.data).where(
    _VECTOR.c.passage_id.in_(bindparam("ids", expanding=True)), _VECTOR.c.model_id == bindparam("model")
)
_LAST = select(func.max(Base.metadata.tables[PassageChangeRow.__tablename__].c.seq))


class Changes:
    """The ChangeLog on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_seq(self) -> int:
        with self._database.looking() as connection:
            return connection.scalar(_LAST) or 0

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
        with self._database.looking() as connection:
            rows = connection.execute(_VECTORS, {"ids": ids, "model": model_id}).all()
        widened = _widened(b"".join(data for _, data in rows)).reshape(len(rows), -1) if rows else ()
        return {id_: vector for (id_, _), vector in zip(rows, widened, strict=True)}

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
