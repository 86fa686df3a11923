"""First tables: sources, articles with revisions, passages, vectors, the change log, checks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "article",
        sa.Column("id", ID, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("revision_id", ID),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("url", name="uq_article_url"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_article_source_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_article_source_id", "article", ["source_id"])
    op.create_index("ix_article_revision_id", "article", ["revision_id"])
    op.create_table(
        "revision",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("language", sa.String(8)),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.UniqueConstraint("article_id", "number", name="uq_revision_article_id_number"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_revision_article_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "passage",
        sa.Column("id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_passage_revision_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passage_revision_id", "passage", ["revision_id"])
    op.create_table(
        _vectors(),
        sa.Column("passage_id", ID, nullable=False),
        sa.Column("model_id", sa.String(200), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("passage_id", "model_id", name="pk_vector"),
        sa.ForeignKeyConstraint(["passage_id"], ["passage.id"], name="fk_vector_passage_id", ondelete="CASCADE"),
    )
    op.create_table(
        "passage_change",
        sa.Column("seq", ID, nullable=False),
        sa.Column("passage_id", ID, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_passage_change"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "check",
        sa.Column("id", ID, nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("considered", sa.Integer, nullable=False),
        sa.Column("independent_sources", sa.Integer, nullable=False),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_check_created_at", "check", ["created_at"])
    op.create_table(
        "check_excerpt",
        sa.Column("check_id", ID, nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("agree", sa.Float, nullable=False),
        sa.Column("contradict", sa.Float, nullable=False),
        sa.Column("neutral", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "side", "rank", name="pk_check_excerpt"),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name="fk_check_excerpt_check_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_check_excerpt_revision_id"),
    )
    op.create_index("ix_check_excerpt_revision_id", "check_excerpt", ["revision_id"])


def downgrade() -> None:
    for table in ("check_excerpt", "check", "passage_change", _vectors(), "passage", "revision", "article", "source"):
        op.drop_table(table)


def _vectors() -> str:
    """The name that the table of vectors has everywhere since 0006. In PostgreSQL it never had another that works: a table's name is a
    type's too, and pgvector's type `vector` may be there already.
    """
    return "passage_vector" if op.get_bind().dialect.name == "postgresql" else "vector"
