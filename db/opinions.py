"""Whether answers helped: what people said, for measuring how good the answers are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, func, select

from db.engine import Database, one_at_a_time
from db.retention import KEEP_OPINIONS
from db.retrying import retried
from db.schema import AskCheckRow, CheckRow, OpinionRow
from retrieval.types import Outcome


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of a check. Nobody's name or hash goes with it. `claim` is "" where the check is no longer kept."""

    check_id: int
    claim: str
    outcome: Outcome
    helpful: bool
    at: datetime


class Opinions:
    """They outlive their asks and checks: then they have an outcome and no words."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    @retried
    def add(self, ask_id: int, check_id: int, user: str, helpful: bool) -> None:
        """Whether a check of an ask helped `user`, a keyed hash; the later of two opinions counts. Nothing where the ask is forgotten."""
        known = (
            select(CheckRow.outcome)
            .join(AskCheckRow, AskCheckRow.check_id == CheckRow.id)
            .where(AskCheckRow.ask_id == ask_id, CheckRow.id == check_id)
        )
        with self._database.writing() as session:
            one_at_a_time(session, "opinion")
            outcome = session.scalar(known.limit(1))
            if outcome is not None:
                session.merge(OpinionRow(check_id=check_id, user=user, outcome=outcome, helpful=helpful, created_at=self._now()))

    def every(self) -> list[Opinion]:
        """All that are kept, oldest first."""
        return self._found(_opinions())

    def of(self, user: str) -> list[Opinion]:
        """One person's, oldest first."""
        return self._found(_opinions().where(OpinionRow.user == user))

    @retried
    def erase(self, user: str) -> int:
        """Delete one person's; how many."""
        with self._database.writing() as session:
            gone = session.execute(delete(OpinionRow).where(OpinionRow.user == user))
            return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # a delete gives a CursorResult

    @retried
    def purge(self, now: datetime) -> int:
        """Delete those that are older than KEEP_OPINIONS; how many."""
        with self._database.writing() as session:
            gone = session.execute(delete(OpinionRow).where(OpinionRow.created_at < now - timedelta(days=KEEP_OPINIONS)))
            return gone.rowcount  # type: ignore[attr-defined,no-any-return]  # a delete gives a CursorResult

    def _found(self, query: Select[int, str, str, bool, datetime]) -> list[Opinion]:
        with self._database.reading() as session:
            return [Opinion(id_, words, Outcome(outcome), helpful, at) for id_, words, outcome, helpful, at in session.execute(query)]


def _opinions() -> Select[int, str, str, bool, datetime]:
    return (
        select(OpinionRow.check_id, func.coalesce(CheckRow.claim, ""), OpinionRow.outcome, OpinionRow.helpful, OpinionRow.created_at)
        .outerjoin(CheckRow, CheckRow.id == OpinionRow.check_id)
        .order_by(OpinionRow.created_at, OpinionRow.check_id)
    )
