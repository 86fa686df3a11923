"""A post's claims are shown as they are ready: in one message, and what is shown on the way is no answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.discord import unfolding
from bot.discord.unfolding import Unfolding
from db.asks import Ask
from retrieval.errors import StoreError
from tests.bot.discord.chat import Chat, talking
from tests.standins.discord import Message
from tests.standins.discord.clock import PATIENCE

TOWNS = ("Harwick", "Oren", "Ghent", "Lisbon", "Bergen", "Turin")
POST = "\n".join(f"The council of {town} voted 14 to 3 on Tuesday to close the old bridge." for town in TOWNS)
SOME, ALL = "4 claims of this post were compared", "6 claims of this post were compared"


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, **({"pictures": True} | settings)) as chat:
            await story(chat)

    asyncio.run(whole())


async def _until(chat: Chat, message: Message, words: str) -> str:
    """What the message says once the words are in it."""
    async with asyncio.timeout(PATIENCE):
        while words not in (said := chat.said(message)):
            await asyncio.sleep(0.02)
    return said


async def _ask(chat: Chat) -> Ask:
    found = await asyncio.to_thread(chat.app.asks.get, 1)
    assert found is not None
    return found


def test_the_overview_appears_with_the_first_claims_and_is_filled_in(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.batches = threading.Semaphore(1)
        call = await chat.ada.command("check", chat.server.channel, claim=POST)
        message = await call.answer()
        said = chat.said(message)
        assert SOME in said and "… 2 more claims are being compared." in said
        assert "Share in channel" not in said
        ask = await _ask(chat)
        assert (ask.state, len(ask.checks)) == ("waiting", 4)
        opened = await chat.ada.choose(message, "Open a claim with its excerpts", [str(ask.checks[1])])
        assert "The council of Oren voted 14 to 3" in chat.said(await opened.answer())
        chat.app.batches.release()
        said = await _until(chat, message, ALL)
        assert "being compared" not in said and "Share in channel" in said
        assert (call.answers, list(message.files)) == (1, ["overview.png"])
        await chat.settled()
        ask = await _ask(chat)
        assert (ask.state, len(ask.checks)) == ("answered", 6)

    _talk(tmp_path, story)


@pytest.mark.parametrize("way", ["command", "mention"])
def test_a_kill_between_the_first_claims_and_the_last_leaves_one_message_with_all(tmp_path: Path, way: str) -> None:
    async def story(chat: Chat) -> None:
        chat.app.batches = threading.Semaphore(1)
        if way == "command":
            message = await (await chat.ada.command("check", chat.server.channel, claim=POST)).answer()
        else:
            await chat.ada.say(chat.server.channel, POST, mention=[chat.discord.bot])
            message = await chat.server.channel.next_message()
            while (await _ask(chat)).message_id is None:
                await asyncio.sleep(0.02)
        assert SOME in chat.said(message)
        chat.discord.nonces.clear()  # Discord remembers them for minutes only
        killed = chat.app
        killed.broken = StoreError("killed")
        await chat.restart(killed=True, pictures=True)
        killed.batches.release()
        await _until(chat, message, ALL)
        await chat.settled()
        assert len([one for one in chat.server.channel.messages if one.author is chat.discord.bot]) == 1

    _talk(tmp_path, story)


def test_what_fails_after_the_first_claims_is_told_in_the_same_message(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.batches = threading.Semaphore(1)
        call = await chat.ada.command("check", chat.server.channel, claim=POST)
        message = await call.answer()
        chat.app.broken = StoreError("the disk is full")
        chat.app.batches.release()
        await _until(chat, message, "Something went wrong here")
        await chat.settled()
        assert (call.answers, (await _ask(chat)).state) == (1, "told")

    _talk(tmp_path, story)


def test_a_post_deleted_meanwhile_is_answered_no_further(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.batches = threading.Semaphore(1)
        message = await (await chat.ada.command("check", chat.server.channel, claim=POST)).answer()
        await asyncio.to_thread(chat.app.privacy.delete, chat.app.person(chat.ada.id))
        chat.app.batches.release()
        await _until(chat, message, "This was deleted meanwhile")
        assert await asyncio.to_thread(chat.app.asks.get, 1) is None

    _talk(tmp_path, story)


def test_only_the_newest_state_is_shown_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfolding, "GAP", 0.1)
    shown: list[tuple[int, float]] = []

    async def show(number: int) -> None:
        shown.append((number, asyncio.get_running_loop().time()))

    async def story() -> None:
        one = Unfolding()
        for number in range(20):
            one.tell(lambda number=number: show(number))  # type: ignore[misc]
            await asyncio.sleep(0.02)
        await one.end()
        one.tell(lambda: show(99))
        await asyncio.sleep(0.2)

    asyncio.run(story())
    numbers, times = [number for number, _ in shown], [at for _, at in shown]
    assert numbers == sorted(set(numbers)) and 2 <= len(numbers) < 20 and 99 not in numbers
    assert all(later - sooner >= 0.09 for sooner, later in zip(times, times[1:], strict=False))


def test_a_state_that_cannot_be_shown_fails_nothing_and_the_end_waits_for_what_is_under_way() -> None:
    done: list[str] = []

    async def broken() -> None:
        raise OSError

    async def slow() -> None:
        await asyncio.sleep(0.1)
        done.append("slow")

    async def story() -> None:
        one, other = Unfolding(), Unfolding()
        one.tell(broken)
        other.tell(slow)
        await asyncio.sleep(0.01)
        await one.end()
        await other.end()
        assert done == ["slow"]

    asyncio.run(story())
