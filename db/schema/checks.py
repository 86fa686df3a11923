"""What was compared: claims, and the excerpts that were shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.schema.base import NEVER_REUSED, Base, Id, UtcTime


class CheckRow(Base):
    """A claim that was checked, and what came out."""

    __tablename__ = "check"
    __table_args__ = (Index("ix_check_created_at", "created_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    claim: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(20))
    considered: Mapped[int] = mapped_column(Integer)
    independent_sources: Mapped[int] = mapped_column(Integer)
    models: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    context: Mapped[str] = mapped_column(Text)
    newest_article_at: Mapped[datetime | None] = mapped_column(UtcTime)
    claim_key: Mapped[str] = mapped_column(String(64), index=True)  # "" for none
    store_seq: Mapped[int] = mapped_column(BigInteger)  # the last row of the change log when it was checked
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)  # of the claim, little-endian float16, by models["embedding"]
    beside: Mapped[str] = mapped_column(Text)  # JSON of what was found beside the excerpts (db/checks.py), "" for nothing


class CheckExcerptRow(Base):
    """An excerpt that was shown: the slice of the revision, and what stood around it then.

    Words are the revision's, which stays. What belongs to the article, its copies and its source is repeated here, since it may change.
    """

    __tablename__ = "check_excerpt"

    check_id: Mapped[int] = mapped_column(ForeignKey("check.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[str] = mapped_column(String(10), primary_key=True)  # "agree" or "contradict"
    rank: Mapped[int] = mapped_column(Integer, primary_key=True)  # 1 is best
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    agree: Mapped[float] = mapped_column(Float)
    contradict: Mapped[float] = mapped_column(Float)
    neutral: Mapped[float] = mapped_column(Float)
    before: Mapped[int] = mapped_column(Integer)  # characters shown before and after
    after: Mapped[int] = mapped_column(Integer)
    decisive: Mapped[list[list[int]]] = mapped_column(JSON)
    copies: Mapped[list[str]] = mapped_column(JSON)
    credit: Mapped[str] = mapped_column(Text)
    difference: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    external_id: Mapped[str | None] = mapped_column(Text)
    story_id: Mapped[int | None] = mapped_column(BigInteger)
    gone: Mapped[bool]
    feed_id: Mapped[int | None] = mapped_column(BigInteger)
