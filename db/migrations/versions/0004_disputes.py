"""Disputed posts: cases, their flags, evidence and audit; followed claims; opinions that outlive the words of private checks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def _guild_columns() -> list[sa.Column[Any]]:
    """What a server can set now. Columns that may not be null have a default of the database's own: there may be rows."""
    return [
        sa.Column("reports", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("public_notes", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reasons", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("keep_cases", sa.Integer, nullable=False, server_default="365"),
    ]


def upgrade() -> None:
    for column in _guild_columns():
        op.add_column("guild", column)
    op.add_column("ask", sa.Column("about_message_id", sa.BigInteger))
    op.add_column("ask", sa.Column("author", sa.String(64)))
    op.create_index("ix_ask_author", "ask", ["author"])
    _create_disputes()
    _create_audit()
    _create_follows()
    _move_flags()
    _move_opinions()


def _create_disputes() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("decided", sa.Integer, nullable=False),
        sa.Column("assignee", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("author", sa.BigInteger),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("posted_at", TIME),
        sa.Column("check_id", ID),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("resolved_at", TIME),
        sa.Column("card_channel_id", sa.BigInteger),
        sa.Column("card_message_id", sa.BigInteger),
        sa.Column("card_version", sa.Integer, nullable=False),
        sa.Column("note_message_id", sa.BigInteger),
        sa.Column("appeal", sa.Text),
        sa.Column("appealed_at", TIME),
        sa.Column("likes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name="fk_dispute_check_id"),
        sa.UniqueConstraint("guild_id", "number", name="uq_dispute_guild_id_number"),
        sqlite_autoincrement=True,
    )
    for columns in (["guild_id", "state"], ["guild_id", "message_id"], ["author"], ["check_id"]):
        op.create_index(f"ix_dispute_{'_'.join(columns)}", "dispute", columns)
    op.create_table(
        "dispute_flag",
        sa.Column("id", ID, nullable=False),
        sa.Column("dispute_id", ID, nullable=False),
        sa.Column("person", sa.BigInteger),
        sa.Column("moderator", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_flag"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name="fk_dispute_flag_dispute_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dispute_flag_dispute_id", "dispute_flag", ["dispute_id"])
    op.create_index("ix_dispute_flag_person_created_at", "dispute_flag", ["person", "created_at"])
    op.create_table(
        "dispute_claim",
        sa.Column("dispute_id", ID, nullable=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("model_id", sa.String(200), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("dispute_id", "place", name="pk_dispute_claim"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name="fk_dispute_claim_dispute_id", ondelete="CASCADE"),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", ID, nullable=False),
        sa.Column("dispute_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("erased", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name="fk_snapshot_dispute_id", ondelete="CASCADE"),
        sa.UniqueConstraint("dispute_id", "number", name="uq_snapshot_dispute_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "flag_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("author", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("posted_at", TIME),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag_draft"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_flag_draft_created_at", "flag_draft", ["created_at"])


def _create_audit() -> None:
    op.create_table(
        "dispute_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("dispute_id", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(10)),
        sa.Column("to_state", sa.String(10)),
        sa.Column("person", sa.BigInteger),
        sa.Column("note", sa.Text),
        sa.Column("salt", sa.String(32)),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("snapshot_digest", sa.String(64)),
        sa.Column("at", TIME, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_event"),
        sa.UniqueConstraint("guild_id", "seq", name="uq_dispute_event_guild_id_seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dispute_event_dispute_id", "dispute_event", ["dispute_id"])
    op.create_table(
        "audit_head",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_audit_head"),
    )


def _create_follows() -> None:
    op.create_table(
        "follow",
        sa.Column("id", ID, nullable=False),
        sa.Column("person", sa.BigInteger),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("dispute_id", ID),
        sa.Column("author", sa.String(64)),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("model_id", sa.String(200), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("news", sa.Text),
        sa.Column("due", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("told_at", TIME),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow"),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name="fk_follow_dispute_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    for column in ("person", "dispute_id", "due", "until", "author"):
        op.create_index(f"ix_follow_{column}", "follow", [column])


def _move_flags() -> None:
    """Each flag of before is an open case with the answer that was flagged; its evidence is copied out of it when the bot starts."""
    op.execute(
        "INSERT INTO dispute (id, guild_id, number, state, version, decided, channel_id, message_id, text, check_id, opened_at, changed_at,"
        " card_version, likes)"
        " SELECT flag.id, flag.guild_id, row_number() OVER (PARTITION BY flag.guild_id ORDER BY flag.id), 'open', 0, 0, ask.channel_id,"
        ' ask.message_id, "check".claim, flag.check_id, flag.created_at, flag.created_at, 0,'
        " '[]'"
        ' FROM flag JOIN "check" ON "check".id = flag.check_id LEFT JOIN ask ON ask.id = flag.ask_id'
    )
    op.execute(
        "INSERT INTO dispute_flag (dispute_id, person, moderator, reason, note, created_at)"
        " SELECT id, person, TRUE, '', note, created_at FROM flag"
    )
    if op.get_bind().dialect.name == "postgresql":  # which does not count ids that were given
        op.execute("SELECT setval(pg_get_serial_sequence('dispute', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM dispute")
    op.drop_table("flag")


def _move_opinions() -> None:
    op.create_table(
        "opinion",
        sa.Column("check_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("check_id", "user", name="pk_opinion"),
    )
    op.create_index("ix_opinion_created_at", "opinion", ["created_at"])
    op.create_index("ix_opinion_user", "opinion", ["user"])
    op.execute(
        'INSERT INTO opinion (check_id, "user", outcome, helpful, created_at)'
        ' SELECT check_id, "user", "check".outcome, helpful, feedback.created_at FROM feedback JOIN "check" ON "check".id = check_id'
    )
    op.drop_table("feedback")


def downgrade() -> None:
    """Cases with a flagged answer become flags again, opinions whose ask is kept become feedback; the rest is lost."""
    _flags_again()
    _feedback_again()
    for table in ("follow", "audit_head", "dispute_event", "flag_draft", "snapshot", "dispute_claim", "dispute_flag", "dispute", "opinion"):
        op.drop_table(table)
    op.drop_index("ix_ask_author", "ask")
    for name in ("author", "about_message_id"):
        op.drop_column("ask", name)
    for column in reversed(_guild_columns()):
        op.drop_column("guild", column.name)


def _flags_again() -> None:
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
    op.execute(
        "INSERT INTO flag (guild_id, check_id, person, note, created_at)"
        " SELECT dispute.guild_id, dispute.check_id, dispute_flag.person, dispute_flag.note, dispute_flag.created_at"
        " FROM dispute_flag JOIN dispute ON dispute.id = dispute_id WHERE check_id IS NOT NULL AND person IS NOT NULL"
    )


def _feedback_again() -> None:
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
    op.execute(
        'INSERT INTO feedback (check_id, "user", ask_id, helpful, created_at)'
        ' SELECT opinion.check_id, opinion."user", min(ask_id), helpful, created_at'
        " FROM opinion JOIN ask_check ON ask_check.check_id = opinion.check_id"
        ' GROUP BY opinion.check_id, opinion."user", helpful, created_at'
    )
