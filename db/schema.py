"""The tables. The database is the truth; every index is a view that follows `passage_change`.

source --< article --< revision --< passage --< vector          passage_change (append-only)
             |  |                                                check --< check_excerpt >-- revision
   address --+  +--< sketch_band                                 ask --< ask_check >-- check --< feedback
      +--< guild_source >-- guild                                note (small things to remember)
Passages belong to an article's current revision only; older revisions keep their text, so that what was quoted stays readable.
An address is what is visited on the web; articles with one story_id are copies of one another. An ask is a question put in Discord,
its checks are the claims of the answer; a guild is a Discord server, by its id there.
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
    context: Mapped[str] = mapped_column(Text)
    newest_article_at: Mapped[datetime | None] = mapped_column(UtcTime)
    claim_key: Mapped[str] = mapped_column(String(64), index=True)  # "" for none
    store_seq: Mapped[int] = mapped_column(BigInteger)  # the last row of the change log when it was checked
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)  # of the claim, little-endian float16, by models["embedding"]


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


class SketchBandRow(Base):
    """A band of an article's sketch: articles that share one may be copies (retrieval/ingest/duplicates.py)."""

    __tablename__ = "sketch_band"
    __table_args__ = (Index("ix_sketch_band_article_id", "article_id"),)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)


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


class AskCheckRow(Base):
    """The checks of an answer, in its order. One check may answer several asks."""

    __tablename__ = "ask_check"
    __table_args__ = (Index("ix_ask_check_check_id", "check_id"),)

    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    check_id: Mapped[int] = mapped_column(ForeignKey("check.id"))


class FeedbackRow(Base):
    """Whether a check helped somebody: one opinion a person and check."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_ask_id", "ask_id"),)

    check_id: Mapped[int] = mapped_column(ForeignKey("check.id", ondelete="CASCADE"), primary_key=True)
    user: Mapped[str] = mapped_column(String(64), primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"))
    helpful: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class FlagRow(Base):
    """A check that a moderator flagged: its excerpts are kept as they stood. `person` is a Discord id, since moderators work together."""

    __tablename__ = "flag"
    __table_args__ = (Index("ix_flag_guild_id", "guild_id"), Index("ix_flag_check_id", "check_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"))
    check_id: Mapped[int] = mapped_column(ForeignKey("check.id"))
    person: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class NoteRow(Base):
    """Something small to remember, by name."""

    __tablename__ = "note"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
