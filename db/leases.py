"""Who does something that must be done by one process at a time, or by one alone: leases by name, kept among the notes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from db.engine import Database, one_at_a_time
from db.schema import NoteRow

_PREFIX = "lease:"
TOO_LONG = 2  # times its length: a lease that lasts longer was taken by a clock that was wrong, and counts as run out


class Leases:
    """Every method raises StoreError when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, name: str, owner: str, now: datetime, length: timedelta) -> bool:
        """Whether it is `owner`'s until `now + length`: nobody has it, or what they had has run out. An owner can make its own longer."""
        with self._database.writing() as session:
            one_at_a_time(session, _PREFIX)
            row = session.get(NoteRow, _PREFIX + name)
            until = f"{(now + length).timestamp():.3f}"
            if row is None:
                session.add(NoteRow(key=_PREFIX + name, value=f"{until} {owner}"))
                return True
            ends, _, holder = row.value.partition(" ")
            if holder != owner and now.timestamp() < float(ends) <= (now + TOO_LONG * length).timestamp():
                return False
            row.value = f"{until} {owner}"
            return True

    def leave(self, name: str, owner: str) -> None:
        """Let somebody else take it at once."""
        with self._database.writing() as session:
            one_at_a_time(session, _PREFIX)
            row = session.get(NoteRow, _PREFIX + name)
            if row is not None and row.value.partition(" ")[2] == owner:
                session.delete(row)

    def purge(self, now: datetime) -> int:
        """Forget what has run out; how many."""
        query = select(NoteRow.key, NoteRow.value).where(NoteRow.key.startswith(_PREFIX, autoescape=True))
        with self._database.writing() as session:
            past = [key for key, value in session.execute(query) if float(value.partition(" ")[0]) <= now.timestamp()]
            for at in range(0, len(past), 500):
                session.execute(delete(NoteRow).where(NoteRow.key.in_(past[at : at + 500])))
            return len(past)
