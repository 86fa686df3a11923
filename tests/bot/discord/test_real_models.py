"""The real client with the models that ship, over the bundled sample: each way in and each button once, and what the sample really says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.app import App
from bot.ingesting import ingest_targets
from config.settings import Settings
from retrieval.ingest.files import read_target
from retrieval.types import Article
from tests.bot.discord.chat import started
from tests.standins.databases import url_setting
from tests.standins.discord import Discord, Message, Person, Server
from tests.test_house import SAMPLE, TARGETS

pytestmark = pytest.mark.slow

AGREES = "The General Assembly adopted the Ukrainian text with 93 votes in favour, 18 against and 65 abstentions."
CONTRADICTED = "The European Central Bank cut its deposit rate to 1.75 percent."
SILENT = "The city of Lisbon ordered forty new ferries from a shipyard in Norway."
MODERATING = 1 << 13 | 1 << 10 | 1 << 11 | 1 << 31  # deleting messages, seeing, writing, commands
PATIENCE = 90.0  # seconds for a post of twelve claims on slow cores
CONTEXT, OPEN = "Another excerpt in context", "Open a claim with its excerpts"


@dataclass(frozen=True)
class Place:
    """A server with Ada and a moderator, and the bot in it."""

    discord: Discord
    app: App
    server: Server
    ada: Person
    mia: Person

    async def ask(self, claim: str, *, public: bool = False) -> Message:
        return await (await self.ada.command("check", self.server.channel, claim=claim, public=public)).answer(PATIENCE)

    def said(self, message: Message) -> str:
        return "\n".join(self.discord.texts(message))

    async def pressed(self, message: Message, label: str, person: Person | None = None) -> Message:
        return await (await (person or self.ada).press(message, label)).answer(PATIENCE)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("real-models")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        settings = Settings(data_dir=folder / "data", database_url=url_setting(folder / "data"), asks_a_minute=1_000, asks_of_user=10_000)
    with App(settings) as opened:
        assert ingest_targets(opened, TARGETS) == 0
        yield opened


@pytest.fixture(scope="module")
def stories() -> list[str]:
    return [item.text for target in TARGETS for item in read_target(target) if isinstance(item, Article)]


def _talk(app: App, story: Callable[[Place], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with _place(app) as place:
            await story(place)

    asyncio.run(whole())


@asynccontextmanager
async def _place(app: App) -> AsyncIterator[Place]:
    async with Discord() as discord:
        server, ada, mia = discord.server("Harwick"), discord.person("Ada"), discord.person("Mia")
        server.join(ada)
        server.join(mia, permissions=MODERATING)
        app.guilds.joined(server.id)  # greeted before
        client, running = await started(app, discord)
        try:
            yield Place(discord, app, server, ada, mia)
        finally:
            await client.close()
            await asyncio.gather(running, return_exceptions=True)
        assert [str(one) for one in discord.rejected] == []


def _quotes(said: str) -> list[str]:
    """The quoted words of an answer as they stood in the article, white space apart."""
    found = re.findall(r"^> “(?:… )?(.*?)(?: …)?”$", said, re.M)
    return [re.sub(r"\\(.)", r"\1", quote.replace("**", "")) for quote in found]


def _assert_verbatim(said: str, stories: list[str], count: int) -> None:
    quotes = _quotes(said)
    assert len(quotes) == count
    plain = [" ".join(story.split()) for story in stories]
    assert all(any(quote in story for story in plain) for quote in quotes)


@pytest.mark.parametrize("way", ["command", "menu", "form", "mention", "direct message", "direct command", "installed by the person"])
def test_each_way_of_asking_gets_what_the_sample_says(app: App, stories: list[str], way: str) -> None:
    async def asked(place: Place) -> Message:
        ada, channel = place.ada, place.server.channel
        if way == "command":
            return await place.ask(AGREES)
        if way == "menu":
            return await (await ada.menu("Check sources", await place.mia.say(channel, AGREES))).answer(PATIENCE)
        if way == "form":
            post = await place.mia.say(channel, (SAMPLE / "post.txt").read_text(encoding="utf-8")[:2_000])
            form = await (await ada.menu("Check sources", post)).opened()
            return await (await ada.submit(form, {"text": AGREES})).answer(PATIENCE)
        if way == "mention":
            await ada.say(channel, AGREES, mention=[place.discord.bot])
            return await channel.next_message(PATIENCE)
        if way == "direct message":
            await ada.say(None, AGREES)
            return await ada.next_dm(PATIENCE)
        if way == "direct command":
            return await (await ada.command("check", dm=True, claim=AGREES)).answer(PATIENCE)
        elsewhere = place.discord.server("Elsewhere", bot=False)
        elsewhere.join(ada)
        return await (await ada.command("check", elsewhere.channel, install="user", claim=AGREES)).answer(PATIENCE)

    async def story(place: Place) -> None:
        said = place.said(await asked(place))
        assert "4 independent sources agree; none found that contradicts." in said
        assert "93 votes to 18, with 65 abstentions" in said.replace("**", "") or "93 in favour and 18 against" in said.replace("**", "")
        assert "(sample)" in said and ".example/" in said and "#:~:text=" in said
        _assert_verbatim(said, stories, 2)

    _talk(app, story)


def test_a_claim_that_the_sample_contradicts_shows_where_and_more_of_it(app: App, stories: list[str]) -> None:
    async def story(place: Place) -> None:
        answer = await place.ask(CONTRADICTED)
        said = place.said(answer)
        assert "3 independent sources contradict this; none found that agrees." in said
        assert "2.75 percent" in said.replace("**", "")
        _assert_verbatim(said, stories, 2)
        more = place.said(await place.pressed(answer, "More contradicting (1)"))
        _assert_verbatim(more, stories, 1)
        assert "2.75 percent" in more.replace("**", "") or "2.5 percent" in more.replace("**", "")

    _talk(app, story)


def test_a_claim_that_no_article_speaks_to_gets_silence_in_words(app: App) -> None:
    async def story(place: Place) -> None:
        said = place.said(await place.ask(SILENT))
        assert "No stored source speaks to this." in said
        assert _quotes(said) == []
        assert "In context" not in said and "More" not in said

    _talk(app, story)


def test_the_sample_s_post_is_an_overview_whose_claims_open_and_which_can_be_shared(app: App, stories: list[str]) -> None:
    async def story(place: Place) -> None:
        post = (SAMPLE / "post.txt").read_text(encoding="utf-8")
        overview = await place.ask(post)
        while "being compared" in (said := place.said(overview)):  # the first claims are shown before the last ones are looked at
            await asyncio.sleep(0.05)
        count = re.search(r"(\d+) claims of this post were compared with the stored news\.", said)
        assert count is not None and int(count[1]) >= 8
        assert "good morning" not in said.casefold()  # the greeting is no claim
        assert said.count("agree; none found that contradicts.") + said.count("agrees; none found that contradicts.") >= 3
        ask = max(one for one in range(1, 100) if app.asks.get(one))
        kept = app.asks.get(ask)
        assert kept is not None and len(kept.checks) == int(count[1])
        chosen = next(id_ for id_ in kept.checks if "93 votes in favour" in app.checks.load_many([id_])[id_].claim.text)
        opened = place.said(await (await place.ada.choose(overview, OPEN, [str(chosen)])).answer(PATIENCE))
        assert "93" in opened and "The Ukrainian text was adopted with 93 votes in favour." in opened
        _assert_verbatim(opened, stories, 2)
        shared = await place.ada.press(overview, "Share in channel")
        assert f"{count[1]} claims of this post" in place.said(await shared.answer(PATIENCE))
        assert not shared.private

    _talk(app, story)


def test_each_button_of_an_answer(app: App, stories: list[str]) -> None:
    async def story(place: Place) -> None:
        answer = await place.ask(AGREES)
        _assert_verbatim(place.said(await place.pressed(answer, "More agreeing (2)")), stories, 2)
        context = await place.pressed(answer, "In context")
        around = re.sub(r"\\(.)", r"\1", place.said(context).replace("**", ""))
        words = next(line for line in around.splitlines() if line.startswith("> ")).removeprefix("> ").strip("… ")
        assert any(" ".join(words.split()) in " ".join(story.split()) for story in stories)
        other = await (await place.ada.choose(context, CONTEXT, ["a3"])).answer(PATIENCE)
        assert "(sample)" in place.said(other) and place.said(other) != place.said(context)
        for label in ("Helpful", "Not helpful"):
            assert "Thank you" in place.said(await place.pressed(answer, label))
        shared = await place.pressed(answer, "Share in channel")
        assert "Shared by" in place.said(shared) and "4 independent sources agree" in place.said(shared)
        form = await (await place.mia.press(shared, "Flag for moderators")).opened()
        flagged = await (await place.mia.submit(form, {"reason": "Something else", "note": "Ask the archive."})).answer(PATIENCE)
        assert "was opened. Its evidence is kept" in place.said(flagged)
        (case,) = app.disputes.page(place.server.id).disputes
        assert [flag.note for flag in case.flags] == ["Ask the archive."]

    _talk(app, story)


def test_who_asks_the_same_in_other_words_is_led_to_the_answer_and_who_asks_otherwise_is_not(app: App) -> None:
    async def story(place: Place) -> None:
        public = await place.ask("The European Central Bank lowered its deposit rate to 2.75 percent.", public=True)
        said = place.said(await place.ask("The ECB cut its deposit rate to 2.75 percent."))
        assert "in this server" in said and f"/{public.id})" in said
        assert "in this server" not in place.said(await place.ask("The European Central Bank lowered its deposit rate to 2.5 percent."))

    _talk(app, story)
