"""News as it is stored: outlets, articles with their wordings, passages with their vectors, and the log that indexes follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.halves import HalfBytes
from db.schema.base import NEVER_REUSED, Base, Id, UtcTime


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
    """A passage's embedding: little-endian float16, dimension by model. PostgreSQL searches it where it stands (db/pgindex.py)."""

    __tablename__ = "passage_vector"

    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    data: Mapped[bytes] = mapped_column(HalfBytes)


class PassageChangeRow(Base):
    """The change log: what an index follows. No foreign key, since it outlives the passages it names."""

    __tablename__ = "passage_change"
    __table_args__ = NEVER_REUSED

    seq: Mapped[int] = mapped_column(Id, primary_key=True)
    passage_id: Mapped[int] = mapped_column(Id)
    present: Mapped[bool]


class SketchBandRow(Base):
    """A band of an article's sketch: articles that share one may be copies (retrieval/ingest/duplicates.py)."""

    __tablename__ = "sketch_band"
    __table_args__ = (Index("ix_sketch_band_article_id", "article_id"),)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
