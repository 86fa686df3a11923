"""A store that moves into another database, and is the same there; killed anywhere, it goes on."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from db.copying import copy, count_rows, open_source, open_target
from db.engine import Database, open_database
from db.pgindex import PgIndex
from db.schema import Base, NoteRow
from retrieval.errors import StoreError, UserError
from retrieval.index.local import LocalIndex
from tests.standins.models import DIMENSION
from tests.standins.postgres import Postgres
from tests.standins.processes import finish, start
from tests.standins.store import EMBEDDER, Store, article, sentences_about

CLAIM = "The council of Harwick spoke about granite for an hour on Tuesday."
BODY = sentences_about(["granite", "lobsters", "violins"]) + " Nobody else said a word, and the doors were closed before noon."


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with something in most tables, to be copied."""
    file = tmp_path_factory.mktemp("filled") / "old.db"
    with closing(open_database(f"sqlite:///{file}")) as database:
        fill(database, 40)
    return file


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite store with something in most tables."""
    database = open_database(f"sqlite:///{shutil.copy(filled, tmp_path / 'old.db')}")
    yield database
    database.close()


def fill(database: Database, articles: int) -> None:
    """Articles, copies, revisions, one that went, a check, and more notes than fit a page."""
    store = Store.over(database)
    store.source("common")
    store.source("own", 7)
    store.add(*(article(f"a{n}", sentences_about([f"topic {n}", "café 🧊"]), source=f"Outlet {n % 3}") for n in range(articles)))
    store.add(article("one", BODY), article("a1", sentences_about(["something else"])))
    store.add(article("two", BODY))
    store.articles.remove([f"https://echo.example/a{articles - 1}"])
    index = LocalIndex(Path(database.engine.url.database or "").parent / "index", store.changes, EMBEDDER.model_id, DIMENSION)
    store.index = index
    store.checks.save(store.checker().check_text(CLAIM), "k" * 64, 7, EMBEDDER.embed([CLAIM])[0])
    index.close()
    with database.writing() as session:
        session.add_all(NoteRow(key=f"note {n}", value="é" * (n % 5)) for n in range(1200))


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> Iterator[Database]:
    database = open_database(postgres.emptied() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'new.db'}")
    yield database
    database.close()


def _rows(database: Database) -> dict[str, list[str]]:
    with database.reading() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables}


def test_every_row_is_the_same_afterwards_and_a_second_copy_changes_nothing(source: Database, target: Database) -> None:
    told: list[int] = []
    count = copy(source, target, told.append)
    assert count == count_rows(source) == count_rows(target) == sum(told) > 1300
    assert _rows(target) == _rows(source)
    assert copy(source, target) == count
    assert _rows(target) == _rows(source)


def test_the_copy_goes_on_counting_where_the_source_would_have(source: Database, target: Database) -> None:
    with source.writing() as session:
        session.execute(text("DELETE FROM passage_change WHERE seq = (SELECT max(seq) FROM passage_change)"))
    copy(source, target)
    for database in (source, target):
        Store.over(database).add(article("later", sentences_about(["pyramids"])))
    urls = text("SELECT id, url FROM article ORDER BY id")
    with source.reading() as old, target.reading() as new:
        assert old.execute(urls).all() == new.execute(urls).all()
        last = text("SELECT max(seq) FROM passage_change")
        assert old.scalar(last) == new.scalar(last)


def test_what_is_found_in_files_is_found_in_postgresql(source: Database, postgres: Postgres, tmp_path: Path) -> None:
    with closing(open_database(postgres.emptied())) as target:
        copy(source, target)
        index = PgIndex(target, EMBEDDER.model_id, DIMENSION)
        store = Store.over(source)
        local = LocalIndex(tmp_path / "index", store.changes, EMBEDDER.model_id, DIMENSION)
        assert index.ids() == local.ids()
        vector = EMBEDDER.embed([CLAIM])[0]
        assert [match.passage_id for match in index.dense(vector, 20)] == [match.passage_id for match in local.dense(vector, 20)]
        assert index.lexical(CLAIM, 20)[0].passage_id == local.lexical(CLAIM, 20)[0].passage_id
        local.close()


def test_and_back_again(source: Database, postgres: Postgres, tmp_path: Path) -> None:
    with closing(open_database(postgres.emptied())) as there, closing(open_database(f"sqlite:///{tmp_path / 'back.db'}")) as back:
        copy(source, there)
        copy(there, back)
        assert _rows(back) == _rows(source)


@pytest.mark.parametrize("table", ["note", "source"])
def test_a_target_that_holds_other_data_is_named_and_left_as_it_is(source: Database, target: Database, table: str) -> None:
    with target.writing() as session:
        if table == "note":
            session.add(NoteRow(key="note 7", value="other"))
        else:
            session.execute(text("INSERT INTO source (id, name, created_at) VALUES (999, 'Other', '2025-01-01 00:00:00')"))
    before = _rows(target)
    with pytest.raises(
        UserError, match="The target holds other data: in table (note the row key note 7 differs|source the row id 999 is not)"
    ):
        copy(source, target)
    assert _rows(target) == before


def test_a_database_is_not_copied_onto_itself(source: Database) -> None:
    with pytest.raises(UserError, match="onto itself"):
        copy(source, source)


def test_a_row_that_goes_missing_meanwhile_is_named(source: Database, target: Database) -> None:
    def meddle(_: int) -> None:
        with target.writing() as session:
            session.execute(text("DELETE FROM note WHERE key = 'note 3'"))

    with pytest.raises(StoreError, match="table note the row key note 3 is missing"):
        copy(source, target, meddle)


def test_a_row_that_somebody_else_adds_meanwhile_is_told(source: Database, target: Database) -> None:
    def meddle(_: int) -> None:
        with target.writing() as session:
            if session.get(NoteRow, "note of another") is None:
                session.add(NoteRow(key="note of another", value="x"))

    with pytest.raises(StoreError, match="table note has 1 rows more"):
        copy(source, target, meddle)


def test_where_nothing_is_nothing_is_copied_and_nothing_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no database to copy from"):
        open_source(f"sqlite:///{tmp_path / 'typo.db'}")
    assert not (tmp_path / "typo.db").exists()


def test_a_source_of_an_older_schema_is_left_as_it_is(source: Database) -> None:
    with source.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    with pytest.raises(UserError, match="is at schema 0003"):
        open_source(str(source.engine.url))


def test_a_target_of_an_older_schema_is_left_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'live.db'}"
    open_target(url).close()
    open_target(url).close()  # one that was begun is gone on with
    with closing(open_database(url)) as live, live.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with pytest.raises(UserError, match=r"schema 0005.*Copy into a new, empty database"):
        open_target(url)
    with closing(open_database(url, migrate=False)) as live, live.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0005"


def test_a_copy_that_was_killed_anywhere_goes_on(tmp_path: Path, postgres: Postgres) -> None:
    chance = random.Random(5)
    url = f"sqlite:///{tmp_path / 'crosscheck.db'}"
    with closing(open_database(url)) as old, closing(open_database(postgres.emptied())) as new:
        fill(old, 120)
        with old.writing() as session:
            session.execute(insert(NoteRow), [{"key": f"more {n}", "value": "x" * 50} for n in range(20_000)])
        for part in (0.02, 0.3, 0.6):
            process = start("bot", "db", "copy", url, new.engine.url.render_as_string(hide_password=False))
            while count_rows(new) < part * count_rows(old):
                assert process.poll() is None
                time.sleep(chance.random() / 20)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert count_rows(new) < count_rows(old)
        done = finish("bot", "db", "copy", url, new.engine.url.render_as_string(hide_password=False))
        said = f"Copied and verified: {count_rows(old)} rows are equal in both."
        assert (done.returncode, done.stdout.splitlines()[:1]) == (0, [said]), done.stderr
        assert _rows(new) == _rows(old)
        index = PgIndex(new, EMBEDDER.model_id, DIMENSION)
        assert index.ids()[0] == index.ids()[1] != set()
