"""The listening side: one a data folder, for its owner alone, unmoved by what clients send."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from bot.service import wire
from bot.service.client import state
from bot.service.place import LONGEST, socket_path
from bot.service.queued import Room
from bot.service.resident import CLIENTS, Service, Taken
from retrieval.check import Checker
from tests.bot.conftest import BRIDGE, CommandLine
from tests.bot.service.conftest import Running, nothing, running
from tests.standins.databases import on_postgres, url_of
from tests.standins.processes import finish, start


def _another(found: Running) -> Service:
    return Service(Room(found.app, found.desk, found.loop, nothing))


def test_only_its_owner_can_reach_it(resident: Running) -> None:
    found = os.lstat(resident.service.path)
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert Path(resident.service.path).parent == resident.app.settings.data_dir


def test_of_two_the_second_is_told_so_and_the_first_goes_on(resident: Running) -> None:
    with pytest.raises(Taken, match=r"Another process answers for the data folder .* already"):
        _another(resident).listen()
    assert state() == ("ready", os.getpid())


def test_where_one_stops_another_takes_over(resident: Running) -> None:
    other = _another(resident)
    resident.service.stop()
    assert state() == ("none", None)
    other.listen()
    resident.service.stop()
    assert state() == ("ready", os.getpid())
    other.stop()
    assert not Path(other.path).exists()


def test_the_socket_of_a_killed_process_is_replaced(line: CommandLine) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(socket_path(os.path.realpath(line.data)))
    left.close()
    assert state() == ("none", None)
    with running():
        assert state() == ("ready", os.getpid())


def test_a_path_too_long_for_a_socket_leads_to_a_folder_of_its_owner(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    deep = tmp_path / ("d" * LONGEST)
    monkeypatch.setenv("CROSSCHECK_DATA_DIR", str(deep))
    if on_postgres:
        monkeypatch.setenv("CROSSCHECK_DATABASE_URL", url_of(deep))
    with running() as found:
        assert len(found.service.path) <= LONGEST
        assert stat.S_IMODE(os.lstat(found.service.path).st_mode) == 0o600
        folder = Path(found.service.path).parent
        assert folder.stat().st_uid == os.getuid() and stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert json.loads(finish("bot", "check", BRIDGE, "--json").stdout)["outcome"] == "no_match"
    assert not Path(found.service.path).exists()


@pytest.mark.parametrize(
    "said", [b"", b"\n", b"{}\n", b"[1]\n", b"{" * 9_000 + b"\n", b'{"code":1,"settings":7}\n', b"\xff\xfe\n", b"x" * 200_000]
)
def test_nonsense_harms_nobody(resident: Running, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(resident.service.path)
        connection.sendall(said)
    assert resident.service.finish(10)
    assert state() == ("ready", os.getpid())


def test_who_comes_beyond_the_most_does_the_work_alone(resident: Running) -> None:
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(CLIENTS)]
    for one in waiting:
        one.connect(resident.service.path)
    assert state() == ("busy", os.getpid())
    for one in waiting:
        one.close()
    assert resident.service.finish(10)
    assert state() == ("ready", os.getpid())


def test_what_is_under_way_is_finished_after_it_stops(resident: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, check = threading.Event(), threading.Event(), Checker.check

    def slow(self: Checker, *given: object) -> object:
        begun.set()
        assert go.wait(20)
        return check(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Checker, "check", slow)
    asking = start("bot", "check", BRIDGE, "--json")
    assert begun.wait(20)
    resident.service.stop()
    assert not Path(resident.service.path).exists()
    assert not resident.service.finish(0.1)
    go.set()
    out, err = asking.communicate(timeout=20)
    assert json.loads(out)["outcome"] == "mixed", err


def test_who_waits_when_the_desk_closes_is_sent_home(resident: Running) -> None:
    resident.call(resident.desk.close)
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rb") as stream:
        from tests.bot.service.test_client import _request

        connection.connect(resident.service.path)
        wire.send(connection, _request(["check", BRIDGE]))
        assert "taken" in wire.receive(stream)
        assert wire.receive(stream) == {"left": "Closing"}


def test_no_log_has_what_was_asked(resident: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert finish("bot", "check", BRIDGE).returncode == 0
        assert finish("bot", "check", "--file", "/etc/no-such-post").returncode == 2
        assert resident.service.finish(10)
    assert "answered after" in caplog.text
    assert "council" not in caplog.text and "no-such-post" not in caplog.text


def test_doctor_tells_whether_one_answers(resident: Running, line: CommandLine) -> None:
    assert f"ok       service: process {os.getpid()} answers" in line("doctor").stdout
    resident.service.stop()
    assert "without  service: none runs" in line("doctor").stdout
