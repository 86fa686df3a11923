"""Nothing that a member can make the bot do is without a limit: SECURITY.md lists all of it, and this holds the list to the code."""

from __future__ import annotations

import re
from pathlib import Path

import discord
import pytest
from discord import app_commands

from bot.discord import pace
from bot.discord.client import Client
from bot.discord.ids import Act, Step
from bot.discord.pace import Pace, What
from config.settings import Settings
from tests.bot.discord.chat import FakeModelApp

ROOT = Path(__file__).parents[3]
EVENTS = {"a mention or direct message", "a link in a checked post", "an article of an added source"}


def _table() -> dict[str, tuple[str, str]]:
    """What can be done -> its limit, and the test that shows it."""
    lines = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## What a member can make the bot do")[2].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `") or line.startswith("| a")]
    return {what.strip("` "): (row[1], row[2]) for row in rows for what in row[0].split(",")}


def _done() -> set[str]:
    """Commands, choices that are offered while somebody types, buttons, selects, forms, and what else comes of members."""
    with FakeModelApp(Settings()) as app:
        tree = Client(app).tree
        every = [one for one in tree.walk_commands() if not isinstance(one, app_commands.Group)]
        menus = [one for kind in discord.AppCommandType for one in tree.get_commands(type=kind)]
        names = {one.qualified_name for one in [*every, *menus] if not isinstance(one, app_commands.Group)}
        typed = any(parameter.autocomplete for one in every for parameter in getattr(one, "parameters", ()))
    return names | {f"{kind.__name__}.{one.name}" for kind in (Act, Step) for one in kind} | EVENTS | ({"choices"} if typed else set())


def test_everything_that_can_be_done_has_its_limit_in_the_list_and_nothing_else_is_there() -> None:
    table = _table()
    done = _done()
    assert sorted(done - set(table)) == [], "write its limit into SECURITY.md"
    assert sorted(set(table) - done) == [], "take it out of SECURITY.md"
    assert all(limit for limit, _ in table.values())


def test_each_limit_names_a_test_that_is_there() -> None:
    for what, (_, test) in _table().items():
        file, _, name = test.strip("`").partition("::")
        assert (ROOT / "tests" / file).is_file(), what
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), what


def test_every_test_that_the_threats_name_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for file, name in re.findall(r"`([\w/]+\.py)::(\w+)`", text):
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"
    for path in re.findall(r"`((?:bot|db|retrieval|config)/[\w/]+\.(?:py|toml))`", text):
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize("what", list(What))
def test_one_person_may_so_much_a_minute_and_others_go_on(what: What, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("bot.discord.pace.time.monotonic", lambda: now[0])
    kept = Pace()
    (times, seconds), (of_place, _) = what.value
    assert all(kept.exceeded(what, 1, 5) is None for _ in range(times))
    refused = kept.exceeded(what, 1, 5)
    assert refused is not None and 0 < kept.left(refused) <= seconds
    assert kept.exceeded(what, 1, None) is not None  # nor elsewhere
    assert kept.exceeded(what, 2, 5) is None
    allowed = sum(kept.exceeded(what, person, 5) is None for person in range(3, 3 + of_place))
    assert allowed == of_place - times - 1
    assert kept.exceeded(what, 9_999, 6) is None  # another place
    now[0] += seconds + 1
    assert kept.exceeded(what, 1, 5) is None


def test_what_is_counted_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "KEYS", 50)
    kept = Pace()
    for person in range(500):
        kept.exceeded(What.ACT, person, person)
    assert len(kept._counted) == 50
