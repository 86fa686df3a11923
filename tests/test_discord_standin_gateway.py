"""The stand-in's gateway and faults: sessions go on or are lost, sockets close with Discord's codes, requests fail on order."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.standins.discord import Discord
from tests.standins.discord.clock import until
from tests.standins.discord.gateway import CONTENT, MEMBERS
from tests.standins.discord.small_bot import SmallBot, connected
from tests.test_discord_standin import live


@asynccontextmanager
async def socket(discord_: Discord, **query: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare websocket, past HELLO."""
    async with aiohttp.ClientSession() as session, session.ws_connect(discord_.gateway_url, params=query) as opened:
        if not query:
            assert (await opened.receive_json())["op"] == 10
        yield opened


async def tell(opened: aiohttp.ClientWebSocketResponse, op: int, data: Any) -> None:
    await opened.send_str(json.dumps({"op": op, "d": data}))


def channel_of(bot: SmallBot, discord_: Discord) -> discord.TextChannel:
    found = bot.get_channel(discord_.servers[0].channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


@live
async def test_what_happens_while_the_bot_is_away_is_told_when_it_resumes() -> None:
    async with connected() as (discord_, bot):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        await discord_.drop_gateway()
        await ada.say(server.channel, "missed", mention=[discord_.bot])
        call = await ada.command("now", server.channel, text="x")
        assert (await call.answer()).content == "now x None"
        assert (await server.channel.next_message()).content == "heard @Crosscheck missed"
        assert bot.events == ["resumed"]
        assert [one.resumed for one in discord_.connections] == [False, True]


@live
async def test_a_session_that_is_lost_starts_anew() -> None:
    async with connected() as (discord_, bot):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        await discord_.drop_gateway(resumable=False)
        await ada.say(server.channel, "lost", mention=[discord_.bot])
        await discord_.connected()
        await ada.say(server.channel, "heard", mention=[discord_.bot])
        await until(lambda: bot.heard)
        assert [one.content for one in bot.heard] == [f"{discord_.bot.mention} heard"]
        assert "resumed" not in bot.events


@live
async def test_a_silent_gateway_is_left_and_resumed() -> None:
    async with connected(SmallBot(heartbeat_timeout=0.3), heartbeat=0.1) as (discord_, bot):
        await discord_.silence(0.6)
        await until(lambda: "resumed" in bot.events)
        assert discord_.connections[0].heartbeats > 2


@live
async def test_each_shard_serves_its_servers_and_the_first_direct_messages() -> None:
    async with connected(shards=2) as (discord_, bot):
        ada, places = discord_.person("Ada"), [discord_.server("Even", shard=0), discord_.server("Odd", shard=1)]
        for place in places:
            await discord_.invite(place)
            place.join(ada)
            await ada.say(place.channel, "hello", mention=[discord_.bot])
            await place.channel.next_message()
        await ada.say(None, "hello")
        await ada.next_dm()
        assert bot.shard_count == 2
        assert [message.guild.shard_id for message in bot.heard if message.guild] == [0, 1]


@live
async def test_sockets_close_with_discords_codes() -> None:
    discord_ = Discord()
    ready = {"token": discord_.token, "intents": 1}
    wrong: list[tuple[list[tuple[int, Any]], int]] = [
        ([(99, None)], 4001),
        ([(8, {})], 4003),
        ([(2, ready | {"token": "other"})], 4004),
        ([(2, ready), (2, ready)], 4005),
        ([(2, ready | {"shard": [2, 2]})], 4010),
        ([(2, ready | {"intents": CONTENT})], 4014),
        ([(2, ready), *[(3, {})] * 120], 4008),
    ]
    async with discord_:
        for sent, code in wrong:
            async with socket(discord_) as opened:
                for op, data in sent:
                    await tell(opened, op, data)
                async for _ in opened:
                    pass
                assert opened.close_code == code
        async with socket(discord_) as opened:
            await opened.send_str("no json")
            await opened.receive()
            assert opened.close_code == 4002


@live
async def test_members_come_in_a_chunk_and_compressed_if_asked() -> None:
    async with Discord(privileged=MEMBERS) as discord_, socket(discord_, compress="zlib-stream") as opened:
        server = discord_.server("Harwick")
        server.join(discord_.person("Ada"))
        inflate = zlib.decompressobj()
        await tell(opened, 2, {"token": discord_.token, "intents": MEMBERS | 1})
        await tell(opened, 8, {"guild_id": str(server.id), "query": "ad", "limit": 0, "nonce": "n"})
        told: list[dict[str, Any]] = []
        while not told or told[-1]["t"] != "GUILD_MEMBERS_CHUNK":
            told.append(json.loads(inflate.decompress(await opened.receive_bytes(timeout=5))))
        assert [one["t"] for one in told] == [None, "READY", "GUILD_CREATE", "GUILD_MEMBERS_CHUNK"]
        assert [one["s"] for one in told] == [None, 1, 2, 3]
        chunk = told[-1]["d"]
        assert ([one["user"]["username"] for one in chunk["members"]], chunk["nonce"]) == (["ada"], "n")


@live
async def test_requests_fail_on_order_and_the_library_does_as_with_discord() -> None:
    async with connected() as (discord_, bot):
        channel, path = channel_of(bot, discord_), "/channels/"
        limited = discord_.fail("POST", path, status=429, retry_after=0.1, global_=True)
        started = time.monotonic()
        await channel.send("after a wait")
        assert (limited.met, time.monotonic() - started > 0.1) == (1, True)
        discord_.fail("POST", path, status=503)
        discord_.fail("POST", path, code=50001)
        errors: list[type[Exception]] = [discord.DiscordServerError, discord.Forbidden]
        for error in errors:
            with pytest.raises(error):
                await channel.send("refused")
        discord_.fail("POST", path, drop=True)
        discord_.fail("POST", path, drop=True, after=True)
        for text in ("never came", "came"):
            with pytest.raises(aiohttp.ClientConnectionError):
                await channel.send(text)
        slow = discord_.fail("POST", path, delay=0.1)
        await channel.send("late")
        assert slow.met == 1
        assert [one.content for one in discord_.servers[0].channel.messages] == ["after a wait", "came", "late"]
        assert discord_.rejected == []
        assert {method for method, *_ in discord_.requests} >= {"GET", "PUT", "POST"}


@live
async def test_a_callback_that_arrived_unanswered_is_not_taken_twice() -> None:
    async with connected() as (discord_, _):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        discord_.fail("POST", "/interactions/", status=500, after=True)  # discord.py tries again by itself
        call = await ada.command("now", server.channel, text="x")
        await call.answer()
        await until(lambda: discord_.errors)
        assert (call.answers, discord_.errors[0][2]) == (1, 40060)


@live
async def test_the_library_is_pointed_back_afterwards() -> None:
    before = Route.BASE, discord.Asset.BASE
    async with Discord() as discord_:
        assert discord_.url in Route.BASE
    assert before == (Route.BASE, discord.Asset.BASE)
    assert "discord.com" in Route.BASE
