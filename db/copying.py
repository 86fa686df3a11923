"""Moving a store into another database: every row of every table, verified; begun again at any time, it goes on where it was.

Rows are copied as they are, ids included, from one state of the source, some hundred in a transaction. Nothing is ever changed in the
target: a row that is there already must be equal to the source's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Table, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from db.engine import Database, open_database, parsed_url, schema_versions
from db.lexicon import add_words
from db.schema import Base, VectorRow
from retrieval.errors import StoreError, UserError

PAGE = 500  # rows a transaction
Progress = Callable[[int], None]  # told how many rows were dealt with since it was told last


def open_source(url: str) -> Database:
    """The database to copy from, which is not changed. Raises UserError where there is none, or it is of another schema; StoreError."""
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite" and not (parsed.database and Path(parsed.database).is_file()):
        raise UserError("There is no database to copy from at {place}.", place=parsed.database or "no place at all")
    source = open_database(url, migrate=False)
    current, newest = schema_versions(source.engine)
    if current != newest:
        source.close()
        raise UserError(
            "The database to copy from is at schema {current}, and {newest} is needed. Run `db upgrade` on it first.",
            current=current or "none", newest=newest,
        )  # fmt: skip
    return source


def open_target(url: str) -> Database:
    """The database to copy into, which gets its tables where it has none. Raises UserError where it is of another schema; StoreError."""

    def refuse(engine: Engine) -> None:
        raise UserError(
            "The database to copy into has tables of schema {current}, and this program's are {newest}. Copy into a new, empty database.",
            current=schema_versions(engine)[0] or "none", newest=schema_versions(engine)[1],
        )  # fmt: skip

    return open_database(url, before_migration=refuse)


def copy(source: Database, target: Database, progress: Progress = lambda _: None) -> int:
    """Make the target, which is empty or an unfinished copy, equal to the source; how many rows the two have then.

    Nobody may write to the target meanwhile. Raises UserError, with nothing written, where the target has what the source has not.
    """
    if source.engine.url == target.engine.url:
        raise UserError("A database cannot be copied onto itself: give two addresses.")
    tables = Base.metadata.sorted_tables
    with source.reading() as session:
        for table in tables:
            _refuse_other_data(session, target, table)
        for table in tables:
            for rows in _pages(session, table):
                _add_missing(target, table, rows)
                progress(len(rows))
        for table in tables:
            _carry_last_id(session, target, table)
        return sum(_verified(session, target, table) for table in tables)


def count_rows(database: Database) -> int:
    """Rows of all tables."""
    with database.reading() as session:
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables)


def _refuse_other_data(source: Session, target: Database, table: Table) -> None:
    with target.reading() as session:
        for rows in _pages(session, table):
            known = _by_key(source, table, rows)
            for row in rows:
                key = _key(table, row)
                if known.get(key) != tuple(row):
                    what = "differs in the two" if key in known else "is not in the source"
                    raise UserError(
                        "The target holds other data: in table {table} the row {key} {what}. Copy into a new, empty database.",
                        table=table.name, key=_named(table, key), what=what,
                    )  # fmt: skip


def _add_missing(target: Database, table: Table, rows: Sequence[Row[Any]]) -> None:
    with target.writing() as session:
        there = _by_key(session, table, rows)
        missing = [row for row in rows if _key(table, row) not in there]
        if not missing:
            return
        session.execute(insert(table), [dict(row._mapping) for row in missing])
        if table.name == VectorRow.__tablename__:  # what is searched by its meaning is searched by its words
            add_words(session, {row.passage_id for row in missing})


def _verified(source: Session, target: Database, table: Table) -> int:
    """Read both again, row by row; how many there are."""
    count = 0
    with target.reading() as session:
        for rows in _pages(source, table):
            there = _by_key(session, table, rows)
            for row in rows:
                key = _key(table, row)
                if there.get(key) != tuple(row):
                    what = "differs" if key in there else "is missing"
                    raise StoreError(f"The copy is not equal: in table {table.name} the row {_named(table, key)} {what}. Run it again.")
            count += len(rows)
        more = (session.scalar(select(func.count()).select_from(table)) or 0) - count
    if more:
        raise StoreError(f"The copy is not equal: table {table.name} has {more} rows more. Somebody writes to it: stop that, run it again.")
    return count


def _pages(session: Session, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """All rows by key, in pages."""
    columns = list(table.primary_key)
    query = select(table).order_by(*columns).limit(PAGE)
    rows = session.execute(query).all()
    while rows:
        yield rows
        after = tuple_(*columns) > tuple_(*_key(table, rows[-1]))
        rows = session.execute(query.where(after)).all()


def _by_key(session: Session, table: Table, rows: Sequence[Row[Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What a database has of these rows, by key."""
    columns = list(table.primary_key)
    keys = [_key(table, row) for row in rows]
    among: ColumnElement[bool] = tuple_(*columns).in_(keys) if len(columns) > 1 else columns[0].in_([key for (key,) in keys])
    return {_key(table, row): tuple(row) for row in session.execute(select(table).where(among))}


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[column] for column in table.primary_key)


def _named(table: Table, key: tuple[Any, ...]) -> str:
    return ", ".join(f"{column.name} {value}" for column, value in zip(table.primary_key, key, strict=True))


def _carry_last_id(source: Session, target: Database, table: Table) -> None:
    """Ids are never given twice: the target goes on counting where the source would have."""
    last = _last_id(source, table)
    with target.writing() as session:
        if last <= _last_id(session, table):
            return
        if target.engine.dialect.name == "postgresql":
            session.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": _sequence(session, table), "last": last})
            return
        values = {"name": table.name, "last": last}
        session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _last_id(session: Session, table: Table) -> int:
    """The last id that was given in a table that counts them itself; 0 for none."""
    if session.connection().dialect.name == "postgresql":
        name = _sequence(session, table)
        last = text("SELECT coalesce(pg_sequence_last_value(CAST(:name AS regclass)), 0)")
        return int(session.scalar(last, {"name": name}) or 0) if name else 0
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return 0
    return int(session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}) or 0)


def _sequence(session: Session, table: Table) -> str | None:
    """PostgreSQL's counter of a table's ids, None for one that has none."""
    (column, *more) = table.primary_key
    if more:
        return None
    found = text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)")
    name: str | None = session.scalar(found, {"table": table.name, "column": column.name})
    return name
