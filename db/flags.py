"""What moderators have flagged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from db.engine import Database
from db.schema import FlagRow


@dataclass(frozen=True, slots=True)
class Flag:
    """A flagged check. `person` is the moderator's Discord id."""

    id: int
    guild_id: int
    ask_id: int | None
    check_id: int
    person: int
    note: str
    created_at: datetime


class Flags:
    """Flags of all servers. A flagged check is kept whatever its age (db/retention.py)."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def add(self, guild_id: int, ask_id: int, check_id: int, person: int, note: str) -> int:
        """The new flag's id. Raises StoreError where the check is not there any more."""
        with self._database.writing() as session:
            row = FlagRow(guild_id=guild_id, ask_id=ask_id, check_id=check_id, person=person, note=note, created_at=self._now())
            session.add(row)
            session.flush()
            return row.id

    def of(self, guild_id: int) -> list[Flag]:
        """A server's flags, newest first."""
        query = select(FlagRow).where(FlagRow.guild_id == guild_id).order_by(FlagRow.id.desc())
        with self._database.reading() as session:
            return [
                Flag(row.id, row.guild_id, row.ask_id, row.check_id, row.person, row.note, row.created_at) for row in session.scalars(query)
            ]
