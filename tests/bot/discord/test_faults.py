"""What Discord and the world do to an answer: whoever asked is answered once, or told why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from db.asks import State
from tests.bot.discord.chat import BRIDGE, Chat, talking
from tests.standins.discord import Call

CALLBACK, ORIGINAL = r"/interactions/\d+/[^/]+/callback", r"/webhooks/\d+/[^/]+/messages/@original"


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **settings) as chat:
            await story(chat)

    asyncio.run(whole())


async def _ask(chat: Chat, *, public: bool = False, claim: str = BRIDGE) -> Call:
    return await chat.ada.command("check", chat.server.channel, claim=claim, public=public)


async def _state(chat: Chat, ask: int = 1) -> State:
    """What is remembered of an ask, once it is settled."""
    for _ in range(100):
        found = await asyncio.to_thread(chat.app.asks.get, ask)
        if found is not None and found.state is not State.WAITING:
            return found.state
        await asyncio.sleep(0.05)
    return State.WAITING


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500}, {"status": 503}, {"status": 429, "retry_after": 0.2}, {"status": 429, "retry_after": 0.2, "global_": True},
        {"drop": True}, {"drop": True, "after": True},
    ],
    ids=["500", "503", "429", "429 global", "dropped", "dropped after it arrived"],
)  # fmt: skip
@pytest.mark.parametrize("route", [("POST", CALLBACK), ("PATCH", ORIGINAL)], ids=["callback", "answer"])
def test_a_passing_fault_costs_a_moment(tmp_path: Path, route: tuple[str, str], fault: dict[str, Any]) -> None:
    async def story(chat: Chat) -> None:
        chat.discord.fail(*route, times=1, **fault)
        call = await _ask(chat)
        assert "Sources differ" in chat.said(await call.answer(timeout=10))
        assert call.answers == 1
        assert await _state(chat) is State.ANSWERED

    _talk(tmp_path, story)


def test_an_interaction_that_is_too_late_is_left_and_nothing_breaks(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.discord.fail("POST", CALLBACK, code=10062)
        await _ask(chat)
        await asyncio.sleep(0.3)
        assert chat.app.checked == []
        assert "Sources differ" in chat.said(await (await _ask(chat)).answer())

    _talk(tmp_path, story)


@pytest.mark.parametrize("public", [True, False])
def test_past_the_token_the_answer_goes_to_the_channel_or_to_the_person(tmp_path: Path, public: bool) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat, public=public)
        await call.first()
        chat.discord.expire(call)
        chat.app.gate.set()
        message = await (chat.server.channel.next_message() if public else chat.ada.next_dm())
        assert "Sources differ" in chat.said(message)
        assert await _state(chat) is State.ANSWERED

    _talk(tmp_path, story)


def test_what_can_be_delivered_nowhere_is_settled_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat)
        await call.first()
        chat.discord.expire(call)
        chat.discord.fail("POST", r"/users/@me/channels|/channels/\d+/messages", times=9, code=50007)
        chat.app.gate.set()
        assert await _state(chat) is State.TOLD

    with caplog.at_level(logging.WARNING, "crosscheck"):
        _talk(tmp_path, story)
    assert "could not be delivered" in caplog.text
    assert BRIDGE not in caplog.text


def test_a_message_deleted_meanwhile_gets_its_answer_elsewhere(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        message = await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        await asyncio.sleep(0.1)
        chat.discord.delete(message)
        chat.app.gate.set()
        assert "Sources differ" in chat.said(await chat.server.channel.next_message())

    _talk(tmp_path, story)


def test_a_channel_deleted_meanwhile_harms_nobody_else(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        gone = chat.server.add_channel("gone")
        await asyncio.sleep(0.1)
        chat.app.gate.clear()
        await chat.ada.say(gone, BRIDGE, mention=[chat.discord.bot])
        await asyncio.sleep(0.1)
        chat.discord.delete(gone)
        chat.app.gate.set()
        assert await _state(chat) is State.TOLD
        assert "Sources differ" in chat.said(await (await _ask(chat)).answer())

    _talk(tmp_path, story)


def test_a_mention_where_the_bot_may_not_write_is_left_alone(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.server.forbid(chat.server.channel, 1 << 11)
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        await asyncio.sleep(0.2)
        assert not [path for method, path, _ in chat.discord.requests if method == "POST" and path.startswith("/channels")]
        assert "Sources differ" in chat.said(await (await _ask(chat)).answer())  # private answers need no permission

    _talk(tmp_path, story)


def test_being_removed_from_the_server_meanwhile_harms_nobody_else(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat)
        await call.first()
        await chat.discord.kick(chat.server)
        chat.app.gate.set()
        assert await _state(chat) is not State.WAITING
        await chat.ada.say(None, BRIDGE)
        assert "Sources differ" in chat.said(await chat.ada.next_dm())

    _talk(tmp_path, story)


@pytest.mark.parametrize("resumable", [True, False])
def test_a_dropped_gateway_comes_back_and_what_was_asked_meanwhile_is_answered(tmp_path: Path, resumable: bool) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        before = await _ask(chat)
        await before.first()
        await chat.discord.drop_gateway(resumable=resumable)
        chat.app.gate.set()
        assert "Sources differ" in chat.said(await before.answer())
        await chat.discord.connected(timeout=15)
        assert "Sources differ" in chat.said(await (await _ask(chat)).answer(timeout=15))

    _talk(tmp_path, story)


def test_an_error_of_ours_becomes_a_sentence_with_an_id_that_the_log_has(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        chat.app.broken = RuntimeError(f"secret words: {BRIDGE}")
        call = await _ask(chat)
        said = chat.said(await call.answer())
        assert "Something went wrong here" in said
        assert said.split("under ")[1].split(".")[0] in caplog.text
        assert await _state(chat) is State.TOLD
        chat.app.broken = None
        assert "Sources differ" in chat.said(await (await _ask(chat)).answer())

    with caplog.at_level(logging.INFO, "crosscheck"):
        _talk(tmp_path, story)
    assert BRIDGE not in caplog.text
    assert "RuntimeError" in caplog.text


def test_an_error_behind_a_button_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        monkeypatch.setattr(type(chat.app.checks), "load", lambda *_: 1 / 0)
        assert "Something went wrong here" in chat.said(await (await chat.ada.press(answer, "In context")).answer())

    _talk(tmp_path, story)


def test_an_error_is_told_also_where_the_deferral_arrived_unheard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        monkeypatch.setattr(type(chat.app.checks), "load", lambda *_: 1 / 0)
        chat.discord.fail("POST", CALLBACK, drop=True, after=True)
        call = await chat.ada.press(answer, "In context")
        assert "Something went wrong here" in chat.said(await call.answer(timeout=10))
        assert call.answers == 1

    _talk(tmp_path, story)


@pytest.mark.parametrize("after", [False, True])
def test_a_sentence_after_a_press_is_said_once_however_often_it_is_tried(tmp_path: Path, after: bool) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        chat.discord.fail("POST", CALLBACK, drop=True, after=after)
        call = await chat.ada.press(answer, "Helpful")
        assert "Thank you" in chat.said(await call.answer(timeout=10))
        assert call.answers == 1

    _talk(tmp_path, story)


def test_a_moderator_whose_press_ran_out_is_told_of_the_flag_directly(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = chat.discord.person("Mia")
        chat.server.join(mia, permissions=1 << 10 | 1 << 11 | 1 << 13 | 1 << 31)
        desk = chat.server.add_channel("moderators")
        chat.app.guilds.change(chat.server.id, moderator_channel=desk.id)
        modal = await (await mia.press(await (await _ask(chat, public=True)).answer(), "Flag for moderators")).opened()
        chat.discord.fail("PATCH", ORIGINAL, code=50027)
        await mia.submit(modal, {})
        assert "Flag 1 by" in chat.said(await desk.next_message())
        assert "Flag 1 is kept" in chat.said(await mia.next_dm())

    _talk(tmp_path, story)


def test_a_button_of_a_version_before_is_told_of(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        button = answer.components[-1]["components"][0]
        button["custom_id"] = "cc:juggle:1:1:"
        assert "earlier version" in chat.said(await (await chat.ada.press(answer, "cc:juggle:1:1:")).answer())

    _talk(tmp_path, story)


def test_stopping_answers_what_was_begun_and_tells_the_others(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        calls = [await _ask(chat, claim=f"{BRIDGE[:-1]}, for the {n}th time.") for n in range(6)]
        for call in calls:
            await call.first()
        await asyncio.sleep(0.3)
        closing = asyncio.create_task(chat.client.close())
        await asyncio.sleep(0.1)
        chat.app.gate.set()
        await closing
        said = [chat.said(await call.answer()) for call in calls]
        assert sum("is being restarted" in one for one in said) >= 1
        assert all("is being restarted" in one or "ources" in one for one in said)
        assert [call.answers for call in calls] == [1] * 6
        assert not await asyncio.to_thread(chat.app.asks.waiting, chat.app.asks.get(1).created_at.replace(year=2000))  # type: ignore[union-attr]

    _talk(tmp_path, story)


def test_what_a_killed_process_left_is_answered_by_the_next(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat)
        await call.first()
        mention = await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        assert mention is not None
        await asyncio.sleep(0.3)
        gate = chat.app.gate
        await chat.restart(killed=True)
        gate.set()
        assert "Sources differ" in chat.said(await call.answer(timeout=10))
        assert "Sources differ" in chat.said(await chat.server.channel.next_message(timeout=10))
        assert call.answers == 1
        assert [await _state(chat, 1), await _state(chat, 2)] == [State.ANSWERED] * 2

    _talk(tmp_path, story)


def test_what_is_asked_until_the_end_is_answered_or_not_taken_at_all(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        closing, calls = asyncio.create_task(chat.client.close()), []
        while not closing.done():
            calls += [await _ask(chat), await chat.ada.press(answer, "In context")]
            await asyncio.sleep(0.001)
        await closing
        await asyncio.sleep(0.1)
        assert [str(call) for call in calls if call.first_type is not None and call.answers != 1] == []

    _talk(tmp_path, story)
    assert "Session is closed" not in caplog.text and "RuntimeError" not in caplog.text
