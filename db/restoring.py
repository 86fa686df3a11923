"""Bringing a backup back: looked at whole, brought to this program's schema, then put in the place of what is there, in one step.

SQLite's file is prepared beside the other and changes places with it (db/swapping.py); into PostgreSQL it goes in one transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, inspect, text

from db import pgtools, swapping
from db.archives import KEY, POSTGRESQL, SQLITE, Manifest, damaged, look_for, unpack
from db.backup import Backup, Place, Plan, make_in, work_folder
from db.backup_files import REPLACED
from db.engine import NEWEST, open_database
from db.keys import MARK, drop_waiting_key, mark_of, read_key, waiting_key
from db.sqlite_copy import VERSIONS, count_rows, has_data, look_at_copy, problems_of, rows_of
from retrieval.errors import StoreError, UserError

GONE_SECONDS = 10  # how long PostgreSQL may take to end the connections of what has ended


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, the backup of what was there before, if there was anything, and the key of before, if that backup has it not."""

    manifest: Manifest
    before: Backup | None
    key_before: Path | None = None


def restore(place: Place, archive: Path, plan: Plan, identity: Path | None = None, *, replace: bool = False) -> Restored:
    """Put the backup in the place of the store, which is empty, or is backed up first where `replace` says so.

    A kill at any moment leaves the old store or the new one. The index in files goes: it is made anew from the database. Raises UserError:
    the archive cannot be used, the store has data; StoreError: the store is in use, the database or the disk fails.
    """
    look_for(archive)
    with work_folder(place) as work, _nobody_else(place):
        staged = work / "staged"
        staged.mkdir()
        manifest = unpack(archive, staged, NEWEST, identity)
        _check_kind(place, manifest)
        if place.file is None:
            return _into_postgresql(place, archive, plan, manifest, staged, replace=replace)
        check_copy(archive, staged / SQLITE, manifest)
        bring_up_to_date(staged / SQLITE)
        with _held(place.file) as held:
            before = None
            if held is not None and has_data(rows_of(held)):
                _refuse_data(replace=replace)
                before = make_in(place, plan, work, REPLACED, held)
            kept = _key_to_keep(place, before, staged / KEY)
            (staged / SQLITE).rename(staged / swapping.DATABASE)
            if KEY in manifest.members:
                (staged / KEY).rename(staged / swapping.KEY)
            swapping.decide(place.file, staged, place.key, place.index, kept)
            swapping.finish(place.file)
        return Restored(manifest, before, kept)


def check_copy(archive: Path, copy: Path, manifest: Manifest) -> None:
    """Whether an unpacked SQLite database is whole and has the rows that its manifest says. Raises UserError."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            problems = problems_of(connection)
        found = look_at_copy(copy)
    except (sqlite3.Error, StoreError) as error:
        raise damaged(archive, "its database cannot be read") from error
    if problems:
        raise damaged(archive, "its database is not whole")
    if found != (manifest.schema, manifest.rows):
        raise damaged(archive, "its database has other rows than its manifest says")


def bring_up_to_date(copy: Path) -> None:
    """Migrate an unpacked database and leave it as one file. Raises StoreError."""
    open_database(f"sqlite:///{copy}").close()
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


@contextmanager
def _nobody_else(place: Place) -> Iterator[None]:
    """While it is entered no bot and no service begins on this data folder. Raises StoreError where one runs."""
    place.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for file in sorted({place.folder / "service.lock", *place.folder.glob("shards-*.lock")}):
            try:
                stack.enter_context(FileLock(file, timeout=0, thread_local=False))
            except Timeout:
                raise StoreError(f"The bot or `serve` uses the store in {place.folder}: stop it first. Nothing was changed.") from None
        yield


@contextmanager
def _held(file: Path) -> Iterator[sqlite3.Connection | None]:
    """The database that is there, kept from everybody else, its log taken into the file; None where there is none. Raises StoreError."""
    if not file.exists():
        yield None
        return
    with closing(sqlite3.connect(file, isolation_level=None, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()  # needs that nobody else has it open
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # the lock stays; within the transaction SQLite would make no backup
            rows_of(connection)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise _unreadable(file, error) from error
            raise StoreError(f"Another process has {file} open: stop it, then restore. Nothing was changed.") from error
        except sqlite3.Error as error:
            raise _unreadable(file, error) from error
        yield connection


def _unreadable(file: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"What is at {file} cannot be backed up before it is replaced ({error}): move it away, then restore.")


def _refuse_data(*, replace: bool) -> None:
    if not replace:
        raise UserError("The store that is there has data. To put the backup in its place, which backs it up first: --replace")


def _check_kind(place: Place, manifest: Manifest) -> None:
    if (manifest.database == SQLITE) != (place.file is not None):
        was, there = ("SQLite", "PostgreSQL") if manifest.database == SQLITE else ("PostgreSQL", "SQLite")
        raise UserError(
            "This is a backup of {was}, and CROSSCHECK_DATABASE_URL names {there}. Restore it into {was}; `db copy` moves a store then.",
            was=was, there=there,
        )  # fmt: skip


def _key_to_keep(place: Place, before: Backup | None, key: Path) -> Path | None:
    """Under which name the key that is there is kept: where another takes its place, and the backup of before has it not."""
    if not key.exists() or not place.key.is_file() or (before is not None and KEY in before.manifest.members):
        return None
    try:
        if read_key(place.key) == read_key(key):
            return None
    except UserError:  # what is there is no key: it is kept for somebody to look at
        pass
    return place.key.with_name(f"{place.key.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


def _into_postgresql(place: Place, archive: Path, plan: Plan, manifest: Manifest, staged: Path, *, replace: bool) -> Restored:
    rows = pgtools.script(staged / POSTGRESQL, staged / "rows.sql")
    if {name: count for name, count in rows.items() if name != VERSIONS} != manifest.rows:
        raise damaged(archive, "its database has other rows than its manifest says")
    with closing(open_database(place.url, migrate=False)) as database, database.looking() as connection:
        names = inspect(connection).get_table_names()
        if names and VERSIONS not in names:
            raise UserError("The database has tables that are not Crosscheck's: restore into a new, empty one.")
        _alone(connection)
        filled = has_data(count_rows(connection))
    before = None
    if filled:
        _refuse_data(replace=replace)
        before = make_in(place, plan, staged.parent, REPLACED)
    drops = "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in names)
    (staged / "drops.sql").write_text(f"CREATE EXTENSION IF NOT EXISTS vector;\n{drops}", encoding="utf-8")
    kept = _key_to_keep(place, before, staged / KEY)
    if kept is not None:
        swapping.keep(place.key, kept)
    scripts = [staged / "drops.sql", staged / "rows.sql"]
    if KEY in manifest.members:  # it lies beside the other, on the disk, until the rows say that they hang on it
        swapping.put(staged / KEY, waiting_key(place.key))
        scripts.append(_marking(staged))
    try:
        with closing(open_database(place.url, migrate=False)) as database, database.looking() as connection:
            _alone(connection, GONE_SECONDS)  # whoever came while the backup was made
        pgtools.execute(place.url, scripts)
    except StoreError:
        with suppress(StoreError), closing(open_database(place.url, migrate=False)) as database:
            drop_waiting_key(database, place.key)
        raise
    if KEY in manifest.members:
        swapping.move(waiting_key(place.key), place.key.resolve())
    open_database(place.url).close()
    return Restored(manifest, before, kept)


def _marking(staged: Path) -> Path:
    """Statements that mark the rows with the key in `staged`, where they are not: so a kill before it takes its place is noticed."""
    key = read_key(staged / KEY)
    if key is None:
        raise StoreError("The key of the backup went away while it was restored. Nothing was changed.")
    mark = f"INSERT INTO note (key, value) VALUES ('{MARK}', '{mark_of(key)}') ON CONFLICT DO NOTHING"  # noqa: S608 - our own words
    script = staged / "mark.sql"
    lines = ["RESET search_path;", f"DO $$ BEGIN IF to_regclass('note') IS NOT NULL THEN {mark}; END IF; END $$;"]
    script.write_text("\n".join(lines), encoding="utf-8")
    return script


def _alone(connection: Connection, patience: float = 0) -> None:
    """Raises StoreError where others are connected to the database for longer than so many seconds."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    until = time.monotonic() + patience
    while found := connection.scalar(others):
        if time.monotonic() >= until:
            raise StoreError(f"{found} other connections use the database: stop what uses it, then restore. Nothing was changed.")
        time.sleep(0.1)
        connection.rollback()  # statistics are of the transaction's beginning
