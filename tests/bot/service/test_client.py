"""When a service is not asked, or goes away: the command line does the work, and prints nothing twice."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.screen import Terminal
from bot.service import wire
from bot.service.client import Unserved, ask, state
from bot.service.place import socket_path
from bot.service.wire import Frame
from tests.bot.conftest import BRIDGE, CommandLine
from tests.bot.service.conftest import Running, running
from tests.bot.test_checking import POST


def _why(*arguments: str) -> str:
    with pytest.raises(Unserved) as refused:
        ask(list(arguments))
    return refused.value.why


def test_without_a_service_there_is_nobody_to_ask(line: CommandLine) -> None:
    assert _why("check", BRIDGE) == "none"
    assert state() == ("none", None)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CROSSCHECK_STANCE", "small"), ("CROSSCHECK_EXCERPTS", "1"), ("CROSSCHECK_PASSAGES", "many"), ("CROSSCHECK_DATABASE_URL", "sqlite:///x.db")],
)  # fmt: skip
def test_a_service_with_other_settings_is_not_asked(resident: Running, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert _why("check", BRIDGE) == "settings"
    assert state() == ("settings", os.getpid())


@pytest.mark.parametrize(("variable", "value"), [("CROSSCHECK_THREADS", "1"), ("CROSSCHECK_LOG_LEVEL", "INFO"), ("DISCORD_TOKEN", "x.y.z")])
def test_settings_that_change_no_answer_may_differ(
    resident: Running, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, value)
    assert state() == ("ready", os.getpid())


def test_settings_of_files_are_compared_too(resident: Running) -> None:
    Path("crosscheck.toml").write_text("excerpts = 5\nlog_level = 'INFO'\n", encoding="utf-8")
    Path(".env").write_text('CROSSCHECK_INTRANET_HOSTS=[]\nCROSSCHECK_PASSAGES="50"\n', encoding="utf-8")
    assert state() == ("ready", os.getpid())
    Path(".env").write_text("CROSSCHECK_EXCERPTS=4\n", encoding="utf-8")
    assert state() == ("settings", os.getpid())
    Path(".env").unlink()
    Path("crosscheck.toml").write_text("excerpts = = 5", encoding="utf-8")
    assert _why("check", BRIDGE) == "settings"


def test_another_version_is_not_asked(resident: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.client.code", lambda: "another")
    assert _why("check", BRIDGE) == "code"


@pytest.mark.parametrize("value", ["off", "OFF", "0", "false"])
def test_it_can_be_turned_off(resident: Running, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert _why("check", BRIDGE, "--no-service") == "arguments"
    monkeypatch.setenv("CROSSCHECK_SERVICE", value)
    assert _why("check", BRIDGE) == "off"


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "a", "--file", "b"], ["check", "--what"], ["search", "x", "-k", "0"], ["ingest", "x"]]
)
def test_what_is_no_command_of_its_own_is_left_to_the_command_line(resident: Running, arguments: list[str]) -> None:
    assert _why(*arguments) == "arguments"


def test_nobody_is_asked_whose_socket_it_is_not(resident: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 12_345)
    assert _why("check", BRIDGE) == "none"


def test_input_that_is_long_stays_here_and_nothing_of_it_is_lost(
    resident: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = json.dumps({"evidence": BRIDGE, "claim": BRIDGE})
    monkeypatch.setattr("sys.stdin", _Input("\n".join([pair] * 300)))
    with pytest.raises(Unserved) as refused:
        ask(["stance"])
    assert (refused.value.why, refused.value.printed) == ("size", 0)
    rest = CliRunner().invoke(cli, ["stance"], input="\n".join([pair] * 44), obj=Terminal(0, refused.value.read))
    assert len(rest.stdout.splitlines()) == 300
    assert capsys.readouterr().out == ""


class _Input:
    """Standard input."""

    def __init__(self, text: str) -> None:
        import io

        self.buffer = io.BytesIO(text.encode())


@pytest.mark.parametrize("as_json", [["--json"], []])
@pytest.mark.parametrize("after", [0, 1, 5, 12])
def test_what_a_service_left_undone_is_done_and_nothing_is_printed_twice(
    line: CommandLine, capsys: pytest.CaptureFixture[str], after: int, as_json: list[str]
) -> None:
    Path("post.txt").write_text(POST, encoding="utf-8")
    arguments = ["check", "--file", "post.txt", *as_json]
    whole = line(*arguments)
    pieces = _pieces(arguments)

    def dies(connection: socket.socket) -> None:
        wire.send(connection, {"taken": 1})
        for text, to in pieces[:after]:
            wire.send(connection, {"print": text, "to": to})

    with _service(line.data, dies), pytest.raises(Unserved) as left:
        ask(arguments)
    begun = capsys.readouterr()
    rest = CliRunner().invoke(cli, arguments, obj=Terminal(left.value.printed, left.value.read))
    assert left.value.printed == after
    assert [_untimed(begun.out + rest.stdout), begun.err + rest.stderr] == [_untimed(whole.stdout), whole.stderr]


def _pieces(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """What a real service prints, piece by piece."""
    with running() as found:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(found.service.path)
        with connection, connection.makefile("rb") as stream:
            wire.send(connection, _request(arguments))
            heard: list[tuple[str, str]] = []
            while "exit" not in (frame := wire.receive(stream)):
                if "print" in frame:
                    heard.append((str(frame["print"]), str(frame["to"])))
                elif "read" in frame:
                    import base64

                    wire.send(connection, {"data": base64.b64encode(Path(str(frame["read"])).read_bytes()).decode()})
            return heard


def _request(arguments: Sequence[str]) -> Frame:
    from bot.service.place import code
    from config.given import given_settings

    terminal: Frame = {"width": 80, "out": False, "err": False, "encoding": "utf-8", "environ": {}}
    return {"code": code(), "settings": given_settings(), "arguments": list(arguments), "terminal": terminal}


def _untimed(text: str) -> str:
    lines = [json.loads(one) | {"took_ms": {}} if one.startswith("{") else one for one in text.splitlines()]
    return "\n".join(map(str, lines))


@contextmanager
def _service(data: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """One that answers one client as told, and dies."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(socket_path(os.path.realpath(data)))
    listening.listen()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as stream:
            wire.receive(stream)
            answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join(10)
        listening.close()


@pytest.mark.parametrize("said", [b"", b"nothing\n", b"[]\n", b'{"exit":"x"}\n', b'{"print":"x"}\n', b'{"read":1', b"[" * 100_000 + b"\n"])
def test_a_service_that_talks_nonsense_is_left(line: CommandLine, said: bytes) -> None:
    with _service(line.data, lambda connection: connection.sendall(said)):
        assert _why("check", BRIDGE) == "gone"
