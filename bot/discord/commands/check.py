"""`/check` and the message menu "Check sources"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.access import may_ask
from bot.discord.intake import TRIM_FROM, about, ask_by_interaction, channel_ids, is_public, kind_of, trimmed_id, words_in, words_of
from bot.discord.limits import MAX_FIELD
from bot.discord.modals import trim_modal
from bot.discord.replies import say, taken

if TYPE_CHECKING:
    from bot.discord.client import Client


def add_to(client: Client) -> None:
    """Both commands work in servers, in direct messages and where only the person has installed the bot."""

    @app_commands.command(name="check", description=locale_str("Compare a claim with stored news: what agrees, what contradicts"))
    @app_commands.describe(
        claim=locale_str("The statement, or a whole post"), public=locale_str("Show the answer to everyone in this channel")
    )
    async def check(interaction: discord.Interaction, claim: app_commands.Range[str, 1, MAX_FIELD], public: bool | None = None) -> None:
        await ask_by_interaction(client, interaction, claim, kind_of(claim), public)

    @app_commands.context_menu(name=locale_str("Check sources"))
    async def check_sources(interaction: discord.Interaction, message: discord.Message) -> None:
        text = words_in(message)
        settings = await client.server_settings.of(interaction.guild_id)
        words = words_of(settings, interaction)
        no_text = words("This message has no text that could be checked. Pictures, stickers and files are not read.")
        if refusal := may_ask(settings, interaction.user, channel_ids(interaction), words) or (None if text else no_text):
            await say(interaction, refusal)
        elif len(text) > TRIM_FROM:
            public = is_public(settings, None, interaction)
            modal = trim_modal(text, trimmed_id(public, about(client, message, interaction.user.id)), words)
            await taken(interaction, lambda: interaction.response.send_modal(modal))
        else:
            await ask_by_interaction(client, interaction, text, kind_of(text), of=about(client, message, interaction.user.id))

    command: app_commands.Command[Any, ..., None] | app_commands.ContextMenu
    for command in (check, check_sources):
        command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        client.tree.add_command(command)
