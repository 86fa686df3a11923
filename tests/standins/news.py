"""A news site on loopback: a real HTTP server whose answers are scripted, and which remembers what it was asked and when."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from aiohttp import web

HOST = "news.test"
WORDS = (
    "The council of {place} voted on Tuesday to close the old bridge over the river for repairs that will take two years. "
    "Traffic will be led over the northern road, and buses will run every ten minutes, the mayor told reporters after the meeting. "
    "Shop owners near the bridge said they feared for their trade, while residents hoped for quieter nights. "
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0  # seconds between single bytes
    endless: bool = False  # the body again and again
    cut: bool = False  # the connection is closed in the middle


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in."""

    at: datetime
    host: str
    path: str
    headers: Mapping[str, str]


class Site:
    """Serves on 127.0.0.1 under any host name. `async with Site() as site`."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.asked: list[Asked] = []
        self.not_modified = 0
        self.most_at_once: dict[str, int] = defaultdict(int)
        self._now = now or (lambda: datetime.now(UTC))
        self._scripts: dict[tuple[str, str], list[Reply]] = {}
        self._made: dict[tuple[str, str], Callable[[], Reply]] = {}
        self._running: dict[str, int] = defaultdict(int)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, *replies: Reply, host: str = HOST) -> str:
        """Answer `path` with the replies in turn, the last one for ever; the url."""
        self._scripts[host, path] = list(replies)
        return self.url(path, host)

    def made(self, path: str, make: Callable[[], Reply], host: str = HOST) -> str:
        """Answer `path` with what `make` gives at the time; the url."""
        self._made[host, path] = make
        return self.url(path, host)

    def paths(self, host: str = HOST) -> list[str]:
        """What was asked of a host, in order."""
        return [asked.path for asked in self.asked if asked.host == host]

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """A GuardedBackend's resolver: every name is here."""
        del host, port
        return ["127.0.0.1"]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        self.asked.append(Asked(self._now(), host, request.path_qs, dict(request.headers)))
        self._running[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._running[host])
        try:
            if make := self._made.get((host, request.path)):
                return await self._send(request, make())
            script = self._scripts.get((host, request.path_qs)) or self._scripts.get((host, request.path))
            if not script:
                return web.Response(status=404, text="not found")
            return await self._send(request, script.pop(0) if len(script) > 1 else script[0])
        finally:
            self._running[host] -= 1

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if _matches(request, reply):
            self.not_modified += 1
            return web.Response(
                status=304, headers={name: reply.headers[name] for name in ("ETag", "Last-Modified") if name in reply.headers}
            )
        if not (reply.drip or reply.endless or reply.cut):
            return web.Response(status=reply.status, body=reply.body, headers=dict(reply.headers))
        response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
        if reply.cut:
            response.content_length = len(reply.body) * 2
        await response.prepare(request)
        try:
            if reply.drip:
                for byte in reply.body:
                    await response.write(bytes([byte]))
                    await asyncio.sleep(reply.drip)
            while reply.endless:
                await response.write(reply.body)
            if reply.cut:
                await response.write(reply.body)
                if request.transport is not None:
                    request.transport.close()
        except ConnectionError:
            pass  # the client has had enough
        return response


def _matches(request: web.Request, reply: Reply) -> bool:
    etag, modified = reply.headers.get("ETag"), reply.headers.get("Last-Modified")
    return bool(
        reply.status == 200
        and ((etag and request.headers.get("If-None-Match") == etag) or (modified and request.headers.get("If-Modified-Since") == modified))
    )


def rss(items: Sequence[str], title: str = "Harwick Echo", extra: str = "") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{title}</title><link>http://{HOST}/</link>{extra}{inner}</channel></rss>"
    ).encode()


def item(url: str, title: str, text: str = "", *, whole: str = "", at: datetime | None = None) -> str:
    dated = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    content = f"<content:encoded><![CDATA[<p>{whole}</p>]]></content:encoded>" if whole else ""
    return f"<title>{title}</title><link>{url}</link><description>{text}</description>{content}{dated}"


def story(place: str) -> str:
    """A text long enough to count as a whole article."""
    return " ".join(
        WORDS.format(place=place) + f"It was the {number}th vote on the matter in {place} within a year." for number in range(3, 6)
    )


def page(url: str, title: str, text: str, head: str = "") -> bytes:
    paragraphs = "".join(f"<p>{part}.</p>" for part in text.split(". ") if part)
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title><link rel="canonical" href="{url}">'
        f'<meta property="og:site_name" content="Harwick Echo">{head}</head>'
        f"<body><header><nav><a href='/'>Home</a></nav></header><main><article><h1>{title}</h1>{paragraphs}</article></main></body></html>"
    ).encode()
