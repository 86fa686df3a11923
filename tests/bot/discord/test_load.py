"""Many who ask at once, and those who ask too often: everyone is answered once, in turn, or told from when on they can ask again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import Checked
from bot.desk import BATCH, Desk
from db.asks import Asks, State
from retrieval.ingest.pipeline import ingest
from retrieval.types import Article
from tests.bot.discord.chat import BRIDGE, Chat, talking
from tests.standins.discord import Call, Channel, Person, Server, clock

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WAITING, FULL, ANSWER = "Waiting in line", "Too many claims are waiting", "does not rule true or false"


async def _until(reached: Callable[[], object]) -> None:
    await clock.until(reached, 60)


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        before = asyncio.all_tasks()
        async with talking(folder, **settings) as chat:
            await story(chat)
        assert [task.get_name() for task in asyncio.all_tasks() - before] == []

    asyncio.run(whole())


def _numbered(name: object) -> str:
    return f"The council of Harwick voted 14 to 3 to close the bridge {name}."


# Two hundred at once.

LOUD, BUSY, QUIET = 1, 9, 10  # servers: one whose 60 asks come first, some with many, some where two people ask once each
EAGER, MODEST = 30, 20  # people: of the first two kinds, who ask six times each, and of the last


@dataclass(frozen=True, slots=True)
class _Wish:
    server: Server
    person: Person
    claim: str

    @property
    def quiet(self) -> bool:
        return self.person.name.startswith("modest")


async def _crowd(chat: Chat) -> list[_Wish]:
    """200 wishes of 50 people in 20 servers. Some claims are wished for by many, in quiet servers too; loud ones come first."""
    servers = [chat.discord.server(f"Server {n}") for n in range(LOUD + BUSY + QUIET)]
    for server in servers:
        await chat.discord.invite(server)
    wishes = []
    for n in range(EAGER):
        server = servers[0 if n < 10 else LOUD + n % BUSY]
        person = chat.discord.person(f"eager {n}")
        server.join(person)
        wishes += [_Wish(server, person, _numbered(f"no. {n % 3}" if turn == 4 else f"{turn} of {person.name}")) for turn in range(6)]
    for n in range(MODEST):
        server = servers[LOUD + BUSY + n % QUIET]
        person = chat.discord.person(f"modest {n}")
        server.join(person)
        wishes.append(_Wish(server, person, _numbered(f"no. {n % 3}" if n % 2 else f"of {person.name}")))
    await _until(lambda: len(chat.client.guilds) == len(servers) + 1)
    return wishes


async def _answered(calls: Sequence[Call]) -> None:
    """Returns when every call has its answer; that it waits in line is no answer."""
    await _until(lambda: all(call.final is not None and WAITING not in str(call.final.components) for call in calls))


def test_two_hundred_checks_at_once_are_answered_once_each_and_nobody_crowds_out_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = 0

    def counted(*given: Any) -> list[asyncio.Future[Checked]]:
        nonlocal at_desk
        at_desk += 1
        return take(*given)

    take = Desk.take
    monkeypatch.setattr(Desk, "take", counted)

    async def story(chat: Chat) -> None:
        wishes = await _crowd(chat)
        assert (len(wishes), len({one.person.id for one in wishes}), len({one.server.id for one in wishes})) == (200, 50, 20)
        claims = {one.claim for one in wishes}
        chat.app.gate.clear()
        calls = [await one.person.command("check", one.server.channel, claim=one.claim) for one in wishes]
        await _until(lambda: at_desk == 200)
        chat.app.gate.set()
        await _answered(calls)

        assert [call.answers for call in calls] == [1] * 200
        assert [ANSWER in chat.said(await call.answer()) for call in calls] == [True] * 200
        await _until(lambda: not chat.app.asks.waiting(LONG_AGO))
        assert {_state(chat, ask) for ask in range(1, 201)} == {State.ANSWERED}
        assert sorted(chat.app.checked) == sorted(claims)  # each once, for all who asked

        # In a turn each server has one claim looked at: two turns serve the quiet, however many others asked before.
        turns = [next(at for at, claim in enumerate(chat.app.checked) if claim == one.claim) for one in wishes if one.quiet]
        assert max(turns) < BATCH + 2 * (LOUD + BUSY + QUIET)
        loud = [at for at, claim in enumerate(chat.app.checked) if claim in {one.claim for one in wishes if one.server is wishes[0].server}]
        assert min(loud) < max(turns) < max(loud)

    _talk(tmp_path, story)


# Asking too often.


async def _said(chat: Chat, person: Person, channel: Channel, claim: str = BRIDGE) -> str:
    """What comes of an ask."""
    return chat.said(await (await person.command("check", channel, claim=claim)).answer())


def _again_at(said: str) -> datetime:
    """The time in a refusal."""
    found = re.search(r"<t:(\d+):R>", said)
    assert found, said
    return datetime.fromtimestamp(int(found.group(1)), UTC)


def _state(chat: Chat, ask: int) -> State | None:
    found = chat.app.asks.get(ask)
    return found.state if found else None


def _at(chat: Chat, moment: datetime) -> None:
    """The bot's asks take it for this time."""
    chat.app.asks = Asks(chat.app.database, now=lambda: moment)


def _two(chat: Chat) -> tuple[Person, Person]:
    people = chat.discord.person("Bob"), chat.discord.person("Cem")
    for person in people:
        chat.server.join(person)
    return people


def test_whoever_asks_too_often_is_told_until_when_also_by_the_next_process_and_nobody_else_is(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob, _ = _two(chat)
        for n in range(3):
            assert ANSWER in await _said(chat, chat.ada, chat.server.channel, _numbered(n))
        started, checked = datetime.now(UTC), len(chat.app.checked)
        for restarted in (False, True):
            if restarted:
                await chat.restart(asks_a_minute=3)
            said = await _said(chat, chat.ada, chat.server.channel, _numbered(9))
            assert "You have asked often" in said
            assert started < _again_at(said) <= started + timedelta(seconds=61)
            await chat.ada.say(None, BRIDGE)  # another way of asking does not lead around it
            assert "You have asked often" in chat.said(await chat.ada.next_dm())
            assert "Sources differ" in await _said(chat, bob, chat.server.channel)
        assert len(chat.app.checked) <= checked + 1
        assert _state(chat, 6) is None  # what is refused is not written down
        _at(chat, _again_at(said))
        assert "Sources differ" in await _said(chat, chat.ada, chat.server.channel)

    _talk(tmp_path, story, asks_a_minute=3)


def test_a_channel_s_and_a_server_s_limits_stop_all_who_ask_there_and_nobody_elsewhere(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob, cem = _two(chat)
        other = chat.server.add_channel("other")
        elsewhere = chat.discord.server("Elsewhere")
        await chat.discord.invite(elsewhere)
        elsewhere.join(cem)
        await _until(lambda: len(chat.client.guilds) == 2)
        for person in (chat.ada, bob):
            assert "Sources differ" in await _said(chat, person, chat.server.channel)
        hour = datetime.now(UTC) + timedelta(hours=1)
        for restarted in (False, True):
            if restarted:
                await chat.restart(asks_of_channel=2, asks_of_guild=3)
            said = await _said(chat, cem, chat.server.channel)
            assert "This channel has asked often" in said
            assert abs(_again_at(said) - hour) < timedelta(minutes=1)
            if not restarted:
                assert "Sources differ" in await _said(chat, cem, other)
            said = await _said(chat, chat.ada, other)
            assert "This server has asked often" in said
            assert abs(_again_at(said) - hour) < timedelta(minutes=1)
        assert "Sources differ" in await _said(chat, cem, elsewhere.channel)
        await chat.ada.say(None, BRIDGE)
        assert "Sources differ" in chat.said(await chat.ada.next_dm())

    _talk(tmp_path, story, asks_of_channel=2, asks_of_guild=3)


def test_who_has_much_in_line_and_who_finds_the_desk_full_is_told_and_what_waits_is_answered(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob, cem = _two(chat)
        desk = chat.client.desk
        calls: list[Call] = []
        desk._size, desk._share = 4, 1
        chat.app.gate.clear()

        async def wait_in_line(person: Person) -> None:
            calls.append(await person.command("check", chat.server.channel, claim=_numbered(len(calls))))
            await _until(lambda: (len(desk._flying), desk.waiting) == (len(calls), len(calls) - 1))

        await wait_in_line(chat.ada)  # is begun: the others wait for it
        await wait_in_line(chat.ada)
        assert FULL in await _said(chat, chat.ada, chat.server.channel, _numbered("too many"))
        dan, eva = _two(chat)
        for person in (bob, cem, dan):
            await wait_in_line(person)
        assert FULL in await _said(chat, eva, chat.server.channel, _numbered("too many"))
        calls.append(await eva.command("check", chat.server.channel, claim=_numbered(4)))  # is looked at anyway
        await _until(lambda: len(chat.app.asks.waiting(LONG_AGO)) == 6)
        chat.app.gate.set()
        await _answered(calls)
        assert [ANSWER in chat.said(await call.answer()) for call in calls] == [True] * 6
        assert sorted(chat.app.checked) == [_numbered(n) for n in range(5)]
        assert [_state(chat, ask) for ask in (3, 7)] == [State.TOLD] * 2

    _talk(tmp_path, story)


# Asking the same.


def test_what_many_ask_at_once_is_looked_at_once_and_again_only_when_there_is_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat) -> None:
        bob, cem = _two(chat)
        chat.app.gate.clear()
        taken, take = [], chat.client.desk.take

        def counted(*given: Any, **more: Any) -> Any:
            taken.append(given)
            return take(*given, **more)

        monkeypatch.setattr(chat.client.desk, "take", counted)
        calls = [await person.command("check", chat.server.channel, claim=BRIDGE) for person in (chat.ada, bob, cem) * 2]
        for call in calls:
            await call.first()
        await _until(lambda: len(taken) == 6)  # accepted is not yet at the desk
        chat.app.gate.set()
        for call in calls:
            assert "Sources differ" in chat.said(await call.answer())
        assert chat.app.checked == [BRIDGE]
        assert "Sources differ: 1 agrees, 1 contradicts." in await _said(chat, bob, chat.server.channel)
        assert chat.app.checked == [BRIDGE]

        text = f"Trains ran late. {BRIDGE[:-1]}, officials added. Nobody minded."
        news = Article("https://late.example/bridge", "Late", "Late Times", text, datetime(2025, 2, 26, tzinfo=UTC))
        await asyncio.to_thread(ingest, [news], chat.app.articles, chat.app.embedder)
        for person in (chat.ada, bob):
            assert "Sources differ: 2 agree, 1 contradicts." in await _said(chat, person, chat.server.channel)
        assert chat.app.checked == [BRIDGE] * 2

    _talk(tmp_path, story)
