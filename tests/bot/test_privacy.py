"""What an operator does when a letter comes, and what the house does by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from bot.keeping import REWRITE, is_settled, tidy, tidy_up
from config.settings import Settings
from db.asks import Ask, Limits, Where
from db.guilds import Guild
from tests.bot.conftest import BRIDGE, CommandLine
from tests.standins.databases import of_sqlite, url_setting
from tests.standins.store import NOON

ADA, BOB, GUILD = 711_111_111_111_111_111, 722_222_222_222_222_222, 411_222_333_444_555_666


def _app(line: CommandLine) -> App:
    values: dict[str, Any] = {"data_dir": line.data, "database_url": url_setting(line.data)}
    return App(Settings(**values))


@pytest.fixture
def asked(line: CommandLine) -> CommandLine:
    """Ada and Bob have asked something in a server that set something."""
    with _app(line) as app:
        for user in (ADA, BOB):
            ask = app.asks.accept(Where(GUILD, 5, app.pseudonyms.of(user)), True, "en", None, Limits())
            assert isinstance(ask, Ask)
            app.asks.answered(ask.id, [app.checks.save(app.check(BRIDGE))])
        app.guilds.change(GUILD, keep_days=90)
    return line


def _counts(line: CommandLine) -> list[int]:
    with _app(line) as app:
        return [app.privacy.show(app.person(user)).asked for user in (ADA, BOB)]


def test_what_concerns_a_person_is_printed_as_json(asked: CommandLine) -> None:
    found = json.loads(asked("privacy", "export", "--user", str(ADA)).stdout)
    assert (found["person"], [one["claims"][0]["claim"]["text"] for one in found["asked"]]) == (str(ADA), [BRIDGE])
    assert json.loads(asked("privacy", "export", "--user", "5").stdout)["asked"] == []


def test_a_person_s_data_are_deleted_when_that_is_confirmed(asked: CommandLine) -> None:
    said = asked("privacy", "delete", "--user", str(ADA), given="n\n")
    assert "Delete it? asked 1 [y/N]" in said.stdout
    assert _counts(asked) == [1, 1]
    assert "Deleted: asked 1" in asked("privacy", "delete", "--user", str(ADA), given="y\n").stdout
    assert _counts(asked) == [0, 1]
    assert asked("privacy", "delete", "--user", str(ADA)).stdout == "Nothing is kept of this person.\n"
    assert "Deleted: asked 1" in asked("privacy", "delete", "--user", str(BOB), "--yes").stdout
    assert _counts(asked) == [0, 0]


def test_a_server_is_purged_when_that_is_confirmed(asked: CommandLine) -> None:
    asked("privacy", "purge", "--guild", str(GUILD), given="n\n")
    assert _counts(asked) == [1, 1]
    assert "was deleted" in asked("privacy", "purge", "--guild", str(GUILD), "--yes").stdout
    assert _counts(asked) == [0, 0]
    with _app(asked) as app:
        assert app.guilds.settings(GUILD) == Guild(GUILD)
        assert app.guilds.present() == {GUILD}  # the bot is in it still


@pytest.mark.parametrize("command", [("export", "--user"), ("delete", "--user"), ("purge", "--guild")])
@pytest.mark.parametrize("id_", ["0", "-5", "ada", ""])
def test_what_is_no_id_is_refused(line: CommandLine, command: tuple[str, str], id_: str) -> None:
    assert line("privacy", *command, id_).exit_code == 2


@of_sqlite
def test_once_a_week_the_file_is_written_anew(line: CommandLine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    done: list[datetime] = []
    now = NOON
    with _app(line) as app:
        monkeypatch.setattr(type(app.database), "rewrite", lambda _: done.append(now))
        for hours in range(0, 15 * 24, 6):
            now = NOON + timedelta(hours=hours)
            tidy(app, now)
        assert done == [NOON, NOON + REWRITE, NOON + 2 * REWRITE]
        monkeypatch.setattr("bot.keeping.LARGEST", 1_000)
        now = NOON + 3 * REWRITE
        tidy(app, now)
    assert len(done) == 3
    assert "db vacuum" in caplog.text


def test_an_operator_can_have_the_file_written_anew(line: CommandLine) -> None:
    before = line.dump()
    assert line("db", "vacuum").exit_code == 0
    assert line.dump() == before


@of_sqlite
def test_a_clock_that_was_ahead_puts_the_file_off_no_longer(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with _app(line) as app:
        done: list[datetime] = []
        monkeypatch.setattr(type(app.database), "rewrite", lambda _: done.append(NOON))
        tidy(app, NOON + timedelta(days=4_000))
        tidy(app, NOON)
        tidy(app, NOON + timedelta(days=1))
    assert len(done) == 2


def test_nothing_is_forgotten_by_a_clock_that_leaps_until_it_stays_there(asked: CommandLine, caplog: pytest.LogCaptureFixture) -> None:
    now = datetime.now(UTC)
    with _app(asked) as app:
        assert tidy_up(app, now)
        assert not tidy_up(app, now + timedelta(days=400))
    assert _counts(asked) == [1, 1]
    assert "if that is right" in caplog.text
    with _app(asked) as app:
        assert tidy_up(app, now + timedelta(hours=1))  # it was wrong
        assert _counts(asked) == [1, 1]
        assert not tidy_up(app, now + timedelta(days=400))
        assert tidy_up(app, now + timedelta(days=400, hours=1))  # it was right
    assert _counts(asked) == [0, 0]


def test_what_was_checked_on_the_command_line_is_forgotten_after_a_month(line: CommandLine) -> None:
    line("check", BRIDGE)
    now = datetime.now(UTC)
    with _app(line) as app:
        for days, left in ((29, 1), (31, 0)):
            tidy(app, now + timedelta(days=days))
            with app.database.reading() as session:
                assert session.scalar(text('SELECT count(*) FROM "check"')) == left


def test_the_index_has_what_others_stored_before_anybody_asks(line: CommandLine) -> None:
    with _app(line) as app:
        tidy(app, NOON)
        assert app.index.behind() == 0
        assert app.index.ids()[0] != set()


def test_a_second_process_trusts_a_leapt_clock_no_sooner(asked: CommandLine) -> None:
    now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=400)
    with _app(asked) as app:
        assert is_settled(app, now)
        assert [is_settled(app, later + timedelta(minutes=minutes)) for minutes in (0, 1, 30, 54, 55)] == [False] * 4 + [True]
        assert is_settled(app, now)  # it was wrong for an hour: nothing lies behind any more
    with _app(asked) as app:
        assert [is_settled(app, later + timedelta(days=days)) for days in (0, 400, 800)] == [False] * 3
