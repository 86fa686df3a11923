"""Whether the database answers, and what goes wrong in it, for those who watch the program."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from db.changes import Changes
from db.engine import ROLLED_BACK, Database
from retrieval.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext


class Trouble(StrEnum):
    """Kinds of what goes wrong."""

    BUSY = "busy"  # taken back, or kept waiting too long, since others write: tried again
    CONFLICT = "conflict"  # a row is there already: mostly two at once, which the code expects
    FULL = "full"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"
    OTHER = "other"


_WORDS = {
    "database is locked": Trouble.BUSY,
    "lock timeout": Trouble.BUSY,
    "full": Trouble.FULL,
    "no space left": Trouble.FULL,
    "not a database": Trouble.DAMAGED,
    "malformed": Trouble.DAMAGED,
    "unable to open": Trouble.UNREACHABLE,
    "connection": Trouble.UNREACHABLE,
}


def listen(database: Database, told: Callable[[Trouble], None]) -> None:
    """Have each failure of the database told, whoever meets it. `told` is called in the thread that meets it, and must not raise."""

    @event.listens_for(database.engine, "handle_error")
    def _on_error(context: ExceptionContext) -> None:
        told(kind_of(context))


def kind_of(context: ExceptionContext) -> Trouble:
    """What sort of failure it is, by the driver's state or words."""
    if context.is_disconnect:
        return Trouble.UNREACHABLE
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return Trouble.CONFLICT
    error = context.original_exception
    if getattr(error, "sqlstate", None) in ROLLED_BACK:
        return Trouble.BUSY
    said = str(error).partition("\n")[0].lower()
    return next((kind for words, kind in _WORDS.items() if words in said), Trouble.OTHER)


def ping(database: Database) -> int:
    """The last row of the change log. Raises StoreError when the database does not answer, or its file has been taken away.

    An open connection goes on reading a file of SQLite's that was deleted.
    """
    url = database.engine.url
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" and not Path(url.database).is_file():
        raise StoreError(f"The database file {url.database} is not there any more.")
    return Changes(database).last_seq()
