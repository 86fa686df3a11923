"""What somebody has who has the database file, and not the key that lies beside it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.discord import Message, Person
from tests.standins.traces import cells, in_tables

USUAL = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31  # seeing, writing, history, commands
MODERATES = 1 << 13
# Where a Discord id of a person may stand, and the columns that hold a keyed hash (PRIVACY.md).
NAMED = {"follow.person", "dispute.author", "dispute.assignee", "dispute_flag.person", "dispute_event.person", "flag_draft.author"}
HASHED = {"ask.user", "ask.author", "opinion.user", "flag_draft.user", "follow.author"}


def _zebra(name: str) -> str:
    return f"{BRIDGE[:-1]}, as the {name} zebra says."


async def _answer(chat: Chat, person: Person, claim: str, public: bool) -> Message:
    return await (await person.command("check", chat.server.channel, claim=claim, public=public)).answer()


def _stolen(chat: Chat) -> bytes:
    """The database's own files, its log among them."""
    return b"".join(file.read_bytes() for file in chat.folder.glob("crosscheck.db*"))


def test_a_stolen_database_file_names_nobody_but_those_whom_a_case_or_a_follow_needs(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob, mia = chat.discord.person("Bob"), chat.discord.person("Mia")
        chat.server.join(bob, permissions=USUAL)
        chat.server.join(mia, permissions=USUAL | MODERATES)
        private = await _answer(chat, chat.ada, _zebra("private"), False)
        public = await _answer(chat, chat.ada, _zebra("public"), True)
        await (await chat.ada.press(public, "Helpful")).answer()
        post = await chat.ada.say(chat.server.channel, _zebra("posted"))
        await (await bob.menu("Check sources", post)).answer()
        await chat.settled()
        assert private.only_for is not None

        everybody = [chat.app.person(person.id) for person in (chat.ada, bob, mia)]
        for one in everybody:
            assert {place for place in in_tables(chat.app.database, one, []) if place not in HASHED} == set()
            assert str(one.id).encode() not in _stolen(chat)
            assert one.id.to_bytes(8, "big") not in _stolen(chat)
        key = (chat.folder / "pseudonym.key").read_text(encoding="ascii").strip() if (chat.folder / "pseudonym.key").exists() else "none"
        assert key.encode() not in _stolen(chat) and (key == "none" or bytes.fromhex(key) not in _stolen(chat))
        assert [value for place, value in cells(chat.app.database) if place in ("ask.token", "ask.text") and value is not None] == []
        assert not [value for _, value in cells(chat.app.database) if value in ("Ada", "Bob", "Mia", "Harwick")]

        await (await chat.ada.press(public, "Follow")).answer()
        modal = await (await mia.menu("Flag as disputed", post)).opened()
        await (await mia.submit(modal, {"reason": "Something else", "note": "Look."})).answer()
        await chat.idle()
        for one in everybody:
            left = in_tables(chat.app.database, one, [])
            assert left <= NAMED | HASHED, left
        assert "follow.person" in in_tables(chat.app.database, everybody[0], [])
        exported = json.dumps(chat.app.privacy.export(everybody[0]), ensure_ascii=False)  # what is there of a person, they can get
        assert "public zebra" in exported and "posted zebra" in exported

    async def whole() -> None:
        async with talking(tmp_path, news(3)) as chat:
            await story(chat)

    asyncio.run(whole())
