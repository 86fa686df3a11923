"""Backing a store up: one file (db/archives.py) with the database in one state, and the key that people are hashed with.

SQLite is copied by its online backup within one read transaction, so writers go on meanwhile and the copy is of one moment; PostgreSQL by
pg_dump in the snapshot that its rows are counted in. The file is written under another name, flushed, and given its name when it is whole;
no file is ever written over.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, column, func, inspect, select, table, text

from db import pgtools
from db.archives import FORMAT, KEY, POSTGRESQL, SQLITE, Manifest, member, write
from db.engine import open_database, parsed_url, schema_versions
from db.swapping import sync
from retrieval.errors import StoreError, UserError

OCCASIONS = MANUAL, AUTOMATIC, MIGRATION, REPLACED = "manual", "automatic", "migration", "replaced"
_MADE = re.compile(rf"crosscheck-({'|'.join(OCCASIONS)})-.*\.tar\.zst(?:\.age)?")
STEP = 1000  # pages of SQLite's, 4 MB, copied at once: between two steps Ctrl-C is heard
ABANDONED = 3600.0  # seconds without a write after which an unfinished file is nobody's
VERSIONS = "alembic_version"
WORK = ".crosscheck-backup-work"  # emptied whenever it is begun with: no name that somebody else gives


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: its database and its data folder, with the key and the index in files. `with_key`: backups have the key too."""

    url: str
    folder: Path
    key: Path
    index: Path
    with_key: bool = True

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for another database."""
        parsed = parsed_url(self.url)
        return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where backups go by themselves, whom they are encrypted for (nobody: they are not), and how many of an occasion are kept."""

    folder: Path
    recipients: Sequence[str]
    kept: int


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    file: Path
    size: int
    manifest: Manifest


def back_up(place: Place, target: Path, recipients: Sequence[str] = (), occasion: str = MANUAL, wait: float = 0) -> Backup:
    """Make a backup: a file of this name, or in this folder one that is named by the time. `wait`: seconds, for another that is being made.

    Raises UserError: nothing to back up, a file that is there already; StoreError: the database or the disk fails, another is being made.
    """
    with work_folder(place, wait) as work:
        return make(place, work, target, recipients, occasion)


def make(
    place: Place, work: Path, target: Path, recipients: Sequence[str], occasion: str, held: sqlite3.Connection | None = None
) -> Backup:
    """As `back_up`, for who has the work folder; `held` is a connection that keeps SQLite's database from all others."""
    file = _named(target, occasion, sealed=bool(recipients))
    manifest, files = _gathered(place, work, occasion, held)
    file.parent.mkdir(parents=True, exist_ok=True)
    _sweep(file.parent)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.partial")
    try:
        write(unfinished, manifest, files, recipients)
        sync(unfinished)
        _name(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
    sync(file.parent)
    return Backup(file, file.stat().st_size, manifest)


def back_up_automatically(place: Place, plan: Plan, occasion: str = AUTOMATIC, wait: float = 0) -> Backup | None:
    """As `back_up` into the plan's folder; of this occasion the newest are kept, as many as it says.

    None where the store is empty: then none is kept, and none ends.
    """
    made = back_up(place, plan.folder, plan.recipients, occasion, wait)
    if not any(made.manifest.rows.values()):
        with _told():
            made.file.unlink(missing_ok=True)
        return None
    ours = sorted(file for its, file in _made_in(plan.folder) if its == occasion)
    for file in ours[: -plan.kept]:
        file.unlink(missing_ok=True)
    return made


def newest_of(folder: Path) -> dict[str, float]:
    """When the newest backup of each occasion in a folder was written, as seconds since 1970. Raises OSError."""
    written: dict[str, float] = {}
    for occasion, file in _made_in(folder):
        with suppress(FileNotFoundError):  # the oldest may go just now
            written[occasion] = max(written.get(occasion, 0), file.stat().st_mtime)
    return written


def _made_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Occasion and file of each backup in a folder, by their names. Raises OSError."""
    for file in folder.iterdir() if folder.exists() else ():
        if made := _MADE.fullmatch(file.name):
            yield made[1], file


def before_migration(place: Place, plan: Plan, engine: Engine, wait: float = 600) -> Backup | None:
    """A backup of a database whose schema is about to be changed; None where it holds nothing, or has been changed meanwhile.

    Raises StoreError, which says how to go on.
    """
    current, newest = schema_versions(engine)
    with engine.connect() as connection:
        if current == newest or not any(count_rows(connection).values()):
            return None
    try:
        return back_up_automatically(place, plan, MIGRATION, wait)
    except (StoreError, UserError) as error:
        raise StoreError(
            f"The database is to be brought from schema {current} to {newest}, and the backup before that failed: {error} Nothing was "
            "changed. Mend that; or make a backup yourself and set CROSSCHECK_BACKUP_BEFORE_MIGRATION=off."
        ) from error


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows of each table, whatever schema it is, but for that of the schema's version."""
    names = sorted(set(inspect(connection).get_table_names()) - {VERSIONS})
    return {name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in names}


@contextmanager
def work_folder(place: Place, wait: float = 0) -> Iterator[Path]:
    """An empty folder on the database's disk, for one backup or restore at a time; what a killed one left in it goes. Raises StoreError."""
    beside = place.file.parent if place.file is not None else place.folder
    folder = beside / WORK
    with _told():
        beside.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(beside / "backup.lock", thread_local=False)
            lock.acquire(timeout=wait)
        except Timeout:
            raise StoreError("Another backup or restore of this store is under way: try again when it has ended.") from None
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def _gathered(place: Place, work: Path, occasion: str, held: sqlite3.Connection | None) -> tuple[Manifest, dict[str, Path]]:
    """The members in the work folder, and the manifest that is true of them."""
    if place.file is None:
        name, schema, rows = POSTGRESQL, *_dumped(place, work / POSTGRESQL)
    elif place.file.is_file():
        copy_sqlite(place.file, work / SQLITE, held)
        name, schema, rows = SQLITE, *look_at_copy(work / SQLITE)
    else:
        raise UserError("There is no database to back up at {file}.", file=place.file)
    files = {name: work / name}
    if place.with_key and place.key.is_file():
        files[KEY] = work / KEY
        files[KEY].write_bytes(place.key.read_bytes())
    members = {one: member(file) for one, file in files.items()}
    at = datetime.now(UTC).replace(microsecond=0)
    return Manifest(FORMAT, version("crosscheck"), schema, at, occasion, rows, members), files


def copy_sqlite(file: Path, target: Path, held: sqlite3.Connection | None = None) -> None:
    """Copy a database as it is at this moment, while others write: what they write meanwhile waits in its log. Raises StoreError."""
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
        with closing(sqlite3.connect(f"file:{quote(str(file))}?immutable=1", uri=True)) as copy:
            found = rows_of(copy)
            if VERSIONS not in found:
                raise _no_tables()
            (schema,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(schema), {name: count for name, count in found.items() if name != VERSIONS}
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"The database is damaged: {error}.") from error


def rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table of a SQLite database, that of the schema's version too. Raises sqlite3.Error."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    names = [str(name) for (name,) in connection.execute(tables)]
    return {name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names}  # noqa: S608


def _dumped(place: Place, target: Path) -> tuple[str, dict[str, int]]:
    with closing(open_database(place.url, migrate=False)) as database, database.looking() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # pg_dump may take long
        names = inspect(connection).get_table_names()
        schema, rows = _schema(connection), count_rows(connection)
        pgtools.dump(connection, place.url, names, target)
        return schema, rows


def _schema(connection: Connection) -> str:
    if not inspect(connection).has_table(VERSIONS):
        raise _no_tables()
    return str(connection.scalar(select(column("version_num")).select_from(table(VERSIONS))))


def _no_tables() -> UserError:
    return UserError("There is nothing to back up: the database has no tables of Crosscheck.")


def _named(target: Path, occasion: str, *, sealed: bool) -> Path:
    """The file to be written. Raises UserError where it is there."""
    if target.is_dir() or not target.suffix:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return target / f"crosscheck-{occasion}-{stamp}.tar.zst{'.age' if sealed else ''}"
    if os.path.lexists(target):
        raise _there(target)
    return target


def _name(unfinished: Path, file: Path) -> None:
    """Give it its name, and take nobody else's."""
    try:
        os.link(unfinished, file)
    except FileExistsError:
        raise _there(file) from None
    except OSError:  # a file system without links: the name is taken first, then filled
        try:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise _there(file) from None
        os.replace(unfinished, file)


def _there(file: Path) -> UserError:
    return UserError("{file} is there already, and a backup is never written over a file.", file=file)


def _sweep(folder: Path) -> None:
    """Take away what killed backups left unfinished."""
    for file in folder.glob(".crosscheck-*.partial"):
        if time.time() - file.stat().st_mtime > ABANDONED:
            file.unlink(missing_ok=True)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise StoreError(f"The disk fails: {error.strerror or type(error).__name__}{where}. Nothing was changed.") from error
