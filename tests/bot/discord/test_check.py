"""Each way of asking, with the real client against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot.discord.chat import BRIDGE, OTHERWISE, Chat, talking
from tests.standins.discord import Message
from tests.standins.discord.calls import DEFER

POST = (
    f"Here is what I read about it yesterday. {BRIDGE} {OTHERWISE} What do you all think of it?\n\n" + "Some more words of no news. " * 30
)


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **settings) as chat:
            await story(chat)

    asyncio.run(whole())


def _has_both_sides(said: str) -> bool:
    return "Sources differ: 1 agrees, 1 contradicts." in said and "Harwick Echo" in said and "Oren Tribune" in said


def test_a_typed_claim_is_answered_privately_with_both_sides(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE)
        said = chat.said(await call.answer())
        assert _has_both_sides(said)
        assert (await call.first(), call.private, call.answers) == (DEFER, True, 1)
        assert "](<https://harwick-echo.example/bridge#:~:text=" in said
        assert "24 Feb 2025" in said or "Feb 24, 2025" in said
        assert "**council" in said or "council** " in said  # decisive words in bold

    _talk(tmp_path, story)


def test_who_asks_decides_who_sees_it(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE, public=True)
        assert _has_both_sides(chat.said(await call.answer()))
        assert not call.private

    _talk(tmp_path, story)


def test_what_no_source_speaks_to_is_said_plainly(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("check", chat.server.channel, claim="Penguins elected a giraffe to parliament on Sunday.")
        assert "No stored source speaks to this." in chat.said(await call.answer())

    _talk(tmp_path, story)


def test_what_is_no_claim_gets_one_sentence(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        for text, words in (
            ("🎉🎉", "no words besides"),
            ("lol", "makes no statement"),
            (
                "Der Rat der Stadt hat am Dienstag mit vierzehn zu drei Stimmen beschlossen, die Brücke zu schließen, und das ist neu.",
                "German",
            ),
        ):
            call = await chat.ada.command("check", chat.server.channel, claim=text)
            assert words in chat.said(await call.answer())
            assert call.answers == 1

    _talk(tmp_path, story)


def test_the_menu_of_a_message_checks_it(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = chat.discord.person("Bob")
        chat.server.join(bob)
        message = await bob.say(chat.server.channel, BRIDGE)
        call = await chat.ada.menu("Check sources", message)
        assert _has_both_sides(chat.said(await call.answer()))
        assert call.private

    _talk(tmp_path, story)


@pytest.mark.parametrize("way", ["embed", "forwarded", "thread"])
def test_the_menu_reads_embeds_forwarded_messages_and_forum_posts(tmp_path: Path, way: str) -> None:
    async def story(chat: Chat) -> None:
        channel = chat.server.channel
        message: Message
        if way == "embed":
            message = await chat.ada.say(channel, "", embeds=[{"title": "Bridge", "description": BRIDGE}])
        elif way == "forwarded":
            message = await chat.ada.say(channel, "", snapshots=[BRIDGE])
        else:
            forum = chat.server.add_channel("reports", kind=15)
            message = await chat.ada.say(chat.server.add_thread(forum, "The bridge"), BRIDGE)
        said = chat.said(await (await chat.ada.menu("Check sources", message)).answer())
        assert "Harwick Echo" in said or "Open a claim with its excerpts" in said

    _talk(tmp_path, story)


def test_a_message_without_words_is_told_so(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.menu("Check sources", await chat.ada.say(chat.server.channel, ""))
        assert "no text that could be checked" in chat.said(await call.answer())

    _talk(tmp_path, story)


def test_a_long_post_is_offered_for_trimming_and_each_claim_of_it_opens(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.menu("Check sources", await chat.ada.say(chat.server.channel, POST))
        modal = await call.opened()
        sent = await chat.ada.submit(modal, {"text": f"{BRIDGE} {OTHERWISE}"})
        overview = await sent.answer()
        said = chat.said(overview)
        assert "2 claims of this post were compared with the stored news." in said
        assert said.count("Sources differ") == 2
        checks = await asyncio.to_thread(chat.app.asks.get, 1)
        assert checks is not None
        opened = await chat.ada.choose(overview, "Open a claim with its excerpts", [str(checks.checks[1])])
        assert _has_both_sides(chat.said(await opened.answer()))
        assert opened.private

    _talk(tmp_path, story)


def test_a_whole_post_can_be_pasted(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("check", chat.server.channel, claim=POST)
        assert "2 claims of this post" in chat.said(await call.answer())

    _talk(tmp_path, story)


def test_a_mention_with_a_claim_is_answered_by_a_reply(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        assert _has_both_sides(chat.said(await chat.server.channel.next_message()))

    _talk(tmp_path, story)


def test_a_mention_alone_and_one_in_reply_to_somebody_say_how_to_ask(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        message = await chat.ada.say(chat.server.channel, BRIDGE)
        await chat.ada.say(chat.server.channel, "", mention=[chat.discord.bot])
        assert "Check sources" in chat.said(await chat.server.channel.next_message())
        await chat.ada.say(chat.server.channel, "", mention=[chat.discord.bot], reply_to=message)
        assert "Check sources" in chat.said(await chat.server.channel.next_message())

    _talk(tmp_path, story)


def test_a_direct_message_is_answered(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await chat.ada.say(None, BRIDGE)
        assert _has_both_sides(chat.said(await chat.ada.next_dm()))
        call = await chat.ada.command("check", claim=BRIDGE, dm=True)
        assert _has_both_sides(chat.said(await call.answer()))

    _talk(tmp_path, story)


def test_what_is_not_meant_for_the_bot_is_left_alone(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await chat.ada.say(chat.server.channel, BRIDGE)
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        await chat.server.channel.next_message()
        posted = [path for method, path, _ in chat.discord.requests if method == "POST" and path.endswith("/messages")]
        assert len(posted) == 1

    _talk(tmp_path, story)


def test_a_person_who_installed_it_can_ask_in_any_server_privately(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        elsewhere = chat.discord.server("Elsewhere", bot=False)
        elsewhere.join(chat.ada)
        call = await chat.ada.command("check", elsewhere.channel, install="user", claim=BRIDGE, public=True)
        assert _has_both_sides(chat.said(await call.answer()))
        assert call.private

    _talk(tmp_path, story)


def test_answers_come_in_the_person_s_language(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        eva = chat.discord.person("Eva", locale="de")
        chat.server.join(eva)
        said = chat.said(await (await eva.command("check", chat.server.channel, claim=BRIDGE)).answer())
        assert "24.02.2025" in said
        assert "Sources differ" not in said
        named = next(command for command in chat.discord.commands if command["name"] == "Check sources")
        assert named["name_localizations"]["de"] != "Check sources"

    _talk(tmp_path, story)


def test_commands_are_handed_over_once_and_again_only_when_they_change(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        assert chat.discord.syncs == 1
        assert {command["name"] for command in chat.discord.commands} >= {"check", "Check sources", "settings", "sources", "help", "about"}
        await chat.restart()
        assert chat.discord.syncs == 1
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE)
        assert _has_both_sides(chat.said(await call.answer()))

    _talk(tmp_path, story)
