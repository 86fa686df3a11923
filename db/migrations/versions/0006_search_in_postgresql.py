"""PostgreSQL searches by itself: vectors become pgvector's, and passages get their words. Elsewhere a table gets another name.

The table `vector` had the name of pgvector's type, which cannot be made beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.exc import DatabaseError
from sqlalchemy.types import TypeEngine

from db.halves import HalfBytes
from db.lexicon import add_words
from retrieval.errors import StoreError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PAGE = 1000
OLDEST_PGVECTOR = (0, 8)  # the first whose index goes on looking where a filter takes away what it found


def upgrade() -> None:
    connection = op.get_bind()
    if sa.inspect(connection).has_table("vector"):
        op.rename_table("vector", "passage_vector")
    if connection.dialect.name != "postgresql":
        return
    _add_pgvector(connection)
    op.alter_column("passage_vector", "data", new_column_name="old", nullable=True)
    op.add_column("passage_vector", sa.Column("data", HalfBytes()))
    op.create_table(
        "passage_words",
        sa.Column("passage_id", sa.BigInteger, nullable=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("passage_id", name="pk_passage_words"),
        sa.ForeignKeyConstraint(["passage_id"], ["passage.id"], name="fk_passage_words_passage_id", ondelete="CASCADE"),
    )
    for ids in _rewritten(connection, sa.LargeBinary(), HalfBytes()):
        add_words(connection, ids)
    op.drop_column("passage_vector", "old")
    op.alter_column("passage_vector", "data", nullable=False)
    # Without a list of what waits to be sorted in, which every search would read through.
    op.create_index("ix_passage_words_words", "passage_words", ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"})
    op.execute("ALTER TABLE passage_words ALTER COLUMN words SET STATISTICS 200")  # the 2,000 commonest terms are known, not 1,000


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        op.rename_table("passage_vector", "vector")
        return
    op.drop_table("passage_words")
    op.alter_column("passage_vector", "data", new_column_name="old", nullable=True)
    op.add_column("passage_vector", sa.Column("data", sa.LargeBinary))
    for _ in _rewritten(connection, HalfBytes(), sa.LargeBinary()):
        pass
    op.drop_column("passage_vector", "old")
    op.alter_column("passage_vector", "data", nullable=False)


def _add_pgvector(connection: sa.Connection) -> None:
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DatabaseError as error:
        raise StoreError(
            "PostgreSQL needs the extension pgvector, and it cannot be made here: "
            f"{str(error.orig).splitlines()[0]}. Install pgvector, then let the database's owner run: CREATE EXTENSION vector"
        ) from error
    version = str(connection.scalar(sa.text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PGVECTOR:
        raise StoreError(f"PostgreSQL has pgvector {version}; 0.8 or newer is needed. Update it, then run: ALTER EXTENSION vector UPDATE")


def _rewritten(connection: sa.Connection, old: TypeEngine[bytes], new: TypeEngine[bytes]) -> Iterator[Sequence[int]]:
    """Fill `data` from `old`, some passages at a time; their ids."""
    key = (sa.column("passage_id", sa.BigInteger), sa.column("model_id", sa.String))
    rows = sa.table("passage_vector", *key, sa.column("old", old), sa.column("data", new))
    passage_ids = sa.select(rows.c.passage_id).distinct().order_by(rows.c.passage_id).limit(PAGE)
    after = 0
    while ids := connection.scalars(passage_ids.where(rows.c.passage_id > after)).all():
        for row in connection.execute(sa.select(rows).where(rows.c.passage_id.in_(ids))).all():
            this = (rows.c.passage_id == row.passage_id) & (rows.c.model_id == row.model_id)
            connection.execute(sa.update(rows).where(this).values(data=row.old))
        yield ids
        after = ids[-1]
