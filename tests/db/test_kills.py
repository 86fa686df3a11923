"""An ingest killed at any moment: the store is whole, the index catches up, and the same ingest again stores the rest, once."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from tests.standins.databases import on_postgres
from tests.standins.processes import finish, start
from tests.standins.store import Store, sentences_about

ARTICLES, REVISED = 150, 30
WORDS = ["granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries", "glaciers", "sardines", "castles"]


def _records(file: Path, *, corrected: bool) -> Path:
    """Write a .jsonl of all articles, in a later state some of them with other words."""
    wordings = ["corrected" if corrected and number % (ARTICLES // REVISED) == 0 else "first" for number in range(ARTICLES)]
    file.write_text("\n".join(_record(number, wording) for number, wording in enumerate(wordings)), encoding="utf-8")
    return file


def _record(number: int, wording: str) -> str:
    chance = random.Random(number)
    topics = [f"{wording} {number}", *chance.choices(WORDS, k=chance.randint(2, 20)), "ice 🧊 cafe\u0301"]
    url = f"https://echo.example/{number}"
    return json.dumps({"url": url, "title": f"{wording} {number}", "source": f"Outlet {number % 5}", "text": sentences_about(topics)})


def _assert_whole(folder: Path) -> None:
    """Everything that must hold after a kill."""
    if not on_postgres:
        raw = sqlite3.connect(folder / "crosscheck.db")
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        raw.close()
    with Store(folder) as store:
        assert store.column(
            "SELECT id FROM article WHERE revision_id IS NULL OR revision_id NOT IN (SELECT revision_id FROM passage)"
        ) == []  # fmt: skip
        assert store.column("SELECT id FROM passage WHERE id NOT IN (SELECT passage_id FROM passage_vector)") == []
        assert store.column("SELECT id FROM passage WHERE revision_id NOT IN (SELECT revision_id FROM article)") == []
        last: dict[int, bool] = {}
        for change in store.changes.changes(0, 1_000_000):
            assert change.present or last.get(change.passage_id) is True  # nothing goes that had not come
            last[change.passage_id] = change.present
        live = store.live()
        assert {id_ for id_, present in last.items() if present} == live
        passages = store.stored_passages()
        texts = store.passages.article_text(sorted({passage.article.revision_id for passage in passages}))
        assert all(texts[passage.article.revision_id][passage.start : passage.end] == passage.text for passage in passages)
        assert store.index.ids() == (live, live)


def _survives(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    for corrected in (False, True):
        file = _records(folder.with_suffix(".jsonl"), corrected=corrected)
        for _ in range(kills // 2):
            _kill_somewhere(folder, file, chance)
            if on_postgres or (folder / "crosscheck.db").exists():
                _assert_whole(folder)
        done = finish("tests.standins.ingester", str(folder), str(file))
        assert done.returncode == 0, done.stderr
        _assert_whole(folder)
        _assert_stored_once(folder, revised=REVISED if corrected else 0)


def _kill_somewhere(folder: Path, file: Path, chance: random.Random) -> None:
    process = start("tests.standins.ingester", str(folder), str(file))
    assert process.stdout is not None
    if chance.random() < 0.9:
        process.stdout.readline()  # most kills hit the writing itself, some the opening
    with suppress(TimeoutExpired):
        process.wait(chance.random() ** 2 * 1.5)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _assert_stored_once(folder: Path, revised: int) -> None:
    with Store(folder) as store:
        assert store.articles.counts()["articles"] == ARTICLES
        assert store.column("SELECT count(*) FROM article") == [ARTICLES]
        assert store.column("SELECT count(*) FROM revision") == [ARTICLES + revised]
        assert store.column("SELECT count(*) FROM revision WHERE number > 2") == [0]
        assert [count for _, count in store.articles.by_source()] == [ARTICLES // 5] * 5
        wordings = {passage.article.url: passage.article.title.split()[0] for passage in store.stored_passages()}
        assert sum(wording == "corrected" for wording in wordings.values()) == revised


def test_an_ingest_killed_a_few_times_loses_and_repeats_nothing(tmp_path: Path) -> None:
    _survives(tmp_path / "killed", kills=3, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_an_ingest_killed_many_times_loses_and_repeats_nothing(tmp_path: Path) -> None:
    _survives(tmp_path / "killed", kills=60, seed=2)
