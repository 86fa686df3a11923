"""Lines of the log: what they carry, and that nobody who is quoted in one can forge another or leave a secret in it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Literal

import pytest
import structlog

from config.logging import MAX_TRACE, MAX_VALUE, Lines
from config.settings import BadSettings, Settings, load_settings

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
# Clears the screen, sets the window's title, makes a link, moves up, turns the direction; each may begin a forged line too.
HOSTILE = (
    "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "\r2026-11-26 [error] forged",
    "\b\b\b",
    "\n2026-11-26T10:00:00Z [error    ] forged [crosscheck.db]", "\u2028forged", "\u202eforged", "\x00", "\x7f", "\x85forged", "\ud800",
)  # fmt: skip
Form = Literal["console", "json"]


def line(form: Form, message: str, *arguments: object, secrets: tuple[str, ...] = (), **extra: object) -> str:
    record = logging.makeLogRecord(
        {"name": "crosscheck.x", "levelno": logging.INFO, "levelname": "INFO", "msg": message, "args": arguments, **extra}
    )
    return Lines(form, secrets).format(record)


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_what_moves_a_terminal_stands_as_text(form: Form, text: str) -> None:
    for written in (line(form, "source %s failed", text), line(form, f"source {text}"), line(form, "failed", source=f"a{text}b")):
        assert len(written.splitlines()) == 1
        assert written.isprintable()
        if form == "json":
            event = json.loads(written)
            assert all(str(value).isprintable() for value in event.values())


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_forges_no_line(form: Form) -> None:
    try:
        raise ValueError("odd\n2026-11-26T10:00:00Z [error    ] forged\x1b[2J")
    except ValueError:
        written = line(form, "broken", exc_info=sys.exc_info())
    first, *below = (json.loads(written)["exception"] if form == "json" else written).split("\n")
    assert all(one.startswith("    ") for one in below) and "ValueError" in written
    assert "\x1b" not in written and "forged" in written
    assert (first.startswith("    ") or first.startswith("20")) and (form == "console" or len(written.splitlines()) == 1)


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_local_variable(form: Form) -> None:
    words = "The mayor of Harwick sold the bridge"
    try:
        raise KeyError(len(words))
    except KeyError:
        assert "Harwick" not in line(form, "broken", exc_info=sys.exc_info())


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_blotted_out_wherever_they_come_from(form: Form) -> None:
    secrets = (TOKEN, "hunter22")
    for written in (
        line(form, f"Authorization: Bot {TOKEN}", secrets=secrets),
        line(form, "%s", {"password": "hunter22", "token": TOKEN}, secrets=secrets),
        line(form, "postgresql://me:unheard-of@db.example/x"),
        line(form, "POST https://discord.com/api/v10/webhooks/42/aW50ZXJhY3Rpb246unheard-of_token/messages/@original"),
        line(form, "POST https://discord.com/api/v10/interactions/42/aW50ZXJhY3Rpb246unheard-of_token/callback"),
    ):
        assert not any(secret in written for secret in (TOKEN, "hunter22", "unheard-of"))


def test_the_settings_name_their_secrets() -> None:
    settings = Settings(
        discord_token=TOKEN, embeddings_key="key-of-the-server", database_url="postgresql://me:p%40ss%2Fword@db.example/x"  # type: ignore[arg-type]
    )  # fmt: skip
    assert set(settings.secrets) == {TOKEN, "key-of-the-server", "p%40ss%2Fword", "p@ss/word"}
    assert Settings().secrets == []


def test_json_has_the_fields_that_are_searched_by() -> None:
    with structlog.contextvars.bound_contextvars(ask="12"):
        event = json.loads(line("json", "%d claims", 3, claims=3))
    assert (event["event"], event["level"], event["logger"], event["ask"], event["claims"]) == ("3 claims", "info", "crosscheck.x", "12", 3)
    assert event["timestamp"].endswith("Z")
    assert "ask" not in json.loads(line("json", "later"))


def test_a_line_for_people_has_its_ids_at_its_end() -> None:
    with structlog.contextvars.bound_contextvars(ask="12"):
        assert line("console", "answered").endswith("answered [crosscheck.x] ask=12")


def test_a_line_has_an_end() -> None:
    assert len(line("json", "x" * 1_000_000)) < MAX_VALUE + 300
    try:
        raise ValueError("y" * 1_000_000)
    except ValueError:
        assert len(line("json", "broken", exc_info=sys.exc_info())) < MAX_TRACE + 500


def test_a_program_that_logs_nothing_imports_no_structlog() -> None:
    code = (
        "import sys, logging; from config.logging import configure; configure('INFO'); print('structlog' in sys.modules);"
        "logging.getLogger('crosscheck.x').info('hello'); print('structlog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert json.loads(done.stderr)["event"] == "hello"  # no terminal: as JSON


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9464", ("127.0.0.1", 9464)), (":9464", ("127.0.0.1", 9464)), ("0.0.0.0:1", ("0.0.0.0", 1)), ("[::1]:9464", ("::1", 9464)),
        ("crosscheck.lan:80", ("crosscheck.lan", 80)), ("", None),
    ],
)  # fmt: skip
def test_the_address_to_watch_at_is_this_machine_unless_it_says_otherwise(written: str, meant: tuple[str, int] | None) -> None:
    assert Settings(monitor=written).monitor_address == meant


@pytest.mark.parametrize("written", ["yes", "1.2.3.4", "host:70000", "http://host:1", "a b:1", "[::1]", "::1:9464x"])
def test_an_address_that_is_none_is_refused_at_the_start(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_MONITOR", written)
    with pytest.raises(BadSettings, match="CROSSCHECK_MONITOR"):
        load_settings()
