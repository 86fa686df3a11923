"""PostgreSQL: the same tables, opened by several at once, one state a reading session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from psycopg import sql
from sqlalchemy import MetaData, text
from sqlalchemy.engine import make_url

from db.cases import Flag, Post, State
from db.disputes import Disputes
from db.engine import Database, alembic_config, open_database, schema_versions
from db.guilds import Guilds
from db.lexicon import WORDS
from db.pgindex import PgIndex
from db.postgres import wait_for_turn
from db.retrying import TRIES, retried
from db.schema import Base, FlagDraftRow
from db.verifying import verify
from retrieval.errors import StoreBusy, StoreError
from retrieval.ports import Saved
from tests.standins.models import DIMENSION
from tests.standins.postgres import Postgres
from tests.standins.store import EMBEDDER, Store, article, sentences_about

KEY = b"k" * 32
OLD_ROWS = (
    'INSERT INTO "check" (id, claim, outcome, considered, independent_sources, models, created_at, context, claim_key, store_seq)'
    " VALUES (7, 'A claim.', 'unclear', 0, 0, '{}', now(), '', '', 0)",
    'INSERT INTO ask (id, guild_id, channel_id, "user", public, locale, state, created_at, left_out, message_id)'
    " VALUES (3, 1, 10, 'ann', true, 'en', 'answered', now(), 0, 77)",
    "INSERT INTO flag (guild_id, ask_id, check_id, person, note, created_at) VALUES (1, 3, 7, 5, 'Wrong.', now())",
)


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """A database that was made just now, by the migrations."""
    opened = open_database(postgres.bare())
    yield opened
    opened.close()


def test_migrations_make_the_tables_of_the_models_and_can_be_taken_down_and_up_again(database: Database) -> None:
    current, newest = schema_versions(database.engine)
    assert current == newest
    assert _differences(database) == []
    _migrate(database, command.downgrade, "base")
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")) == 1  # Alembic's own
    _migrate(database, command.upgrade, "head")
    assert _differences(database) == []


def _differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        expected = MetaData()  # the models, and the one table that other databases have not
        for table in (*Base.metadata.tables.values(), WORDS):
            table.to_metadata(expected)
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), expected))


def _migrate(database: Database, step: Callable[[Config, str], None], target: str) -> None:
    config = alembic_config()
    with database.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        step(config, target)


def test_flags_of_before_are_cases_that_can_be_decided(database: Database) -> None:
    _migrate(database, command.downgrade, "0003")
    with database.writing() as session:
        for sql in OLD_ROWS:
            session.execute(text(sql))
    _migrate(database, command.upgrade, "head")
    (moved,) = Disputes(database, KEY).page(1).disputes
    assert (moved.number, moved.state, moved.version, moved.check_id, moved.post.message_id) == (1, State.OPEN, 0, 7, 77)
    assert [(flag.person, flag.note) for flag in moved.flags] == [(5, "Wrong.")]
    decided = Disputes(database, KEY).resolve(moved.id, 0, 9, State.UNCLEAR, "")
    assert decided is not None and decided.version == 1
    opened = Disputes(database, KEY).open(Post(1, 10, 78, 3, "Another."), Flag(5, True, "", ""))
    assert (opened.dispute.number, opened.dispute.id > moved.id) == (2, True)
    assert verify(database, KEY).problems == []


def test_several_that_open_a_fresh_database_at_once_all_succeed(postgres: Postgres) -> None:
    url = postgres.bare()
    problems: list[BaseException] = []

    def start() -> None:
        try:
            opened = open_database(url)
            Guilds(opened).change(1, keep_days=7)
            opened.close()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []


def test_a_reading_session_sees_one_state_though_others_commit(database: Database) -> None:
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM guild")) == 0
        Guilds(database).change(1, keep_days=7)
        assert session.scalar(text("SELECT count(*) FROM guild")) == 0
    assert Guilds(database).settings(1).keep_days == 7


def test_times_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    when = datetime(2025, 7, 1, 1, 2, 3, 456789, timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.execute(text("SET TIME ZONE 'Asia/Kathmandu'"))
        row = FlagDraftRow(guild_id=1, channel_id=1, message_id=1, author=1, text="", posted_at=None, user="", created_at=when)
        session.add(row)
        session.flush()
        session.refresh(row)
        assert row.created_at == when
        assert row.created_at.isoformat() == "2025-06-30T23:02:03.456789+00:00"
        assert row.created_at.tzinfo is UTC


def test_a_server_that_does_not_answer_is_told_in_a_sentence_without_the_password(postgres: Postgres) -> None:
    nobody = postgres.bare().replace("postgres:@", "nobody:hunter2@")
    with pytest.raises(StoreError, match="The database failed") as caught:
        open_database(nobody)
    assert "hunter2" not in str(caught.value)


def test_vectors_and_words_of_a_store_of_the_schema_before_are_kept_and_made(database: Database) -> None:
    store = Store.over(database)
    store.add(*(article(str(n), sentences_about([f"topic {n}", "granite"])) for n in range(30)))
    before = store.dump()
    _migrate(database, command.downgrade, "0005")
    with database.reading() as session:
        ((data, *_),) = session.execute(text("SELECT data FROM passage_vector WHERE passage_id = 1"))
        assert len(data) == 2 * DIMENSION
    _migrate(database, command.upgrade, "head")
    columns = "SELECT passage_id, model_id, CAST(data AS text) FROM passage_vector ORDER BY passage_id"
    after = store.dump()
    assert {name: rows for name, rows in after.items() if name != "passage_vector"} == {
        name: rows for name, rows in before.items() if name != "passage_vector"
    }
    with database.reading() as session:
        stored = {id_: text_ for id_, _, text_ in session.execute(text(columns))}
    assert stored == {row[0]: value for row in before["passage_vector"] for value in row if str(value).startswith("[")}
    assert PgIndex(database, EMBEDDER.model_id, DIMENSION).lexical("granite", 50)


def test_where_pgvector_may_not_be_made_it_is_told_in_a_sentence(postgres: Postgres) -> None:
    url = make_url(postgres.bare())
    postgres.run("DROP ROLE IF EXISTS somebody")
    postgres.run("CREATE ROLE somebody LOGIN")
    postgres.run(sql.SQL("ALTER DATABASE {} OWNER TO somebody").format(sql.Identifier(str(url.database))))
    with pytest.raises(StoreError, match="needs the extension pgvector, and it cannot be made here: permission denied"):
        open_database(url.set(username="somebody").render_as_string(hide_password=False))


def test_a_writer_that_the_database_took_back_tries_again(database: Database, postgres: Postgres) -> None:
    """Another program, which knows nothing of the writers' order, takes two locks the other way round."""
    name = sql.Identifier(str(database.engine.url.database))
    postgres.run(sql.SQL("ALTER DATABASE {} SET deadlock_timeout = '5s'").format(name))
    database.engine.dispose()
    store = Store.over(database)
    outcome: list[object] = []
    saving = threading.Thread(target=lambda: outcome.append(store.add(article("a", sentences_about(["granite"]))).saved[Saved.NEW]))
    with database.engine.connect() as other, other.begin():
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # who looks first is taken back: the writer, after five seconds
        other.execute(text("LOCK TABLE passage IN EXCLUSIVE MODE"))
        saving.start()
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
            while not looking.scalar(waiting):
                time.sleep(0.01)
        wait_for_turn(other)  # the writer has it, and waits for the table: it began to wait first, and is taken back
    saving.join(30)
    assert outcome == [1]
    assert len(store.live()) == 1
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM article")) == 1


def test_a_writer_that_is_taken_back_each_time_says_so(database: Database) -> None:
    tried: list[int] = []

    @retried
    def busy() -> None:
        tried.append(1)
        with database.writing() as session:
            session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))

    with pytest.raises(StoreBusy, match="Try again"):
        busy()
    assert len(tried) == TRIES


def test_a_server_that_was_restarted_meanwhile_costs_nobody_an_answer(database: Database, postgres: Postgres) -> None:
    store = Store.over(database)
    store.add(article("a", sentences_about(["granite"])))
    name = sql.Literal(str(database.engine.url.database))
    postgres.run(sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(name))
    assert len(store.live()) == 1
    assert store.add(article("b", sentences_about(["lobsters"]))).saved[Saved.NEW] == 1


def test_a_driver_need_not_be_named(postgres: Postgres) -> None:
    open_database(postgres.bare().replace("postgresql+psycopg", "postgresql")).close()


def test_the_change_log_appears_in_the_order_of_its_numbers(database: Database) -> None:
    """Whoever follows it remembers the last number, so a smaller one must not come later."""
    store = Store.over(database)
    with database.writing() as session:
        session.execute(text("INSERT INTO passage_change (passage_id, present) VALUES (1, true)"))
        later = threading.Thread(target=lambda: store.add(article("a", sentences_about(["granite"]))))
        later.start()
        later.join(0.5)
        assert later.is_alive()
        assert store.changes.last_seq() == 0
    later.join(30)
    assert [change.seq for change in store.changes.changes(0, 10)] == [1, 2]


def test_a_server_that_vanished_is_noticed_within_a_minute(postgres: Postgres) -> None:
    with closing(open_database(postgres.emptied())) as database, database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        given = driver.info.get_parameters()
    waits = int(given["keepalives_idle"]) + int(given["keepalives_interval"]) * int(given["keepalives_count"])
    assert (waits, given["tcp_user_timeout"]) == (60, "30000")
