"""Disputed posts: cases of a server's moderators, with their flags, evidence and audit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, delete, exists, func, or_, select, true, union, update
from sqlalchemy.orm import Session, aliased

from db.audit import BEGUN, ERASED, EVIDENCE, OPENED, PURGED, Audit, one_chain_at_a_time, sha256
from db.checks import cosines
from db.engine import Database
from db.retention import KEEP_CASES
from db.schema import (
    DisputeClaimRow,
    DisputeEventRow,
    DisputeFlagRow,
    DisputeRow,
    FlagDraftRow,
    FollowRow,
    GuildRow,
    SnapshotRow,
)
from db.snapshots import dump, load, without_claims
from retrieval.ports import Vectors
from retrieval.types import Comparison


class State(StrEnum):
    """Of a case. What is decided is the moderators' judgement, not Crosscheck's."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    UPHELD = "upheld"  # the post stands
    DISPUTED = "disputed"  # sources contradict it
    UNCLEAR = "unclear"
    DISMISSED = "dismissed"


RESOLVED = frozenset({State.UPHELD, State.DISPUTED, State.UNCLEAR, State.DISMISSED})
UNRESOLVED = frozenset({State.OPEN, State.IN_REVIEW})


class Action(StrEnum):
    """What an audit row says was done. Those of DECISIONS are a moderator's."""

    OPENED = OPENED
    FLAGGED = "flagged"  # another flag joined
    EVIDENCE = EVIDENCE  # a snapshot was taken
    ASSIGNED = "assigned"
    RELEASED = "released"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTED = "noted"  # a public note was published under the post
    APPEALED = "appealed"  # by the post's author: the case is open again
    ERASED = ERASED  # somebody's words and ids, at their wish or by age
    BEGUN = BEGUN  # in the chain of chains: a server has its first case
    PURGED = PURGED  # there too: a server's chain was deleted with the server


COMPARED = 5_000  # of the newest claims of a server's cases: db/checks.py
KEEP_DRAFTS = timedelta(hours=2)
LARGEST_NUMBER = 2**31 - 1  # of a case
DECISIONS = frozenset({Action.ASSIGNED, Action.RELEASED, Action.RESOLVED, Action.REOPENED, Action.NOTED, Action.APPEALED})


@dataclass(frozen=True, slots=True)
class Post:
    """What is disputed. `author` is a Discord id; ids are None where a typed claim's answer was flagged."""

    guild_id: int
    channel_id: int | None
    message_id: int | None
    author: int | None
    text: str
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Who disputes it, and why. `person` is a Discord id; None, and no note, where it was erased."""

    person: int | None
    moderator: bool
    reason: str  # at most 100 characters, may be ""
    note: str
    created_at: datetime | None = None  # None: now


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case. `decided` goes with each decision: it is refused when another came first."""

    id: int
    number: int  # within its server
    state: State
    version: int
    decided: int
    assignee: int | None
    post: Post
    check_id: int | None
    opened_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    card: tuple[int, int] | None  # channel and message in which moderators see it
    card_version: int
    note_message_id: int | None
    appeal: str | None
    appealed_at: datetime | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The evidence as it stood. `erased`: the claims' words were erased from it, at their author's wish."""

    number: int
    taken_at: datetime
    comparisons: Sequence[Comparison]
    digest: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Event:
    """An audit row. `erased`: person and note were erased. The note of ASSIGNED is the id of who it was assigned to."""

    seq: int
    dispute_id: int | None
    version: int
    action: Action
    from_state: State | None
    to_state: State | None
    person: int | None
    note: str | None
    snapshot_digest: str | None
    at: datetime
    erased: bool
    hash: str  # chains the rows of a server


@dataclass(frozen=True, slots=True)
class Draft:
    """A post while the form of its flag is open."""

    post: Post
    user: str  # who has it open: a keyed hash


@dataclass(frozen=True, slots=True)
class Opened:
    """A case after a flag. `new`: it was opened by this flag; `counted`: this person had not flagged it before."""

    dispute: Dispute
    new: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases of a list, and how many there are in all."""

    total: int
    disputes: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class Like:
    """A case with a claim near another claim."""

    dispute: Dispute
    claim: str
    likeness: float  # cosine of the claims' vectors


class Disputes:
    """Cases of all servers. Each change and its audit row are one transaction; a decision is a conditional update: of two, one wins.

    Every method raises StoreError when the database fails.
    """

    def __init__(self, database: Database, key: bytes, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`key` chains the audit (db/audit.py)."""
        self._database = database
        self._audit = Audit(key)
        self._now = now

    # Flags.

    def draft(self, post: Post, user: str) -> int:
        """Keep a post while the form of its flag is open; the draft's id. Raises ValueError where the post is no message."""
        if post.channel_id is None or post.message_id is None or post.author is None:
            raise ValueError("only a message can be kept while its flag's form is open")
        with self._database.writing() as session:
            row = FlagDraftRow(
                guild_id=post.guild_id, channel_id=post.channel_id, message_id=post.message_id, author=post.author, text=post.text,
                posted_at=post.posted_at, user=user, created_at=self._now(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def take_draft(self, draft_id: int, user: str) -> Draft | None:
        """The draft that this user has open; None where there is none (any more). It stays until `purge`: a form can be sent again."""
        with self._database.reading() as session:
            row = session.get(FlagDraftRow, draft_id)
            return Draft(_post(row), row.user) if row is not None and row.user == user else None

    def open(self, post: Post, flag: Flag, check_id: int | None = None) -> Opened:
        """A case for a flagged post; the one that it has, if it has one. A second flag of one person changes their first.

        A post has a case by its message, a typed claim by the check that was flagged. One that is resolved stays so.
        """
        with self._database.writing() as session:
            one_chain_at_a_time(session, post.guild_id)
            now = self._now()
            row = session.scalars(_newest_of(post, check_id)).first()
            new = row is None
            if row is None:
                row = DisputeRow(
                    guild_id=post.guild_id, number=_next_number(session, post.guild_id), state=State.OPEN, version=1, decided=1,
                    channel_id=post.channel_id, message_id=post.message_id, author=post.author, text=post.text, posted_at=post.posted_at,
                    check_id=check_id, opened_at=now, changed_at=now, card_version=0,
                )  # fmt: skip
                session.add(row)
                session.flush()
                self._append(session, row, Action.OPENED, now, (None, State.OPEN), flag.person, _why(flag))
            elif row.author is None and row.text and post.author is not None:  # flagged through an answer first
                row.author, row.posted_at = post.author, post.posted_at
            counted = _set_flag(session, row.id, flag, now)
            if counted and not new:
                self._advance(session, row, Action.FLAGGED, now, flag.person, _why(flag))
            return Opened(_disputes(session, [row])[0], new, counted)

    def flags_since(self, person: int, since: datetime) -> int:
        """How many flags a person set in any server after `since`: what limits count."""
        query = select(func.count()).where(DisputeFlagRow.person == person, DisputeFlagRow.created_at > since)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def add_snapshot(self, dispute_id: int, comparisons: Sequence[Comparison], vectors: Vectors | None, model_id: str) -> Snapshot | None:
        """Keep the evidence as it stands. `vectors` (n, dimension) are the claims', by the embedding model. None where the case is gone.

        Of a case whose words were erased, the claims' words are not kept.
        """
        with self._database.writing() as session:
            row = _to_change(session, dispute_id)
            if row is None:
                return None
            now = self._now()
            document = dump(comparisons, secrets.token_hex(16))
            if _is_erased(row):
                document = without_claims(document)
            elif vectors is not None:
                _set_claims(session, row.id, comparisons, vectors, model_id)
            number = session.scalar(select(func.count()).where(SnapshotRow.dispute_id == row.id)) or 0
            snapshot = SnapshotRow(
                dispute_id=row.id, number=number + 1, taken_at=now, document=document, digest=sha256(document), erased=False
            )  # fmt: skip
            session.add(snapshot)
            self._advance(session, row, Action.EVIDENCE, now, snapshot_digest=snapshot.digest)
            return _snapshot(snapshot)

    # Decisions: the case as it is then; None where it is gone, where `decided` is not what was seen of it, or its state has no such step.

    def assign(self, dispute_id: int, decided: int, by: int, to: int) -> Dispute | None:
        """Open or in review -> in review, by `to`."""
        return self._decide(dispute_id, decided, Action.ASSIGNED, by, str(to), UNRESOLVED, State.IN_REVIEW, assignee=to)

    def release(self, dispute_id: int, decided: int, by: int) -> Dispute | None:
        """In review -> open, nobody's."""
        return self._decide(dispute_id, decided, Action.RELEASED, by, None, {State.IN_REVIEW}, State.OPEN, assignee=None)

    def resolve(self, dispute_id: int, decided: int, by: int, state: State, note: str) -> Dispute | None:
        """Open or in review -> one of RESOLVED."""
        if state not in RESOLVED:
            raise ValueError(f"{state} is no resolution")
        return self._decide(dispute_id, decided, Action.RESOLVED, by, note, UNRESOLVED, state, stamp="resolved_at")

    def reopen(self, dispute_id: int, decided: int, by: int, note: str) -> Dispute | None:
        """Resolved -> open, nobody's. Its public note is to be withdrawn, and new evidence kept: until then it is `behind`."""
        values: dict[str, Any] = {"assignee": None, "resolved_at": None}
        return self._decide(dispute_id, decided, Action.REOPENED, by, note, RESOLVED, State.OPEN, **values)

    def noted(self, dispute_id: int, decided: int, by: int, message_id: int) -> Dispute | None:
        """A public note was published under the post of a resolved case."""
        return self._decide(dispute_id, decided, Action.NOTED, by, None, RESOLVED, None, note_message_id=message_id)

    def notes_gone(self, message_ids: Collection[int]) -> None:
        """These messages are there no more; which of them were public notes, is not known to the caller."""
        with self._database.writing() as session:
            session.execute(update(DisputeRow).where(DisputeRow.note_message_id.in_(message_ids)).values(note_message_id=None))

    def appeal(self, dispute_id: int, author: int, text: str) -> Dispute | None:
        """The post's author appeals against a resolution, once: as if reopened. None also where they are not its author."""
        values: dict[str, Any] = {"assignee": None, "resolved_at": None, "appeal": text}
        theirs = and_(DisputeRow.author == author, DisputeRow.appealed_at.is_(None))
        return self._decide(dispute_id, None, Action.APPEALED, author, text, RESOLVED, State.OPEN, theirs, stamp="appealed_at", **values)

    # Reading.

    def get(self, dispute_id: int) -> Dispute | None:
        return self._one(DisputeRow.id == dispute_id)

    def numbered(self, guild_id: int, number: int) -> Dispute | None:
        if number > LARGEST_NUMBER:  # PostgreSQL would refuse it
            return None
        return self._one(and_(DisputeRow.guild_id == guild_id, DisputeRow.number == number))

    def of_message(self, guild_id: int, message_id: int) -> Dispute | None:
        """The newest case of a post."""
        return self._one(and_(DisputeRow.guild_id == guild_id, DisputeRow.message_id == message_id))

    def page(
        self, guild_id: int, states: Collection[State] = (), assignee: int | None = None, offset: int = 0, limit: int = 10
    ) -> Page:  # fmt: skip
        """A server's cases, newest first; no `states`: all of them."""
        which = [DisputeRow.guild_id == guild_id]
        which += [DisputeRow.state.in_(states)] if states else []
        which += [DisputeRow.assignee == assignee] if assignee is not None else []
        with self._database.reading() as session:
            total = session.scalar(select(func.count()).select_from(DisputeRow).where(*which)) or 0
            rows = session.scalars(select(DisputeRow).where(*which).order_by(DisputeRow.number.desc()).offset(offset).limit(limit))
            return Page(total, _disputes(session, rows.all()))

    def totals(self, guild_id: int) -> dict[State, int]:
        """How many cases a server has in each state, in the order of the states."""
        query = select(DisputeRow.state, func.count()).where(DisputeRow.guild_id == guild_id).group_by(DisputeRow.state)
        with self._database.reading() as session:
            counts = {State(state): count for state, count in session.execute(query)}
        return {state: counts[state] for state in State if state in counts}

    def snapshots(self, dispute_id: int) -> list[Snapshot]:
        """The evidence, as flagged first."""
        query = select(SnapshotRow).where(SnapshotRow.dispute_id == dispute_id).order_by(SnapshotRow.number)
        with self._database.reading() as session:
            return [_snapshot(row) for row in session.scalars(query)]

    def history(self, dispute_id: int) -> list[Event]:
        """A case's audit rows, oldest first."""
        query = select(DisputeEventRow).where(DisputeEventRow.dispute_id == dispute_id).order_by(DisputeEventRow.seq)
        with self._database.reading() as session:
            return [_event(row) for row in session.scalars(query)]

    def like(
        self, guild_id: int, vector: Vectors, model_id: str, at_least: float, limit: int = 5, without: Collection[int] = ()
    ) -> list[Like]:  # fmt: skip
        """Cases of a server with a claim whose vector has a cosine of `at_least` or more; the most alike claim of each, nearest first."""
        query = (
            select(DisputeRow, DisputeClaimRow.claim, DisputeClaimRow.vector)
            .join(DisputeClaimRow, DisputeClaimRow.dispute_id == DisputeRow.id)
            .where(DisputeRow.guild_id == guild_id, DisputeRow.id.not_in(without), DisputeClaimRow.model_id == model_id)
            .order_by(DisputeRow.id.desc(), DisputeClaimRow.place)
            .limit(COMPARED)
        )
        with self._database.reading() as session:
            rows = [row for row in session.execute(query) if len(row[2]) == 2 * len(vector)]
            ranked = sorted(zip(cosines([row[2] for row in rows], vector), rows, strict=True), key=lambda one: -one[0])
            nearest: dict[int, tuple[DisputeRow, str, float]] = {}
            for likeness, (row, claim, _) in ranked:
                if likeness >= at_least and len(nearest) < limit:
                    nearest.setdefault(row.id, (row, claim, float(likeness)))
            disputes = _disputes(session, [row for row, _, _ in nearest.values()])
        return [Like(dispute, claim, likeness) for dispute, (_, claim, likeness) in zip(disputes, nearest.values(), strict=True)]

    def set_likes(self, dispute_id: int, likes: Sequence[tuple[int, bool]]) -> None:
        """Remember which other cases are about a like claim: (case, whether the claim is the same)."""
        change = update(DisputeRow).where(DisputeRow.id == dispute_id).values(likes=[[id_, int(same)] for id_, same in likes])
        with self._database.writing() as session:
            session.execute(change)

    def likes(self, dispute_id: int) -> list[tuple[Dispute, bool]]:
        """What `set_likes` remembered, as far as it is there still."""
        with self._database.reading() as session:
            known = session.scalar(select(DisputeRow.likes).where(DisputeRow.id == dispute_id)) or []
            rows = {row.id: row for row in session.scalars(select(DisputeRow).where(DisputeRow.id.in_([id_ for id_, _ in known])))}
            there = [(id_, bool(same)) for id_, same in known if id_ in rows]
            return list(zip(_disputes(session, [rows[id_] for id_, _ in there]), [same for _, same in there], strict=True))

    # The message in the moderators' channel.

    def shown(self, dispute_id: int, channel_id: int, message_id: int, version: int) -> None:
        """The moderators' channel shows the case in this version. Of one message, what shows a newer version counts."""
        newer = or_(DisputeRow.card_message_id.is_distinct_from(message_id), DisputeRow.card_version < version)
        change = update(DisputeRow).where(DisputeRow.id == dispute_id, newer)
        with self._database.writing() as session:
            session.execute(change.values(card_channel_id=channel_id, card_message_id=message_id, card_version=version))

    def wants_evidence(self, dispute_id: int) -> bool:
        """Whether the case has none yet, or was opened again since it was kept last. One without words never does."""
        with self._database.reading() as session:
            return session.scalar(select(DisputeRow.id).where(DisputeRow.id == dispute_id, _wants_evidence())) is not None

    def unshown(self, dispute_id: int) -> None:
        """No message shows the case any more."""
        values = {"card_channel_id": None, "card_message_id": None, "card_version": 0}
        with self._database.writing() as session:
            session.execute(update(DisputeRow).where(DisputeRow.id == dispute_id).values(values))

    def behind(self, after: int = 0, limit: int = 50) -> list[Dispute]:
        """Cases with ids above `after` that want evidence, whose message shows an older version, or is missing though their server has a
        channel for it, or whose public note is to be withdrawn: what a restart finds. Oldest first.
        """
        with_channel = select(GuildRow.id).where(GuildRow.moderator_channel.is_not(None))
        missing = and_(DisputeRow.card_message_id.is_(None), DisputeRow.guild_id.in_(with_channel))
        old = and_(DisputeRow.card_message_id.is_not(None), DisputeRow.card_version < DisputeRow.version)
        withdrawn = and_(DisputeRow.note_message_id.is_not(None), or_(DisputeRow.text == "", DisputeRow.state.not_in(RESOLVED)))
        query = select(DisputeRow).where(DisputeRow.id > after, or_(_wants_evidence(), missing, old, withdrawn))
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(DisputeRow.id).limit(limit))
            return _disputes(session, rows.all())

    # Forgetting.

    def erase(self, person: int, checks: Collection[int] = ()) -> int:
        """Erase a person from all cases: as author (words, claims, appeal), as flagger, assignee, moderator; how many. Chains stay whole.

        `checks` are those of claims that they typed: cases of these lose the words too. A case is a transaction: after a kill, call again.
        """
        with self._database.writing() as session:
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.author == person))
            of_person: CompoundSelect[int | None] = union(
                select(DisputeRow.id).where(or_(DisputeRow.assignee == person, _is_author(person, checks))),
                select(DisputeFlagRow.dispute_id).where(DisputeFlagRow.person == person),
                select(DisputeEventRow.dispute_id).where(_is_named(person)),
            )
            ids = [id_ for id_ in session.scalars(of_person.order_by("id")) if id_ is not None]
        return sum(self._erase(id_, person, checks) for id_ in ids)

    def forget(self, guild_id: int) -> int:
        """Delete a server's cases with their chain; how many. The chain of chains keeps that it was there."""
        with self._database.writing() as session:
            one_chain_at_a_time(session, guild_id)
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.guild_id == guild_id))
            gone = session.execute(delete(DisputeRow).where(DisputeRow.guild_id == guild_id))
            self._audit.forget(session, guild_id, self._now())
            return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # a delete gives a CursorResult

    def purge(self, now: datetime) -> int:
        """Delete cases that ended longer ago than their server keeps them (their audit rows stay without persons and notes), old drafts.

        How many cases.
        """
        ended = (
            select(DisputeRow.id, DisputeRow.resolved_at, func.coalesce(GuildRow.keep_cases, KEEP_CASES))
            .outerjoin(GuildRow, GuildRow.id == DisputeRow.guild_id)
            .where(DisputeRow.resolved_at.is_not(None))
            .order_by(DisputeRow.id)
        )
        with self._database.writing() as session:
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.created_at < now - KEEP_DRAFTS))
            old = [(id_, at) for id_, at, days in session.execute(ended) if at is not None and at < now - timedelta(days=days)]
        return sum(self._delete(id_, at) for id_, at in old)

    def export_of(self, person: int, checks: Collection[int] = ()) -> dict[str, Any]:
        """Everything of a person in cases, ready for JSON: what they wrote or was written of it, flags, cases of theirs, what they did.

        `checks` as with `erase`. Discord's ids are strings, as Discord has them in JSON.
        """
        with self._database.reading() as session:
            cases = session.scalars(select(DisputeRow).where(_is_author(person, checks)).order_by(DisputeRow.id))
            flags = session.execute(
                select(DisputeFlagRow, DisputeRow)
                .join(DisputeRow, DisputeRow.id == DisputeFlagRow.dispute_id)
                .where(DisputeFlagRow.person == person)
                .order_by(DisputeFlagRow.id)
            )
            assigned = session.scalars(select(DisputeRow).where(DisputeRow.assignee == person).order_by(DisputeRow.id))
            events = session.scalars(select(DisputeEventRow).where(_is_named(person)).order_by(DisputeEventRow.id))
            drafts = session.scalars(select(FlagDraftRow).where(FlagDraftRow.author == person).order_by(FlagDraftRow.id))
            return {
                "posts": [_case_of_author(session, row) for row in cases],
                "flags": [
                    {**_named(row), "reason": flag.reason, "note": flag.note, "moderator": flag.moderator, "at": _iso(flag.created_at)}
                    for flag, row in flags
                ],
                "assigned": [_named(row) for row in assigned],
                "audit": [_event_of(row, person) for row in events],
                "drafts": [{**_json_of(_post(row)), "at": _iso(row.created_at)} for row in drafts],
            }

    def _one(self, which: ColumnElement[bool]) -> Dispute | None:
        with self._database.reading() as session:
            rows = session.scalars(select(DisputeRow).where(which).order_by(DisputeRow.id.desc()).limit(1)).all()
            return next(iter(_disputes(session, rows)), None)

    def _decide(
        self,
        dispute_id: int,
        decided: int | None,  # None: whatever was decided last
        action: Action,
        by: int,
        note: str | None,
        states: Collection[State],
        to: State | None,  # None: as it is
        which: ColumnElement[bool] | None = None,
        stamp: str = "changed_at",  # a column for the time of it
        **values: object,
    ) -> Dispute | None:
        with self._database.writing() as session:
            row = _to_change(session, dispute_id)
            if row is None:
                return None
            now, before = self._now(), State(row.state)
            change = update(DisputeRow).where(DisputeRow.id == dispute_id, DisputeRow.state.in_(states))
            change = change if decided is None else change.where(DisputeRow.decided == decided)
            change = change if which is None else change.where(which)
            version = DisputeRow.version + 1
            values |= {"state": to or before, "version": version, "decided": version, "changed_at": now, stamp: now}
            result = session.execute(change.values(values))
            if not result.rowcount:  # type: ignore[attr-defined]  # an update gives a CursorResult
                return None
            session.refresh(row)
            self._append(session, row, action, now, (before, to or before), by, note)
            return _disputes(session, [row])[0]

    def _advance(
        self,
        session: Session,
        row: DisputeRow,
        action: Action,
        now: datetime,
        person: int | None = None,
        note: str | None = None,
        snapshot_digest: str | None = None,
    ) -> None:
        """A new version of the case that is no decision."""
        row.version += 1
        row.changed_at = now
        session.flush()
        self._append(session, row, action, now, (State(row.state), State(row.state)), person, note, snapshot_digest)

    def _append(
        self,
        session: Session,
        row: DisputeRow,
        action: Action,
        now: datetime,
        states: tuple[State | None, State],
        person: int | None,
        note: str | None,
        snapshot_digest: str | None = None,
    ) -> None:
        self._audit.append(session, row.guild_id, action, now, row, states, person, note, snapshot_digest)

    def _erase(self, dispute_id: int, person: int, checks: Collection[int]) -> bool:
        with self._database.writing() as session:
            row = _to_change(session, dispute_id)
            if row is None:
                return False
            words = session.scalar(select(DisputeRow.id).where(DisputeRow.id == dispute_id, _is_author(person, checks))) is not None
            if words:
                _erase_words(session, row)
            if row.assignee == person:
                row.assignee = None
            theirs = and_(DisputeFlagRow.dispute_id == dispute_id, DisputeFlagRow.person == person)
            session.execute(update(DisputeFlagRow).where(theirs).values(person=None, note=""))
            now = self._now()
            row.version += 1
            row.changed_at = now
            session.flush()
            self._audit.erase(session, row, _is_named(person), now, claims=words)
            return True

    def _delete(self, dispute_id: int, ended_at: datetime) -> bool:
        """Delete a case by age, if it was not reopened meanwhile; its audit rows stay."""
        with self._database.writing() as session:
            row = _to_change(session, dispute_id)
            if row is None or row.resolved_at != ended_at:
                return False
            row.version += 1
            self._audit.erase(session, row, true(), self._now(), gone=True)
            session.delete(row)
            return True


def _to_change(session: Session, dispute_id: int) -> DisputeRow | None:
    """The case, which nobody else changes until the transaction ends; None where it is gone."""
    guild_id = session.scalar(select(DisputeRow.guild_id).where(DisputeRow.id == dispute_id))
    if guild_id is None:
        return None
    one_chain_at_a_time(session, guild_id)
    return session.get(DisputeRow, dispute_id)


def _wants_evidence() -> ColumnElement[bool]:
    """Cases with words that have no evidence, or none since they were opened again."""
    opened, kept = aliased(DisputeEventRow), aliased(DisputeEventRow)
    since = exists().where(kept.dispute_id == DisputeRow.id, kept.action == Action.EVIDENCE, kept.version > opened.version)
    again = exists().where(opened.dispute_id == DisputeRow.id, opened.action.in_((Action.REOPENED, Action.APPEALED)), ~since)
    return and_(DisputeRow.text != "", or_(DisputeRow.id.not_in(select(SnapshotRow.dispute_id)), again))


def _newest_of(post: Post, check_id: int | None) -> Select[DisputeRow]:
    """The newest case of a post; of a typed claim, which has no author, that of the same check."""
    query = select(DisputeRow).where(DisputeRow.guild_id == post.guild_id).order_by(DisputeRow.id.desc()).limit(1)
    if post.message_id is not None and (check_id is None or post.author is not None):
        return query.where(DisputeRow.message_id == post.message_id)
    return query.where(DisputeRow.check_id == check_id, DisputeRow.check_id.is_not(None), DisputeRow.author.is_(None))


def _next_number(session: Session, guild_id: int) -> int:
    """Numbers are never given twice: one more than the server has had cases. Of those that were deleted by age, audit rows are left."""
    cases = select(DisputeRow.id).where(DisputeRow.guild_id == guild_id)
    audited = select(DisputeEventRow.dispute_id).where(DisputeEventRow.guild_id == guild_id, DisputeEventRow.dispute_id.is_not(None))
    return (session.scalar(select(func.count()).select_from(union(cases, audited).subquery())) or 0) + 1


def _set_flag(session: Session, dispute_id: int, flag: Flag, now: datetime) -> bool:
    """Add a person's flag to a case, or change it; whether it was added."""
    query = select(DisputeFlagRow).where(DisputeFlagRow.dispute_id == dispute_id, DisputeFlagRow.person == flag.person)
    row = session.scalars(query).first()
    if row is None:
        session.add(DisputeFlagRow(
            dispute_id=dispute_id, person=flag.person, moderator=flag.moderator, reason=flag.reason, note=flag.note,
            created_at=flag.created_at or now,
        ))  # fmt: skip
        session.flush()
        return True
    row.moderator, row.reason, row.note = flag.moderator, flag.reason, flag.note
    session.flush()
    return False


def _set_claims(session: Session, dispute_id: int, comparisons: Sequence[Comparison], vectors: Vectors, model_id: str) -> None:
    session.execute(delete(DisputeClaimRow).where(DisputeClaimRow.dispute_id == dispute_id))
    session.add_all(
        DisputeClaimRow(
            dispute_id=dispute_id, place=place, claim=comparison.claim.text, model_id=model_id,
            vector=np.asarray(vector, dtype="<f2").tobytes(),
        )
        for place, (comparison, vector) in enumerate(zip(comparisons, vectors, strict=True))
    )  # fmt: skip


def _erase_words(session: Session, row: DisputeRow) -> None:
    """Take the author and their words out of a case: post, claims, appeal, and the answer that repeats them."""
    row.author, row.text, row.appeal, row.check_id = None, "", None, None
    session.execute(delete(DisputeClaimRow).where(DisputeClaimRow.dispute_id == row.id))
    session.execute(delete(FollowRow).where(FollowRow.dispute_id == row.id))


def _is_erased(row: DisputeRow) -> bool:
    """Its author's words were erased: what they had typed has none, a post without words has an author."""
    return row.author is None and not row.text


def _is_author(person: int, checks: Collection[int]) -> ColumnElement[bool]:
    """Cases of a person's posts, and of claims that they typed."""
    return or_(DisputeRow.author == person, and_(DisputeRow.author.is_(None), DisputeRow.check_id.in_(checks)))


def _is_named(person: int) -> ColumnElement[bool]:
    """Audit rows that name a person: who did it, or to whom it was assigned."""
    assigned = and_(DisputeEventRow.action == Action.ASSIGNED, DisputeEventRow.note == str(person))
    return or_(DisputeEventRow.person == person, assigned)


def _why(flag: Flag) -> str:
    return "\n".join(filter(None, (flag.reason, flag.note)))


def _disputes(session: Session, rows: Sequence[DisputeRow]) -> list[Dispute]:
    flags: dict[int, list[Flag]] = {row.id: [] for row in rows}
    query = select(DisputeFlagRow).where(DisputeFlagRow.dispute_id.in_(flags)).order_by(DisputeFlagRow.id)
    for flag in session.scalars(query):
        flags[flag.dispute_id].append(Flag(flag.person, flag.moderator, flag.reason, flag.note, flag.created_at))
    return [_dispute(row, flags[row.id]) for row in rows]


def _dispute(row: DisputeRow, flags: Iterable[Flag]) -> Dispute:
    card = (row.card_channel_id, row.card_message_id) if row.card_channel_id is not None and row.card_message_id is not None else None
    return Dispute(
        row.id, row.number, State(row.state), row.version, row.decided, row.assignee, _post(row), row.check_id, row.opened_at,
        row.changed_at, row.resolved_at, card, row.card_version, row.note_message_id, row.appeal, row.appealed_at, tuple(flags),
    )  # fmt: skip


def _post(row: DisputeRow | FlagDraftRow) -> Post:
    return Post(row.guild_id, row.channel_id, row.message_id, row.author, row.text, row.posted_at)


def _snapshot(row: SnapshotRow) -> Snapshot:
    return Snapshot(row.number, row.taken_at, load(row.document), row.digest, row.erased)


def _event(row: DisputeEventRow) -> Event:
    from_state = State(row.from_state) if row.from_state is not None else None
    to_state = State(row.to_state) if row.to_state is not None else None
    return Event(
        row.seq, row.dispute_id, row.version, Action(row.action), from_state, to_state, row.person, row.note, row.snapshot_digest, row.at,
        row.salt is None, row.hash,
    )  # fmt: skip


def _case_of_author(session: Session, row: DisputeRow) -> dict[str, Any]:
    documents = session.scalars(select(SnapshotRow.document).where(SnapshotRow.dispute_id == row.id).order_by(SnapshotRow.number))
    return {
        **_named(row), **_json_of(_post(row)), "opened_at": _iso(row.opened_at), "resolved_at": _iso(row.resolved_at), "appeal": row.appeal,
        "appealed_at": _iso(row.appealed_at), "evidence": [json.loads(document)["comparisons"] for document in documents],
    }  # fmt: skip


def _event_of(row: DisputeEventRow, person: int) -> dict[str, Any]:
    """What a person did, or that a case was assigned to them: who did that is another person's."""
    theirs = row.person == person
    return {
        "server": str(row.guild_id), "row": row.seq, "action": row.action, "by_you": theirs, "from": row.from_state, "to": row.to_state,
        "note": row.note if theirs else None, "at": _iso(row.at),
    }  # fmt: skip


def _named(row: DisputeRow) -> dict[str, Any]:
    return {"server": str(row.guild_id), "case": row.number, "state": row.state}


def _json_of(post: Post) -> dict[str, Any]:
    return {
        "channel": str(post.channel_id) if post.channel_id is not None else None,
        "message": str(post.message_id) if post.message_id is not None else None,
        "text": post.text, "posted_at": _iso(post.posted_at),
    }  # fmt: skip


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
