"""Addresses on the web with their visits, hosts' turns; stories: which articles and passages are copies of others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("article", sa.Column("feed_id", ID))
    op.add_column("article", sa.Column("story_id", ID))
    op.add_column("article", sa.Column("gone_at", TIME))
    op.create_index("ix_article_feed_id", "article", ["feed_id"])
    op.create_index("ix_article_story_id", "article", ["story_id"])
    op.add_column("passage", sa.Column("copy_of", ID))
    op.create_index("ix_passage_copy_of", "passage", ["copy_of"])
    _create_addresses()
    _create_sketches()


def _create_addresses() -> None:
    op.create_table(
        "address",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("feed_id", ID),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("next_visit_at", TIME, nullable=False),
        sa.Column("last_visit_at", TIME),
        sa.Column("last_success_at", TIME),
        sa.Column("lease_owner", sa.String(100)),
        sa.Column("lease_until", TIME),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("teaser", sa.Text, nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("article_url", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("url", name="uq_address_url"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_address_due", "address", ["state", "next_visit_at"])
    op.create_index("ix_address_feed_id", "address", ["feed_id"])
    op.create_table(
        "visit",
        sa.Column("id", ID, nullable=False),
        sa.Column("address_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("problem", sa.String(20)),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("not_modified", sa.Boolean, nullable=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_visit_address_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visit_address_id_at", "visit", ["address_id", "at"])
    op.create_table(
        "host",
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("free_at", TIME, nullable=False),
        sa.Column("lease_owner", sa.String(100)),
        sa.Column("lease_until", TIME),
        sa.PrimaryKeyConstraint("name", name="pk_host"),
    )


def _create_sketches() -> None:
    op.create_table(
        "sketch_band",
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", "article_id", name="pk_sketch_band"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_sketch_band_article_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sketch_band_article_id", "sketch_band", ["article_id"])


def downgrade() -> None:
    for table in ("sketch_band", "host", "visit", "address"):
        op.drop_table(table)
    for table, column in (("passage", "copy_of"), ("article", "gone_at"), ("article", "story_id"), ("article", "feed_id")):
        if column != "gone_at":
            op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)
