"""REST v10: reads requests, lets faults have their way, finds the route, and answers as Discord does, rate-limit headers and all."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.standins.discord import interacting, routes
from tests.standins.discord.faults import DiscordError, Fault
from tests.standins.discord.posting import Asked
from tests.standins.discord.rules import Refused
from tests.standins.discord.world import Json

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord

Handler = Callable[..., "Json | list[Any] | None"]

ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/users/@me", routes.me),
    ("GET", "/users/{}", routes.user),
    ("GET", "/oauth2/applications/@me", routes.application),
    ("GET", "/applications/@me", routes.application),
    ("GET", "/gateway/bot", routes.gateway),
    ("GET", "/gateway", routes.gateway),
    ("GET", "/applications/{}/commands", routes.commands),
    ("PUT", "/applications/{}/commands", routes.sync_commands),
    ("GET", "/applications/{}/guilds/{}/commands", routes.server_commands),
    ("PUT", "/applications/{}/guilds/{}/commands", routes.sync_server_commands),
    ("POST", "/interactions/{}/{}/callback", interacting.callback),
    ("POST", "/webhooks/{}/{}", interacting.follow_up),
    ("GET", "/webhooks/{}/{}/messages/{}", interacting.read_answer),
    ("PATCH", "/webhooks/{}/{}/messages/{}", interacting.edit_answer),
    ("DELETE", "/webhooks/{}/{}/messages/{}", interacting.delete_answer),
    ("POST", "/users/@me/channels", routes.open_direct),
    ("GET", "/users/@me/guilds", routes.own_servers),
    ("DELETE", "/users/@me/guilds/{}", routes.leave),
    ("GET", "/guilds/{}", routes.server),
    ("GET", "/guilds/{}/channels", routes.server_channels),
    ("GET", "/guilds/{}/roles", routes.server_roles),
    ("GET", "/guilds/{}/members", routes.members),
    ("GET", "/guilds/{}/members/{}", routes.member),
    ("GET", "/channels/{}", routes.channel),
    ("GET", "/channels/{}/messages", routes.history),
    ("POST", "/channels/{}/messages", routes.create_message),
    ("GET", "/channels/{}/messages/{}", routes.read_message),
    ("PATCH", "/channels/{}/messages/{}", routes.edit_message),
    ("DELETE", "/channels/{}/messages/{}", routes.delete_message),
    ("POST", "/channels/{}/typing", routes.typing),
    ("PUT", "/channels/{}/messages/{}/reactions/{}/@me", routes.react),
    ("DELETE", "/channels/{}/messages/{}/reactions/{}/@me", routes.unreact),
]
_TABLE = [
    (method, template, re.compile(re.escape(template).replace(re.escape("{}"), "([^/]+)")), handler) for method, template, handler in ROUTES
]
WITHOUT_TOKEN = ("/interactions/", "/webhooks/")  # their address holds a token of its own


class Rest:
    def __init__(self, discord: Discord) -> None:
        self._discord = discord

    async def handle(self, request: web.Request) -> web.Response:
        asked = await _read(request)
        self._discord.requests.append((asked.method, asked.path, asked.body))
        fault = self._discord.faults.next_for(asked.method, asked.path)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is None or fault.only_late:
            return self._answer(request, asked)
        if fault.after:
            self._answer(request, asked)
        return _faulty(request, fault)

    def _answer(self, request: web.Request, asked: Asked) -> web.Response:
        try:
            if not asked.path.startswith(WITHOUT_TOKEN) and request.headers.get("Authorization") != f"Bot {self._discord.token}":
                raise DiscordError(0, status=401)
            body = self._routed(asked)
        except DiscordError as error:
            self._discord.errors.append((asked.method, asked.path, error.code))
            return _reply(asked, error.status, error.body)
        finally:
            self._discord.happened.tell()
        return _reply(asked, 204 if body is None else 200, body)

    def _routed(self, asked: Asked) -> Json | list[Any] | None:
        for method, _, pattern, handler in _TABLE:
            if method == asked.method and (found := pattern.fullmatch(asked.path)):
                return handler(self._discord, asked, *found.groups())
        self._discord.rejected.append(Refused(asked.method, asked.path, "route", "the stand-in does not know this route"))
        raise DiscordError(0, status=404)


async def _read(request: web.Request) -> Asked:
    body: Any = None
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "multipart/form-data":
        form = await request.multipart()
        while (part := await form.next()) is not None:
            name = getattr(part, "name", "") or ""
            data = bytes(await part.read())  # type: ignore[union-attr]  # no form within the form
            if name == "payload_json":
                body = json.loads(data)
            else:
                files[name] = (getattr(part, "filename", None) or name, data)
    elif request.can_read_body:
        body = await request.json()
    return Asked(request.method, f"/{request.match_info['path']}", {} if body is None else body, dict(request.query), files)


def _faulty(request: web.Request, fault: Fault) -> web.Response:
    if fault.drop:
        if request.transport:
            request.transport.abort()
        return web.Response()
    status, body, headers = fault.answer()
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **headers})


def _reply(asked: Asked, status: int, body: Json | list[Any] | None) -> web.Response:
    headers = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": str(time.time() + 1),
        "X-RateLimit-Reset-After": "1",
        "X-RateLimit-Bucket": f"{asked.method}{re.sub('[0-9]+', '', asked.path)}",
    }
    if body is None:
        return web.Response(status=status, headers=headers)
    # exactly this type: with a charset, discord.py takes the body for text
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **headers})
