"""The words of passages where the database searches them itself: PostgreSQL's table `passage_words`. Elsewhere there is no such table.

Rows are written in the transaction that writes their passages' vectors, and go with their passages: there is nothing to follow. A row's
tsvector holds the terms of the passage (retrieval/lexemes.py), each with its places, and after them those of the title, marked A.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Column, Connection, ForeignKeyConstraint, Index, Integer, MetaData, Table, func, insert, select
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from db.schema import PassageRow, RevisionRow
from retrieval.lexemes import lexemes

# Beside the other tables' metadata, since SQLite has none of it.
WORDS = Table(
    "passage_words",
    MetaData(),
    Column("passage_id", BigInteger, primary_key=True),
    Column("words", TSVECTOR, nullable=False),
    Column("length", Integer, nullable=False),  # terms of the passage, without the title's
    ForeignKeyConstraint(["passage_id"], [PassageRow.__table__.c.id], name="fk_passage_words_passage_id", ondelete="CASCADE"),
    Index("ix_passage_words_words", "words", postgresql_using="gin"),
)
# What one tsvector can hold: places up to 16,383 and 1 MB. No passage comes near it.
_MOST_TERMS = 8_000


def add_words(session: Session | Connection, ids: Collection[int]) -> None:
    """Make these passages, which are stored and have no words yet, searchable by their words, where the database does that."""
    connection = session if isinstance(session, Connection) else session.connection()
    if not ids or connection.dialect.name != "postgresql":
        return
    query = (
        select(PassageRow.id, RevisionRow.title, func.substr(RevisionRow.text, PassageRow.start + 1, PassageRow.end - PassageRow.start))
        .join(RevisionRow, RevisionRow.id == PassageRow.revision_id)
        .where(PassageRow.id.in_(ids))
        .order_by(PassageRow.id)
    )
    rows = [_row(*row) for row in session.execute(query)]
    if rows:
        session.execute(insert(WORDS), rows)


def _row(passage_id: int, title: str, text: str) -> dict[str, object]:
    terms = lexemes(text)[:_MOST_TERMS]
    return {"passage_id": passage_id, "words": _tsvector(terms, lexemes(title)[:_MOST_TERMS]), "length": len(terms)}


def _tsvector(terms: Sequence[str], title: Sequence[str]) -> str:
    places: dict[str, list[str]] = defaultdict(list)
    for place, term in enumerate(terms, 1):
        places[term].append(str(place))
    for place, term in enumerate(title, len(terms) + 1):
        places[term].append(f"{place}A")
    return " ".join(f"'{term}':{','.join(at)}" for term, at in places.items())
