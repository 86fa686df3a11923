"""Four processes that ingest and eight that check at once, on one PostgreSQL: nothing lost, nothing double, no deadlock.

CROSSCHECK_SOAK_SECONDS says for how long; 600 for a release.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from db.changes import Changes
from db.engine import Database, open_database
from db.pgindex import PgIndex
from tests.standins.models import DIMENSION
from tests.standins.postgres import Postgres
from tests.standins.processes import start
from tests.standins.store import EMBEDDER, Store

SECONDS = float(os.environ.get("CROSSCHECK_SOAK_SECONDS", "60"))
INGESTING, CHECKING = 4, 8


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """A database that was made just now, by the migrations."""
    with closing(open_database(postgres.bare())) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS * 2 + 300))
def test_many_processes_share_one_store_and_lose_and_repeat_nothing(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    processes = {}
    for what, many in (("ingest", INGESTING), ("check", CHECKING)):
        for number in range(many):
            out = str(tmp_path / f"{what}{number}")
            processes[what, number] = start("tests.standins.together", what, url, str(number), str(SECONDS), out)
    for process in processes.values():
        _, err = process.communicate(timeout=SECONDS + 200)
        assert process.returncode == 0, err
    lines = {who: [json.loads(line) for line in (tmp_path / f"{who[0]}{who[1]}").read_text().splitlines()] for who in processes}
    done = [line for of_one in lines.values() for line in of_one]
    figures = Counter(
        "error" if "error" in line else "check" if "check" in line else "removal" if "removed" in line else "save" for line in done
    )
    with database.reading() as session:
        figures["deadlocks"] = session.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
    print(dict(figures))  # noqa: T201 - the figures of a soak
    assert [line for line in done if "error" in line or line.get("failed")] == []
    assert figures["deadlocks"] == 0
    _assert_all_there(database, lines)
    _assert_whole(database)


def _assert_all_there(database: Database, lines: dict[tuple[str, int], list[dict[str, str]]]) -> None:
    """What was acknowledged is there once, in the words that came last."""
    with database.reading() as session:
        there = {
            url.rpartition("/")[2]: words
            for url, words in session.execute(
                text("SELECT a.url, r.text FROM article a JOIN revision r ON r.id = a.revision_id")
            )
        }  # fmt: skip
        checks = set(session.scalars(text('SELECT id FROM "check"')))
    shared: dict[str, set[str]] = {}
    for (what, _), of_one in lines.items():
        own: dict[str, str] = {}
        for line in of_one:
            if "removed" in line:
                own.pop(line["removed"], None)
            elif "url" in line and not line["url"].startswith("shared"):
                own[line["url"]] = line["words"]
            elif "url" in line:
                shared.setdefault(line["url"], set()).add(line["words"])
        if what == "ingest":
            number = next(iter(own)).partition("-")[0]
            assert {url: words for url, words in there.items() if url.startswith(f"{number}-")} == own
    assert all(words in shared[url] for url, words in there.items() if url.startswith("shared"))
    acknowledged = [line["check"] for of_one in lines.values() for line in of_one if "check" in line]
    assert len(acknowledged) == len(set(acknowledged)) and set(map(int, acknowledged)) == checks


def _assert_whole(database: Database) -> None:
    """Passages, vectors and words one to one; copies point to what is searched; the log tells what there is, in order."""
    nothing = {
        "passages of no current revision": "SELECT id FROM passage p WHERE NOT EXISTS"
        " (SELECT FROM article a WHERE a.revision_id = p.revision_id)",
        "copies of what is not searched": "SELECT c.id FROM passage c LEFT JOIN passage p ON p.id = c.copy_of AND p.copy_of IS NULL"
        " WHERE c.copy_of IS NOT NULL AND p.id IS NULL",
        "searched passages without vectors": "SELECT id FROM passage WHERE copy_of IS NULL"
        " AND id NOT IN (SELECT passage_id FROM passage_vector)",
        "searched passages without words": "SELECT id FROM passage WHERE copy_of IS NULL"
        " AND id NOT IN (SELECT passage_id FROM passage_words)",
        "vectors of copies": "SELECT id FROM passage JOIN passage_vector ON passage_id = id WHERE copy_of IS NOT NULL",
        "words of copies": "SELECT id FROM passage JOIN passage_words ON passage_id = id WHERE copy_of IS NOT NULL",
        "outlets twice": "SELECT name FROM source GROUP BY name HAVING count(*) > 1",
        "gaps between revisions": "SELECT article_id FROM revision GROUP BY article_id HAVING max(number) <> count(*)",
    }  # fmt: skip
    with database.reading() as session:
        assert {what: session.scalars(text(sql)).all() for what, sql in nothing.items()} == dict.fromkeys(nothing, [])
        live = set(session.scalars(text("SELECT id FROM passage WHERE copy_of IS NULL")))
    last: dict[int, bool] = {}
    for change in Changes(database).changes(0, 10_000_000):
        assert change.present or last.get(change.passage_id) is True  # nothing goes that had not come
        last[change.passage_id] = change.present
    assert {id_ for id_, present in last.items() if present} == live
    assert PgIndex(database, EMBEDDER.model_id, DIMENSION).ids() == (live, live)
    assert all(passage.text for passage in Store.over(database).stored_passages())
