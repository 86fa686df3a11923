"""What those who watch the program are told of Discord: its answers over HTTP, its limits, the gateway."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp

from bot.monitor.port import Gateway, GatewayEvent, Unwatched

if TYPE_CHECKING:
    from bot.discord.client import Client


def traced(monitor: Unwatched) -> aiohttp.TraceConfig:
    """For discord.Client's `http_trace`. Each try counts: the library itself tries again after a 429 or 5xx."""

    async def on_end(_session: aiohttp.ClientSession, _context: SimpleNamespace, given: aiohttp.TraceRequestEndParams) -> None:
        monitor.discord_answered(given.response.status, given.response.headers.get("X-RateLimit-Scope", ""))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(on_end)
    return trace


def listen(client: Client) -> None:
    """Tell of each connection that comes or goes."""
    monitor = client.app.monitor

    async def on_shard_connect(_shard_id: int) -> None:
        monitor.gateway(GatewayEvent.CONNECTED)

    async def on_shard_resumed(_shard_id: int) -> None:
        monitor.gateway(GatewayEvent.RESUMED)

    async def on_shard_disconnect(_shard_id: int) -> None:
        monitor.gateway(GatewayEvent.DISCONNECTED)

    for heard in (on_shard_connect, on_shard_resumed, on_shard_disconnect):
        client.add_listener(heard)


def gateway(client: Client) -> Gateway:
    """How this process's shards are connected now. To be asked in the client's event loop."""
    shards = list(client.shards.values())
    connected = 0 if client.is_closed() else sum(not shard.is_closed() for shard in shards)
    latencies = [shard.latency for shard in shards if not shard.is_closed()]
    # Before the first connection of all there are fewer shards than there will be, so that the library's own word is asked too.
    return Gateway(connected, len(shards), max(latencies, default=float("nan")), client.is_ready() and connected == len(shards) > 0)
