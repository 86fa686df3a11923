"""Disputed posts as they are stored: cases found, listed, and compared with a claim. Nothing here changes one: db/disputes.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from db.case_rows import read_disputes, read_event, read_snapshot, wants_evidence
from db.cases import LARGEST_NUMBER, RESOLVED, Dispute, Event, Like, Page, Snapshot, State
from db.checks import cosines
from db.engine import Database
from db.schema import DisputeClaimRow, DisputeEventRow, DisputeFlagRow, DisputeRow, GuildRow, SnapshotRow
from retrieval.ports import Vectors

COMPARED = 5_000  # of the newest claims of a server's cases: db/checks.py


class CaseReader:
    """Cases of all servers, to read. Every method raises StoreError when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            return Page(total, read_disputes(session, rows.all()))

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
            return [read_snapshot(row) for row in session.scalars(query)]

    def history(self, dispute_id: int) -> list[Event]:
        """A case's audit rows, oldest first."""
        query = select(DisputeEventRow).where(DisputeEventRow.dispute_id == dispute_id).order_by(DisputeEventRow.seq)
        with self._database.reading() as session:
            return [read_event(row) for row in session.scalars(query)]

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
            disputes = read_disputes(session, [row for row, _, _ in nearest.values()])
        return [Like(dispute, claim, likeness) for dispute, (_, claim, likeness) in zip(disputes, nearest.values(), strict=True)]

    def likes(self, dispute_id: int) -> list[tuple[Dispute, bool]]:
        """What `set_likes` remembered, as far as it is there still."""
        with self._database.reading() as session:
            known = session.scalar(select(DisputeRow.likes).where(DisputeRow.id == dispute_id)) or []
            rows = {row.id: row for row in session.scalars(select(DisputeRow).where(DisputeRow.id.in_([id_ for id_, _ in known])))}
            there = [(id_, bool(same)) for id_, same in known if id_ in rows]
            return list(zip(read_disputes(session, [rows[id_] for id_, _ in there]), [same for _, same in there], strict=True))

    def flags_since(self, person: int, since: datetime) -> int:
        """How many flags a person set in any server after `since`: what limits count."""
        query = select(func.count()).where(DisputeFlagRow.person == person, DisputeFlagRow.created_at > since)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    # What is to be done.

    def wants_evidence(self, dispute_id: int) -> bool:
        """Whether the case has none yet, or was opened again since it was kept last. One without words never does."""
        with self._database.reading() as session:
            return session.scalar(select(DisputeRow.id).where(DisputeRow.id == dispute_id, wants_evidence())) is not None

    def behind(self, after: int = 0, limit: int = 50) -> list[Dispute]:
        """Cases with ids above `after` that want evidence, whose message shows an older version, or is missing though their server has a
        channel for it, or whose public note is to be withdrawn: what a restart finds. Oldest first.
        """
        with_channel = select(GuildRow.id).where(GuildRow.moderator_channel.is_not(None))
        missing = and_(DisputeRow.card_message_id.is_(None), DisputeRow.guild_id.in_(with_channel))
        old = and_(DisputeRow.card_message_id.is_not(None), DisputeRow.card_version < DisputeRow.version)
        withdrawn = and_(DisputeRow.note_message_id.is_not(None), or_(DisputeRow.text == "", DisputeRow.state.not_in(RESOLVED)))
        query = select(DisputeRow).where(DisputeRow.id > after, or_(wants_evidence(), missing, old, withdrawn))
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(DisputeRow.id).limit(limit))
            return read_disputes(session, rows.all())

    def _one(self, which: ColumnElement[bool]) -> Dispute | None:
        with self._database.reading() as session:
            rows = session.scalars(select(DisputeRow).where(which).order_by(DisputeRow.id.desc()).limit(1)).all()
            return next(iter(read_disputes(session, rows)), None)
