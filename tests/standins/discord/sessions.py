"""What a shard is told, and the websocket that carries it for the time being."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zstandard
from aiohttp import web

from tests.standins.discord.world import Json, Server

DISPATCH = 0
SENDS_A_MINUTE = 120


@dataclass(eq=False)
class Connection:
    """One websocket, open or past."""

    socket: web.WebSocketResponse
    query: dict[str, str]
    session: Session | None = None
    resumed: bool = False
    dropped: bool = False  # closed by the stand-in: aiohttp does not tell that from a goodbye of the client
    heartbeats: int = 0
    received: list[Json] = field(default_factory=list)  # all but heartbeats
    _sends: list[float] = field(default_factory=list)
    _outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def put(self, op: int, data: Any = None, event: str | None = None, sequence: int | None = None) -> None:
        self._outbox.put_nowait(json.dumps({"op": op, "d": data, "s": sequence, "t": event}))

    async def write(self) -> None:
        """Sends what was put, in order. One context of compression a connection, flushed at each message."""
        pack = _packing(self.query.get("compress"))
        while True:
            text = await self._outbox.get()
            try:
                await (self.socket.send_str(text) if pack is None else self.socket.send_bytes(pack(text.encode())))
            except ConnectionError:
                return

    def sends_too_much(self) -> bool:
        moment = time.monotonic()
        self._sends = [one for one in self._sends if moment - one < 60] + [moment]
        return len(self._sends) > SENDS_A_MINUTE


def _packing(name: str | None) -> Callable[[bytes], bytes] | None:
    match name:
        case "zlib-stream":
            deflate = zlib.compressobj()
            return lambda raw: deflate.compress(raw) + deflate.flush(zlib.Z_SYNC_FLUSH)
        case "zstd-stream":  # what discord.py asks for where zstandard is installed
            packer = zstandard.ZstdCompressor().compressobj()
            return lambda raw: packer.compress(raw) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None


@dataclass(eq=False)
class Session:
    """What a shard is told, in order; it goes on while no connection is there, so that RESUME finds what was missed."""

    shard: int
    shards: int
    intents: int
    connection: Connection | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    told: list[tuple[str, Json]] = field(default_factory=list)

    def tell(self, event: str, data: Json) -> None:
        self.told.append((event, data))
        if self.connection:
            self.connection.put(DISPATCH, data, event, len(self.told))

    def serves(self, server: Server | None) -> bool:
        return self.shard == (0 if server is None else (server.id >> 22) % self.shards)
