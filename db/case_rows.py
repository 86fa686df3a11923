"""Rows of cases: read as what they are (db/cases.py), found, and set, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from db.audit import one_chain_at_a_time
from db.cases import (
    Action,
    Dispute,
    Event,
    Flag,
    Post,
    Snapshot,
    State,
)
from db.schema import DisputeClaimRow, DisputeEventRow, DisputeFlagRow, DisputeRow, FlagDraftRow, SnapshotRow
from db.snapshots import load
from retrieval.ports import Vectors
from retrieval.types import Comparison


def to_change(session: Session, dispute_id: int) -> DisputeRow | None:
    """The case, which nobody else changes until the transaction ends; None where it is gone."""
    guild_id = session.scalar(select(DisputeRow.guild_id).where(DisputeRow.id == dispute_id))
    if guild_id is None:
        return None
    one_chain_at_a_time(session, guild_id)
    return session.get(DisputeRow, dispute_id)


def read_disputes(session: Session, rows: Sequence[DisputeRow]) -> list[Dispute]:
    flags: dict[int, list[Flag]] = {row.id: [] for row in rows}
    query = select(DisputeFlagRow).where(DisputeFlagRow.dispute_id.in_(flags)).order_by(DisputeFlagRow.id)
    for flag in session.scalars(query):
        flags[flag.dispute_id].append(Flag(flag.person, flag.moderator, flag.reason, flag.note, flag.created_at))
    return [_dispute(row, flags[row.id]) for row in rows]


def _dispute(row: DisputeRow, flags: Iterable[Flag]) -> Dispute:
    card = (row.card_channel_id, row.card_message_id) if row.card_channel_id is not None and row.card_message_id is not None else None
    return Dispute(
        row.id, row.number, State(row.state), row.version, row.decided, row.assignee, read_post(row), row.check_id, row.opened_at,
        row.changed_at, row.resolved_at, card, row.card_version, row.note_message_id, row.appeal, row.appealed_at, tuple(flags),
    )  # fmt: skip


def read_post(row: DisputeRow | FlagDraftRow) -> Post:
    return Post(row.guild_id, row.channel_id, row.message_id, row.author, row.text, row.posted_at)


def read_snapshot(row: SnapshotRow) -> Snapshot:
    return Snapshot(row.number, row.taken_at, load(row.document), row.digest, row.erased)


def read_event(row: DisputeEventRow) -> Event:
    from_state = State(row.from_state) if row.from_state is not None else None
    to_state = State(row.to_state) if row.to_state is not None else None
    return Event(
        row.seq, row.dispute_id, row.version, Action(row.action), from_state, to_state, row.person, row.note, row.snapshot_digest, row.at,
        row.salt is None, row.hash,
    )  # fmt: skip


def newest_of(post: Post, check_id: int | None) -> Select[DisputeRow]:
    """The newest case of a post; of a typed claim, which has no author, that of the same check."""
    query = select(DisputeRow).where(DisputeRow.guild_id == post.guild_id).order_by(DisputeRow.id.desc()).limit(1)
    if post.message_id is not None and (check_id is None or post.author is not None):
        return query.where(DisputeRow.message_id == post.message_id)
    return query.where(DisputeRow.check_id == check_id, DisputeRow.check_id.is_not(None), DisputeRow.author.is_(None))


def next_number(session: Session, guild_id: int) -> int:
    """Numbers are never given twice: one more than the server has had cases. Of those that were deleted by age, audit rows are left."""
    cases = select(DisputeRow.id).where(DisputeRow.guild_id == guild_id)
    audited = select(DisputeEventRow.dispute_id).where(DisputeEventRow.guild_id == guild_id, DisputeEventRow.dispute_id.is_not(None))
    return (session.scalar(select(func.count()).select_from(union(cases, audited).subquery())) or 0) + 1


def set_flag(session: Session, dispute_id: int, flag: Flag, now: datetime) -> bool:
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


def set_claims(session: Session, dispute_id: int, comparisons: Sequence[Comparison], vectors: Vectors, model_id: str) -> None:
    session.execute(delete(DisputeClaimRow).where(DisputeClaimRow.dispute_id == dispute_id))
    session.add_all(
        DisputeClaimRow(
            dispute_id=dispute_id, place=place, claim=comparison.claim.text, model_id=model_id,
            vector=np.asarray(vector, dtype="<f2").tobytes(),
        )
        for place, (comparison, vector) in enumerate(zip(comparisons, vectors, strict=True))
    )  # fmt: skip


def is_erased(row: DisputeRow) -> bool:
    """Its author's words were erased: what they had typed has none, a post without words has an author."""
    return row.author is None and not row.text


def why(flag: Flag) -> str:
    return "\n".join(filter(None, (flag.reason, flag.note)))


def wants_evidence() -> ColumnElement[bool]:
    """Cases with words that have no evidence, or none since they were opened again."""
    opened, kept = aliased(DisputeEventRow), aliased(DisputeEventRow)
    since = exists().where(kept.dispute_id == DisputeRow.id, kept.action == Action.EVIDENCE, kept.version > opened.version)
    again = exists().where(opened.dispute_id == DisputeRow.id, opened.action.in_((Action.REOPENED, Action.APPEALED)), ~since)
    return and_(DisputeRow.text != "", or_(DisputeRow.id.not_in(select(SnapshotRow.dispute_id)), again))
