"""Where tests keep what they remember: SQLite files, or databases of one PostgreSQL server where CROSSCHECK_TEST_DATABASE=postgresql.

A folder stands for a store: the same folder gives the same database, in the processes that a test starts too, which find the server by
the environment.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.standins.postgres import Postgres

WANTED = "CROSSCHECK_TEST_DATABASE"
SERVER = "TEST_POSTGRES"  # the server's address, for the processes that tests start

on_postgres = os.environ.get(WANTED) == "postgresql" or SERVER in os.environ
of_sqlite = pytest.mark.skipif(on_postgres, reason="is about SQLite's files")
of_postgres = pytest.mark.skipif(not on_postgres, reason="is about PostgreSQL's programs")
of_local_index = pytest.mark.skipif(on_postgres, reason="is about the index in files")


def url_of(folder: Path) -> str:
    """The address of the database that the folder stands for; in PostgreSQL it is made, with all tables, when it is not there."""
    if not on_postgres:
        return f"sqlite:///{folder / 'crosscheck.db'}"
    return Postgres.at(os.environ[SERVER]).copied(f"f{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]}")


def url_setting(folder: Path) -> SecretStr | None:
    """What CROSSCHECK_DATABASE_URL is to be over this data folder: None, the folder's own file, but on PostgreSQL."""
    return SecretStr(url_of(folder)) if on_postgres else None
