"""Discord: servers with their settings and sources, what was asked, whether it helped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.schema.base import NEVER_REUSED, Base, Id, UtcTime


class GuildRow(Base):
    """A Discord server's settings (db/guilds.py), and when the bot was taken out of it."""

    __tablename__ = "guild"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    answers: Mapped[str] = mapped_column(String(20))
    user_role: Mapped[int | None] = mapped_column(BigInteger)
    channels: Mapped[list[int]] = mapped_column(JSON)
    moderator_role: Mapped[int | None] = mapped_column(BigInteger)
    moderator_channel: Mapped[int | None] = mapped_column(BigInteger)
    minimum_sources: Mapped[int] = mapped_column(Integer)
    language: Mapped[str | None] = mapped_column(String(16))
    keep_days: Mapped[int] = mapped_column(Integer)
    plain_text: Mapped[bool]
    reports: Mapped[bool]
    public_notes: Mapped[bool]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    keep_cases: Mapped[int] = mapped_column(Integer)
    pictures: Mapped[str] = mapped_column(String(10))
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)


class GuildSourceRow(Base):
    """A server that has a private source for its own. No foreign key to guild: one without settings has no row there."""

    __tablename__ = "guild_source"
    __table_args__ = (Index("ix_guild_source_address_id", "address_id"),)

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id", ondelete="CASCADE"), primary_key=True)


WAITING, ANSWERED, TOLD = "waiting", "answered", "told"  # states of an ask


class AskRow(Base):
    """What was asked in Discord (db/asks.py). `token` to `application_id` are there only while it waits for its answer."""

    __tablename__ = "ask"
    __table_args__ = (
        Index("ix_ask_user_created_at", "user", "created_at"),
        Index("ix_ask_channel_id_created_at", "channel_id", "created_at"),
        Index("ix_ask_guild_id_created_at", "guild_id", "created_at"),
        Index("ix_ask_state_created_at", "state", "created_at"),
        Index("ix_ask_message_id", "message_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    user: Mapped[str] = mapped_column(String(64))
    public: Mapped[bool]
    locale: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    left_out: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    token: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(20))
    application_id: Mapped[int | None] = mapped_column(BigInteger)
    about_message_id: Mapped[int | None] = mapped_column(BigInteger)  # the message whose words were checked
    author: Mapped[str | None] = mapped_column(String(64), index=True)  # of those words, if another: a keyed hash


class AskCheckRow(Base):
    """The checks of an answer, in its order. One check may answer several asks."""

    __tablename__ = "ask_check"
    __table_args__ = (Index("ix_ask_check_check_id", "check_id"),)

    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    check_id: Mapped[int] = mapped_column(ForeignKey("check.id"))


class OpinionRow(Base):
    """Whether a check helped somebody: one opinion a person and check. No foreign keys: it outlives the words of a private check."""

    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_created_at", "created_at"), Index("ix_opinion_user", "user"))

    check_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    helpful: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
