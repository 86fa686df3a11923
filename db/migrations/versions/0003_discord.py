"""Discord: servers' settings and sources, what was asked; checks that can be shown again as they were."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def _check_columns() -> list[sa.Column[Any]]:
    """What a check gets. Columns that may not be null have a default of the database's own: there may be rows."""
    return [
        sa.Column("context", sa.Text, nullable=False, server_default=""),
        sa.Column("newest_article_at", TIME),
        sa.Column("claim_key", sa.String(64), nullable=False, server_default=""),
        sa.Column("store_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("vector", sa.LargeBinary),
    ]


def _excerpt_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("before", sa.Integer, nullable=False, server_default="0"),
        sa.Column("after", sa.Integer, nullable=False, server_default="0"),
        sa.Column("decisive", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("copies", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("credit", sa.Text, nullable=False, server_default=""),
        sa.Column("difference", sa.Text, nullable=False, server_default=""),
        sa.Column("url", sa.Text, nullable=False, server_default=""),
        sa.Column("title", sa.Text, nullable=False, server_default=""),
        sa.Column("source", sa.Text, nullable=False, server_default=""),
        sa.Column("published_at", TIME),
        sa.Column("external_id", sa.Text),
        sa.Column("story_id", sa.BigInteger),
        sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("feed_id", sa.BigInteger),
    ]


def upgrade() -> None:
    op.add_column("address", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    for table, columns in (("check", _check_columns()), ("check_excerpt", _excerpt_columns())):
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_check_claim_key", "check", ["claim_key"])
    _fill_excerpts()
    _create_guilds()
    _create_asks()


def _fill_excerpts() -> None:
    """What older checks showed beside the words, from the articles as they are now."""
    excerpt = sa.table("check_excerpt", *(sa.column(name) for name in ("revision_id", "url", "title", "source", "published_at",
                       "external_id", "story_id", "gone", "feed_id")))  # fmt: skip
    article = sa.table(
        "article", *(sa.column(name) for name in ("id", "url", "source_id", "external_id", "story_id", "gone_at", "feed_id"))
    )
    revision_ = sa.table("revision", *(sa.column(name) for name in ("id", "article_id", "title", "published_at")))
    source = sa.table("source", sa.column("id"), sa.column("name"))
    of_excerpt = (
        sa.select()
        .select_from(revision_.join(article, article.c.id == revision_.c.article_id).join(source, source.c.id == article.c.source_id))
        .where(revision_.c.id == excerpt.c.revision_id)
    )
    values = {
        "url": article.c.url, "title": revision_.c.title, "source": source.c.name, "published_at": revision_.c.published_at,
        "external_id": article.c.external_id, "story_id": article.c.story_id, "gone": article.c.gone_at.is_not(None),
        "feed_id": article.c.feed_id,
    }  # fmt: skip
    op.execute(sa.update(excerpt).values({name: of_excerpt.add_columns(value).scalar_subquery() for name, value in values.items()}))


def _create_guilds() -> None:
    op.create_table(
        "guild",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("answers", sa.String(20), nullable=False),
        sa.Column("user_role", sa.BigInteger),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("moderator_role", sa.BigInteger),
        sa.Column("moderator_channel", sa.BigInteger),
        sa.Column("minimum_sources", sa.Integer, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("keep_days", sa.Integer, nullable=False),
        sa.Column("plain_text", sa.Boolean, nullable=False),
        sa.Column("left_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_guild"),
    )
    op.create_table(
        "guild_source",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("address_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "address_id", name="pk_guild_source"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_guild_source_address_id", ondelete="CASCADE"),
    )
    op.create_index("ix_guild_source_address_id", "guild_source", ["address_id"])
    op.create_table(
        "note",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_note"),
    )


def _create_asks() -> None:
    op.create_table(
        "ask",
        sa.Column("id", ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("token", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("kind", sa.String(20)),
        sa.Column("application_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_ask"),
        sqlite_autoincrement=True,
    )
    for column in ("user", "channel_id", "guild_id", "state"):
        op.create_index(f"ix_ask_{column}_created_at", "ask", [column, "created_at"])
    op.create_index("ix_ask_message_id", "ask", ["message_id"])
    op.create_table(
        "ask_check",
        sa.Column("ask_id", ID, nullable=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("check_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("ask_id", "place", name="pk_ask_check"),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_ask_check_ask_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name="fk_ask_check_check_id"),
    )
    op.create_index("ix_ask_check_check_id", "ask_check", ["check_id"])
    op.create_table(
        "feedback",
        sa.Column("check_id", ID, nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("ask_id", ID, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "user", name="pk_feedback"),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name="fk_feedback_check_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_feedback_ask_id", ondelete="CASCADE"),
    )
    op.create_index("ix_feedback_ask_id", "feedback", ["ask_id"])

    op.create_table(
        "flag",
        sa.Column("id", ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("ask_id", ID),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_flag_ask_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name="fk_flag_check_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_flag_guild_id", "flag", ["guild_id"])
    op.create_index("ix_flag_check_id", "flag", ["check_id"])


def downgrade() -> None:
    for table in ("flag", "feedback", "ask_check", "ask", "note", "guild_source", "guild"):
        op.drop_table(table)
    op.drop_index("ix_check_claim_key", "check")
    for table, columns in (("check_excerpt", _excerpt_columns()), ("check", _check_columns())):
        for column in reversed(columns):
            op.drop_column(table, column.name)
    op.drop_column("address", "private")
