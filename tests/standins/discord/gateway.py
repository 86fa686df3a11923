"""The gateway: sessions of shards, what they missed while they were away, and the websockets under them.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.standins.discord.objects import channel_json, event_json, interaction_json, member_json, role_json, server_json, user_json
from tests.standins.discord.sessions import DISPATCH, Connection, Session
from tests.standins.discord.world import THREADS, Channel, Json, Member, Message, Role, Server

if TYPE_CHECKING:
    from tests.standins.discord.calls import Call
    from tests.standins.discord.platform import Discord

SERVERS, MEMBERS, PRESENCES, MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 9, 1 << 12, 1 << 15  # intents
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
HEARTBEAT, IDENTIFY, RESUME, REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 1, 2, 6, 8, 9, 10, 11
QUIET = (3, 4, 14, 31)  # presence, voice state and what else is taken without an answer
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = 4001, 4002, 4003, 4004, 4005
RATE_LIMITED, INVALID_SHARD, DISALLOWED_INTENTS = 4008, 4010, 4014


class Gateway:
    def __init__(self, discord: Discord, heartbeat: float, privileged: int) -> None:
        self._discord = discord
        self._heartbeat = heartbeat
        self._privileged = privileged
        self._silent_until = 0.0
        self.sessions: list[Session] = []
        self.connections: list[Connection] = []
        self._answers: dict[int, Callable[[Connection, Any], int | None]] = {
            HEARTBEAT: self._heard,
            IDENTIFY: self._identified,
            RESUME: self._resumed,
            REQUEST_MEMBERS: self._members_asked,
            **dict.fromkeys(QUIET, lambda *_: None),
        }

    # --- telling ----------------------------------------------------------------------------------------------------------------------

    def tell(self, event: str, data: Json, server: Server | None = None, intents: int = 0) -> None:
        """To the sessions that serve the server and asked for such events; without a server, to the first shard's."""
        for session in self.sessions:
            if session.serves(server) and session.intents & intents == intents:
                session.tell(event, data)

    def tell_server(self, event: str, server: Server, data: Json, intents: int = SERVERS) -> None:
        """What happens in a server, if the bot is there."""
        if server.has_bot:
            self.tell(event, {"guild_id": str(server.id), **data}, server, intents)

    def tell_channel(self, event: str, channel: Channel) -> None:
        if channel.server:
            self.tell_server(event, channel.server, channel_json(channel))

    def tell_channel_gone(self, channel: Channel) -> None:
        self.tell_channel("THREAD_DELETE" if channel.kind in THREADS else "CHANNEL_DELETE", channel)

    def tell_role(self, server: Server, role: Role) -> None:
        self.tell_server("GUILD_ROLE_CREATE", server, {"role": role_json(role)})

    def tell_member(self, server: Server, member: Member) -> None:
        self.tell_server("GUILD_MEMBER_ADD", server, member_json(member), MEMBERS)

    def tell_message(self, event: str, message: Message) -> None:
        """With as much of its content as each session may read; ephemeral messages are told to nobody."""
        server = message.channel.server
        if message.only_for or (server and not server.has_bot):
            return
        for session in self.sessions:
            if session.serves(server) and session.intents & (MESSAGES if server else DIRECT_MESSAGES):
                session.tell(event, event_json(message, with_content=bool(session.intents & CONTENT)))

    def tell_message_gone(self, message: Message) -> None:
        data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.only_for:
            return
        if server := message.channel.server:
            self.tell_server("MESSAGE_DELETE", server, data, MESSAGES)
        else:
            self.tell("MESSAGE_DELETE", data, intents=DIRECT_MESSAGES)

    def tell_call(self, call: Call) -> None:
        self.tell("INTERACTION_CREATE", interaction_json(call), call.channel.server)

    # --- state ------------------------------------------------------------------------------------------------------------------------

    @property
    def ever_identified(self) -> bool:
        return any(one.session for one in self.connections)

    def all_shards_are_here(self) -> bool | None:
        """True or None, for Happenings."""
        here = [one for one in self.sessions if one.connection]
        return True if here and {one.shard for one in here} >= set(range(here[-1].shards)) else None

    def fall_silent(self, seconds: float) -> None:
        self._silent_until = time.monotonic() + seconds

    async def drop(self, code: int, *, resumable: bool) -> None:
        if not resumable:
            self.sessions.clear()
        for connection in [one for one in self.connections if not one.socket.closed]:
            connection.dropped = True
            await connection.socket.close(code=code)

    # --- listening --------------------------------------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, dict(request.query))
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        connection.put(HELLO, {"heartbeat_interval": int(self._heartbeat * 1000)})
        try:
            await self._listen(connection)
        finally:
            writer.cancel()
            self._left(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            code = self._take(connection, message.data) if message.type is WSMsgType.TEXT else DECODE_ERROR
            self._discord.happened.tell()
            if code is not None:
                await connection.socket.close(code=code)
                return

    def _take(self, connection: Connection, text: str) -> int | None:
        """The code to close with, if what came is wrong."""
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return DECODE_ERROR
        if op != HEARTBEAT:
            connection.received.append(payload)
            if connection.sends_too_much():
                return RATE_LIMITED
        if op not in self._answers:
            return UNKNOWN_OPCODE
        if connection.session is None and op not in (HEARTBEAT, IDENTIFY, RESUME):
            return NOT_AUTHENTICATED
        return self._answers[op](connection, data)

    def _heard(self, connection: Connection, _: Any) -> None:
        connection.heartbeats += 1
        if time.monotonic() >= self._silent_until:
            connection.put(ACK)

    def _identified(self, connection: Connection, data: Json) -> int | None:
        if connection.session is not None:
            return ALREADY_AUTHENTICATED
        if data.get("token") != self._discord.token:
            return AUTHENTICATION_FAILED
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            return INVALID_SHARD
        intents = data.get("intents", 0)
        if intents & PRIVILEGED & ~self._privileged:
            return DISALLOWED_INTENTS
        # a session whose connection is gone is not resumed any more once its shard starts anew
        self.sessions = [one for one in self.sessions if one.connection or (one.shard, one.shards) != (shard, shards)]
        session = connection.session = Session(shard, shards, intents, connection)
        served = [one for one in self._discord.servers if one.has_bot and session.serves(one)]
        ready: Json = {
            "v": 10,
            "user": user_json(self._discord.bot),
            "session_id": session.id,
            "resume_gateway_url": self._discord.gateway_url,
            "application": {"id": str(self._discord.bot.id), "flags": 0},
            "guilds": [{"id": str(one.id), "unavailable": True} for one in served],
        }
        session.tell("READY", ready | ({"shard": data["shard"]} if data.get("shard") else {}))
        for server in served:
            session.tell("GUILD_CREATE", server_json(server) | {"unavailable": False})
        self.sessions.append(session)
        return None

    def _resumed(self, connection: Connection, data: Json) -> int | None:
        if data.get("token") != self._discord.token:
            return AUTHENTICATION_FAILED
        session = next((one for one in self.sessions if one.id == data.get("session_id")), None)
        if session is None or not 0 <= (data.get("seq") or 0) <= len(session.told):
            connection.put(INVALID_SESSION, data=False)
            return None
        connection.session, connection.resumed = session, True
        for place, (event, missed) in enumerate(session.told[data["seq"] :], data["seq"] + 1):
            connection.put(DISPATCH, missed, event, place)
        session.connection = connection
        session.tell("RESUMED", {})
        return None

    def _members_asked(self, connection: Connection, data: Json) -> None:
        """GUILD_MEMBERS_CHUNK: all in one piece."""
        server = self._discord.find_server(int(data["guild_id"]))
        if server is None or connection.session is None:
            return
        wanted, start = {int(id_) for id_ in data.get("user_ids") or []}, (data.get("query") or "").lower()
        found = [one for one in server.members.values() if (one.user.id in wanted if wanted else one.user.name.lower().startswith(start))]
        chunk: Json = {
            "guild_id": str(server.id),
            "members": [member_json(one) for one in found[: data.get("limit") or None]],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": sorted(str(id_) for id_ in wanted - set(server.members)),
        }
        connection.session.tell("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if data.get("nonce") else {}))

    def _left(self, connection: Connection) -> None:
        """A session outlives its connection unless the client said goodbye."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        said_goodbye = not connection.dropped and connection.socket.close_code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
        if said_goodbye and session in self.sessions:
            self.sessions.remove(session)
        self._discord.happened.tell()
