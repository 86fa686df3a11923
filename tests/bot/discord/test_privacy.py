"""What is private stays so: among people who talk directly, in private threads, after deletions, in logs; and who is a moderator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from retrieval.sources import Kind, State
from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.discord import Message, Person
from tests.standins.discord.clock import PATIENCE

USUAL = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31  # seeing, writing, history, commands
MANAGE_MESSAGES, IN_THREADS = 1 << 13, 1 << 38


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, news(3), **settings) as chat:
            await story(chat)

    asyncio.run(whole())


def _moderator(chat: Chat, name: str = "Mia") -> Person:
    made = chat.discord.person(name)
    chat.server.join(made, permissions=MANAGE_MESSAGES | USUAL)
    return made


async def _flagged(person: Person, answer: Message) -> Message:
    """What is said when an answer is flagged."""
    modal = await (await person.press(answer, "Flag for moderators")).opened()
    return await (await person.submit(modal, {"reason": "Something else", "note": "why"})).answer()


async def _answer(chat: Chat, *, public: bool = False, claim: str = BRIDGE) -> Message:
    answer = await (await chat.ada.command("check", chat.server.channel, claim=claim, public=public)).answer()
    await chat.settled()
    return answer


def test_an_answer_among_people_who_talk_directly_is_the_asker_s_unless_wished_otherwise(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = chat.discord.person("Bob")
        group = chat.discord.group(chat.ada, bob)
        call = await chat.ada.command("check", group, install="user", claim=BRIDGE)
        assert "Sources differ" in chat.said(await call.answer())
        assert call.private
        shown = await chat.ada.command("check", group, install="user", claim=BRIDGE, public=True)
        await shown.answer()
        assert not shown.private
        refused = await chat.ada.command("check", group, install="user", claim="lol")
        await refused.answer()
        assert refused.private

    _talk(tmp_path, story)


def test_what_is_asked_in_a_private_thread_is_not_told_elsewhere(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        thread = chat.server.add_thread(chat.server.channel, "hidden", by=chat.ada, private=True)
        await chat.ada.say(thread, BRIDGE, mention=[chat.discord.bot])
        assert "Sources differ" in chat.said(await thread.next_message())
        assert "in this server" not in chat.said(await _answer(chat))

    _talk(tmp_path, story)


def test_an_answer_that_was_deleted_is_not_told_of_any_more(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        first = await _answer(chat, public=True)
        assert "in this server" in chat.said(await _answer(chat))
        chat.discord.delete(first)
        async with asyncio.timeout(PATIENCE):
            while getattr(await asyncio.to_thread(chat.app.asks.get, 1), "message_id", None) is not None:
                await asyncio.sleep(0.02)
        assert "in this server" not in chat.said(await _answer(chat))

    _talk(tmp_path, story)


def test_what_was_asked_in_a_channel_that_the_asker_cannot_read_is_not_told_of(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _moderator(chat)
        await (await mia.command("check", chat.server.channel, claim=BRIDGE, public=True)).answer()
        elsewhere = chat.server.add_channel("elsewhere")
        hidden = chat.server.channel.overwrites.setdefault(chat.server.id, _nothing())
        hidden.deny |= 1 << 10  # for everyone
        chat.discord.gateway.tell_channel("CHANNEL_UPDATE", chat.server.channel)
        call = await chat.ada.command("check", elsewhere, claim=BRIDGE)
        assert "in this server" not in chat.said(await call.answer())

    _talk(tmp_path, story)


def _nothing() -> Any:
    from tests.standins.discord.world import Overwrite

    return Overwrite(kind=0)


def test_rights_in_one_channel_make_no_moderator(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        room = chat.server.add_channel("own room")
        mine = room.overwrites.setdefault(chat.ada.id, _nothing())
        mine.kind, mine.allow = 1, MANAGE_MESSAGES
        chat.discord.gateway.tell_channel("CHANNEL_UPDATE", room)
        assert "for the moderators" in chat.said(await (await chat.ada.command("sources list", room)).answer())

    _talk(tmp_path, story)


def test_another_moderator_can_see_the_evidence_of_a_flagged_private_answer_and_a_member_cannot(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia, max_ = _moderator(chat), _moderator(chat, "Max")
        desk = chat.server.add_channel("moderators")
        chat.app.guilds.change(chat.server.id, moderator_channel=desk.id)
        answer = await (await mia.command("check", chat.server.channel, claim=BRIDGE)).answer()
        await _flagged(mia, answer)
        case = await desk.next_message()
        opened = await (await max_.choose(case, "Open the evidence of a claim", ["1.0"])).answer()
        assert "Harwick Echo" in chat.said(opened)
        assert "for the moderators" in chat.said(await (await chat.ada.choose(case, "Open the evidence of a claim", ["1.0"])).answer())

    _talk(tmp_path, story)


def test_a_thread_where_the_bot_may_write_takes_a_shared_answer(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        thread = chat.server.add_thread(chat.server.channel, "talk")
        chat.server.forbid(chat.server.channel, 1 << 11)  # writing in the channel, not in its threads
        answer = await (await chat.ada.command("check", thread, claim=BRIDGE)).answer()
        assert "Shared by" in chat.said(await (await chat.ada.press(answer, "Share in channel")).answer())

    _talk(tmp_path, story)


def test_a_source_of_several_servers_is_not_for_one_to_rest(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia, book, now = _moderator(chat), chat.app.addresses, datetime.now(UTC)
        own, _ = book.add("https://own.example/feed", Kind.FEED, "Own Echo", now, chat.server.id)
        book.add("https://own.example/feed", Kind.FEED, "Own Echo", now, 77)
        said = chat.said(await (await mia.command("sources pause", chat.server.channel, source=str(own.id))).answer())
        assert "Other servers follow" in said
        assert book.remove_from(own.id, 77)
        book.set_state(own.id, State.PAUSED, "Too slow.", now)
        said = chat.said(await (await mia.command("sources pause", chat.server.channel, source=str(own.id))).answer())
        assert "Too slow" in said
        assert book.sources(chat.server.id)[0].state is State.PAUSED

    _talk(tmp_path, story)


def test_a_failing_store_is_told_and_no_word_or_token_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        with chat.app.database.writing() as session:
            session.connection().exec_driver_sql("ALTER TABLE ask RENAME TO asked")
        call = await chat.ada.command("check", chat.server.channel, claim="Secret words of Ada are here to stay.")
        assert "Something went wrong" in chat.said(await call.answer())
        assert "Something went wrong" in chat.said(await (await chat.ada.press(answer, "In context")).answer())
        with chat.app.database.writing() as session:
            session.connection().exec_driver_sql("ALTER TABLE asked RENAME TO ask")
        assert call.token not in caplog.text

    with caplog.at_level(logging.DEBUG, "crosscheck"):
        _talk(tmp_path, story)
    assert "Secret words" not in caplog.text
    assert "no such table" in caplog.text or 'relation "ask" does not exist' in caplog.text


def test_a_moderators_channel_that_is_gone_is_told_of(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _moderator(chat)
        chat.app.guilds.change(chat.server.id, moderator_channel=4711)
        answer = await (await mia.command("check", chat.server.channel, claim=BRIDGE)).answer()
        told = await _flagged(mia, answer)
        await chat.discord.happened.until(lambda: "could not be written to" in chat.said(told), PATIENCE, lambda: "word of nobody")

    _talk(tmp_path, story)
