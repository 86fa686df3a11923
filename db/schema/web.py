"""Where news is visited: addresses, visits, hosts and their turns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.schema.base import NEVER_REUSED, Base, Id, UtcTime


class AddressRow(Base):
    """An address that is visited: a feed or sitemap that somebody added, or a page that one of them named (retrieval/sources.py)."""

    __tablename__ = "address"
    __table_args__ = (Index("ix_address_due", "state", "next_visit_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(Text, unique=True)
    host: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(Text)
    feed_id: Mapped[int | None] = mapped_column(Id, index=True)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Integer)
    visits: Mapped[int] = mapped_column(Integer)
    next_visit_at: Mapped[datetime] = mapped_column(UtcTime)
    last_visit_at: Mapped[datetime | None] = mapped_column(UtcTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    title: Mapped[str] = mapped_column(Text)
    teaser: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    article_url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    private: Mapped[bool]  # only the servers of guild_source see what it brings


class VisitRow(Base):
    """What a visit of a feed or sitemap came to, for `sources health`."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_address_id_at", "address_id", "at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    problem: Mapped[str | None] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)
    not_modified: Mapped[bool]
    articles: Mapped[int] = mapped_column(Integer)


class HostRow(Base):
    """A host's turn: one request at a time, from any process, and a pause between two."""

    __tablename__ = "host"

    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UtcTime)
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
