"""Whether answers helped: what people said, for measuring how good the answers are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from db.engine import Database, one_at_a_time
from db.schema import AskCheckRow, CheckRow, FeedbackRow
from retrieval.types import Outcome


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of a check. Nobody's name or hash goes with it."""

    check_id: int
    claim: str
    outcome: Outcome
    helpful: bool
    at: datetime


class Opinions:
    """Kept as long as the ask that they are about."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def add(self, ask_id: int, check_id: int, user: str, helpful: bool) -> None:
        """Whether a check of an ask helped `user`, a keyed hash; the later of two opinions counts. Nothing where the ask is forgotten."""
        known = select(AskCheckRow.ask_id).where(AskCheckRow.ask_id == ask_id, AskCheckRow.check_id == check_id)
        with self._database.writing() as session:
            one_at_a_time(session, "feedback")
            if session.scalar(known.limit(1)) is not None:
                session.merge(FeedbackRow(check_id=check_id, user=user, ask_id=ask_id, helpful=helpful, created_at=self._now()))

    def every(self) -> list[Opinion]:
        """All that are kept, oldest first."""
        query = select(FeedbackRow.check_id, CheckRow.claim, CheckRow.outcome, FeedbackRow.helpful, FeedbackRow.created_at).join(
            CheckRow, CheckRow.id == FeedbackRow.check_id
        )
        with self._database.reading() as session:
            rows = session.execute(query.order_by(FeedbackRow.created_at, FeedbackRow.check_id))
            return [Opinion(id_, claim, Outcome(outcome), helpful, at) for id_, claim, outcome, helpful, at in rows]
