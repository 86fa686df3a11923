"""The tables. The database is the truth; every index is a view that follows `passage_change`.

source --< article --< revision --< passage --< passage_vector        passage_change (append-only)
             |  |                                                check --< check_excerpt >-- revision
   address --+  +--< sketch_band                                 ask --< ask_check >-- check, opinion
      +--< guild_source >-- guild                                note (small things to remember)
dispute --< dispute_flag, dispute_claim, snapshot, follow        dispute_event (append-only), audit_head
Passages belong to an article's current revision only; older revisions keep their text, so that what was quoted stays readable.
An address is what is visited on the web; articles with one story_id are copies of one another. An ask is a question put in Discord,
its checks are the claims of the answer; a guild is a Discord server, by its id there. A dispute is a case of a server's moderators.
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

from db.halves import HalfBytes

# Row ids are 64-bit; SQLite only counts up by itself in a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
# Ids are never given twice, not even after a delete: an index may still know the old one.
NEVER_REUSED = {"sqlite_autoincrement": True}


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC; SQLite, which has no zones, keeps them without and gets them back, PostgreSQL gives them in its own zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


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


class NoteRow(Base):
    """Something small to remember, by name."""

    __tablename__ = "note"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
