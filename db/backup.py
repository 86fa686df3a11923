"""Backing a store up: one file (db/archives.py) with the database in one state, and the key that people are hashed with.

SQLite is copied by its online backup within one read transaction, so writers go on meanwhile and the copy is of one moment; PostgreSQL by
pg_dump in the snapshot that its rows are counted in. The copy is looked at as a restore would. The file is written under another name,
flushed, and given its name when it is whole; no file is ever written over (db/backup_files.py).
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, column, inspect, select, table, text

from db import pgtools, swapping
from db.archives import FORMAT, KEY, POSTGRESQL, SQLITE, Manifest, member, write
from db.backup_files import AUTOMATIC, DOUBTFUL, MANUAL, MIGRATION, PRUNED, named, prune, unfinished
from db.engine import open_database, parsed_url, schema_versions
from db.keys import key_for
from db.sqlite_copy import VERSIONS, copy_sqlite, count_rows, has_data, look_at_copy, looking_at, no_tables, problems_of_copy
from retrieval.errors import StoreError, UserError

log = logging.getLogger("crosscheck.db")

PLACE = PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError  # it is not the disk
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
        """SQLite's file, where it really lies; None for another database."""
        parsed = parsed_url(self.url)
        return Path(parsed.database).resolve() if parsed.get_backend_name() == "sqlite" and parsed.database else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where backups go by themselves, whom they are encrypted for (nobody: they are not), and how many of an occasion are kept."""

    folder: Path
    recipients: Sequence[str]
    kept: int


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    `unsound`: what is wrong with the database in it, which a restore refuses for that; `keyless`: why the key that belongs to it is not.
    """

    file: Path
    size: int
    manifest: Manifest
    unsound: Sequence[str] = ()
    keyless: str | None = None

    @property
    def doubts(self) -> list[str]:
        """In sentences, why this backup does not bring everything back."""
        whole = [f"The database is not whole, so this backup cannot be restored: {'; '.join(self.unsound)}."] if self.unsound else []
        return [*whole, *([f"The backup is without its key. {self.keyless}"] if self.keyless else [])]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What goes into a backup."""

    database: str
    schema: str
    rows: dict[str, int]
    unsound: Sequence[str]
    key: bytes | None
    keyless: str | None


def back_up(place: Place, target: Path, recipients: Sequence[str] = ()) -> Backup:
    """Make a backup: a file of this name, or in this folder one that is named by the time.

    Raises UserError: nothing to back up, a file that is there already; StoreError: the database or the disk fails, another is being made.
    """
    with work_folder(place) as work:
        return make(place, work, target, recipients, MANUAL)


def make(
    place: Place, work: Path, target: Path, recipients: Sequence[str], occasion: str, held: sqlite3.Connection | None = None
) -> Backup:
    """As `back_up`, for who has the work folder; `held` is a connection that keeps SQLite's database from all others.

    One that nobody asked for and that has doubts is called so.
    """
    named(target, occasion, sealed=bool(recipients))  # refused before the work
    gathered = _gathered(place, work, held)
    if occasion in PRUNED and (gathered.unsound or gathered.keyless):
        occasion = DOUBTFUL
    manifest, files = _members(gathered, work, occasion)
    file = named(target, occasion, sealed=bool(recipients))
    with unfinished(file) as partial:
        write(partial, manifest, files, recipients)
    return Backup(file, file.stat().st_size, manifest, gathered.unsound, gathered.keyless)


def make_in(place: Place, plan: Plan, work: Path, occasion: str, held: sqlite3.Connection | None = None) -> Backup:
    """As `make`, in the plan's folder, which is made where it is missing, whatever its name. Raises OSError too."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    return make(place, work, plan.folder, plan.recipients, occasion, held)


def back_up_into(place: Place, plan: Plan) -> Backup:
    """As `back_up`, into the plan's folder."""
    with work_folder(place) as work:
        return make_in(place, plan, work, MANUAL)


def back_up_automatically(place: Place, plan: Plan, wait: float = 0) -> Backup | None:
    """As `back_up_into`; of these the newest are kept, as many as the plan says. None where the store is empty: then none ends.

    `wait`: seconds, for another that is being made. One that has doubts is called so, and pushes out none of those that can be restored.
    """
    with work_folder(place, wait) as work:
        made = make_in(place, plan, work, AUTOMATIC)
        if not has_data(made.manifest.rows):
            made.file.unlink(missing_ok=True)
            return None
        prune(made.file, plan.kept)
        return made


def before_migration(place: Place, plan: Plan, engine: Engine, wait: float = 600) -> Backup | None:
    """A backup of a database whose schema is about to be changed; None where it holds nothing, or has been changed meanwhile.

    Raises StoreError, which says how to go on.
    """
    current, newest = schema_versions(engine)
    with engine.connect() as connection:
        if current == newest or not has_data(count_rows(connection)):
            return None
    try:
        with work_folder(place, wait) as work:
            made = make_in(place, plan, work, MIGRATION)
            if made.manifest.schema == newest:  # another process changed it while this one waited
                made.file.unlink(missing_ok=True)
                return None
            try:
                prune(made.file, plan.kept)
            except StoreError as error:
                log.warning("%s", error)
    except (StoreError, UserError) as error:
        raise _stopped(current, newest, str(error)) from error
    if made.unsound:
        raise _stopped(current, newest, f"{made.doubts[0]} It is at {made.file}.")
    for doubt in made.doubts:
        log.warning("the backup before the schema is changed, %s: %s", made.file, doubt)
    return made


def _stopped(current: str | None, newest: str, why: str) -> StoreError:
    return StoreError(
        f"The database is to be brought from schema {current} to {newest}, and the backup before that failed: {why} Nothing was "
        "changed. Mend that; or make a backup yourself and set CROSSCHECK_BACKUP_BEFORE_MIGRATION=off."
    )


@contextmanager
def work_folder(place: Place, wait: float = 0) -> Iterator[Path]:
    """An empty folder on the database's disk, for one backup or restore at a time; what a killed one left in it goes.

    A restore that was begun is finished first. Raises StoreError.
    """
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
            if place.file is not None:
                swapping.finish(place.file)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def _gathered(place: Place, work: Path, held: sqlite3.Connection | None) -> _Gathered:
    """The database as a file in the work folder, and what is in it. Raises UserError, StoreError."""
    if place.file is None:
        return _dumped(place, work / POSTGRESQL)
    if not place.file.is_file():
        raise UserError("There is no database to back up at {file}.", file=place.file)
    copy_sqlite(place.file, work / SQLITE, held)
    schema, rows = look_at_copy(work / SQLITE)
    with looking_at(work / SQLITE) as connection:
        return _Gathered(SQLITE, schema, rows, problems_of_copy(work / SQLITE), *_key(place, connection))


def _dumped(place: Place, target: Path) -> _Gathered:
    with closing(open_database(place.url, migrate=False)) as database, database.looking() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # pg_dump may take long
        names = inspect(connection).get_table_names()
        schema, rows = _schema(connection), count_rows(connection)
        pgtools.dump(connection, place.url, names, target)
        return _Gathered(POSTGRESQL, schema, rows, (), *_key(place, connection))


def _key(place: Place, connection: Connection) -> tuple[bytes | None, str | None]:
    """The key that belongs to the database, if backups are to have it, or why it is not there."""
    if not place.with_key:
        return None, None
    try:
        return key_for(connection, place.key), None
    except UserError as error:
        return None, str(error)


def _members(gathered: _Gathered, work: Path, occasion: str) -> tuple[Manifest, dict[str, Path]]:
    """The members in the work folder, and the manifest that is true of them."""
    files = {gathered.database: work / gathered.database}
    if gathered.key is not None:
        files[KEY] = work / KEY
        files[KEY].write_text(gathered.key.hex(), encoding="ascii")
    members = {name: member(file) for name, file in files.items()}
    at = datetime.now(UTC).replace(microsecond=0)
    return Manifest(FORMAT, version("crosscheck"), gathered.schema, at, occasion, gathered.rows, members), files


def _schema(connection: Connection) -> str:
    if not inspect(connection).has_table(VERSIONS):
        raise no_tables()
    return str(connection.scalar(select(column("version_num")).select_from(table(VERSIONS))))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        what = "A file or folder cannot be used" if isinstance(error, PLACE) else "The disk fails"
        raise StoreError(f"{what}: {error.strerror or type(error).__name__}{where}.") from error
