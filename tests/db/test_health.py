"""What is told of a database that fails, and of one that has gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from db.engine import open_database
from db.health import Trouble, listen, ping
from retrieval.errors import StoreError


def test_kinds_of_trouble_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'crosscheck.db'}")
    told: list[Trouble] = []
    listen(database, told.append)
    with pytest.raises(StoreError), database.looking() as connection:
        connection.exec_driver_sql("SELECT 1 FROM nowhere")
    with pytest.raises(StoreError), database.writing() as session:
        session.connection().exec_driver_sql("INSERT INTO alembic_version SELECT version_num FROM alembic_version")
    blocker = sqlite3.connect(tmp_path / "crosscheck.db")
    blocker.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_MS", 1)
    database.engine.dispose()
    with pytest.raises(StoreError), database.writing():
        pass
    blocker.rollback()
    blocker.close()
    assert told == [Trouble.OTHER, Trouble.CONFLICT, Trouble.BUSY]
    assert ping(database) == 0
    database.close()


def test_a_file_that_was_taken_away_does_not_answer_though_it_is_open(tmp_path: Path) -> None:
    file = tmp_path / "crosscheck.db"
    database = open_database(f"sqlite:///{file}")
    with database.looking():
        file.unlink()
        with pytest.raises(StoreError, match="not there any more"):
            ping(database)
    database.close()
