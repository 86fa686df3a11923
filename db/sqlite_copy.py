"""A SQLite database that is copied, and what is looked at in a copy that nobody uses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine, func, inspect, select, table
from sqlalchemy.exc import DatabaseError

from db.schema import NoteRow
from retrieval.errors import StoreError, UserError

STEP = 1000  # pages, 4 MB, copied at once: between two steps Ctrl-C is heard
VERSIONS = "alembic_version"
MOST = 10  # problems of a kind that are told


def copy_sqlite(file: Path, target: Path, held: sqlite3.Connection | None = None) -> None:
    """Copy a database as it is at this moment, while others write: what they write meanwhile waits in its log. Raises StoreError.

    `held` is a connection that keeps the database from all others.
    """
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as new:
            if held is not None:
                held.backup(new, pages=STEP, sleep=0)
                return
            with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=30, isolation_level=None)) as old:
                old.execute("BEGIN")
                old.execute("SELECT count(*) FROM sqlite_master").fetchone()  # it sees one state from here on: no write makes it begin anew
                old.backup(new, pages=STEP, sleep=0)
    except sqlite3.Error as error:
        raise StoreError(f"The database cannot be copied: {error}.") from error


def look_at_copy(file: Path) -> tuple[str, dict[str, int]]:
    """Schema and rows of a SQLite file that nobody uses; nothing is written beside it. Raises UserError, StoreError."""
    try:
        with closing(_unchanged(file)) as copy:
            found = rows_of(copy)
            if VERSIONS not in found:
                raise no_tables()
            (schema,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(schema), {name: count for name, count in found.items() if name != VERSIONS}
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"The database is damaged: {error}.") from error


@contextmanager
def looking_at(file: Path) -> Iterator[Connection]:
    """SQLAlchemy's connection to a SQLite file that nobody uses. Raises StoreError."""
    engine = create_engine("sqlite://", creator=lambda: _unchanged(file), poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        raise StoreError(f"The database is damaged: {error.orig}.") from error


def problems_of_copy(file: Path) -> list[str]:
    """As `problems_of`, of a SQLite file that nobody uses."""
    with closing(_unchanged(file)) as copy:
        return problems_of(copy)


def problems_of(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with SQLite's file, or with references between rows, in words."""
    try:
        said = [str(line) for (line,) in connection.execute(f"PRAGMA integrity_check({MOST})") if line != "ok"]
        if said:
            return said
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST)
    except sqlite3.DatabaseError as error:  # so much is damaged that it cannot even be looked at whole
        return [str(error)]
    return [f"row {row} of {name} names a missing row of {other}" for name, row, other, _ in broken]


def rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table of a SQLite database, that of the schema's version too. Raises sqlite3.Error."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    names = [str(name) for (name,) in connection.execute(tables)]
    return {name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}  # noqa: S608


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows of each table of any database, whatever schema it is, but for that of the schema's version."""
    names = sorted(set(inspect(connection).get_table_names()) - {VERSIONS})
    return {name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in names}


def has_data(rows: Mapping[str, int]) -> bool:
    """Whether a store with these rows holds anything: what the program notes for itself is nothing."""
    return any(count for name, count in rows.items() if name not in {VERSIONS, NoteRow.__tablename__})


def no_tables() -> UserError:
    return UserError("There is nothing to back up: the database has no tables of Crosscheck.")


def _unchanged(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?immutable=1", uri=True)
