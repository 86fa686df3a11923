"""Connections to public addresses only: names are resolved here, the answers judged, and the very address judged is dialled.

Checking a URL before it is fetched would not do: its name may resolve to something else a moment later (DNS rebinding), and a
redirect leads anywhere. Below the HTTP client, each connection passes by here: redirects and retries too.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpcore
import httpx

from retrieval.web.address import is_public, parse

_names = ThreadPoolExecutor(8, "names")
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]  # host and port to addresses as text


class Refused(Exception):
    """The name stands for an address that Crosscheck does not connect to. The message says which rule it is, not the address."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """An httpcore backend that dials public addresses, and those of `allowed` names ("host" or "host:port") whatever they are."""

    def __init__(self, allowed: Collection[str] = (), resolve: Resolve | None = None) -> None:
        self._allowed = frozenset(name.lower() for name in allowed)
        self._resolve = resolve or _resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Refused, httpcore.ConnectError, httpcore.ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from error
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise Refused("a socket file is no news source")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """What the name stands for. One address that is not public refuses all of them: such answers are made to slip through."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label too long or empty, before any question is sent
            raise httpcore.ConnectError("the name cannot be resolved") from error
        if not self._allowed.isdisjoint({host.lower(), f"{host.lower()}:{port}"}):
            return addresses
        for address in addresses:
            parsed = parse(address)
            if parsed is None or not is_public(parsed):
                raise Refused("the name stands for an address of a private network, of this machine or of a cloud's inside")
        return addresses


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a GuardedBackend. No proxy from the environment: behind one, nobody could judge the addresses."""

    def __init__(self, backend: GuardedBackend, *, verify: ssl.SSLContext | bool = True, max_connections: int = 32) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify, trust_env=False),
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=15.0,
            http1=True,
            http2=True,
            network_backend=backend,
        )


async def _resolve(host: str, port: int) -> Sequence[str]:
    """In threads of its own: a name server that does not answer holds them for half a minute, and the common ones answer Discord."""
    found = await asyncio.get_running_loop().run_in_executor(_names, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
