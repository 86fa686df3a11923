"""`/compare` with the real client against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.asks import State
from db.guilds import Answers
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Kind
from retrieval.types import Article
from tests.bot.discord.chat import Chat, talking
from tests.standins.discord.calls import DEFER
from tests.standins.discord.clock import PATIENCE

VOTE = "The council of Harwick voted 14 to 3 to close the old bridge."
OTHERWISE = "The council of Harwick voted 12 to 5 to close the old bridge."
NOON = datetime(2025, 2, 24, 12, tzinfo=UTC)
STORY = "the old bridge of Harwick"
ECHO = Article(
    "https://echo.example/a", "Old bridge of Harwick closed", "Harwick Echo", f"{VOTE} Mayor Olsen spoke about the bridge.", NOON
)
POST = Article(
    "https://post.example/a", "Council closes Harwick's old bridge", "Oren Post", f"{OTHERWISE} Nobody in Harwick spoke of the bridge.",
    NOON + timedelta(days=1),
)  # fmt: skip
ZOO = Article("https://zoo.example/a", "Giraffe born", "Oren Post", "A young giraffe was born in Oren's zoo on Sunday.", NOON)


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, [ECHO, POST, ZOO], **settings) as chat:
            await story(chat)

    asyncio.run(whole())


def _compares(said: str) -> bool:
    return "2 independent outlets tell this story." in said and "Where they differ" in said and "14 against 12" in said


def test_a_story_is_compared_privately_with_both_outlets_side_by_side(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("compare", chat.server.channel, story=STORY)
        said = chat.said(await call.answer())
        assert _compares(said)
        assert said.index("Harwick Echo") < said.index("Oren Post")
        assert "](<https://echo.example/a#:~:text=" in said
        assert (await call.first(), call.private, call.answers) == (DEFER, True, 1)
        await chat.settled()
        ask = await asyncio.to_thread(chat.app.asks.get, 1)
        assert ask is not None and (ask.state, ask.pending, ask.checks) == (State.ANSWERED, None, ())

    _talk(tmp_path, story)


def test_who_asks_decides_who_sees_it_as_far_as_the_server_lets_them(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        call = await chat.ada.command("compare", chat.server.channel, story="https://post.example/a", public=True)
        assert _compares(chat.said(await call.answer()))
        assert not call.private
        chat.app.guilds.change(chat.server.id, answers=Answers.ONLY_PRIVATE)
        chat.client.server_settings.forget(chat.server.id)
        call = await chat.ada.command("compare", chat.server.channel, story=STORY, public=True)
        await call.answer()
        assert call.private

    _talk(tmp_path, story)


def test_servers_that_want_plain_text_get_the_same_as_plain_text(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, plain_text=True)
        chat.client.server_settings.forget(chat.server.id)
        answer = await (await chat.ada.command("compare", chat.server.channel, story=STORY)).answer()
        assert "2 independent outlets tell this story." in answer.content
        assert "14 against 12" in answer.content

    _talk(tmp_path, story)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("penguins dance tango", "No stored article tells of this"), ("https://nowhere.example/x", "No article with this address is stored")],
)
def test_what_nobody_tells_is_a_sentence(tmp_path: Path, asked: str, sentence: str) -> None:
    async def story(chat: Chat) -> None:
        assert sentence in chat.said(await (await chat.ada.command("compare", chat.server.channel, story=asked)).answer())
        assert _compares(chat.said(await (await chat.ada.command("compare", dm=True, story=STORY)).answer()))

    _talk(tmp_path, story)


def test_stories_are_counted_against_the_same_limits_as_claims(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await (await chat.ada.command("check", chat.server.channel, claim=VOTE)).answer()
        await (await chat.ada.command("compare", chat.server.channel, story=STORY)).answer()
        refused = await chat.ada.command("compare", chat.server.channel, story=STORY)
        assert "You have asked often in a short time." in chat.said(await refused.answer())

    _talk(tmp_path, story, asks_a_minute=2)


def test_a_server_that_keeps_the_bot_to_other_channels_is_obeyed(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, channels=frozenset({1}))
        chat.client.server_settings.forget(chat.server.id)
        call = await chat.ada.command("compare", chat.server.channel, story=STORY)
        assert "answers in other channels" in chat.said(await call.answer())
        assert await chat.ada.autocomplete("compare", chat.server.channel, "story", "bridge") == []

    _talk(tmp_path, story)


def test_titles_are_offered_while_somebody_types_and_lead_to_their_article(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        offered = await chat.ada.autocomplete("compare", chat.server.channel, "story", "BRIDGE old")
        assert offered == [(POST.title, POST.url), (ECHO.title, ECHO.url)]
        assert len(await chat.ada.autocomplete("compare", chat.server.channel, "story", "")) == 3
        assert await chat.ada.autocomplete("compare", None, "story", "penguin", dm=True) == []

    _talk(tmp_path, story)


def test_nothing_shows_of_another_servers_own_source(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        feed, _ = chat.app.addresses.add("https://own.example/feed", Kind.FEED, "Own", NOON, chat.server.id + 1)
        hidden = replace(
            POST, url="https://own.example/a", title="Hidden bridge of Harwick", source="Own Paper", feed_id=feed.id,
            text=f"{VOTE} Ministers of Harwick whispered about the bridge.",
        )  # fmt: skip
        await asyncio.to_thread(ingest, [hidden], chat.app.articles, chat.app.embedder)
        said = chat.said(await (await chat.ada.command("compare", chat.server.channel, story=STORY)).answer())
        assert _compares(said) and "Own Paper" not in said
        call = await chat.ada.command("compare", chat.server.channel, story=hidden.url)
        assert "No article with this address is stored" in chat.said(await call.answer())
        offered = await chat.ada.autocomplete("compare", chat.server.channel, "story", "")
        assert "Hidden bridge of Harwick" not in [title for title, _ in offered]

    _talk(tmp_path, story)


def test_a_story_that_a_kill_left_unanswered_is_answered_by_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat) -> None:
        waiting = asyncio.Event()

        async def never(*_: object) -> None:
            waiting.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(chat.client.story_desk, "check", never)
        call = await chat.ada.command("compare", chat.server.channel, story=STORY)
        await asyncio.wait_for(waiting.wait(), PATIENCE)
        await chat.restart(killed=True)
        assert _compares(chat.said(await call.answer()))
        assert call.answers == 1

    _talk(tmp_path, story)


def test_claims_and_stories_take_turns_in_the_models_thread(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bea = chat.discord.person("Bea")
        chat.server.join(bea)
        calls = [await chat.ada.command("compare", chat.server.channel, story=STORY)]
        calls += [await bea.command("check", chat.server.channel, claim=VOTE)]
        calls += [await bea.command("compare", chat.server.channel, story=ECHO.url)]
        said = [chat.said(await call.answer()) for call in calls]
        assert _compares(said[0]) and _compares(said[2])
        assert "Sources differ" in said[1]
        assert chat.client.story_desk.models is chat.client.desk.models

    _talk(tmp_path, story)
