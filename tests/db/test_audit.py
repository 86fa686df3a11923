"""The audit: nothing that was changed, removed, added or put elsewhere goes unseen. On both databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, update

from db.audit import CHAINS
from db.cases import Action, Flag, Post, State
from db.disputes import Disputes
from db.engine import Database
from db.schema import Base
from db.verifying import Report, has_row, verify
from tests.db.test_snapshots import SHOWN
from tests.standins.store import NOON

KEY = b"k" * 32
OURS, THEIRS, GONE = 111, 222, 333
AUTHOR, FLAGGER, ANN, BOB = 7001, 7002, 7003, 7004
EVENT, HEAD, SNAPSHOT, CASE = (Base.metadata.tables[name] for name in ("dispute_event", "audit_head", "snapshot", "dispute"))
DAY = timedelta(days=1)
POST = Post(OURS, 10, 100, AUTHOR, "The council voted 14 to 3.", NOON)


@pytest.fixture
def book(database: Database) -> Disputes:
    """Cases of all kinds: decided, with an erased author, with an erased moderator, deleted by age, of a server that is forgotten."""
    made = Disputes(database, KEY, lambda: NOON)
    old = _resolved(made, replace(POST, message_id=99), State.UPHELD)
    made.erase(BOB)
    made.purge(NOON + 400 * DAY)
    assert made.get(old) is None
    case = _resolved(made, POST, State.DISPUTED)
    made.erase(AUTHOR)
    made.open(POST, Flag(BOB, True, "Old", "From last year."))
    made.add_snapshot(case, [SHOWN, SHOWN], None, "m")
    _resolved(made, replace(POST, guild_id=THEIRS, author=BOB), State.UNCLEAR)
    made.open(replace(POST, guild_id=THEIRS, message_id=101, author=BOB), Flag(ANN, True, "", "Still open."))
    _resolved(made, replace(POST, guild_id=GONE), State.UPHELD)
    made.forget(GONE)
    return made


def _resolved(book: Disputes, post: Post, state: State) -> int:
    case = book.open(post, Flag(FLAGGER, False, "False", "It was 12 to 5.")).dispute
    book.add_snapshot(case.id, [SHOWN], None, "m")
    book.assign(case.id, case.decided, ANN, BOB)
    now = book.get(case.id)
    assert now is not None
    assert book.resolve(case.id, now.decided, ANN, state, "Two outlets say so.") is not None
    return case.id


def _rows(database: Database, table: Table, *which: Any) -> list[Mapping[str, Any]]:
    with database.reading() as session:
        return [dict(row) for row in session.execute(select(table).where(*which).order_by(*table.primary_key)).mappings()]


def _put(database: Database, table: Table, row: Mapping[str, Any], **values: Any) -> None:
    """Change a row as somebody would who can write the database."""
    key = [column == row[column.name] for column in table.primary_key]
    with database.writing() as session:
        session.execute(update(table).where(*key).values(**values))


def _remove(database: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    with database.writing() as session:
        for row in rows:
            session.execute(delete(table).where(*(column == row[column.name] for column in table.primary_key)))


def _add(database: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    with database.writing() as session:
        for row in rows:
            session.execute(insert(table).values(**row))


def _other(value: Any, nullable: bool) -> list[Any]:
    """Other values that the column could have."""
    match value:
        case None:
            return []
        case bool():
            others: list[Any] = [not value]
        case int():
            others = [value + 1_000, value - 1_000]
        case datetime():
            others = [value + timedelta(microseconds=1), value - DAY]
        case _:
            others = [value[:-1] + ("0" if value[-1:] != "0" else "1"), ""]
    return others + ([None] if nullable else [])


def _problems(database: Database) -> list[str]:
    return list(verify(database, KEY).problems)


def test_what_nobody_touched_is_whole(book: Disputes, database: Database) -> None:
    report = verify(database, KEY)
    assert report.problems == []
    assert [chain.guild_id for chain in report.chains] == [CHAINS, OURS, THEIRS]
    rows = _rows(database, EVENT)
    assert report.rows == len(rows)
    assert report.erased == sum(row["salt"] is None for row in rows) > 4
    for chain in report.chains:
        last = max((row for row in rows if row["guild_id"] == chain.guild_id), key=lambda row: int(row["seq"]))
        assert (chain.head, chain.rows) == (last["hash"], last["seq"])
        assert has_row(database, chain.head)
        assert has_row(database, f" {chain.head.upper()}\n")
    assert not has_row(database, "0" * 64)


def test_an_empty_database_is_whole(database: Database) -> None:
    assert verify(database, KEY) == Report([], [])


@pytest.mark.parametrize("table", [EVENT, HEAD, SNAPSHOT], ids=str)
def test_each_changed_value_is_found(book: Disputes, database: Database, table: Table) -> None:
    missed = []
    step = 3 if database.engine.dialect.name == "sqlite" else 20  # PostgreSQL takes three times as long
    for row in _rows(database, table)[::step]:
        for column in table.columns:
            if column.name == "id" or column.foreign_keys:
                continue
            nothing = [7] if column.name in ("person", "dispute_id") else ["x" * 10]
            for other in _other(row[column.name], bool(column.nullable)) or nothing:
                _put(database, table, row, **{column.name: other})
                if not _problems(database):
                    missed.append((column.name, row[column.name], other))
                _put(database, table, {**row, **({column.name: other} if column.primary_key else {})}, **row)
    assert missed == []
    assert _problems(database) == []


def test_a_snapshot_that_was_put_into_another_case_is_found(book: Disputes, database: Database) -> None:
    for row in _rows(database, SNAPSHOT):
        for case in _rows(database, CASE, CASE.c.id != row["dispute_id"]):
            _put(database, SNAPSHOT, row, dispute_id=case["id"], number=len(_rows(database, SNAPSHOT)))
            assert _problems(database)
        _put(database, SNAPSHOT, row, **row)
    assert _problems(database) == []


@pytest.mark.parametrize("column", ["state", "version", "guild_id"])
def test_a_case_that_is_not_what_its_rows_say_is_found(book: Disputes, database: Database, column: str) -> None:
    for row in _rows(database, CASE):
        other = {"state": "upheld", "version": row["version"] + 1, "guild_id": 444}[column]
        _put(database, CASE, row, **{column: other})
        assert _problems(database)
        _put(database, CASE, row, **row)
    assert _problems(database) == []


@pytest.mark.parametrize("table", [EVENT, HEAD, SNAPSHOT], ids=str)
def test_each_removed_row_is_found(book: Disputes, database: Database, table: Table) -> None:
    for row in _rows(database, table):
        _remove(database, table, [row])
        assert _problems(database), row
        _add(database, table, [row])
    assert _problems(database) == []


def test_a_removed_case_is_found(book: Disputes, database: Database) -> None:
    for row in _rows(database, CASE):
        snapshots = _rows(database, SNAPSHOT, SNAPSHOT.c.dispute_id == row["id"])
        _remove(database, CASE, [row])
        assert [problem for problem in _problems(database) if "which was removed" in problem]
        _add(database, CASE, [row])
        _add(database, SNAPSHOT, snapshots)
    assert _problems(database) == []


def test_rows_in_another_order_are_found(book: Disputes, database: Database) -> None:
    rows = _rows(database, EVENT, EVENT.c.guild_id == OURS)
    for one, other in zip(rows, rows[1:], strict=False):
        _put(database, EVENT, one, seq=9_999)
        _put(database, EVENT, other, seq=one["seq"])
        _put(database, EVENT, one, seq=other["seq"])
        assert f"Server {OURS}, row {other['seq']} is out of order." in _problems(database)
        _put(database, EVENT, one, seq=9_999)
        _put(database, EVENT, other, seq=other["seq"])
        _put(database, EVENT, one, seq=one["seq"])
    assert _problems(database) == []


def test_what_is_missing_is_named(book: Disputes, database: Database) -> None:
    rows = _rows(database, EVENT, EVENT.c.guild_id == OURS)
    _remove(database, EVENT, rows[2:4])
    assert _problems(database)[0] == f"Server {OURS}, rows 3 to 4 are missing."


@pytest.mark.parametrize("count", [1, 2, 5])
def test_rows_cut_off_the_end_are_missed_also_after_others_were_appended(book: Disputes, database: Database, count: int) -> None:
    rows = _rows(database, EVENT, EVENT.c.guild_id == THEIRS)
    last = len(rows)
    _remove(database, EVENT, rows[-count:])
    cut = f"rows {last - count + 1} to {last} are cut off" if count > 1 else f"row {last} is cut off"
    assert f"Server {THEIRS}, {cut}." in _problems(database)
    book.open(replace(POST, guild_id=THEIRS, message_id=500), Flag(ANN, True, "", ""))
    assert [problem for problem in _problems(database) if "missing" in problem]


def test_an_end_that_was_moved_back_is_found_also_after_others_were_appended(book: Disputes, database: Database) -> None:
    rows = _rows(database, EVENT, EVENT.c.guild_id == THEIRS)
    (head,) = _rows(database, HEAD, HEAD.c.guild_id == THEIRS)
    _remove(database, EVENT, rows[-2:])
    _put(database, HEAD, head, seq=len(rows) - 2)
    assert f"Server {THEIRS}, row {len(rows) - 2} is not where the chain ended: the end was changed." in _problems(database)
    _remove(database, HEAD, [head])
    assert [problem for problem in _problems(database) if "where the chain ends was removed" in problem]
    book.open(replace(POST, guild_id=THEIRS, message_id=500), Flag(ANN, True, "", ""))
    assert [problem for problem in _problems(database) if "missing" in problem]


@pytest.mark.parametrize("with_cases", [True, False])
def test_a_chain_that_vanished_is_found_also_after_it_was_begun_again(book: Disputes, database: Database, with_cases: bool) -> None:
    if with_cases:
        _remove(database, CASE, _rows(database, CASE, CASE.c.guild_id == THEIRS))
    _remove(database, EVENT, _rows(database, EVENT, EVENT.c.guild_id == THEIRS))
    _remove(database, HEAD, _rows(database, HEAD, HEAD.c.guild_id == THEIRS))
    assert "Chain of chains, row 2 begins the chain of a server that is gone." in _problems(database)
    book.open(replace(POST, guild_id=THEIRS, message_id=500), Flag(ANN, True, "", ""))
    assert [problem for problem in _problems(database) if "begins a chain again" in problem]


def test_a_chain_of_chains_that_vanished_is_found(book: Disputes, database: Database) -> None:
    _remove(database, EVENT, _rows(database, EVENT, EVENT.c.guild_id == CHAINS))
    _remove(database, HEAD, _rows(database, HEAD, HEAD.c.guild_id == CHAINS))
    assert [problem for problem in _problems(database) if "does not know" in problem]


def test_a_row_written_under_another_key_is_found(book: Disputes, database: Database) -> None:
    Disputes(database, b"z" * 32, lambda: NOON).open(replace(POST, message_id=500), Flag(ANN, True, "", ""))
    assert _problems(database)


def test_another_key_is_told_in_one_sentence(book: Disputes, database: Database) -> None:
    (problem,) = verify(database, b"z" * 32).problems
    assert problem.startswith("This is another key: none of the ")


def test_more_erased_than_was_said_is_found(book: Disputes, database: Database) -> None:
    """Also where a later row says that something of the case was erased."""
    for row in _rows(database, EVENT, EVENT.c.salt.is_not(None), EVENT.c.guild_id != CHAINS):
        _put(database, EVENT, row, person=None, note=None, salt=None)
        assert [problem for problem in _problems(database) if "erased" in problem]
        _put(database, EVENT, row, **row)
    assert _problems(database) == []


def test_erased_words_that_were_put_back_are_found(book: Disputes, database: Database) -> None:
    for row in _rows(database, EVENT, EVENT.c.salt.is_(None)):
        _put(database, EVENT, row, person=ANN, note="Made up.", salt="0" * 32)
        assert _problems(database)
        _put(database, EVENT, row, **row)


@pytest.mark.parametrize("words", ["12 to 5", "Oren Post"])
def test_changed_evidence_is_found_also_where_the_claims_were_erased(book: Disputes, database: Database, words: str) -> None:
    rows = _rows(database, SNAPSHOT)
    assert {row["erased"] for row in rows} == {True, False}
    for row in rows:
        for erased in (row["erased"], True):
            _put(database, SNAPSHOT, row, document=row["document"].replace(words, "17 to 0"), erased=erased)
            assert _problems(database)
            _put(database, SNAPSHOT, row, **row)


@pytest.mark.parametrize("column", ["state", "version"])
def test_a_changed_case_is_found_also_after_something_was_done_with_it(book: Disputes, database: Database, column: str) -> None:
    (row,) = _rows(database, CASE, CASE.c.guild_id == OURS)
    _put(database, CASE, row, **{column: {"state": "upheld", "version": row["version"] + 1}[column]})
    book.open(POST, Flag(9_999, True, "", ""))
    book.add_snapshot(row["id"], [SHOWN], None, "m")
    assert [problem for problem in _problems(database) if "the case was changed" in problem]


@pytest.mark.parametrize("what", ["row", "snapshot", "erased snapshot"])
def test_an_erasure_bears_no_witness_to_what_was_changed_before_it(book: Disputes, database: Database, what: str) -> None:
    (case,) = _rows(database, CASE, CASE.c.guild_id == OURS)
    assert _problems(database) == []
    if what == "row":
        row = _rows(database, EVENT, EVENT.c.dispute_id == case["id"], EVENT.c.salt.is_not(None))[0]
        _put(database, EVENT, row, person=None, note=None, salt=None)
    else:
        row = _rows(database, SNAPSHOT, SNAPSHOT.c.dispute_id == case["id"], SNAPSHOT.c.erased.is_(what != "snapshot"))[0]
        _put(database, SNAPSHOT, row, document=row["document"].replace("12 to 5", "17 to 0"))
    for person in (BOB, ANN):
        assert book.erase(person)
    assert [problem for problem in _problems(database) if "of which no row says so" in problem]
    erased = _rows(database, EVENT, EVENT.c.person.in_([BOB, ANN]))
    assert erased == []


def test_a_time_that_cannot_be_read_is_told(book: Disputes, database: Database) -> None:
    if database.engine.dialect.name == "postgresql":
        return  # which stores none
    with database.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE dispute_event SET at = 'noon' WHERE guild_id = {OURS} AND seq = 3")
    assert [problem for problem in _problems(database) if f"Server {OURS}, rows cannot be read" in problem]


def test_a_whole_older_state_is_found_by_a_head_that_was_noted(book: Disputes, database: Database) -> None:
    """The one thing that whoever writes the database can do without the key: therefore heads are noted elsewhere."""
    tables = (CASE, SNAPSHOT, EVENT, HEAD)
    before = {table: _rows(database, table) for table in tables}
    book.open(replace(POST, message_id=500), Flag(ANN, True, "", ""))
    noted = [chain.head for chain in verify(database, KEY).chains if chain.guild_id == OURS]
    assert has_row(database, noted[0])
    for table in reversed(tables):
        _remove(database, table, _rows(database, table))
    for table in tables:
        _add(database, table, before[table])
    assert _problems(database) == []
    assert not has_row(database, noted[0])


def test_a_server_that_was_forgotten_and_came_back_is_whole(book: Disputes, database: Database) -> None:
    for _ in range(2):
        _resolved(book, replace(POST, guild_id=GONE), State.UPHELD)
        assert _problems(database) == []
        book.forget(GONE)
        assert _problems(database) == []
    actions = [row["action"] for row in _rows(database, EVENT, EVENT.c.guild_id == CHAINS)]
    assert actions == [Action.BEGUN, Action.BEGUN, *[Action.BEGUN, Action.PURGED] * 3]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EVENT).where(EVENT.c.guild_id == GONE)) == 0


def test_many_rows_are_read_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.verifying.AT_ONCE", 3)
    book = Disputes(database, KEY)
    for number in range(20):
        _resolved(book, replace(POST, message_id=number + 1), State.UPHELD)
    assert verify(database, KEY).rows == 81
    assert _problems(database) == []
    _put(database, EVENT, _rows(database, EVENT)[50], version=77)
    assert len(_problems(database)) == 1
