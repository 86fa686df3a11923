"""Each button and select, also after a restart, and only for whom they should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from db.guilds import Answers
from retrieval.types import Outcome
from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.databases import on_postgres
from tests.standins.discord import Message, Person
from tests.standins.discord.clock import until


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], count: int = 5, **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, news(count), **settings) as chat:
            await story(chat)

    asyncio.run(whole())


async def _answer(chat: Chat, person: Person | None = None, *, public: bool = False) -> Message:
    call = await (person or chat.ada).command("check", chat.server.channel, claim=BRIDGE, public=public)
    answer = await call.answer()
    await chat.settled()
    return answer


@pytest.mark.parametrize("restarted", [False, True])
def test_more_excerpts_are_shown_to_whoever_asks_for_them(tmp_path: Path, restarted: bool) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        assert "✓ Agreeing** (2 of 5)" in chat.said(answer)
        if restarted:
            await chat.restart()
        more = await chat.ada.press(answer, "More agreeing (3)")
        said = chat.said(await more.answer())
        assert more.private
        assert said.count("> “") == 3
        assert "Valley News" in said
        with pytest.raises(LookupError):
            await chat.ada.press(answer, "More contradicting (1)")

    _talk(tmp_path, story)


@pytest.mark.parametrize("restarted", [False, True])
def test_an_excerpt_is_shown_in_its_article_and_another_can_be_chosen(tmp_path: Path, restarted: bool) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        if restarted:
            await chat.restart()
        context = await (await chat.ada.press(answer, "In context")).answer()
        assert "in the whole valley" in chat.said(context)
        assert "Buses go elsewhere" in chat.said(context)
        other = await (await chat.ada.choose(context, "Another excerpt in context", ["c1"])).answer()
        assert "Nobody spoke." in chat.said(other)

    _talk(tmp_path, story)


def test_the_words_in_context_are_those_that_were_quoted_also_after_the_article_went(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        chat.app.articles.remove([article.url for article in news(5)])
        context = await (await chat.ada.press(answer, "In context")).answer()
        assert "in the whole valley" in chat.said(context)

    _talk(tmp_path, story)


def test_an_own_answer_can_be_shared_once(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        shared = await chat.ada.press(answer, "Share in channel")
        said = chat.said(await shared.answer())
        assert not shared.private
        assert "Shared by" in said and "Harwick Echo" in said
        again = await chat.ada.press(answer, "Share in channel")
        assert "shared already" in chat.said(await again.answer())
        assert again.private

    _talk(tmp_path, story)


def test_nothing_is_shared_where_answers_are_private_or_the_bot_may_not_write(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        chat.server.forbid(chat.server.channel, 1 << 11)
        said = chat.said(await (await chat.ada.press(answer, "Share in channel")).answer())
        assert "may not write" in said
        chat.app.guilds.change(chat.server.id, answers=Answers.ONLY_PRIVATE)
        chat.client.server_settings.forget(chat.server.id)
        assert "private here" in chat.said(await (await chat.ada.press(answer, "Share in channel")).answer())

    _talk(tmp_path, story)


def test_whether_it_helped_is_kept(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        for label in ("Helpful", "Not helpful"):
            assert "Thank you" in chat.said(await (await chat.ada.press(answer, label)).answer())
        await until(lambda: [one.helpful for one in chat.app.opinions.every()] == [False])
        assert [(one.claim, one.outcome, one.helpful) for one in chat.app.opinions.every()] == [(BRIDGE, Outcome.MIXED, False)]
        assert on_postgres or str(chat.ada.id) not in (chat.folder / "crosscheck.db").read_bytes().decode("latin-1")

    _talk(tmp_path, story)


def test_a_public_answer_s_buttons_work_for_all_privately(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = chat.discord.person("Bob")
        chat.server.join(bob)
        answer = await _answer(chat, public=True)
        more = await bob.press(answer, "More agreeing (3)")
        assert "Valley News" in chat.said(await more.answer())
        assert more.private

    _talk(tmp_path, story)


def test_buttons_of_what_is_no_longer_kept_say_so(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        with chat.app.database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM ask")
        assert "no longer kept" in chat.said(await (await chat.ada.press(answer, "More agreeing (3)")).answer())

    _talk(tmp_path, story)


def test_a_like_claim_checked_before_in_this_server_is_offered(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        first = await _answer(chat, public=True)
        call = await chat.ada.command(
            "check", chat.server.channel, claim="The council of Harwick voted 14 to 3 to close the old bridge on Monday."
        )
        said = chat.said(await call.answer())
        assert "in this server" in said
        assert f"/{chat.server.channel.id}/{first.id}" in said

    _talk(tmp_path, story)


def test_plain_text_has_the_same_content_and_buttons_throughout(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, plain_text=True)
        answer = await _answer(chat)
        more = await (await chat.ada.press(answer, "More agreeing (3)")).answer()
        context = await (await chat.ada.press(answer, "In context")).answer()
        other = await (await chat.ada.choose(context, "Another excerpt in context", ["c1"])).answer()
        post = await (await chat.ada.command("check", chat.server.channel, claim=f"{BRIDGE}\n{BRIDGE[:-1]} again.")).answer()
        check = (await asyncio.to_thread(chat.app.asks.get, 2)).checks[0]  # type: ignore[union-attr]
        opened = await (await chat.ada.choose(post, "Open a claim with its excerpts", [str(check)])).answer()
        said = [chat.said(one) for one in (answer, more, context, other, post, opened)]
        assert not any(mark in one for one in said for mark in ("**", "](", "### ", "-# ", "> “"))
        assert not any(one.payload["flags"] & 1 << 15 for one in (answer, more, context, other, post, opened))
        assert "Agreeing 1, Harwick Echo" in said[0] and "Contradicting 1, Oren Tribune" in said[0]
        assert "Valley News" in said[1]
        assert "in the whole valley" in said[2] and "Read it at " in said[2] and ": <https://" in said[2]
        assert "Nobody spoke." in said[3]
        assert "2 claims of this post" in said[4]
        assert "Agreeing 1" in said[5]

    _talk(tmp_path, story)
