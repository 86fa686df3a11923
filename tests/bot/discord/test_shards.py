"""Several processes on one store: shards split between them, and one that takes the place of another."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.discord.client import Client
from bot.discord.shards import Shards
from config.settings import BadSettings, load_settings
from retrieval.ingest.pipeline import ingest
from tests.bot.discord.chat import BRIDGE, FakeModelApp, app_in, kill, taken_on
from tests.bot.discord.test_followups import AFTER, BEFORE
from tests.standins.discord import Call, Discord, Message, Person, Server
from tests.standins.discord.clock import PATIENCE, until


@dataclass
class Process:
    """One client with its own app over the store."""

    app: FakeModelApp
    client: Client
    running: asyncio.Task[None]

    async def end(self) -> None:
        await self.client.close()
        await self.running
        self.app.close()

    async def kill(self) -> None:
        await kill(self.client, self.running)
        self.app.close()


TURNS = 50  # of asking, twice a channel each: as many as a slow machine has time for reach the channel's limit
BEGUN: list[Process] = []  # of the story that runs


async def begun(folder: Path, discord: Discord, **settings: Any) -> Process:
    """Ready, whichever shards other processes have."""
    app = app_in(folder, **settings)
    client = Client(app)
    client.part.every = 0.0
    client._connection.guild_ready_timeout = 0.1
    process = Process(app, client, asyncio.create_task(client.start(discord.token)))
    BEGUN.append(process)
    async with asyncio.timeout(PATIENCE):
        while not client.is_ready():
            assert not process.running.done(), process.running.exception()
            await asyncio.sleep(0.02)
    return process


@asynccontextmanager
async def two_shards(folder: Path) -> AsyncIterator[tuple[Discord, list[Server], Person]]:
    """A server on each of two shards, Ada in both."""
    app = app_in(folder)
    ingest(BEFORE, app.articles, app.embedder)
    async with Discord(shards=2) as discord:
        servers = [discord.server(f"Harwick {shard}", shard=shard) for shard in (0, 1)]
        ada = discord.person("Ada")
        for server in servers:
            server.join(ada)
            app.guilds.joined(server.id)
        app.close()
        yield discord, servers, ada


async def split(folder: Path, discord: Discord) -> list[Process]:
    return [await begun(folder, discord, shards=2, shard_ids=str(shard)) for shard in (0, 1)]


def _run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        BEGUN.clear()
        try:
            await story()
        finally:  # a story that fails leaves nothing that goes on connecting
            for process in BEGUN:
                if not process.running.done():
                    await process.kill()

    asyncio.run(whole())


async def _again(ask: Callable[[], Awaitable[None]], over: asyncio.Event) -> None:
    for _ in range(TURNS):
        if over.is_set():
            return
        await ask()
        await asyncio.sleep(0.05)


def test_two_processes_answer_each_their_own_servers_and_each_follower_is_told_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with two_shards(tmp_path) as (discord, servers, ada):
            processes = await split(tmp_path, discord)
            for process in processes:
                await process.client.followups.round()
            calls = [await ada.command("check", server.channel, claim=BRIDGE) for server in servers for _ in range(2)]
            for call in calls:
                answer = await call.answer()
            mentions = [await ada.say(server.channel, BRIDGE, mention=[discord.bot]) for server in servers]
            for server in servers:
                assert "agrees" in "\n".join(discord.texts(await server.channel.next_message()))
            assert len(mentions) == 2 and [call.answers for call in calls] == [1] * 4
            assert [len(process.client.guilds) for process in processes] == [1, 1]
            assert "You will be told once" in "\n".join(discord.texts(await (await ada.press(answer, "Follow")).answer()))
            ingest(AFTER, processes[0].app.articles, processes[0].app.embedder)
            await asyncio.gather(*(process.client.followups.round() for process in processes for _ in range(2)))
            assert "News on 1 claim" in "\n".join(discord.texts(await ada.next_dm()))
            await asyncio.gather(*(process.client.followups.round() for process in processes))
            assert len(ada.direct.posts) == 1
            for process in processes:
                await process.end()
            assert [str(one) for one in discord.rejected] == []

    _run(story)


def test_what_killed_processes_left_is_taken_up_by_those_that_have_their_shards(tmp_path: Path) -> None:
    async def story() -> None:
        async with two_shards(tmp_path) as (discord, servers, ada):
            killed = await split(tmp_path, discord)
            gates = [process.app.gate for process in killed]
            for gate in gates:
                gate.clear()
            calls: list[Call] = [await ada.command("check", server.channel, claim=BRIDGE) for server in servers]
            for call in calls:
                await call.first()
            await taken_on(killed[0].app, 2)
            for process in killed:  # which ends the tasks of both at once
                await process.kill()
            for gate in gates:
                gate.set()
            for shard in (1, 0):
                process = await begun(tmp_path, discord, shards=2, shard_ids=str(shard))
                await calls[shard].answer()
                await asyncio.sleep(0.3)
                assert process.app.checked == [BRIDGE] if shard else process.app.checked == []  # known by then
                assert [call.answers for call in calls] == ([0, 1] if shard else [1, 1])
                await process.end()

    _run(story)


def test_while_one_process_takes_the_place_of_another_each_ask_is_answered_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with two_shards(tmp_path) as (discord, servers, ada):
            old = await begun(tmp_path, discord, shards=2)
            calls: list[Call] = []
            said: list[Message | None] = []

            people = [ada, *(discord.person(f"Guest {number}") for number in range(TURNS + 3))]  # one alone would ask too often
            for server in servers:
                for person in people[1:]:
                    server.join(person)
            turns = itertools.cycle(people)

            async def ask() -> None:
                person = next(turns)
                for server in servers:
                    calls.append(await person.command("check", server.channel, claim=BRIDGE))
                    said.append(await person.say(server.channel, BRIDGE, mention=[discord.bot]))

            over = asyncio.Event()
            asking = asyncio.create_task(_again(ask, over))
            await asyncio.sleep(0.3)
            new = await begun(tmp_path, discord, shards=2)
            await ask()
            await asyncio.sleep(0.3)
            await asyncio.gather(old.end(), ask())
            await ask()
            over.set()
            await asking
            for call in calls:
                await call.answer()

            def replied() -> list[int]:
                posts = [one for server in servers for one in server.channel.posts]
                return [int(to["message_id"]) for one in posts if (to := one.payload.get("message_reference"))]

            await until(lambda: len(replied()) >= len(said))
            await asyncio.sleep(0.3)  # in which a second answer would come
            assert [call.answers for call in calls] == [1] * len(calls)
            assert len(calls) > 20
            assert sorted(replied()) == sorted(one.id for one in said if one is not None)
            await new.end()

    _run(story)


def test_what_an_ending_process_has_under_way_is_left_to_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with two_shards(tmp_path) as (discord, servers, ada):
            old = await begun(tmp_path, discord, shards=2)
            old.app.gate.clear()
            call = await ada.command("check", servers[0].channel, claim=BRIDGE)
            await until(lambda: old.app.taken_up)
            new = await begun(tmp_path, discord, shards=2)
            ending = asyncio.create_task(old.end())
            await asyncio.sleep(0.5)
            old.app.gate.set()
            await call.answer()
            await ending
            await asyncio.sleep(0.5)
            assert (call.answers, new.app.checked) == (1, [])
            await new.end()

    _run(story)


def test_sessions_of_a_bucket_begin_one_after_the_other_in_all_processes(tmp_path: Path) -> None:
    async def story() -> None:
        times: dict[int, list[float]] = {0: [], 1: []}

        async def begin(shard: int) -> None:
            process = Shards(tmp_path, [shard], 6)
            process.every = 0.3
            await process.identify(shard % 2)
            times[shard % 2].append(time.monotonic())

        await asyncio.gather(*map(begin, range(6)))
        assert max(each[0] for each in times.values()) < min(each[1] for each in times.values())  # buckets do not wait for one another
        for each in times.values():
            assert all(later - earlier > 0.25 for earlier, later in zip(each, each[1:], strict=False))

    _run(story)


@pytest.mark.parametrize(
    ("ids", "count", "own"),
    [("", None, []), ("0", "1", [0]), ("0-3,8", "9", [0, 1, 2, 3, 8]), (" 1 , 0-1 ", "2", [0, 1])],
)  # fmt: skip
def test_shards_are_named_in_ranges(monkeypatch: pytest.MonkeyPatch, ids: str, count: str | None, own: list[int]) -> None:
    monkeypatch.setenv("CROSSCHECK_SHARD_IDS", ids)
    if count:
        monkeypatch.setenv("CROSSCHECK_SHARDS", count)
    assert load_settings().own_shards == own


@pytest.mark.parametrize(("ids", "count"), [("0", None), ("2", "2"), ("x", "2"), ("1-0", "2"), ("-1", "2"), ("0,,1", "2")])
def test_shards_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, ids: str, count: str | None) -> None:
    monkeypatch.setenv("CROSSCHECK_SHARD_IDS", ids)
    if count:
        monkeypatch.setenv("CROSSCHECK_SHARDS", count)
    with pytest.raises(BadSettings, match="shard_ids"):
        load_settings()


def test_a_server_is_of_one_process_and_direct_messages_of_the_first(tmp_path: Path) -> None:
    parts = [Shards(tmp_path, [0, 2], 3), Shards(tmp_path, [1], 3)]
    for guild_id in (None, *(n << 22 for n in range(9))):
        assert sum(part.serves(guild_id) for part in parts) == 1
    assert parts[0].serves(None) and Shards(tmp_path, None, None).serves(7)
