"""`/compare`: outlet against outlet, for one story."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.access import may_ask
from bot.discord.asking import Kind
from bot.discord.intake import ask_by_interaction, channel_ids, words_of
from bot.discord.limits import MAX_OPTION, MAX_OPTIONS
from bot.discord.markdown import one_line
from bot.discord.packing import within
from retrieval.stories import MAX_ASKED

if TYPE_CHECKING:
    from bot.discord.client import Client

RECENT = 200  # articles stored last whose titles are offered: read anew at each letter, in some milliseconds


def add_to(client: Client) -> None:
    """The command works in servers, in direct messages and where only the person has installed the bot."""

    @app_commands.command(name="compare", description=locale_str("Set the outlets that tell one story against one another"))
    @app_commands.describe(
        story=locale_str("The story in a few words, or the address of a stored article"),
        public=locale_str("Show the answer to everyone in this channel"),
    )
    async def compare(interaction: discord.Interaction, story: app_commands.Range[str, 1, MAX_ASKED], public: bool | None = None) -> None:
        await ask_by_interaction(client, interaction, story, Kind.STORY, public)

    @compare.autocomplete("story")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Titles, of what this server may see, that have the words so far; nothing to those who may not ask here."""
        settings = await client.server_settings.of(interaction.guild_id)
        if may_ask(settings, interaction.user, channel_ids(interaction), words_of(settings, interaction)):
            return []
        hidden = await asyncio.to_thread(client.app.addresses.hidden_from, interaction.guild_id)
        latest = await asyncio.to_thread(client.app.headlines.latest, RECENT, hidden)
        wanted = current.casefold().split()
        found: dict[str, str] = {}  # by title: copies of one text share it
        for one in latest:
            title = within(one_line(one.title), MAX_OPTION)
            if title and all(word in f"{one.title} {one.source}".casefold() for word in wanted):
                found.setdefault(title, one.url if len(one.url) <= MAX_OPTION else title)
        return [app_commands.Choice(name=title, value=value) for title, value in list(found.items())[:MAX_OPTIONS]]

    compare.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
    compare.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    client.tree.add_command(compare)
