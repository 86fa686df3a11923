"""Hundreds of faults at random moments of hundreds of uses: each is answered once, or the log says why not, and nothing piles up."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord.client
import discord.http
import discord.shard
import discord.webhook.async_
import pytest
from tenacity import wait_random

import bot.discord.replies
from bot.app import Checked
from bot.desk import Desk
from bot.discord.client import Client
from bot.discord.tree import Tree
from db.asks import Ask, Asks, Pending, Refusal, Where
from retrieval.types import Claim
from tests.bot.discord.chat import Chat, FakeModelApp, news, talking
from tests.bot.discord.trouble import Trouble

FASTER = 20  # times: what discord.py sleeps before it tries again
WARM_UP = 50  # uses before the first fault
KINDS = (discord.Interaction, discord.Message, discord.ui.View, discord.ui.LayoutView, discord.ui.Modal, Client)


class Log(logging.Handler):
    """Lines alone: records would keep what they speak of alive."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _logging(monkeypatch: pytest.MonkeyPatch) -> Log:
    """Begun in the test itself: before, pytest would add its own handlers."""
    made = Log()
    made.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    for name in ("crosscheck", "discord", "asyncio"):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "handlers", [made])
        monkeypatch.setattr(logger, "propagate", False)
        monkeypatch.setattr(logger, "level", logging.INFO)
        logger.manager._clear_cache()  # type: ignore[attr-defined]  # of what each logger lets through
    return made


@pytest.fixture
def rng(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> random.Random:
    """The chance of a run; with it, models that take a moment, waits that are told or not, and retries that come soon."""
    made = random.Random(request.param)

    async def soon(delay: float, result: Any = None) -> Any:
        return await asyncio.sleep(delay / FASTER, result)

    for module in (discord.http, discord.webhook.async_, discord.client, discord.shard):
        monkeypatch.setattr(module, "asyncio", SimpleNamespace(**(vars(asyncio) | {"sleep": soon})))
    monkeypatch.setattr(bot.discord.replies, "wait_random_exponential", lambda *_: wait_random(0.01, 0.1))
    monkeypatch.setattr(Desk, "wait_for", lambda *_: timedelta(seconds=made.choice((0, 0, 30))))
    check = FakeModelApp.check_claims

    def slowly(self: FakeModelApp, claims: Sequence[Claim], hidden: Any = ()) -> list[Checked]:
        time.sleep(made.uniform(0, 0.1))
        return check(self, claims, hidden)

    monkeypatch.setattr(FakeModelApp, "check_claims", slowly)
    return made


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The word that only one claim has, and the ask that was accepted for it."""
    found: dict[str, int] = {}
    accept = Asks.accept

    def noted(self: Asks, where: Where, public: bool, locale: str, pending: Pending | None, *rest: Any) -> Ask | Refusal:
        taken = accept(self, where, public, locale, pending, *rest)
        if isinstance(taken, Ask) and pending is not None:
            word = pending.text.split(".")[0].split()[-1]
            assert word not in found, "accepted twice"
            found[word] = taken.id
        return taken

    monkeypatch.setattr(Asks, "accept", noted)
    return found


@pytest.fixture
def flying(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """The ids of the interactions that a client handles at the moment; those that it has handled stay, counted 0."""
    found: Counter[int] = Counter()

    def noted(handle: Callable[[Any, discord.Interaction[Client]], Awaitable[None]]) -> object:
        async def handled(self: object, interaction: discord.Interaction[Client]) -> None:
            found[interaction.id] += 1
            try:
                await handle(self, interaction)
            finally:
                found[interaction.id] -= 1

        return handled

    monkeypatch.setattr(Tree, "_call", noted(Tree._call))
    monkeypatch.setattr(Client, "on_interaction", noted(Client.on_interaction))
    return found


def _alive() -> Counter[str]:
    """What a client keeps: how many objects of each kind there are, and tasks by what they do.

    Their types are asked for, since isinstance wakes objects that stand for others, as torch has some.
    """
    gc.collect()
    kept = Counter(type(one).__name__ for one in gc.get_objects() if issubclass(type(one), KINDS))
    tasks = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return kept + Counter(name for name in tasks if not name.startswith("RequestHandler"))  # those are the stand-in's


def _leftovers(chat: Chat) -> list[object]:
    """What waits in the client for something to come."""
    views = chat.client._connection._view_store
    return [views._views, views._synced_message_views, views._modals, chat.client.desk._lines, chat.client.desk._flying]


async def _uses(trouble: Trouble, count: int, faults: int) -> None:
    """So many uses, at once or some moments after one another, with as many faults among them."""
    script = trouble.script(faults)
    for n in range(count):
        await trouble.use()
        for what in script[n * faults // count : (n + 1) * faults // count]:
            if what is None:
                await trouble.fault()
            else:
                await trouble.turn(what)
        await asyncio.sleep(trouble.rng.choice((0, 0, 0.01, 0.05)))
    await trouble.settle()


async def _story(folder: Path, trouble_of: Callable[[Chat], Trouble], log: Log, count: int) -> None:
    before = asyncio.all_tasks()
    async with talking(folder, news(4)) as chat:
        trouble = trouble_of(chat)
        await trouble.furnish()
        await _uses(trouble, WARM_UP, 0)
        assert trouble.wrong(log.lines) == []
        warm = _alive()
        await _uses(trouble, count, count)
        assert trouble.wrong(log.lines) == []
        assert sum(fault.met > 0 for fault in trouble.faults) > 0.6 * len(trouble.faults)
        assert _alive() == warm
        assert [one for one in _leftovers(chat) if one] == []
    assert asyncio.all_tasks() == before
    assert [line for line in log.lines if "Ignoring exception" in line or "never retrieved" in line] == []


@pytest.mark.parametrize("rng", [1], indirect=True)
def test_faults_at_random_moments_leave_nobody_without_an_answer(
    tmp_path: Path, rng: random.Random, rows: dict[str, int], flying: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_story(tmp_path, lambda chat: Trouble(chat, rng, rows, flying), _logging(monkeypatch), 60))


@pytest.mark.slow
@pytest.mark.parametrize("rng", [3], indirect=True)
def test_five_hundred_faults_leave_nobody_without_an_answer(
    tmp_path: Path, rng: random.Random, rows: dict[str, int], flying: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_story(tmp_path, lambda chat: Trouble(chat, rng, rows, flying), _logging(monkeypatch), 500))
