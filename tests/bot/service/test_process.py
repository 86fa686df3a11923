"""`serve` as people run it: a process with the real models; stopped, killed, started again."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

import config
from bot.service.client import state
from tests.standins.processes import finish, start

SAMPLE = Path(config.__file__).parent / "sample"
CLAIM = "The UN General Assembly adopted the Ukrainian resolution with 93 votes in favour, 18 against and 65 abstentions."


def _started() -> subprocess.Popen[str]:
    process = start("bot", "serve", CROSSCHECK_LOG_LEVEL="INFO")
    until = time.monotonic() + 60
    while state() != ("ready", process.pid):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    return process


def _ended(process: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str]:
    process.send_signal(how)
    _, error = process.communicate(timeout=60)
    return process.returncode, error


@pytest.mark.slow
def test_it_answers_as_the_command_line_does_and_another_goes_on_after_a_kill(tmp_path: Path) -> None:
    assert finish("bot", "ingest", str(SAMPLE / "articles.jsonl")).returncode == 0
    post = ("check", "--file", str(SAMPLE / "post.txt"), "--json")
    first = _started()
    second = finish("bot", "serve")
    assert (second.returncode, "Another process answers" in second.stderr) == (69, True)
    served, alone = finish("bot", *post), finish("bot", *post, "--no-service")
    assert [json.loads(line) | {"took_ms": 0} for line in served.stdout.splitlines()] == [
        json.loads(line) | {"took_ms": 0} for line in alone.stdout.splitlines()
    ]
    code, log = _ended(first, signal.SIGKILL)
    assert "answered" in log and "resolution" not in log
    assert json.loads(finish("bot", "check", CLAIM, "--json").stdout)["outcome"] == "agree"  # by itself
    assert code == -signal.SIGKILL
    third = _started()
    asking = start("bot", *post)
    assert asking.stdout is not None
    begun = asking.stdout.readline()  # a first claim is there, and others are not
    code, log = _ended(third, signal.SIGTERM)
    rest = asking.stdout.read()
    assert asking.wait(60) == 0
    asking.communicate()
    assert (code, state(), "Ready:" in log) == (0, ("none", None), True), log
    assert [json.loads(line)["claim"] for line in [begun, *rest.splitlines()]] == [
        json.loads(line)["claim"] for line in alone.stdout.splitlines()
    ]
