"""The real client and the real store against the stand-in of Discord; only the models are fakes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from discord.gateway import KeepAliveHandler

from bot.app import App, Checked
from bot.discord.client import Client
from bot.discord.running import opened_client
from config.settings import Settings
from retrieval.index.local import LocalIndex
from retrieval.ingest.pipeline import ingest
from retrieval.types import Article, Claim
from tests.standins.databases import url_setting
from tests.standins.discord import Discord, Message, Person, Server
from tests.standins.discord.clock import PATIENCE, until
from tests.standins.models import HashEmbedder, WordStance

BRIDGE = "The council of Harwick voted 14 to 3 to close the old bridge."
OTHERWISE = "The council of Harwick voted 12 to 5 to close the old bridge."
WEATHER = ("Rain", "Wind", "Snow", "Hail", "Fog", "Sleet", "Frost")
REPORTED = ("reporters say", "it announced", "minutes show", "witnesses tell", "clerks confirm")
# What a client's tasks begin with, besides those that discord.py names.
OF_CLIENT = {"Client", "Desk", "Asking", "Cases", "Followups", "AutoShardedClient", "Tree", "Shard", "to_thread", "Unfolding"} | {
    "InteractionReply", "MessageReply", "TokenReply", "ChannelReply",
}  # fmt: skip
OUTLETS = ("Harwick Echo", "Oren Post", "Valley News", "Mill Courier")


class FakeModelApp(App):
    """The app with models that know words only. They work while `gate` is open and `batches` are left, and break while `broken` is set."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.gate = threading.Event()
        self.gate.set()
        self.batches = threading.Semaphore(1_000_000)  # that may still be looked at
        self.broken: Exception | None = None
        self.checked: list[str] = []
        self.taken_up: list[str] = []  # also what waits at the gate

    def check_claims(self, claims: Sequence[Claim], hidden: Collection[int] = ()) -> list[Checked]:
        self.taken_up.extend(claim.text for claim in claims)
        self.gate.wait(20)
        self.batches.acquire(timeout=20)
        if self.broken is not None:
            raise self.broken
        self.checked.extend(claim.text for claim in claims)
        return super().check_claims(claims, hidden)

    @cached_property
    def embedder(self) -> Any:
        return HashEmbedder()

    @cached_property
    def stance(self) -> Any:
        return WordStance()

    @cached_property
    def index(self) -> LocalIndex:
        return LocalIndex(self.settings.index_dir, self.changes, HashEmbedder.model_id, HashEmbedder.dimension)


def news(count: int = 1) -> list[Article]:
    """Articles of `count` outlets that agree with BRIDGE, and one that does not."""
    articles = []
    for n in range(count):
        name = OUTLETS[n % len(OUTLETS)] if n < len(OUTLETS) else f"{OUTLETS[n % len(OUTLETS)]} {n}"
        said = f"{BRIDGE[:-1]}, {REPORTED[n % len(REPORTED)]}."
        text = f"{WEATHER[n % len(WEATHER)]} fell in the whole valley. {said} Buses go elsewhere."
        url = f"https://{name.replace(' ', '-').lower()}.example/bridge"
        articles.append(Article(url, f"Bridge, says {name}", name, text, datetime(2025, 2, 24, 18, tzinfo=UTC)))
    other = Article("https://oren.example/vote", "A vote", "Oren Tribune", f"{OTHERWISE} Nobody spoke.", datetime(2025, 2, 25, tzinfo=UTC))
    return [*articles, other]


@dataclass
class Chat:
    """What a test holds."""

    discord: Discord
    app: FakeModelApp
    folder: Path
    server: Server
    ada: Person
    client: Client
    running: asyncio.Task[None]
    others: list[Client] = field(default_factory=list)

    async def restart(self, *, killed: bool = False, **settings: object) -> None:
        """End this client, in order or as a kill would, and start another over the same store."""
        if killed:
            await kill(self.client, self.running)
        else:
            await self.client.close()
            await self.running
            _silence(self.client)
        self.app.close()
        self.app = app_in(self.folder, **settings)
        self.client, self.running = await started(self.app, self.discord)

    async def settled(self) -> None:
        """Returns when what was answered is noted as answered: that comes a moment after the answer itself."""
        await taken_on(self.app, 0)

    async def idle(self) -> None:
        """Returns when whatever was begun has ended."""
        await until(lambda: not self.client._under_way)

    def said(self, message: Message) -> str:
        """All that can be read of a message."""
        return "\n".join(self.discord.texts(message))


async def taken_on(app: App, count: int = 1) -> None:
    """Returns when the store has so many asks that wait for their answer: from then on none of them can be lost."""
    async with asyncio.timeout(PATIENCE):
        while len(await asyncio.to_thread(app.asks.waiting, datetime(2020, 1, 1, tzinfo=UTC))) != count:
            await asyncio.sleep(0.02)


def app_in(folder: Path, **settings: object) -> FakeModelApp:
    """The app with fake models. Without pictures, which are drawn in a tenth of a second or more and tried in tests of their own."""
    values: dict[str, Any] = {
        "data_dir": folder, "database_url": url_setting(folder), "stance": "small", "asks_a_minute": 1_000, "asks_of_user": 10_000,
        "pictures": False,
    }  # fmt: skip
    return FakeModelApp(Settings(**(values | settings)))


async def started(app: App, discord: Discord, client: Client | None = None) -> tuple[Client, asyncio.Task[None]]:
    """A client that is connected and ready."""
    client = client or Client(app)
    client.part.every = 0.0  # seconds between sessions: tests do not wait
    client._connection.guild_ready_timeout = 0.1  # seconds without a further server after which it takes itself for ready; 2 outside tests
    running = asyncio.create_task(client.start(discord.token))
    waiting = asyncio.create_task(discord.connected(timeout=PATIENCE))
    done, _ = await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running in done:
        running.result()
    await waiting
    await asyncio.wait_for(client.wait_until_ready(), PATIENCE)
    return client, running


async def kill(client: Client, running: asyncio.Task[None]) -> None:
    """As if the process had died: nothing more is written or told."""
    left = {running, *client._work, *(task for task in asyncio.all_tasks() if _is_of(task))}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)  # discord.py goes on after a cancellation while it reconnects
    await client.http.close()
    _silence(client)


def _silence(client: Client) -> None:
    """End the threads that discord.py forgets when it ends while it reconnects."""
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler) and thread.ws._connection is client._connection:
            thread.stop()


def _is_of(task: asyncio.Task[Any]) -> bool:
    """Whether a client began it."""
    name = getattr(task.get_coro(), "__qualname__", "").split(".")[0]
    return task.get_name().startswith(("discord.py", "CommandTree")) or name in OF_CLIENT


@asynccontextmanager
async def talking(folder: Path, articles: Sequence[Article] = (), *, watch: bool = False, **settings: Any) -> AsyncIterator[Chat]:
    """A server with Ada in it, the bot there and ready. At the end: Discord refused nothing, no task is left, what was asked is settled.

    `watch`: whether news sources are found and visited.
    """
    app = app_in(folder, **settings)
    ingest(articles or news(), app.articles, app.embedder)
    async with Discord() as discord, AsyncExitStack() as visiting:
        server = discord.server("Harwick")
        ada = discord.person("Ada")
        server.join(ada)
        app.guilds.joined(server.id)  # greeted long ago
        opened = await visiting.enter_async_context(opened_client(app)) if watch else None
        client, running = await started(app, discord, opened)
        chat = Chat(discord, app, folder, server, ada, client, running)
        del client, running, opened  # after a restart, nothing here keeps them
        try:
            yield chat
        finally:
            await chat.client.close()
            await asyncio.gather(chat.running, return_exceptions=True)
            _silence(chat.client)
            await visiting.aclose()
            chat.app.close()
        assert [str(one) for one in discord.rejected] == []
