"""Attachments, and their bytes by HTTP."""

from __future__ import annotations

import mimetypes

from aiohttp import web

from tests.standins.discord.clock import Snowflakes
from tests.standins.discord.world import Json


class Files:
    def __init__(self, ids: Snowflakes) -> None:
        self.url = ""  # known once the server listens
        self._ids = ids
        self._kept: dict[str, tuple[str, bytes]] = {}

    def keep(self, name: str, data: bytes) -> Json:
        """The attachment's JSON; its address can be read."""
        id_ = str(self._ids.new())
        self._kept[id_] = (name, data)
        url = f"{self.url}/attachments/{id_}/{name}"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"id": id_, "filename": name, "size": len(data), "url": url, "proxy_url": url, "content_type": kind}

    async def serve(self, request: web.Request) -> web.Response:
        name, data = self._kept.get(request.match_info["id"], ("", b""))
        if name != request.match_info["name"]:
            raise web.HTTPNotFound
        return web.Response(body=data)
