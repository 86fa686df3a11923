"""Opening a database: engine, pragmas, migrations.

SQLite runs in WAL mode, so readers and one writer never wait for each other; a write transaction takes the lock at its start
(BEGIN IMMEDIATE), since a read that turns into a write cannot wait for another writer and would fail at once. What is deleted is
overwritten (secure_delete); `scrub` takes it out of the log too, and `rewrite` out of what is unused within pages.
What PostgreSQL needs instead is in db/postgres.py.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from db import postgres, swapping
from db.ownership import make_file, make_folder
from retrieval.errors import StoreBusy, StoreError

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger("crosscheck.db")

BUSY_TIMEOUT_MS = 30_000
ROLLED_BACK = frozenset({"40001", "40P01"})  # PostgreSQL's: a serialization failure, a deadlock
SCRUB_TIMEOUT_MS = 1_000  # it keeps writers waiting meanwhile
NEWEST = "0006"  # the last file under migrations/versions; a test holds the two together


class Database:
    """One database: `reading()` and `writing()` give a session in one transaction each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database. Raises StoreError when the database fails."""
        with _translated(), self._sessions() as session:
            if self.engine.dialect.name == "postgresql":  # which by itself shows each statement the state of its own moment
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """As `reading`, without the object mapper: for the few statements of each search, whose session would take longer than they do."""
        with _translated(), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or leaves no trace when the block raises. Raises StoreError when the database fails."""
        with _translated(), self._sessions() as session:
            connection = session.connection(execution_options={"crosscheck_write": True})
            try:
                if self.engine.dialect.name == "postgresql":
                    postgres.wait_for_turn(connection)
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def scrub(self) -> bool:
        """Take what was deleted out of SQLite's log, which keeps it until that is written over; False where somebody reads it for long.

        Of 4,248 deleted texts, 3,712 stood in the files without secure_delete, 265 with it, and 7 after this: SQLite moves rows between
        pages and leaves copies in what is unused there.
        """
        return not self._run("PRAGMA wal_checkpoint(TRUNCATE)", SCRUB_TIMEOUT_MS)

    def rewrite(self) -> None:
        """Write SQLite's file anew, so that nothing unused is in it, and scrub. Writers wait meanwhile: 20 s a gigabyte."""
        self._run("VACUUM")
        self.scrub()

    @property
    def size(self) -> int:
        """Bytes of SQLite's file; 0 for other databases, which look after theirs themselves."""
        return self._run("PRAGMA page_count") * self._run("PRAGMA page_size")

    def _run(self, statement: str, timeout_ms: int = BUSY_TIMEOUT_MS) -> int:
        """The first value that a statement of SQLite's gives, outside of any transaction; 0 where it gives none, or it is not SQLite."""
        if self.engine.dialect.name != "sqlite":
            return 0
        with _translated(), self.engine.connect().execution_options(crosscheck_outside=True) as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={timeout_ms}")
            try:
                found = connection.exec_driver_sql(statement)
                return int(found.scalar() or 0) if found.returns_rows else 0
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str, *, migrate: bool = True, before_migration: Callable[[Engine], object] | None = None) -> Database:
    """Open the database at a SQLAlchemy URL, made and brought up to date first unless told otherwise; a restore that was begun is finished.

    `before_migration` is called with a database of an older schema, and may stop what is to come by raising. Raises StoreError: a URL that
    cannot be used, a folder that cannot be written, a file that is no database, a database that a newer Crosscheck has written.
    """
    parsed = parsed_url(url)
    try:
        if parsed.drivername == "postgresql":  # without a driver's name SQLAlchemy would take another than ours
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            make_folder(Path(parsed.database).parent)
            swapping.finish(Path(parsed.database))
            if parsed.database != ":memory:" and not parsed.database.startswith("file:"):
                make_file(Path(parsed.database))
        pool = postgres.POOL if parsed.get_backend_name() == "postgresql" else {}
        engine = create_engine(parsed, hide_parameters=True, **pool)  # errors name their statement, never what people wrote
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise _no_address(error) from error
    except OSError as error:
        raise StoreError(f"The data folder cannot be used: {error.strerror} ({error.filename}).") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    elif engine.dialect.name == "postgresql":
        postgres.prepare(engine)
    try:
        with _translated():
            if migrate:
                _upgrade(engine, before_migration)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def parsed_url(url: str) -> URL:
    """Raises StoreError where it is no URL of a database."""
    try:
        return make_url(url)
    except ArgumentError as error:
        raise _no_address(error) from error


def _no_address(error: Exception) -> StoreError:
    return StoreError(
        f"The database address cannot be used: {type(error).__name__}. Examples: sqlite:////var/lib/crosscheck/crosscheck.db, "
        "postgresql+psycopg://crosscheck@db.example/crosscheck (which needs, in the folder of the source: pip install -c constraints.txt "
        "'.[postgres]')"
    )


def one_at_a_time(session: Session | Connection, name: str) -> None:
    """Until the transaction ends, nobody else passes here under this name. SQLite's writers go one after the other anyway."""
    connection = session if isinstance(session, Connection) else session.connection()
    if connection.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))


def schema_versions(engine: Engine) -> tuple[str | None, str]:
    """(the database's schema version, the newest that this program knows)."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None, NEWEST
        return connection.scalar(text("SELECT version_num FROM alembic_version")), NEWEST


def _upgrade(engine: Engine, before_migration: Callable[[Engine], object] | None) -> None:
    current, newest = schema_versions(engine)
    if current == newest:
        return
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = alembic_config()
    try:
        if current is not None:
            ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as error:
        raise StoreError(
            f"The database was written by a newer Crosscheck (schema {current}; this one knows {newest}). "
            "Install the newer version, or restore a backup."
        ) from error
    if current is not None and before_migration is not None:
        before_migration(engine)
    with engine.connect() as connection:
        # Two programs that start at once both get here: the second waits for the first and then finds nothing to do.
        connection.execution_options(crosscheck_write=True)
        with connection.begin():
            one_at_a_time(connection, "migrations")
            if engine.dialect.name == "postgresql":
                postgres.wait_for_turn(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    log.info("database schema %s -> %s", current, newest)


def alembic_config() -> Config:
    """Alembic's settings for our migrations. Imported here: most starts have nothing to migrate, and Alembic takes 13 MB."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:  # noqa: ANN401 - DBAPI objects have no common type
        connection.isolation_level = None  # no BEGIN of the driver's own: ours below decides
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:  # noqa: ANN401
        options = connection.get_execution_options()
        if not options.get("crosscheck_outside", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("crosscheck_write", False) else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreError("All connections to the database are in use. Try again.") from error
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in ROLLED_BACK:
            raise StoreBusy("The database was busy with others' changes, and this one was taken back. Try again.") from error
        reason = _reason(error)
        hint = {
            "database or disk is full": "The disk is full: nothing of this item was stored. Free some space and run it again.",
            "canceling statement due to lock timeout": "Another program has been writing to the database for too long. Try again.",
            "database is locked": "Another program has been writing to the database for too long. Try again.",
            "unable to open database file": "The database file cannot be opened: check that the data folder exists and can be written.",
            "attempt to write a readonly database": "The database file is read-only: check who owns the data folder.",
        }.get(reason, f"The database failed: {reason}.")
        raise StoreError(hint) from error
    except DatabaseError as error:
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise StoreError(
                f"The database file is damaged ({error.orig}). Restore a backup; the search index is made anew from it."
            ) from error
        raise StoreError(f"The database refused what was to be stored: {_reason(error)}.") from error


def _reason(error: DatabaseError) -> str:
    """What the database says; not what PostgreSQL says below that, which repeats values."""
    return str(error.orig).partition("\n")[0]
