"""What Discord and the world do to an answer: whoever asked is answered once, or told why not. Each with the models that ship too."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from discord.gateway import ReconnectWebSocket
from discord.shard import Shard, ShardInfo
from tenacity import wait_none

import bot.discord.replies
from bot.app import App
from bot.discord.asking import Asking
from bot.discord.leftovers import recover
from config.settings import Settings
from db.asks import Ask, Asks, Refusal, State
from db.guilds import Answers
from retrieval.errors import StoreError
from tests.bot.discord import chat as chats
from tests.bot.discord.chat import BRIDGE, Chat, FakeModelApp, taken_on, talking
from tests.standins.databases import url_setting
from tests.standins.discord import Call, Message
from tests.standins.discord.clock import PATIENCE, until

CALLBACK, ORIGINAL = r"/interactions/\d+/[^/]+/callback", r"/webhooks/\d+/[^/]+/messages/@original"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Holds the models that ship."""
    folder = tmp_path_factory.mktemp("real-models")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        settings = Settings(data_dir=folder, database_url=url_setting(folder))
    with App(settings) as app:
        app.warm_up()  # now, and not while an answer is waited for
        yield app


@pytest.fixture(autouse=True, params=["fake models", pytest.param("real models", marks=pytest.mark.slow)])
def models(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of every app of a test."""
    if request.param == "real models":
        app = request.getfixturevalue("loaded")
        for part in ("embedder", "stance", "small_stance"):
            monkeypatch.setattr(FakeModelApp, part, getattr(app, part))
        monkeypatch.setattr(FakeModelApp, "index", App.index)
        monkeypatch.setattr(chats, "app_in", partial(chats.app_in, stance=app.settings.stance))


RULES_NOTHING = "Crosscheck does not rule true or false"  # how an answer with excerpts ends


def _answers(said: str) -> bool:
    """Whether it is the whole answer to BRIDGE."""
    return "Sources differ" in said and RULES_NOTHING in said


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **settings) as chat:
            await story(chat)

    asyncio.run(whole())


async def _ask(chat: Chat, *, public: bool = False, claim: str = BRIDGE) -> Call:
    return await chat.ada.command("check", chat.server.channel, claim=claim, public=public)


async def _state(chat: Chat, ask: int = 1) -> State:
    """What is remembered of an ask, once it is settled."""
    async with asyncio.timeout(PATIENCE):
        while (found := await asyncio.to_thread(chat.app.asks.get, ask)) is None or found.state is State.WAITING:
            await asyncio.sleep(0.02)
        return found.state


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
        assert _answers(chat.said(await call.answer()))
        assert call.answers == 1
        assert await _state(chat) is State.ANSWERED

    _talk(tmp_path, story)


@pytest.mark.parametrize("route", [("POST", CALLBACK), ("PATCH", ORIGINAL)], ids=["callback", "answer"])
def test_what_arrives_unheard_many_times_is_no_reason_for_a_second_answer(
    tmp_path: Path, route: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.discord.replies, "wait_random_exponential", lambda *_: wait_none())

    async def story(chat: Chat) -> None:
        chat.discord.fail(*route, times=8, drop=True, after=True)
        call = await _ask(chat)
        assert _answers(chat.said(await call.answer()))
        assert await _state(chat) is State.ANSWERED
        assert call.answers == 1
        assert chat.ada.direct.posts == []

    _talk(tmp_path, story)


def test_an_interaction_that_is_too_late_is_left_and_nothing_breaks(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        late = chat.discord.fail("POST", CALLBACK, code=10062)
        await _ask(chat)
        await until(lambda: late.met)
        await chat.idle()
        assert chat.app.checked == []
        assert _answers(chat.said(await (await _ask(chat)).answer()))

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
        assert _answers(chat.said(message))
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
        await taken_on(chat.app)
        chat.discord.delete(message)
        chat.app.gate.set()
        assert _answers(chat.said(await chat.server.channel.next_message()))

    _talk(tmp_path, story)


def test_a_channel_deleted_meanwhile_harms_nobody_else(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        gone = chat.server.add_channel("gone")
        chat.app.gate.clear()
        await chat.ada.say(gone, BRIDGE, mention=[chat.discord.bot])
        await taken_on(chat.app)
        chat.discord.delete(gone)
        chat.app.gate.set()
        assert await _state(chat) is State.TOLD
        assert _answers(chat.said(await (await _ask(chat)).answer()))

    _talk(tmp_path, story)


def test_a_mention_where_the_bot_may_not_write_is_left_alone(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.server.forbid(chat.server.channel, 1 << 11)
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        assert _answers(chat.said(await (await _ask(chat)).answer()))  # private answers need no permission
        await chat.idle()
        assert not [path for method, path, _ in chat.discord.requests if method == "POST" and path.startswith("/channels")]

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
        assert _answers(chat.said(await chat.ada.next_dm()))

    _talk(tmp_path, story)


@pytest.mark.parametrize("resumable", [True, False])
def test_a_dropped_gateway_comes_back_and_what_was_asked_meanwhile_is_answered(tmp_path: Path, resumable: bool) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        before = await _ask(chat)
        await before.first()
        await chat.discord.drop_gateway(resumable=resumable)
        chat.app.gate.set()
        assert _answers(chat.said(await before.answer()))
        await chat.discord.connected()
        assert _answers(chat.said(await (await _ask(chat)).answer()))

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
        assert _answers(chat.said(await (await _ask(chat)).answer()))

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
        assert "Something went wrong here" in chat.said(await call.answer())
        assert call.answers == 1

    _talk(tmp_path, story)


@pytest.mark.parametrize("after", [False, True])
def test_a_sentence_after_a_press_is_said_once_however_often_it_is_tried(tmp_path: Path, after: bool) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await _ask(chat)).answer()
        chat.discord.fail("POST", CALLBACK, drop=True, after=after)
        call = await chat.ada.press(answer, "Helpful")
        assert "Thank you" in chat.said(await call.answer())
        assert call.answers == 1

    _talk(tmp_path, story)


@pytest.mark.parametrize("after", [False, True])
def test_a_refusal_is_said_once_however_often_it_is_tried(tmp_path: Path, after: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, channels={chat.server.add_channel("elsewhere").id})
        chat.discord.fail("POST", CALLBACK, drop=True, after=after)
        call = await _ask(chat)
        assert "in other channels" in chat.said(await call.answer())
        await chat.idle()
        assert call.answers == 1

    _talk(tmp_path, story)
    assert "went wrong" not in caplog.text and "error" not in caplog.text


@pytest.mark.parametrize("why", ["a limit", "an error", "a mention in a server of private answers"])
def test_a_no_that_can_be_delivered_nowhere_is_logged_by_what_was_asked(
    tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(chat: Chat) -> None:
        await (await _ask(chat)).answer()
        asked: Call | Message
        if why == "a mention in a server of private answers":
            chat.app.guilds.change(chat.server.id, answers=Answers.ONLY_PRIVATE)
            chat.client.server_settings.forget(chat.server.id)
            chat.discord.fail("POST", r"/channels/\d+/messages", code=50013)
            asked = await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        else:
            if why == "an error":
                monkeypatch.setattr(type(chat.app.asks), "accept", lambda *_: 1 / 0)
            chat.discord.fail("PATCH", ORIGINAL, code=50027)
            chat.ada.takes_direct = False
            asked = await _ask(chat)
        async with asyncio.timeout(PATIENCE):
            while not any(str(asked.id) in line and "could be delivered" in line.replace("not be", "be") for line in caplog.messages):
                await asyncio.sleep(0.05)

    _talk(tmp_path, story, asks_a_minute=1)


def test_a_moderator_whose_press_ran_out_is_told_of_the_flag_directly(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = chat.discord.person("Mia")
        chat.server.join(mia, permissions=1 << 10 | 1 << 11 | 1 << 13 | 1 << 31)
        desk = chat.server.add_channel("moderators")
        chat.app.guilds.change(chat.server.id, moderator_channel=desk.id)
        modal = await (await mia.press(await (await _ask(chat, public=True)).answer(), "Flag for moderators")).opened()
        chat.discord.fail("PATCH", ORIGINAL, code=50027)
        await mia.submit(modal, {"reason": "Something else"})
        assert "Case 1" in chat.said(await desk.next_message())
        assert "Case 1 was opened" in chat.said(await mia.next_dm())

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
        await until(lambda: chat.app.taken_up)
        closing = asyncio.create_task(chat.client.close())
        await asyncio.sleep(0.1)
        chat.app.gate.set()
        await closing
        said = [chat.said(await call.answer()) for call in calls]
        assert sum("is being restarted" in one for one in said) >= 1
        assert all("is being restarted" in one or RULES_NOTHING in one for one in said)
        assert [call.answers for call in calls] == [1] * 6
        assert not await asyncio.to_thread(chat.app.asks.waiting, chat.app.asks.get(1).created_at.replace(year=2000))  # type: ignore[union-attr]

    _talk(tmp_path, story)


def test_an_answer_at_the_end_goes_without_earlier_ones_and_that_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        await (await _ask(chat, public=True)).answer()
        chat.app.gate.clear()
        chat.app.taken_up.clear()
        call = await _ask(chat, claim=f"{BRIDGE[:-1]}, says the mayor.")
        await call.first()
        await until(lambda: chat.app.taken_up)
        closing = asyncio.create_task(chat.client.close())
        await asyncio.sleep(0.1)
        chat.app.gate.set()
        await closing
        assert RULES_NOTHING in chat.said(await call.answer())
        assert await _state(chat, 2) is State.ANSWERED

    _talk(tmp_path, story)
    assert "like claims" not in caplog.text


@pytest.mark.parametrize("way", ["command", "button", "direct message"])
def test_what_comes_by_a_shard_that_connects_again_while_the_program_ends_is_answered_or_left(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connecting, disconnected = asyncio.Event(), asyncio.Event()
    reidentify, disconnect = Shard.reidentify, ShardInfo.disconnect

    async def reidentifies(self: Shard, why: ReconnectWebSocket) -> None:
        connecting.set()
        await disconnected.wait()
        await reidentify(self, why)

    async def disconnects(self: ShardInfo) -> None:
        await disconnect(self)
        disconnected.set()

    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        before = await _ask(chat)
        await before.first()
        await until(lambda: chat.app.taken_up)
        monkeypatch.setattr(Shard, "reidentify", reidentifies)
        monkeypatch.setattr(ShardInfo, "disconnect", disconnects)
        await chat.discord.drop_gateway()
        await asyncio.wait_for(connecting.wait(), PATIENCE)
        closing = asyncio.create_task(chat.client.close())
        await chat.ada.say(None, f"{BRIDGE[:-1]} at noon.")
        assert "is being restarted" in chat.said(await chat.ada.next_dm())
        late: list[Call | Message] = []
        end = chat.client._connection.close

        async def ends() -> None:
            if way == "direct message":
                late.append(await chat.ada.say(None, BRIDGE))
            else:
                late.append(await (_ask(chat) if way == "command" else chat.ada.press(await before.answer(), "In context")))
            await until(lambda: f"{late[0].id} came while the program ends" in caplog.text)
            await end()

        monkeypatch.setattr(chat.client._connection, "close", ends)
        chat.app.gate.set()
        await closing
        assert not isinstance(late[0], Call) or late[0].first_type is None
        assert len(chat.ada.direct.posts) == 1

    _talk(tmp_path, story)
    assert "Session is closed" not in caplog.text


def test_what_a_killed_process_left_is_answered_by_the_next(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat)
        await call.first()
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        await taken_on(chat.app, 2)
        gate = chat.app.gate
        await chat.restart(killed=True)
        gate.set()
        assert _answers(chat.said(await call.answer()))
        assert _answers(chat.said(await chat.server.channel.next_message()))
        assert call.answers == 1
        assert [await _state(chat, 1), await _state(chat, 2)] == [State.ANSWERED] * 2

    _talk(tmp_path, story)


def test_what_is_accepted_while_it_is_looked_for_what_was_left_is_answered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accept, resume = Asks.accept, Asking.resume
    asked: list[int] = []

    def slowly(self: Asks, *given: Any) -> Ask | Refusal:
        taken = accept(self, *given)
        time.sleep(0.5)
        return taken

    async def resumed(self: Asking, ask: Ask, *given: Any) -> None:
        asked.append(ask.id)
        await resume(self, ask, *given)

    async def story(chat: Chat) -> None:
        monkeypatch.setattr(Asks, "accept", slowly)
        monkeypatch.setattr(Asking, "resume", resumed)
        monkeypatch.setattr(chat.client.part, "alone", nullcontext)  # the client's own look for what was left has it still
        chat.client.asking.own = set()
        call = await _ask(chat)
        await taken_on(chat.app)
        looking = asyncio.create_task(recover(chat.client))
        assert _answers(chat.said(await call.answer()))
        await chat.settled()
        await chat.idle()
        looking.cancel()
        assert asked == [1]

    _talk(tmp_path, story)


def test_what_was_left_is_answered_though_the_store_failed_when_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, fails = Asks.waiting, [True]

    def waiting(self: Asks, since: datetime) -> list[Ask]:
        if fails and fails.pop():
            raise StoreError("The database is away.")
        return real(self, since)

    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await _ask(chat)
        await call.first()
        await taken_on(chat.app)
        gate = chat.app.gate
        monkeypatch.setattr(Asks, "waiting", waiting)
        monkeypatch.setattr("bot.discord.leftovers.AGAIN", 0.1)
        await chat.restart(killed=True)
        gate.set()
        assert _answers(chat.said(await call.answer()))
        assert fails == []

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
