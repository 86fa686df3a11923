"""`run` and `invite`: the bot as a process."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.app import App
from bot.discord.client import Client
from bot.discord.watched import gateway
from bot.monitor.watching import RUN, Watched, watched
from bot.service.serving import beside
from bot.web import keep_visiting, opened_web
from config.settings import Settings
from retrieval.errors import CrosscheckError, UserError

log = logging.getLogger("crosscheck.discord")

# Seeing a channel, writing in it and its threads: answers that are shared, replies to mentions, flags. Links show no previews, nothing is
# attached, nobody is pinged, and private answers need no permission at all.
PERMISSIONS = discord.Permissions(view_channel=True, send_messages=True, send_messages_in_threads=True, read_message_history=True)


class NoDiscord(CrosscheckError):
    """Discord cannot be reached, or does not take the token."""


def serve(app: App, *, watch: bool) -> None:
    """Run until SIGINT or SIGTERM. Raises UserError without a token or with something else, NoDiscord, ModelError, StoreError."""
    token, _ = _token(app.settings)
    app.key  # noqa: B018 - read at its first use: one that is lost is told before the models are loaded
    with watched(app, RUN) as watching:
        app.warm_up()  # before Discord says that the bot is there
        watching.models_loaded()
        asyncio.run(_serve(app, token, watching, watch=watch))


def invite_links(settings: Settings) -> tuple[str, str]:
    """The link for a server, with the least permissions, and the one for oneself. Raises UserError without a token."""
    _, client_id = _token(settings)
    server = discord.utils.oauth_url(client_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))
    return server, f"{discord.utils.oauth_url(client_id, scopes=('applications.commands',))}&integration_type=1"


# No voice is used, so what it would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


@asynccontextmanager
async def opened_client(app: App, *, watch: bool = True) -> AsyncIterator[Client]:
    """A client, with the news sources watched beside it."""
    async with opened_web(app) as web, Client(app) as client:
        client.web = web if watch else None
        stop = asyncio.Event()
        watching = asyncio.create_task(keep_visiting(web, stop)) if watch else None
        try:
            yield client
        finally:
            stop.set()
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)


async def _serve(app: App, token: str, watching: Watched, *, watch: bool) -> None:
    async with (
        opened_client(app, watch=watch) as client,
        watching.sampling(lambda: gateway(client)),
        beside(app, client.desk, client.under_way) as stop,
    ):
        loop = asyncio.get_running_loop()
        stopping: list[asyncio.Task[None]] = []

        def end() -> None:
            stop()
            stopping.append(loop.create_task(client.close()))

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        try:
            await client.start(token)
        except discord.LoginFailure as error:
            raise UserError("Discord does not take the token in DISCORD_TOKEN: copy it anew from the application's page “Bot”.") from error
        except discord.PrivilegedIntentsRequired as error:
            raise NoDiscord("Discord asks for a privileged intent, which Crosscheck does not use: is this its own token?") from error
        except (aiohttp.ClientError, OSError, discord.HTTPException, discord.GatewayNotFound) as error:
            raise NoDiscord(f"Discord cannot be reached ({type(error).__name__}). Is the network there?") from error
        finally:
            await asyncio.gather(*stopping)


def _token(settings: Settings) -> tuple[str, int]:
    """The token, and the id of the application, which is the first of its three parts. Raises UserError."""
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        raise UserError("DISCORD_TOKEN is not set. README.md says how to get a token in five minutes.")
    first = token.split(".")[0]
    try:
        return token, int(base64.b64decode(first + "=" * (-len(first) % 4), validate=True))
    except (binascii.Error, ValueError) as error:
        raise UserError("DISCORD_TOKEN is not a bot's token: copy it from the application's page “Bot”.") from error
