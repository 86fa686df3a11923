"""What is forgotten of cases, and what is known of a person in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, delete, func, or_, select, true, union, update
from sqlalchemy.orm import Session

from db.audit import Audit, one_chain_at_a_time
from db.case_rows import (
    read_post,
    to_change,
)
from db.cases import (
    Action,
    Post,
)
from db.engine import Database
from db.retention import KEEP_CASES
from db.retrying import retried
from db.schema import DisputeClaimRow, DisputeEventRow, DisputeFlagRow, DisputeRow, FlagDraftRow, FollowRow, GuildRow, SnapshotRow

KEEP_DRAFTS = timedelta(hours=2)


class Forgetting:
    """Of persons, of servers, and by age; and what is known of a person. Audit rows stay: their persons and notes are erased."""

    def __init__(self, database: Database, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._audit = audit
        self._now = now

    @retried
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

    @retried
    def forget(self, guild_id: int) -> int:
        """Delete a server's cases with their chain; how many. The chain of chains keeps that it was there."""
        with self._database.writing() as session:
            one_chain_at_a_time(session, guild_id)
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.guild_id == guild_id))
            gone = session.execute(delete(DisputeRow).where(DisputeRow.guild_id == guild_id))
            self._audit.forget(session, guild_id, self._now())
            return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # a delete gives a CursorResult

    @retried
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
                "drafts": [{**_json_of(read_post(row)), "at": _iso(row.created_at)} for row in drafts],
            }

    @retried
    def _erase(self, dispute_id: int, person: int, checks: Collection[int]) -> bool:
        with self._database.writing() as session:
            row = to_change(session, dispute_id)
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

    @retried
    def _delete(self, dispute_id: int, ended_at: datetime) -> bool:
        """Delete a case by age, if it was not reopened meanwhile; its audit rows stay."""
        with self._database.writing() as session:
            row = to_change(session, dispute_id)
            if row is None or row.resolved_at != ended_at:
                return False
            row.version += 1
            self._audit.erase(session, row, true(), self._now(), gone=True)
            session.delete(row)
            return True


def _erase_words(session: Session, row: DisputeRow) -> None:
    """Take the author and their words out of a case: post, claims, appeal, and the answer that repeats them."""
    row.author, row.text, row.appeal, row.check_id = None, "", None, None
    session.execute(delete(DisputeClaimRow).where(DisputeClaimRow.dispute_id == row.id))
    session.execute(delete(FollowRow).where(FollowRow.dispute_id == row.id))


def _is_author(person: int, checks: Collection[int]) -> ColumnElement[bool]:
    """Cases of a person's posts, and of claims that they typed."""
    return or_(DisputeRow.author == person, and_(DisputeRow.author.is_(None), DisputeRow.check_id.in_(checks)))


def _is_named(person: int) -> ColumnElement[bool]:
    """Audit rows that name a person: who did it, or to whom it was assigned."""
    assigned = and_(DisputeEventRow.action == Action.ASSIGNED, DisputeEventRow.note == str(person))
    return or_(DisputeEventRow.person == person, assigned)


def _case_of_author(session: Session, row: DisputeRow) -> dict[str, Any]:
    documents = session.scalars(select(SnapshotRow.document).where(SnapshotRow.dispute_id == row.id).order_by(SnapshotRow.number))
    return {
        **_named(row), **_json_of(read_post(row)), "opened_at": _iso(row.opened_at), "resolved_at": _iso(row.resolved_at),
        "appeal": row.appeal, "appealed_at": _iso(row.appealed_at), "evidence": [
            json.loads(document)["comparisons"] for document in documents
        ],
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
