"""What a service answers is what the command line itself would print."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.bot.conftest import BRIDGE, CommandLine
from tests.bot.service.conftest import Running
from tests.bot.test_checking import PNG, POST
from tests.standins.processes import finish

PAIRS = "\n".join([json.dumps({"evidence": BRIDGE, "claim": BRIDGE}), "{", json.dumps({"evidence": "Cats sleep.", "claim": BRIDGE})])
_TOOK = re.compile(r'"took_ms":\{[^}]*\}')


def _untimed(text: str) -> str:
    return _TOOK.sub('"took_ms":{}', text)


@pytest.mark.parametrize(
    ("arguments", "given", "code"),
    [
        (["check", BRIDGE], "", 0),
        (["check", BRIDGE, "--json"], "", 0),
        (["check", BRIDGE, "--json", "--posted", "2025-02-24"], "", 0),
        (["check", "--file", "post.txt"], "", 0),
        (["check", "--file", "post.txt", "--json"], "", 0),
        (["check", "--file", "-", "--json"], POST, 0),
        (["search", BRIDGE, "-k", "3"], "", 0),
        (["search", BRIDGE, "--json"], "", 0),
        (["stance"], PAIRS, 1),
        (["stance", "--json"], "", 0),
        (["check", ""], "", 2),
        (["check", "🎉"], "", 2),
        (["check", BRIDGE, "--posted", "yesterday"], "", 2),
        (["check", "--file", "none.txt"], "", 2),
        (["check", "--file", "."], "", 2),
        (["search", "lol"], "", 2),
        (["check", "Volcanoes erupted beneath Patagonian glaciers.", "--json"], "", 0),
    ],
)
def test_it_says_word_for_word_what_the_command_line_says(
    resident: Running, line: CommandLine, arguments: list[str], given: str, code: int
) -> None:
    Path("post.txt").write_text(POST, encoding="utf-8")
    alone = line(*arguments, given=given)
    served = finish("bot", *arguments, given=given)
    assert (served.returncode, alone.exit_code) == (code, code), served.stderr
    assert _untimed(served.stdout) == _untimed(alone.stdout)
    assert served.stderr == alone.stderr


def test_a_check_that_was_asked_for_from_afar_is_stored(resident: Running, line: CommandLine) -> None:
    before = len(line.dump()["check"])
    assert finish("bot", "check", BRIDGE, "--json").returncode == 0
    assert len(line.dump()["check"]) == before + 1


def test_pictures_are_written_where_the_client_is(resident: Running, tmp_path: Path) -> None:
    inside = tmp_path / "elsewhere"
    inside.mkdir()
    drawn = finish("bot", "check", BRIDGE, "--picture", "drawn.png", cwd=inside)
    assert drawn.returncode == 0, drawn.stderr
    assert (inside / "drawn.png").read_bytes().startswith(PNG)
    refused = finish("bot", "check", BRIDGE, "--picture", "none/drawn.png", cwd=inside)
    assert (refused.returncode, "could not be written to none/drawn.png: No such file" in refused.stderr) == (2, True)


def test_a_pipe_that_can_be_read_once_is_read_once(resident: Running, tmp_path: Path) -> None:
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'printf "%s" "$1" > "$2"', "sh", BRIDGE, str(pipe)]) as writing:  # noqa: S607
        served = finish("bot", "check", "--file", str(pipe), "--json")
        assert writing.wait(10) == 0
    assert json.loads(served.stdout)["claim"] == BRIDGE


def test_many_ask_at_once_and_each_gets_its_own_answer(resident: Running) -> None:
    from concurrent.futures import ThreadPoolExecutor

    towns = [
        f"The council of {town} voted 14 to 3 to close the old bridge." for town in ("Harwick", "Oren", "Ghent", "Lisbon", "Cork", "Bath")
    ]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda claim: finish("bot", "check", claim, "--json"), towns))
    assert [json.loads(one.stdout)["claim"] for one in found] == towns
    assert {json.loads(one.stdout)["models"]["stance"] for one in found} == {"word-stance"}


def test_nothing_heavy_is_loaded_to_ask() -> None:
    loaded = set(finish("tests.standins.loaded", "bot.__main__").stdout.split())
    heavy = {"typer", "rich", "pydantic", "pydantic_settings", "asyncio", "numpy", "torch", "sqlalchemy", "babel", "dotenv", "platformdirs"}
    assert heavy.isdisjoint(loaded)
