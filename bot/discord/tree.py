"""The tree of commands: how one is run, what becomes of its errors, and its descriptions in other languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.presses import tell
from bot.words import LANGUAGES, words_for

if TYPE_CHECKING:
    from bot.discord.client import Client


class Tree(app_commands.CommandTree["Client"]):
    """Runs commands so that the program waits for them at its end, and tells errors in a sentence."""

    async def _call(self, interaction: discord.Interaction[Client]) -> None:
        if interaction.client.is_ending(interaction.id):
            return
        async with interaction.client.under_way():
            await super()._call(interaction)

    async def interaction_check(self, interaction: discord.Interaction[Client], /) -> bool:
        """Whether the command is run, or the choices are looked up. Raises CommandOnCooldown, which is told in a sentence."""
        limit = interaction.client.pace.exceeded_by(interaction)
        if limit is not None and interaction.type is not discord.InteractionType.autocomplete:
            raise app_commands.CommandOnCooldown(limit, interaction.client.pace.left(limit))
        return limit is None

    async def on_error(self, interaction: discord.Interaction[Client], error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await tell(interaction, cause, words_for(str(interaction.locale)))


class Translator(app_commands.Translator):
    """Descriptions and the names of menus, from the catalogues; names of slash commands stay the same everywhere."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        language = str(locale).split("-")[0]
        if language == "en" or language not in LANGUAGES:
            return None
        translated = words_for(str(locale))(string.message)
        return translated if translated != string.message else None
