"""Pictures go with answers in Discord, survive whatever becomes of these, and never keep one from being sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from discord.utils import time_snowflake

from bot.discord.asking import posted_at
from bot.discord.overviews import overview_view
from bot.discord.replies import ChannelReply
from bot.discord.views import Enclosure, Frame
from bot.words import words_for
from db.asks import Ask, State, Where
from db.guilds import Pictures
from retrieval.types import Article
from tests.bot.discord.chat import BRIDGE, OTHERWISE, Chat, talking
from tests.standins.discord import Message
from tests.standins.discord.component_rules import GALLERY, walk
from tests.standins.discord.permissions import ATTACH_FILES, WRITING

MANAGE_SERVER = 1 << 5
PNG = b"\x89PNG"
POST = f"{BRIDGE}\n{OTHERWISE}"


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **({"pictures": True} | settings)) as chat:
            await story(chat)

    asyncio.run(whole())


def _pictures(message: Message) -> list[str]:
    """The names of the pictures that can be seen, each a PNG that is described in the same words twice."""
    shown = [item for one in walk(message.components) if one["type"] == GALLERY for item in one["items"]]
    kept = {one["url"]: one for one in message.payload["attachments"]}
    for item in shown:
        attachment = kept[item["media"]["url"]]
        assert 0 < len(item["description"]) <= 1_024
        assert item["description"] == attachment["description"]
        assert message.files[attachment["filename"]].startswith(PNG)
    assert len(shown) == len(kept) == len(message.files)
    return [str(kept[item["media"]["url"]]["filename"]) for item in shown]


async def _checked(chat: Chat, claim: str = BRIDGE) -> Message:
    return await (await chat.ada.command("check", chat.server.channel, claim=claim)).answer()


def test_an_answer_has_a_timeline_and_a_post_its_overview(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _checked(chat)
        assert _pictures(answer) == ["timeline.png"]
        described = "".join(one["description"] for one in answer.payload["attachments"])
        assert re.search(r"Harwick Echo · [a-z.-]+ agrees", described)
        assert _pictures(await _checked(chat, POST)) == ["overview.png"]
        assert _pictures(await _checked(chat, "Penguins elected a giraffe to parliament on Sunday.")) == []

    _talk(tmp_path, story)


def test_presses_and_sharing_draw_it_again(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        overview = await _checked(chat, POST)
        ask = await asyncio.to_thread(chat.app.asks.get, 1)
        assert ask is not None
        opened = await (await chat.ada.choose(overview, "Open a claim with its excerpts", [str(ask.checks[0])])).answer()
        assert _pictures(opened) == ["timeline.png"]
        await chat.restart(pictures=True)
        shared = await (await chat.ada.press(overview, "Share in channel")).answer()
        assert _pictures(shared) == ["overview.png"] and not shared.only_for

    _talk(tmp_path, story)


@pytest.mark.parametrize("change", [{"pictures": "off"}, {"plain_text": True}])
def test_a_server_that_wants_none_gets_none(tmp_path: Path, change: dict[str, object]) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, **change)
        answer = await _checked(chat)
        assert "Harwick Echo" in chat.said(answer)
        assert _pictures(answer) == []

    _talk(tmp_path, story)


def test_an_administrator_chooses_the_ground(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        boss = chat.discord.person("Boss")
        chat.server.join(boss, permissions=WRITING | MANAGE_SERVER)
        before = (await _checked(chat)).files["timeline.png"]
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        await (await boss.choose(panel, "cc:set:0:0:pictures", ["light"])).answer()
        assert (await chat.client.server_settings.of(chat.server.id)).pictures is Pictures.LIGHT
        assert (await _checked(chat)).files["timeline.png"] != before

    _talk(tmp_path, story)


def test_a_picture_that_cannot_be_drawn_leaves_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("bot.illustrating.draw_timeline", broken)

    async def story(chat: Chat) -> None:
        answer = await _checked(chat)
        assert "Harwick Echo" in chat.said(answer) and _pictures(answer) == []

    _talk(tmp_path, story)


def test_where_the_bot_may_attach_nothing_the_answer_comes_without(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.server.forbid(chat.server.channel, ATTACH_FILES)
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        answer = await chat.server.channel.next_message()
        assert "Harwick Echo" in chat.said(answer) and _pictures(answer) == []
        await chat.settled()
        assert [code for _, _, code in chat.discord.errors] == [50013]

    _talk(tmp_path, story)


@pytest.mark.parametrize("after", [False, True])
def test_a_picture_arrives_whole_however_often_it_has_to_be_sent(tmp_path: Path, after: bool) -> None:
    async def story(chat: Chat) -> None:
        for method, path in (("PATCH", r"/webhooks/.*"), ("POST", r"/channels/\d+/messages")):
            chat.discord.fail(method, path, status=503, times=2, after=after)
        answer = await _checked(chat)
        assert _pictures(answer) == ["timeline.png"]
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        assert _pictures(await chat.server.channel.next_message()) == ["timeline.png"]

    _talk(tmp_path, story)


def test_an_edit_with_a_picture_replaces_it_and_one_without_keeps_it(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        channel = chat.client.get_partial_messageable(chat.server.channel.id, guild_id=chat.server.id)
        first, second = (Enclosure("overview.png", PNG + data, data.decode()) for data in (b"first", b"second"))
        frame = Frame(words_for("en"), 1)
        reply = ChannelReply(channel, 7)
        id_ = await reply.show(None, overview_view([], 0, frame, picture=first), (first,))
        message = await chat.server.channel.next_message()
        assert message.files == {"overview.png": PNG + b"first"}
        await reply.show(None, overview_view([], 0, frame, picture=second), (second,))
        assert (message.files, len(message.payload["attachments"])) == ({"overview.png": PNG + b"second"}, 1)
        await reply.show(None, overview_view([], 0, frame, picture=second))
        assert _pictures(message) == ["overview.png"] and message.files == {"overview.png": PNG + b"second"}
        assert await ChannelReply(channel, 8, id_).show(None, overview_view([], 0, frame, picture=first), (first,)) == message.id
        assert message.files == {"overview.png": PNG + b"first"}

    _talk(tmp_path, story)


def test_evidence_newer_than_the_message_that_is_checked_is_marked(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        message = await chat.ada.say(chat.server.channel, BRIDGE)
        answer = await (await chat.ada.menu("Check sources", message)).answer()
        said = chat.said(answer)
        assert "It agreed with the news of its time; 1 later source contradicts it." in said
        assert said.count("newer than the post") == 1
        await chat.restart(pictures=True)
        shared = await (await chat.ada.press(answer, "Share in channel")).answer()
        assert "It agreed with the news of its time; 1 later source contradicts it." in chat.said(shared)
        assert "of its time" not in chat.said(await _checked(chat))

    later = datetime.now(UTC) + timedelta(days=1)
    articles = [
        Article("https://echo.example/1", "Echo", "Harwick Echo", f"Rain fell. {BRIDGE} Buses go.", datetime(2025, 2, 24, tzinfo=UTC)),
        Article("https://oren.example/1", "Oren", "Oren Tribune", f"{OTHERWISE} Nobody spoke.", later),
    ]
    _talk(tmp_path, story, articles=articles)


def test_the_time_of_a_message_is_in_its_id_and_words_of_one_s_own_have_none() -> None:
    at = datetime(2025, 8, 14, 12, tzinfo=UTC)
    ask = Ask(1, Where(None, None, "ada"), False, "en", State.WAITING, at, about_message_id=time_snowflake(at))
    assert posted_at(ask) == at
    assert posted_at(Ask(1, Where(None, None, "ada"), False, "en", State.WAITING, at)) is None
