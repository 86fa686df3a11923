"""Databases of both kinds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database, open_database
from tests.standins.databases import on_postgres
from tests.standins.postgres import Postgres


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "crosscheck.db"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["postgresql"] if on_postgres else ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> str:
    """A fresh database of each kind in turn; PostgreSQL with the slow tests, but where a module says otherwise."""
    return fresh(request, migrated, tmp_path)


def fresh(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> str:
    """The address of a fresh database of the kind that is the fixture's parameter."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(migrated, tmp_path / 'crosscheck.db')}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()
