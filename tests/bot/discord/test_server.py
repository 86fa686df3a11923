"""What a server's people set: settings, sources, help, the welcome; permissions are asked for again in code."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.guilds import Answers, Guild, Guilds
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Kind
from retrieval.types import Article
from tests.bot.discord.chat import BRIDGE, Chat, talking
from tests.standins.discord import Person
from tests.standins.discord.clock import until
from tests.standins.discord.forms import find_select
from tests.standins.discord.sessions import Session

USUAL = 1 << 10 | 1 << 11 | 1 << 31  # seeing, writing, commands
MANAGE_SERVER, MANAGE_MESSAGES = 1 << 5, 1 << 13


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **settings) as chat:
            await story(chat)

    asyncio.run(whole())


def _person(chat: Chat, name: str, permissions: int) -> Person:
    made = chat.discord.person(name)
    chat.server.join(made, permissions=permissions | USUAL)
    return made


async def _check(chat: Chat, person: Person | None = None) -> str:
    return chat.said(await (await (person or chat.ada).command("check", chat.server.channel, claim=BRIDGE)).answer())


@pytest.mark.parametrize(
    ("select", "value", "name", "expected"),
    [
        ("cc:set:0:0:answers", "public", "answers", Answers.PUBLIC),
        ("cc:set:0:0:minimum_sources", "3", "minimum_sources", 3),
        ("cc:set:0:0:language", "fr", "language", "fr"),
        ("cc:set:0:0:keep_days", "7", "keep_days", 7),
        ("cc:set:0:0:plain_text", "yes", "plain_text", True),
    ],
)
def test_an_administrator_sets_each_thing(tmp_path: Path, select: str, value: str, name: str, expected: object) -> None:
    async def story(chat: Chat) -> None:
        boss = _person(chat, "Boss", MANAGE_SERVER)
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        changed = await boss.choose(panel, select, [value])
        await changed.answer()
        assert getattr(chat.app.guilds.settings(chat.server.id), name) == expected
        assert getattr(await chat.client.server_settings.of(chat.server.id), name) == expected

    _talk(tmp_path, story)


def test_roles_and_channels_are_set_and_heeded(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        boss = _person(chat, "Boss", MANAGE_SERVER)
        readers = chat.server.add_role("Readers", permissions=0)
        desk = chat.server.add_channel("desk")
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        await (await boss.choose(panel, "cc:set:0:0:user_role", [readers])).answer()
        await (await boss.choose(panel, "cc:set:0:0:channels", [desk])).answer()
        await (await boss.press(panel, "Disputed posts …")).answer()
        await (await boss.choose(panel, "cc:set:0:0:moderator_channel", [desk])).answer()
        await (await boss.press(panel, "Back")).answer()
        settings = chat.app.guilds.settings(chat.server.id)
        assert (settings.user_role, settings.channels, settings.moderator_channel) == (readers.id, frozenset({desk.id}), desk.id)
        assert f"<#{desk.id}>" in await _check(chat)
        refused = await chat.ada.command("check", desk, claim=BRIDGE)
        assert f"<@&{readers.id}>" in chat.said(await refused.answer())
        assert refused.private
        eli = chat.discord.person("Eli")
        chat.server.join(eli, roles=[readers])
        assert "Sources differ" in chat.said(await (await eli.command("check", desk, claim=BRIDGE)).answer())
        await (await boss.choose(panel, "cc:set:0:0:user_role", [])).answer()
        assert chat.app.guilds.settings(chat.server.id).user_role is None

    _talk(tmp_path, story)


def test_what_is_chosen_last_is_stored_last_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = Guilds.change

    def slowly(self: Guilds, guild_id: int, **values: object) -> Guild:
        if values["keep_days"] == 7:
            time.sleep(0.5)
        return change(self, guild_id, **values)

    async def story(chat: Chat) -> None:
        monkeypatch.setattr(Guilds, "change", slowly)
        boss = _person(chat, "Boss", MANAGE_SERVER)
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        first = await boss.choose(panel, "cc:set:0:0:keep_days", ["7"])
        await first.first()
        second = await boss.choose(panel, "cc:set:0:0:keep_days", ["90"])
        await first.answer()
        await second.answer()
        await chat.idle()
        assert chat.app.guilds.settings(chat.server.id).keep_days == 90
        assert [one["value"] for one in find_select(panel.components, "cc:set:0:0:keep_days")["options"] if one.get("default")] == ["90"]

    _talk(tmp_path, story)


def test_settings_read_while_they_are_changed_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, read, changed = Guilds.settings, threading.Event(), threading.Event()

    def slowly(self: Guilds, guild_id: int) -> Guild:
        found = settings(self, guild_id)
        read.set()
        changed.wait(20)
        return found

    async def story(chat: Chat) -> None:
        monkeypatch.setattr(Guilds, "settings", slowly)
        before = asyncio.create_task(chat.client.server_settings.of(chat.server.id))
        await until(read.is_set)
        chat.app.guilds.change(chat.server.id, keep_days=7)
        chat.client.server_settings.forget(chat.server.id)
        changed.set()
        assert (await before).keep_days != 7
        assert (await chat.client.server_settings.of(chat.server.id)).keep_days == 7

    _talk(tmp_path, story)


def test_settings_are_refused_to_members_whatever_discord_lets_through(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        boss = _person(chat, "Boss", MANAGE_SERVER)
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        chat.server.join(boss, permissions=USUAL)  # no administrator any more
        assert "who may manage this server" in chat.said(await (await boss.choose(panel, "cc:set:0:0:answers", ["public"])).answer())
        assert chat.app.guilds.settings(chat.server.id).answers is Answers.PRIVATE

    _talk(tmp_path, story)


def test_public_answers_by_the_server_s_wish_and_private_by_the_asker_s(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, answers=Answers.PUBLIC)
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE)
        await call.answer()
        assert not call.private
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE, public=False)
        await call.answer()
        assert call.private
        chat.app.guilds.change(chat.server.id, answers=Answers.ONLY_PRIVATE)
        chat.client.server_settings.forget(chat.server.id)
        call = await chat.ada.command("check", chat.server.channel, claim=BRIDGE, public=True)
        await call.answer()
        assert call.private
        await chat.ada.say(chat.server.channel, BRIDGE, mention=[chat.discord.bot])
        assert "answers are private" in chat.said(await chat.server.channel.next_message())

    _talk(tmp_path, story)


def test_few_sources_are_called_few(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, minimum_sources=2)
        assert "This server asks for 2 independent sources." in await _check(chat)

    _talk(tmp_path, story)


def test_who_adds_the_bot_is_welcomed_and_led_to_the_settings(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        place = chat.discord.server("New place", bot=False)
        boss = chat.discord.person("Boss")
        place.join(boss, permissions=MANAGE_SERVER | USUAL)
        await chat.discord.invite(place, by=boss)
        welcome = await place.channel.next_message()
        assert "Crosscheck is here" in chat.said(welcome)
        panel = await (await boss.press(welcome, "Set up")).answer()
        assert "Settings of this server" in chat.said(panel)
        place.join(chat.ada)
        assert "who may manage" in chat.said(await (await chat.ada.press(welcome, "Set up")).answer())

    _talk(tmp_path, story)


def test_a_server_that_came_while_nobody_was_here_is_welcomed_at_the_start(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await chat.client.close()
        place = chat.discord.server("New place", bot=True)
        await chat.restart()
        assert "Crosscheck is here" in chat.said(await place.channel.next_message())
        await chat.client.close()
        await chat.discord.kick(chat.server)
        await chat.restart()
        await until(lambda: chat.server.id not in chat.app.guilds.present())

    _talk(tmp_path, story)


def test_a_new_server_of_whose_channels_discord_tells_late_is_welcomed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, late = Session.tell, []

    def without_it(self: Session, event: str, data: dict[str, Any]) -> None:
        if event == "GUILD_CREATE" and data["name"] == "New place":
            late.append((self, event, data))
        else:
            tell(self, event, data)

    async def story(chat: Chat) -> None:
        await chat.client.close()
        place = chat.discord.server("New place", bot=True)
        monkeypatch.setattr(Session, "tell", without_it)
        await chat.restart()
        await until(lambda: chat.client._not_here_yet)
        assert place.id not in chat.app.guilds.present()
        tell(*late.pop())
        assert "Crosscheck is here" in chat.said(await place.channel.next_message())

    _talk(tmp_path, story)


def test_being_removed_while_the_session_was_lost_is_noted_when_there_is_another(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        other = chat.discord.server("Stays")
        await chat.discord.invite(other)
        await until(lambda: {chat.server.id, other.id} <= chat.app.guilds.present())
        chat.server.remove_bot()  # which nobody is told of
        await chat.discord.drop_gateway(resumable=False)
        await until(lambda: chat.server.id not in chat.app.guilds.present())
        await chat.discord.connected()
        late = chat.discord.server("Comes", bot=False)
        await chat.discord.drop_gateway(resumable=False)
        await chat.discord.invite(late)
        await until(lambda: late.id in chat.app.guilds.present())
        assert chat.app.guilds.present() == {other.id, late.id}  # discord.py still knows the first

    _talk(tmp_path, story)


def test_being_removed_from_a_server_is_noted_and_coming_back_welcomed_again(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await chat.discord.kick(chat.server)
        await until(lambda: chat.server.id not in chat.app.guilds.present())
        await chat.discord.invite(chat.server, by=chat.server.owner)
        assert "Crosscheck is here" in chat.said(await chat.server.channel.next_message())

    _talk(tmp_path, story)


def test_help_and_about_say_what_it_is_and_keeps(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        text = chat.said(await (await chat.ada.command("help", chat.server.channel)).answer())
        assert "Check sources" in text and "does not rule true or false" in text and "</check:" in text
        text = chat.said(await (await chat.ada.command("about", dm=True)).answer())
        assert "30 days" in text and "hash in place of your name" in text

    _talk(tmp_path, story)


def test_moderators_look_after_their_own_sources_and_see_the_common_ones(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _person(chat, "Mia", MANAGE_MESSAGES)
        now, book = datetime.now(UTC), chat.app.addresses
        common, _ = book.add("https://common.example/feed", Kind.FEED, "Common Echo", now)
        own, _ = book.add("https://own.example/feed", Kind.FEED, "Own Echo", now, chat.server.id)
        book.add("https://theirs.example/feed", Kind.FEED, "Their Echo", now, 77)
        listed = chat.said(await (await mia.command("sources list", chat.server.channel)).answer())
        assert "Common Echo · common.example** · common" in listed and "Own Echo · own.example** · own" in listed
        assert "Their Echo" not in listed
        assert await mia.autocomplete("sources remove", chat.server.channel, "source", "echo") == [("own.example: Own Echo", str(own.id))]
        assert "rests" in chat.said(await (await mia.command("sources pause", chat.server.channel, source=str(own.id))).answer())
        assert "visited again" in chat.said(await (await mia.command("sources pause", chat.server.channel, source="Own Echo")).answer())
        for name in ("Common Echo", "Their Echo"):
            assert "no source of its own" in chat.said(
                await (await mia.command("sources remove", chat.server.channel, source=name)).answer()
            )
        assert "not followed" in chat.said(await (await mia.command("sources remove", chat.server.channel, source=str(own.id))).answer())
        assert [one.id for one in book.sources(chat.server.id)] == [common.id]

    _talk(tmp_path, story)


def test_sources_are_refused_to_members(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _person(chat, "Mia", MANAGE_MESSAGES)
        role = chat.server.add_role("Moderators", permissions=0)
        chat.app.guilds.change(chat.server.id, moderator_role=role.id)  # now the role counts, not the permission
        assert "for the moderators" in chat.said(await (await mia.command("sources list", chat.server.channel)).answer())
        assert await mia.autocomplete("sources remove", chat.server.channel, "source", "") == []

    _talk(tmp_path, story)


def test_a_bad_address_is_told_in_a_sentence(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _person(chat, "Mia", MANAGE_MESSAGES)
        said = chat.said(await (await mia.command("sources add", chat.server.channel, address="http://127.0.0.1/feed")).answer())
        assert "not visited by this program" in said  # `run` visits; this client was started without

    _talk(tmp_path, story)


def test_one_server_s_source_is_not_searched_for_another(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        own, _ = chat.app.addresses.add("https://own.example/feed", Kind.FEED, "Own Echo", datetime.now(UTC), 77)
        text = "The giraffe of Oren gave birth to nine calves on Sunday. Nobody saw it."
        ingest([Article("https://own.example/a", "Zoo", "Own Echo", text, feed_id=own.id)], chat.app.articles, chat.app.embedder)
        call = await chat.ada.command("check", chat.server.channel, claim="The giraffe of Oren gave birth to nine calves on Sunday.")
        assert "Own Echo" not in chat.said(await call.answer())
        chat.app.addresses.add("https://own.example/feed", Kind.FEED, "Own Echo", datetime.now(UTC), chat.server.id)
        call = await chat.ada.command("check", chat.server.channel, claim="The giraffe of Oren gave birth to nine calves on Sunday.")
        assert "Own Echo" in chat.said(await call.answer())

    _talk(tmp_path, story)
