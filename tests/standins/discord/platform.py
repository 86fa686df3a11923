"""Discord on loopback, for the real discord.py: `async with Discord() as discord_` starts it and points the library to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import discord
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.standins.discord.calls import CALLBACK_SECONDS, Call
from tests.standins.discord.clock import Happenings, Snowflakes, now
from tests.standins.discord.faults import Fault, Faults
from tests.standins.discord.files import Files
from tests.standins.discord.gateway import SERVERS, Gateway
from tests.standins.discord.objects import server_json
from tests.standins.discord.people import Person
from tests.standins.discord.rest import Rest
from tests.standins.discord.rules import Refused
from tests.standins.discord.sessions import Connection
from tests.standins.discord.texts import texts
from tests.standins.discord.world import GROUP, Channel, Json, Message, Role, Server, User

CLIENT_FILE_LIMIT = 64 * 1024 * 1024  # what the web server itself reads, so that the rule above answers and not it


class Discord:
    """Servers, people and the bot's application; what the bot asked for, and what of it was refused.

    `shards`: what /gateway/bot recommends. `heartbeat`: seconds. `privileged`: intents that the application was granted.
    """

    def __init__(self, *, shards: int = 1, heartbeat: float = 41.25, privileged: int = 0) -> None:
        self.token = "MQ.stand-in.token"
        self.shards = shards
        self.file_limit = 10 * 1024 * 1024
        self.callback_seconds = CALLBACK_SECONDS
        self.ids = Snowflakes()
        self.happened = Happenings()
        self.bot = User(self.ids.new(), "Crosscheck", is_bot=True)  # its id is the application's too
        self.people: dict[int, Person] = {}
        self.operator = self.person("Operator")
        self.servers: list[Server] = []
        self.channels: dict[int, Channel] = {}
        self.calls: dict[str, Call] = {}
        self.commands: list[Json] = []
        self.server_commands: dict[int, list[Json]] = {}
        self.syncs = 0
        self.requests: list[tuple[str, str, Any]] = []
        self.rejected: list[Refused] = []
        self.errors: list[tuple[str, str, int]] = []  # method, path and code of every answer that was an error of Discord's
        self.nonces: dict[str, Message] = {}
        self.faults = Faults()
        self.gateway = Gateway(self, heartbeat, privileged)
        self.files = Files(self.ids)
        self._rest = Rest(self)
        self._runner: web.AppRunner | None = None
        self._before: tuple[str, yarl.URL, str] | None = None
        self.url = self.gateway_url = ""

    # --- starting and stopping --------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=CLIENT_FILE_LIMIT)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest.handle)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{id}/{name}", self.files.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url, self.gateway_url = f"http://{host}:{port}", f"ws://{host}:{port}/gateway"
        self.files.url = self.url
        self.point_client_here()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.gateway.drop(1001, resumable=False)
        if self._runner:
            await self._runner.cleanup()
        if self._before:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = self._before

    def point_client_here(self) -> None:
        """Class attributes: they hold for every client of this process until the end of the `async with`."""
        self._before = self._before or (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE)
        Route.BASE = f"{self.url}/api/v10"
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self.gateway_url)
        discord.Asset.BASE = self.url

    async def connected(self, timeout: float = 10.0) -> None:
        """Returns when every shard has a connection, and READY was sent."""
        await self.happened.until(self.gateway.all_shards_are_here, timeout, lambda: "the bot's shards to connect")

    @property
    def connections(self) -> list[Connection]:
        """Every websocket so far."""
        return self.gateway.connections

    # --- people and servers -----------------------------------------------------------------------------------------------------------

    def person(self, name: str, *, locale: str = "en-US") -> Person:
        made = Person(self.ids.new(), name, locale=locale, discord=self)
        self.people[made.id] = made
        return made

    def server(
        self,
        name: str,
        *,
        owner: User | None = None,
        features: Sequence[str] = (),
        locale: str = "en-US",
        bot: bool | None = None,
        shard: int | None = None,
    ) -> Server:
        """With an owner and a text channel. The bot is a member of those made before it first connects; to later ones, invite() it."""
        id_ = self.ids.new() if shard is None else self.ids.on_shard(shard, self.shards)
        made = Server(self, id_, name, owner or self.person(f"Owner of {name}"), features, locale)
        made.add_channel("general")
        made.join(made.owner)
        self.servers.append(made)
        if bot if bot is not None else not self.gateway.ever_identified:
            self._add_bot(made)
        return made

    async def invite(self, server: Server, by: User | None = None) -> None:
        """The bot comes into a server; `by` whom is not told to it."""
        if not server.has_bot:
            self._add_bot(server)

    async def kick(self, server: Server) -> None:
        self.remove_bot(server)

    def remove_bot(self, server: Server) -> None:
        server.remove_bot()
        self.gateway.tell("GUILD_DELETE", {"id": str(server.id)}, server, SERVERS)
        self.happened.tell()

    def _add_bot(self, server: Server) -> None:
        server.add_bot()
        self.gateway.tell("GUILD_CREATE", server_json(server), server, SERVERS)

    def find_server(self, id_: int) -> Server | None:
        return next((one for one in self.servers if one.id == id_), None)

    def find(self, id_: int) -> User | Role | Channel:
        """Whoever or whatever has this id.

        Raises:
            LookupError: nothing has.
        """
        roles = {role.id: role for server in self.servers for role in server.roles}
        every: dict[int, User | Role | Channel] = {**roles, **self.channels, **self.people, self.bot.id: self.bot}
        return every[id_]

    def keep(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def group(self, *people: User) -> Channel:
        """People who talk directly; the bot is none of them, and is there only through somebody who installed it."""
        first, *others = people
        return self.keep(Channel(self, self.ids.new(), " and ".join(one.name for one in people), GROUP, owner=first, others=others))

    def takes_direct(self, channel: Channel) -> bool:
        return isinstance(channel.owner, Person) and channel.owner.takes_direct

    def send_call(self, call: Call) -> Call:
        self.calls[call.token] = call
        self.gateway.tell_call(call)
        return call

    # --- messages ---------------------------------------------------------------------------------------------------------------------

    def add_message(
        self,
        channel: Channel,
        author: User,
        text: str,
        *,
        id_: int | None = None,
        payload: Json | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """A person's message."""
        bare: Json = {"type": 0, "content": text, "embeds": [], "components": [], "flags": 0, "attachments": [], "mentions": []}
        message = Message(id_ or self.ids.new(), channel, author, {**bare, **(payload or {})}, dict(files or {}))
        self.publish(message)
        return message

    def change_message(self, message: Message, text: str) -> Message:
        message.payload |= {"content": text, "edited_timestamp": now()}
        self.publish_edit(message, was_loading=False)
        return message

    def publish(self, message: Message) -> None:
        """A new message is there."""
        message.channel.messages.append(message)
        if message.author is self.bot and not (message.loading or message.only_for):
            message.channel.posts.append(message)
        self.gateway.tell_message("MESSAGE_CREATE", message)
        self.happened.tell()

    def publish_edit(self, message: Message, *, was_loading: bool) -> None:
        """A message changed, or the one that said "thinking" has its content."""
        message.edits += not was_loading
        if was_loading and not message.only_for:
            message.channel.posts.append(message)
        self.gateway.tell_message("MESSAGE_UPDATE", message)
        self.happened.tell()

    def delete(self, what: Message | Channel) -> None:
        """A message or channel is gone; what the bot then does with it fails."""
        what.deleted = True
        if isinstance(what, Message):
            self.gateway.tell_message_gone(what)
        else:
            self.gateway.tell_channel_gone(what)
            if what.server:
                what.server.channels.remove(what)
        self.happened.tell()

    def message(self, id_: int) -> Message:
        """The message with this id.

        Raises:
            LookupError: there is none.
        """
        for channel in self.channels.values():
            for one in channel.messages:
                if one.id == id_:
                    return one
        raise LookupError(f"no message {id_}")

    def texts(self, shown: Message | Mapping[str, Any]) -> list[str]:
        """What a person reads of a message or form, in order."""
        return list(texts(shown.payload if isinstance(shown, Message) else shown))

    # --- faults -----------------------------------------------------------------------------------------------------------------------

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int | None = None,
        code: int | None = None,
        times: int = 1,
        retry_after: float = 0.1,
        global_: bool = False,
        drop: bool = False,
        after: bool = False,
        delay: float = 0.0,
    ) -> Fault:
        """The next requests whose path matches (a regular expression, from its start) get this instead of an answer.

        `drop`: the connection is closed without one. `after`: what was asked for happens all the same. `delay` alone: a late answer.
        """
        return self.faults.add(
            method, path, times, status=status, code=code, retry_after=retry_after, everywhere=global_, drop=drop, after=after, delay=delay
        )  # fmt: skip

    async def drop_gateway(self, code: int = 4000, resumable: bool = True) -> None:
        """Closes the websockets; what then happens is told on RESUME, or lost if not resumable."""
        await self.gateway.drop(code, resumable=resumable)

    async def silence(self, seconds: float) -> None:
        """No heartbeat is acknowledged until this returns."""
        self.gateway.fall_silent(seconds)
        await asyncio.sleep(seconds)

    def expire(self, call: Call) -> None:
        """As if 15 minutes had passed since the call."""
        call.expired = True
