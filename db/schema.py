"""The tables. The database is the truth; every index is a view that follows `passage_change`.

source --< article --< revision --< passage --< vector          passage_change (append-only)
             |  |                                                check --< check_excerpt >-- revision
   address --+  +--< sketch_band
Passages belong to an article's current revision only; older revisions keep their text, so that what was quoted stays readable.
An address is what is visited on the web; articles with one story_id are copies of one another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Row ids are 64-bit; SQLite only counts up by itself in a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
# Ids are never given twice, not even after a delete: an index may still know the old one.
NEVER_REUSED = {"sqlite_autoincrement": True}


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC; SQLite, which has no zones, keeps them without and gets them back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    })  # fmt: skip


class SourceRow(Base):
    """An outlet, by the name that is shown."""

    __tablename__ = "source"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class ArticleRow(Base):
    """An article, identified by its url. `revision_id` is what search sees; null when it was removed from search."""

    __tablename__ = "article"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    external_id: Mapped[str | None] = mapped_column(Text)
    # Not a foreign key: article and revision would wait for each other, and the pair is only ever written together.
    revision_id: Mapped[int | None] = mapped_column(Id, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    # No foreign keys, since SQLite adds none to a table that is there: the feed that brought it, the story that it is a copy of
    # (the id of the story's first article), and when its page was found gone.
    feed_id: Mapped[int | None] = mapped_column(Id, index=True)
    story_id: Mapped[int | None] = mapped_column(Id, index=True)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class RevisionRow(Base):
    """One wording of an article, never changed once written. `content_hash` covers title, time and text."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("article_id", "number"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    language: Mapped[str | None] = mapped_column(String(8))
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class PassageRow(Base):
    """Where a passage lies: revision.text[start:end]. A copy has the words of another passage of its story, and is not searched."""

    __tablename__ = "passage"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), index=True)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    copy_of: Mapped[int | None] = mapped_column(Id, index=True)


class VectorRow(Base):
    """A passage's embedding: little-endian float16, dimension by model."""

    __tablename__ = "vector"

    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class PassageChangeRow(Base):
    """The change log: what an index follows. No foreign key, since it outlives the passages it names."""

    __tablename__ = "passage_change"
    __table_args__ = NEVER_REUSED

    seq: Mapped[int] = mapped_column(Id, primary_key=True)
    passage_id: Mapped[int] = mapped_column(Id)
    present: Mapped[bool]


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


class CheckExcerptRow(Base):
    """An excerpt that was shown: the slice of the revision as it stood."""

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


class SketchBandRow(Base):
    """A band of an article's sketch: articles that share one may be copies (retrieval/ingest/duplicates.py)."""

    __tablename__ = "sketch_band"
    __table_args__ = (Index("ix_sketch_band_article_id", "article_id"),)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
