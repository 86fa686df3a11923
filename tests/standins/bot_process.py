"""`python -m tests.standins.bot_process URL GATEWAY ARGUMENT...`: the bot's command line, with Discord at these addresses."""

from __future__ import annotations

import sys

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.cli import main

if __name__ == "__main__":
    url, gateway, *arguments = sys.argv[1:]
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    discord.Asset.BASE = url
    sys.argv = ["crosscheck", *arguments]
    main()
