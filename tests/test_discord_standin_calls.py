"""What the stand-in makes of callbacks and of an interaction's webhook, asked without discord.py, which would not do the wrong things."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.standins.discord import Call, Discord, Person
from tests.test_discord_standin import live

Json = dict[str, Any]
Send = Callable[..., Awaitable[tuple[int, Any]]]

NOBODY: Json = {"allowed_mentions": {"parse": []}}
MODAL: Json = {"type": 9, "data": {"title": "x", "custom_id": "m", "components": [{"type": 10, "content": "x"}]}}
BUTTON: Json = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


@asynccontextmanager
async def raw() -> AsyncIterator[tuple[Discord, Person, Send]]:
    """A stand-in with a command "c" and a menu "M", a person in a server, and a way to send requests."""
    async with Discord() as discord_, aiohttp.ClientSession() as session:

        async def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            headers = {"Authorization": f"Bot {discord_.token}"}
            async with session.request(method, f"{discord_.url}/api/v10{path}", json=body, headers=headers) as response:
                return response.status, await response.json() if response.status != 204 else None

        commands = [{"name": "c", "description": "x", "type": 1}, {"name": "M", "type": 3}]
        assert (await send("PUT", f"/applications/{discord_.bot.id}/commands", commands))[0] == 200
        ada = discord_.person("Ada")
        discord_.server("Harwick").join(ada)
        yield discord_, ada, send


def callback(call: Call) -> str:
    return f"/interactions/{call.id}/{call.token}/callback"


def webhook(call: Call, message: str = "") -> str:
    return f"/webhooks/{call.discord.bot.id}/{call.token}" + (f"/messages/{message}" if message else "")


def answer(content: str = "x", kind: int = 4, **more: Any) -> Json:
    return {"type": kind, "data": {"content": content, **NOBODY, **more}}


@live
async def test_one_callback_is_taken_and_no_second() -> None:
    async with raw() as (discord_, ada, send):
        call = await ada.command("c", discord_.servers[0].channel)
        assert (await send("POST", webhook(call), answer()["data"]))[1]["code"] == 10015
        assert await send("POST", callback(call), answer()) == (204, None)
        status, body = await send("POST", callback(call), answer())
        assert (status, body["code"], call.answers) == (400, 40060, 1)
        status, body = await send("POST", callback(call).replace(call.token, "other"), answer())
        assert (status, body["code"]) == (404, 10062)


@live
async def test_a_refused_callback_leaves_the_interaction_open() -> None:
    async with raw() as (discord_, ada, send):
        call = await ada.command("c", discord_.servers[0].channel)
        status, body = await send("POST", callback(call), answer("x" * 2001))
        assert (status, body["code"], list(body["errors"])) == (400, 50035, ["content"])
        assert (await send("POST", f"{callback(call)}?with_response=1", answer()))[1]["resource"]["message"]["content"] == "x"


@live
async def test_each_kind_of_interaction_takes_its_kinds_of_callbacks() -> None:
    async with raw() as (discord_, ada, send):
        channel = discord_.servers[0].channel
        command = await ada.command("c", channel)
        for kind in (6, 7, 8, 1, None):
            assert (await send("POST", callback(command), answer(kind=kind) if kind else {}))[1]["code"] == 50035
        await send("POST", callback(command), answer(components=[BUTTON]))
        pressed = await ada.press(await command.answer(), "Go")
        assert (await send("POST", callback(pressed), MODAL))[0] == 204
        submitted = await ada.submit(pressed.modal, {})
        assert (await send("POST", callback(submitted), MODAL))[1]["code"] == 50035
        assert (await send("POST", callback(submitted), answer("changed", kind=7)))[0] == 204
        assert (await submitted.answer()).content == "changed"
        opened = await ada.command("c", channel)
        await send("POST", callback(opened), MODAL)
        alone = await ada.submit(opened.modal, {})
        assert (await send("POST", callback(alone), answer(kind=7)))[1]["code"] == 50035
        assert {one.rule for one in discord_.rejected} == {"callback"}


@live
async def test_the_first_follow_up_of_a_deferred_answer_is_that_answer() -> None:
    async with raw() as (discord_, ada, send):
        channel = discord_.servers[0].channel
        call = await ada.command("c", channel)
        await send("POST", callback(call), {"type": 5, "data": {"flags": 64}})
        assert (await send("GET", webhook(call, "@original")))[1]["flags"] == 128 | 64
        assert call.answers == 0
        _, made = await send("POST", webhook(call), answer("public?")["data"])
        assert (made["flags"], (await call.answer()).content, call.followups) == (64, "public?", [])
        _, more = await send("POST", webhook(call), answer("more")["data"])
        assert (await channel.next_message()).content == "more"
        assert await send("DELETE", webhook(call, more["id"])) == (204, None)
        assert (await send("PATCH", webhook(call, more["id"]), answer()["data"]))[1]["code"] == 10008
        assert (call.answers, call.edits) == (2, 0)
        assert (await send("PATCH", webhook(call, "@original"), answer("edited")["data"]))[0] == 200
        assert (call.answers, call.edits) == (2, 1)


@live
async def test_where_outside_apps_may_not_post_their_answers_are_private() -> None:
    async with raw() as (discord_, ada, send):
        elsewhere = discord_.server("Elsewhere", bot=False)
        elsewhere.join(ada, permissions=1 << 10 | 1 << 11 | 1 << 31)
        call = await ada.command("c", elsewhere.channel, install="user")
        await send("POST", callback(call), answer())
        assert call.private
        assert (await send("POST", f"/channels/{elsewhere.channel.id}/messages", answer()["data"]))[1]["code"] == 50001


@live
async def test_without_the_token_nothing_is_given() -> None:
    async with Discord() as discord_, aiohttp.ClientSession() as session, session.get(f"{discord_.url}/api/v10/users/@me") as response:
        assert response.status == 401
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["X-RateLimit-Remaining"] == "49"
