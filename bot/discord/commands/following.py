"""`/following`: the claims that somebody follows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.follow_views import following_view
from bot.discord.intake import words_of
from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.replies import InteractionReply, deferred
from bot.discord.views import formed

if TYPE_CHECKING:
    from bot.discord.client import Client


def add_to(client: Client) -> None:
    """The command works in servers, in direct messages and where only the person has installed the bot."""

    @app_commands.command(name="following", description=locale_str("The claims that you follow"))
    async def following(interaction: discord.Interaction) -> None:
        settings = await client.server_settings.of(interaction.guild_id)
        if await deferred(interaction, private=True):
            follows = await asyncio.to_thread(client.app.follows.of_person, interaction.user.id)
            view = following_view(follows, words_of(settings, interaction), MAX_CONTENT if settings.plain_text else MAX_TEXT)
            await InteractionReply(interaction, private=True).show(*formed(view, settings))

    following.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
    following.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    client.tree.add_command(following)
