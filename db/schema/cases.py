"""Cases of moderators with their evidence and audit, and claims that are followed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.schema.base import NEVER_REUSED, Base, Id, UtcTime


class DisputeRow(Base):
    """A disputed post, or a flagged answer to a typed claim: a case of its server's moderators (db/disputes.py).

    `author` and `assignee` are Discord ids, since a case needs the persons. `version` counts the case's rows in dispute_event;
    `decided` is that of the last decision of a moderator: a decision is an update where it is still what the moderator has seen. The
    message in the moderators' channel shows `card_version`.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("guild_id", "number"),
        Index("ix_dispute_guild_id_state", "guild_id", "state"),
        Index("ix_dispute_guild_id_message_id", "guild_id", "message_id"),
        Index("ix_dispute_author", "author"),
        Index("ix_dispute_check_id", "check_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)  # within its server, from 1
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    decided: Mapped[int] = mapped_column(Integer)
    assignee: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)  # of the post
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    author: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)  # the post's words; "" when they were erased
    posted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    check_id: Mapped[int | None] = mapped_column(ForeignKey("check.id"))  # of the answer that was flagged
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    card_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    card_message_id: Mapped[int | None] = mapped_column(BigInteger)
    card_version: Mapped[int] = mapped_column(Integer)
    note_message_id: Mapped[int | None] = mapped_column(BigInteger)  # the public note under the post
    appeal: Mapped[str | None] = mapped_column(Text)  # what the author said against it, once
    appealed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    likes: Mapped[list[list[int]]] = mapped_column(JSON, default=list)  # other cases of like claims: [id, whether it is the same]


class DisputeFlagRow(Base):
    """Who disputes a post, and why: one a person and case. `person` is null when it was erased."""

    __tablename__ = "dispute_flag"
    __table_args__ = (
        Index("ix_dispute_flag_dispute_id", "dispute_id"),
        Index("ix_dispute_flag_person_created_at", "person", "created_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dispute_id: Mapped[int] = mapped_column(ForeignKey("dispute.id", ondelete="CASCADE"))
    person: Mapped[int | None] = mapped_column(BigInteger)
    moderator: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class DisputeClaimRow(Base):
    """A claim of a case with its vector (little-endian float16): by these, like cases are found."""

    __tablename__ = "dispute_claim"

    dispute_id: Mapped[int] = mapped_column(ForeignKey("dispute.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    claim: Mapped[str] = mapped_column(Text)
    model_id: Mapped[str] = mapped_column(String(200))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class SnapshotRow(Base):
    """The evidence of a case as it stood: whole comparisons as JSON, with all words, whatever becomes of checks and articles.

    `digest` (SHA-256 of the document) is in the audit row that added it. `erased`: the claims' words were erased from it.
    """

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("dispute_id", "number"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dispute_id: Mapped[int] = mapped_column(ForeignKey("dispute.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)  # 1: as flagged; later ones when it was reopened
    taken_at: Mapped[datetime] = mapped_column(UtcTime)
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    erased: Mapped[bool]


class DisputeEventRow(Base):
    """The audit of cases: append-only, chained by hash, one chain a server (db/audit.py). No foreign key, since it outlives the case.

    `content_digest` covers person and note under `salt`; all three are null when they were erased. `snapshot_digest` is that of the
    snapshot that was taken, of all that is erased of the case, or of the server whose chain was begun or purged, as the action has it.
    """

    __tablename__ = "dispute_event"
    __table_args__ = (UniqueConstraint("guild_id", "seq"), Index("ix_dispute_event_dispute_id", "dispute_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)  # 0: the chain of chains
    seq: Mapped[int] = mapped_column(Integer)  # within its chain, from 1
    dispute_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)  # of the case, from this row on
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str | None] = mapped_column(String(10))
    person: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str | None] = mapped_column(String(32))
    content_digest: Mapped[str] = mapped_column(String(64))
    snapshot_digest: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """Where a chain ends, under a key that is not in the database: rows cut off its end are missed."""

    __tablename__ = "audit_head"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    mac: Mapped[str] = mapped_column(String(64))


class FlagDraftRow(Base):
    """A post while its flag's form is open: Discord hands its words over with the menu, and not with the form. Kept for hours."""

    __tablename__ = "flag_draft"
    __table_args__ = (Index("ix_flag_draft_created_at", "created_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    user: Mapped[str] = mapped_column(String(64))  # who has the form open: a keyed hash
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class FollowRow(Base):
    """A claim that is looked at again when news like it is stored (db/follows.py): for a person, or for the moderators of a case.

    `person` is a Discord id: who asked to be told. `seen` is the comparison that they know, `news` one that they do not know yet.
    """

    __tablename__ = "follow"
    __table_args__ = (
        Index("ix_follow_person", "person"),
        Index("ix_follow_dispute_id", "dispute_id"),
        Index("ix_follow_due", "due"),
        Index("ix_follow_until", "until"),
        Index("ix_follow_author", "author"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person: Mapped[int | None] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)  # where it was asked; null: in direct messages
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id", ondelete="CASCADE"))
    author: Mapped[str | None] = mapped_column(String(64))  # of the claim's words, if another: a keyed hash
    locale: Mapped[str] = mapped_column(String(16))
    claim: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text)
    model_id: Mapped[str] = mapped_column(String(200))
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # little-endian float16
    seen: Mapped[str] = mapped_column(Text)
    news: Mapped[str | None] = mapped_column(Text)
    due: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime)
