"""Opening, refusing, migrating; readers beside writers in other processes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.articles import Articles
from db.engine import NEWEST, alembic_config, open_database, schema_versions
from db.schema import Base
from retrieval.errors import StoreError
from tests.standins.databases import of_sqlite
from tests.standins.processes import start
from tests.standins.store import EMBEDDER, NOON, Store, article, sentences_about


def _sha(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_fresh_database_is_at_the_newest_schema_and_answers(store: Store) -> None:
    current, newest = schema_versions(store.database.engine)
    assert current == newest
    Articles(store.database).counts()


def test_opening_again_changes_nothing(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])))
    before = store.dump()
    with Store(store.folder) as again:
        assert again.dump() == before


@of_sqlite
def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])))
    store.run("UPDATE alembic_version SET version_num = 'zzzz'")
    store.close()
    before = _sha(store.folder / "crosscheck.db")
    with pytest.raises(StoreError, match="written by a newer Crosscheck") as caught:
        open_database(store.url)
    assert "zzzz" in str(caught.value)
    assert _sha(store.folder / "crosscheck.db") == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_bytes(b"These are my notes, not a database. " * 100)
    before = _sha(file)
    with pytest.raises(StoreError, match="damaged"):
        open_database(f"sqlite:///{file}")
    assert _sha(file) == before


@of_sqlite
def test_a_damaged_page_is_told_in_a_sentence(store: Store) -> None:
    store.add(*(article(str(n), sentences_about([f"plan {n}"] * 30)) for n in range(30)))
    store.close()
    file = store.folder / "crosscheck.db"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        Articles(database := open_database(store.url)).counts()
        with database.reading() as session:
            session.connection().exec_driver_sql("SELECT count(text) FROM revision")


@pytest.mark.parametrize("place", ["file.txt/data/crosscheck.db", "."])
def test_a_place_that_cannot_hold_a_database_is_told_in_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file.txt").write_text("here")
    with pytest.raises(StoreError, match="folder|opened"):
        open_database(f"sqlite:///{tmp_path / place}")


@pytest.mark.parametrize("url", ["", "nonsense", "oracle9://x:hunter2@y/z", "postgresql+nodriver://me:hunter2@host/db"])
def test_an_address_that_cannot_be_used_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="cannot be used") as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


@of_sqlite
def test_migrations_make_the_tables_of_the_models(store: Store) -> None:
    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []


@of_sqlite
def test_the_schema_can_be_taken_down_and_up_again(store: Store) -> None:
    def tables() -> set[str]:
        with store.database.reading() as session:
            return {row[0] for row in session.connection().exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}

    before = tables()
    for step, target in ((command.downgrade, "base"), (command.upgrade, "head")):
        _migrate(store, step, target)
        if target == "base":
            assert len(tables()) < 4  # alembic_version and SQLite's own
    assert tables() == before


def _migrate(store: Store, step: Callable[[Config, str], None], target: str) -> None:
    config = alembic_config()
    with store.database.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        step(config, target)


@of_sqlite
def test_a_store_of_the_schema_before_keeps_its_rows_and_what_older_checks_showed(store: Store) -> None:
    claim = "The council of Harwick voted 14 to 3 to close the old bridge."
    store.source("common")
    store.add(replace(article("a", claim, published_at=None), external_id="x", feed_id=1), article("b", sentences_about(["the ferry"])))
    store.articles.mark_gone("https://echo.example/a", NOON)
    shown = store.checker().check_text(claim)
    check = store.checks.save(shown, "a" * 64, 7, EMBEDDER.embed([claim])[0])
    kept = ("address", "article", "check_excerpt", "passage", "passage_change", "passage_vector", "revision", "source")
    _migrate(store, command.downgrade, "0002")
    old = store.dump()
    old["passage_vector"] = old["vector"] if "vector" in old else old["passage_vector"]  # its name then, in SQLite
    _migrate(store, command.upgrade, "head")
    new = store.dump()
    assert {name: [row[: len(old[name][0])] for row in new[name]] for name in kept} == {name: old[name] for name in kept}
    loaded = store.checks.load(check)
    assert loaded is not None
    assert (loaded.claim.text, loaded.outcome, loaded.considered, loaded.models) == (claim, shown.outcome, shown.considered, shown.models)
    (was,), (now,) = shown.agreeing, loaded.agreeing
    assert (now.text, now.article, now.stance) == (was.text, was.article, was.stance)
    assert was.article.gone and was.article.feed_id == 1
    assert (now.before, now.after, now.copies, now.decisive) == ("", "", (), [])
    assert store.checks.same("a" * 64, 7, shown.models) is None
    assert [one.private for one in store.addresses.sources()] == [False]
    assert store.addresses.hidden_from(None) == frozenset()
    assert store.column("PRAGMA foreign_key_check") == []


def test_reading_goes_on_while_another_process_writes(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])))
    process = start("tests.standins.writer", str(store.folder), "hold", "Slow Gazette", "0")
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert store.articles.by_source() == [("Harwick Echo", 1)]
    assert len(store.stored_passages()) == 1
    _, err = process.communicate("go\n", timeout=60)
    assert process.returncode == 0, err
    assert store.articles.by_source() == [("Harwick Echo", 1), ("Slow Gazette", 0)]


def test_a_reading_session_sees_one_state_though_others_commit(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])))
    with store.database.reading() as session:
        count = "SELECT count(*) FROM article"
        before = session.connection().exec_driver_sql(count).scalar()
        store.add(article("b", sentences_about(["the ferry"])))
        assert session.connection().exec_driver_sql(count).scalar() == before == 1
    assert store.articles.counts()["articles"] == 2


def test_processes_that_open_and_write_a_fresh_database_at_once_all_succeed(tmp_path: Path) -> None:
    folder = tmp_path / "together"
    processes = [start("tests.standins.writer", str(folder), "save", name, "8") for name in ("a", "b", "c")]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    with Store(folder) as store:
        assert store.articles.counts()["articles"] == 24
        assert store.articles.by_source() == [("Harwick Echo", 24)]
        assert store.index.ids() == (store.live(), store.live())


@of_sqlite
def test_a_locked_database_is_told_in_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_MS", 1)
    other = sqlite3.connect(store.folder / "crosscheck.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store(store.folder) as second, pytest.raises(StoreError, match="Another program"):
        second.add(article("a", sentences_about(["the bridge"])))
    other.execute("ROLLBACK")
    other.close()


def test_the_newest_schema_named_in_the_code_is_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == NEWEST
