"""`/sources add` from the command to the answer: a site on loopback is found, followed, visited, and heeded where it was added."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.discord.commands.sources import MAX_OWN
from retrieval.sources import Kind
from tests.bot.discord.chat import Chat, talking
from tests.standins.discord import Call, Person, Server
from tests.standins.discord.clock import PATIENCE
from tests.standins.news import Reply, Site, item, rss, story

LOCAL = "127.0.0.1"
MODERATING = 1 << 13 | 1 << 10 | 1 << 11 | 1 << 31  # deleting messages, seeing, writing, commands
OUTLET = "Oren Herald"
HOST = "127.0.0.1"  # where the stand-in of the site is
CLAIM = "The council of Oren voted on Tuesday to close the old bridge over the river for repairs."


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rest between two requests to a host, and new sources are looked for several times a second."""
    monkeypatch.setattr("retrieval.ingest.watch.PAUSE", timedelta(0))
    monkeypatch.setattr("retrieval.ingest.watch.IDLE", timedelta(seconds=0.2))


def _talk(folder: Path, story: Callable[[Chat, Site], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Site() as site, talking(folder, watch=True, intranet_hosts=[LOCAL]) as chat:
            await story(chat, site)

    asyncio.run(whole())


def _moderator(chat: Chat, server: Server | None = None) -> Person:
    mia = chat.discord.person("Mia")
    (server or chat.server).join(mia, permissions=MODERATING)
    return mia


def _feed(site: Site, path: str = "/feed.xml", title: str = OUTLET) -> str:
    written = item(site.url("/bridge", LOCAL), "Bridge closes", whole=story("Oren"), at=datetime.now(UTC) - timedelta(hours=1))
    return site.on(path, Reply(rss([written], title)), host=LOCAL)


def _home(site: Site, *feeds: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" title="News" href="{feed}">' for feed in feeds)
    return site.on("/", Reply(f"<html><head><title>Oren</title>{links}</head><body>Hello</body></html>".encode()), host=LOCAL)


async def _add(chat: Chat, person: Person, address: str, server: Server | None = None) -> Call:
    return await person.command("sources add", (server or chat.server).channel, address=address)


async def _check(chat: Chat, person: Person, server: Server | None = None) -> str:
    call = await person.command("check", (server or chat.server).channel, claim=CLAIM)
    return chat.said(await call.answer())


async def _visited(chat: Chat) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(one.last_success_at for one in await asyncio.to_thread(chat.app.addresses.sources, chat.server.id)):
            await asyncio.sleep(0.02)


def test_a_site_s_feed_is_found_visited_and_answers_where_it_was_added(tmp_path: Path) -> None:
    async def story(chat: Chat, site: Site) -> None:
        mia = _moderator(chat)
        elsewhere = chat.discord.server("Elsewhere", bot=False)
        elsewhere.join(mia, permissions=MODERATING)
        await chat.discord.invite(elsewhere, by=mia)
        assert OUTLET not in await _check(chat, mia)
        call = await _add(chat, mia, _home(site, _feed(site)))
        assert chat.said(await call.answer()) == f"Added: {OUTLET} · {HOST}"
        assert call.private
        await _visited(chat)
        listed = chat.said(await (await mia.command("sources list", chat.server.channel)).answer())
        assert f"{OUTLET} · {HOST}** · own · read" in listed
        said = await _check(chat, mia)
        assert OUTLET in said and "over the river" in said and f"(<{site.url('/bridge', LOCAL)}#:~:text=" in said
        assert OUTLET not in await _check(chat, mia, elsewhere)
        assert OUTLET not in chat.said(await (await mia.command("sources list", elsewhere.channel)).answer())
        assert chat.said(await (await _add(chat, mia, site.url("/", LOCAL))).answer()) == f"Known already: {OUTLET} · {HOST}"

    _talk(tmp_path, story)


def test_another_server_that_adds_it_too_sees_it_and_removing_it_in_one_leaves_it_to_the_other(tmp_path: Path) -> None:
    async def story(chat: Chat, site: Site) -> None:
        mia = _moderator(chat)
        elsewhere = chat.discord.server("Elsewhere", bot=False)
        elsewhere.join(mia, permissions=MODERATING)
        await chat.discord.invite(elsewhere, by=mia)
        feed = _feed(site)
        await (await _add(chat, mia, feed)).answer()
        await _visited(chat)
        assert "Added" in chat.said(await (await _add(chat, mia, feed, elsewhere)).answer())
        assert OUTLET in await _check(chat, mia, elsewhere)
        assert "not followed" in chat.said(await (await mia.command("sources remove", chat.server.channel, source=OUTLET)).answer())
        assert OUTLET not in await _check(chat, mia)
        assert OUTLET in await _check(chat, mia, elsewhere)

    _talk(tmp_path, story)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://10.0.0.1/feed", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://[::1]/", "private"),
        ("{site}/missing", "404"),
        ("{site}/", "Nothing that can be followed"),
        ("not an address", "no address of a site"),
        ("ftp://oren.example/feed", "no address of a site"),
        ("http://user:word@oren.example/", "no address of a site"),
    ],
)
def test_what_cannot_be_followed_is_told_in_one_sentence(tmp_path: Path, address: str, words: str) -> None:
    async def story(chat: Chat, site: Site) -> None:
        site.on("/", Reply(b"<html><body><p>Nothing here</p></body></html>"), host=LOCAL)
        call = await _add(chat, _moderator(chat), address.format(site=f"http://{LOCAL}:{site.port}"))
        said = chat.said(await call.answer())
        assert words in said
        assert "Traceback" not in said and "Something went wrong" not in said
        assert said.count("\n") == 0 and said.endswith(".")
        assert (call.private, call.answers) == (True, 1)
        assert await asyncio.to_thread(chat.app.addresses.sources, chat.server.id) == []

    _talk(tmp_path, story)


def test_a_server_has_25_sources_of_its_own_and_no_more(tmp_path: Path) -> None:
    async def story(chat: Chat, site: Site) -> None:
        mia, now = _moderator(chat), datetime.now(UTC)
        for number in range(MAX_OWN - 1):
            chat.app.addresses.add(site.url(f"/own/{number}", LOCAL), Kind.FEED, f"Own {number}", now, chat.server.id)
        chat.app.addresses.add(site.url("/common", LOCAL), Kind.FEED, "Common", now)
        home = _home(site, _feed(site), _feed(site, "/sport.xml", "Oren Sport"))
        assert chat.said(await (await _add(chat, mia, home)).answer()) == f"Added: {OUTLET} · {HOST}"
        said = chat.said(await (await _add(chat, mia, site.url("/sport.xml", LOCAL))).answer())
        assert said == f"This server follows {MAX_OWN} sources of its own already; remove one first."
        own = [one for one in chat.app.addresses.sources(chat.server.id) if one.private]
        assert len(own) == MAX_OWN

    _talk(tmp_path, story)
