"""Disputed posts: cases of a server's moderators are opened, decided upon, shown, and forgotten. How they are read: db/case_reading.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.audit import Audit, one_chain_at_a_time, sha256
from db.case_forgetting import Forgetting
from db.case_reading import CaseReader
from db.case_rows import (
    is_erased,
    newest_of,
    next_number,
    read_disputes,
    read_post,
    read_snapshot,
    set_claims,
    set_flag,
    to_change,
    why,
)
from db.cases import (
    RESOLVED,
    UNRESOLVED,
    Action,
    Dispute,
    Draft,
    Flag,
    Opened,
    Post,
    Snapshot,
    State,
)
from db.engine import Database
from db.retrying import retried
from db.schema import DisputeRow, FlagDraftRow, FollowRow, SnapshotRow
from db.snapshots import dump, without_claims
from retrieval.ports import Vectors
from retrieval.types import Comparison

DRAFTS = 10  # posts of one person's open forms


class Disputes(CaseReader):
    """Cases of all servers. Each change and its audit row are one transaction; a decision is a conditional update: of two, one wins.

    Every method raises StoreError when the database fails.
    """

    def __init__(self, database: Database, key: bytes, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`key` chains the audit (db/audit.py)."""
        super().__init__(database)
        self._audit = Audit(key)
        self._now = now
        self._forgetting = Forgetting(database, self._audit, now)

    # Flags.

    @retried
    def draft(self, post: Post, user: str) -> int:
        """Keep a post while the form of its flag is open; the draft's id. Of one person's, the DRAFTS newest are kept.

        Raises ValueError where the post is no message.
        """
        if post.channel_id is None or post.message_id is None or post.author is None:
            raise ValueError("only a message can be kept while its flag's form is open")
        with self._database.writing() as session:
            row = FlagDraftRow(
                guild_id=post.guild_id, channel_id=post.channel_id, message_id=post.message_id, author=post.author, text=post.text,
                posted_at=post.posted_at, user=user, created_at=self._now(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            newest = select(FlagDraftRow.id).where(FlagDraftRow.user == user).order_by(FlagDraftRow.id.desc()).limit(DRAFTS)
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.user == user, FlagDraftRow.id.not_in(newest)))
            return row.id

    def take_draft(self, draft_id: int, user: str) -> Draft | None:
        """The draft that this user has open; None where there is none (any more). It stays until `purge`: a form can be sent again."""
        with self._database.reading() as session:
            row = session.get(FlagDraftRow, draft_id)
            return Draft(read_post(row), row.user) if row is not None and row.user == user else None

    @retried
    def open(self, post: Post, flag: Flag, check_id: int | None = None) -> Opened:
        """A case for a flagged post; the one that it has, if it has one. A second flag of one person changes their first.

        A post has a case by its message, a typed claim by the check that was flagged. One that is resolved stays so.
        """
        with self._database.writing() as session:
            one_chain_at_a_time(session, post.guild_id)
            now = self._now()
            row = session.scalars(newest_of(post, check_id)).first()
            new = row is None
            if row is None:
                row = DisputeRow(
                    guild_id=post.guild_id, number=next_number(session, post.guild_id), state=State.OPEN, version=1, decided=1,
                    channel_id=post.channel_id, message_id=post.message_id, author=post.author, text=post.text, posted_at=post.posted_at,
                    check_id=check_id, opened_at=now, changed_at=now, card_version=0,
                )  # fmt: skip
                session.add(row)
                session.flush()
                self._append(session, row, Action.OPENED, now, (None, State.OPEN), flag.person, why(flag))
            elif row.author is None and row.text and post.author is not None:  # flagged through an answer first
                row.author, row.posted_at = post.author, post.posted_at
            counted = set_flag(session, row.id, flag, now)
            if counted and not new:
                self._advance(session, row, Action.FLAGGED, now, flag.person, why(flag))
            return Opened(read_disputes(session, [row])[0], new, counted)

    @retried
    def add_snapshot(self, dispute_id: int, comparisons: Sequence[Comparison], vectors: Vectors | None, model_id: str) -> Snapshot | None:
        """Keep the evidence as it stands. `vectors` (n, dimension) are the claims', by the embedding model. None where the case is gone.

        Of a case whose words were erased, the claims' words are not kept.
        """
        with self._database.writing() as session:
            row = to_change(session, dispute_id)
            if row is None:
                return None
            now = self._now()
            document = dump(comparisons, secrets.token_hex(16))
            if is_erased(row):
                document = without_claims(document)
            elif vectors is not None:
                set_claims(session, row.id, comparisons, vectors, model_id)
            number = session.scalar(select(func.count()).where(SnapshotRow.dispute_id == row.id)) or 0
            snapshot = SnapshotRow(
                dispute_id=row.id, number=number + 1, taken_at=now, document=document, digest=sha256(document), erased=False
            )  # fmt: skip
            session.add(snapshot)
            self._advance(session, row, Action.EVIDENCE, now, snapshot_digest=snapshot.digest)
            return read_snapshot(snapshot)

    # Decisions: the case as it is then; None where it is gone, where `decided` is not what was seen of it, or its state has no such step.

    def assign(self, dispute_id: int, decided: int, by: int, to: int) -> Dispute | None:
        """Open or in review -> in review, by `to`."""
        return self._decide(dispute_id, decided, Action.ASSIGNED, by, str(to), UNRESOLVED, State.IN_REVIEW, assignee=to)

    def release(self, dispute_id: int, decided: int, by: int) -> Dispute | None:
        """In review -> open, nobody's."""
        return self._decide(dispute_id, decided, Action.RELEASED, by, None, {State.IN_REVIEW}, State.OPEN, assignee=None)

    def resolve(self, dispute_id: int, decided: int, by: int, state: State, note: str) -> Dispute | None:
        """Open or in review -> one of RESOLVED. Later news of a dismissed case is told to nobody."""
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

    @retried
    def notes_gone(self, message_ids: Collection[int]) -> None:
        """These messages are there no more; which of them were public notes, is not known to the caller."""
        with self._database.writing() as session:
            session.execute(update(DisputeRow).where(DisputeRow.note_message_id.in_(message_ids)).values(note_message_id=None))

    def appeal(self, dispute_id: int, author: int, text: str) -> Dispute | None:
        """The post's author appeals against a resolution, once: as if reopened. None also where they are not its author."""
        values: dict[str, Any] = {"assignee": None, "resolved_at": None, "appeal": text}
        theirs = and_(DisputeRow.author == author, DisputeRow.appealed_at.is_(None))
        return self._decide(dispute_id, None, Action.APPEALED, author, text, RESOLVED, State.OPEN, theirs, stamp="appealed_at", **values)

    # Other cases about a like claim.

    @retried
    def set_likes(self, dispute_id: int, likes: Sequence[tuple[int, bool]]) -> None:
        """Remember which other cases are about a like claim: (case, whether the claim is the same)."""
        change = update(DisputeRow).where(DisputeRow.id == dispute_id).values(likes=[[id_, int(same)] for id_, same in likes])
        with self._database.writing() as session:
            session.execute(change)

    # The message in the moderators' channel.

    @retried
    def shown(self, dispute_id: int, channel_id: int, message_id: int, version: int) -> None:
        """The moderators' channel shows the case in this version. Of one message, what shows a newer version counts."""
        newer = or_(DisputeRow.card_message_id.is_distinct_from(message_id), DisputeRow.card_version < version)
        change = update(DisputeRow).where(DisputeRow.id == dispute_id, newer)
        with self._database.writing() as session:
            session.execute(change.values(card_channel_id=channel_id, card_message_id=message_id, card_version=version))

    @retried
    def unshown(self, dispute_id: int) -> None:
        """No message shows the case any more."""
        values = {"card_channel_id": None, "card_message_id": None, "card_version": 0}
        with self._database.writing() as session:
            session.execute(update(DisputeRow).where(DisputeRow.id == dispute_id).values(values))

    # Forgetting: db/case_forgetting.py says what of.

    def erase(self, person: int, checks: Collection[int] = ()) -> int:
        """Erase a person from all cases; how many. `checks` are those of claims that they typed."""
        return self._forgetting.erase(person, checks)

    def forget(self, guild_id: int) -> int:
        """Delete a server's cases with their chain; how many."""
        return self._forgetting.forget(guild_id)

    def purge(self, now: datetime) -> int:
        """Delete cases by age, and old drafts; how many cases."""
        return self._forgetting.purge(now)

    def export_of(self, person: int, checks: Collection[int] = ()) -> dict[str, Any]:
        """Everything of a person in cases, ready for JSON."""
        return self._forgetting.export_of(person, checks)

    @retried
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
            row = to_change(session, dispute_id)
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
            if to is State.DISMISSED:
                session.execute(delete(FollowRow).where(FollowRow.dispute_id == dispute_id))
            session.refresh(row)
            self._append(session, row, action, now, (before, to or before), by, note)
            return read_disputes(session, [row])[0]

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
