"""Forms: a long text to trim, a flag's reason. Stopped before they are sent, as views are: bot/discord/presses.py gets what comes back."""

from __future__ import annotations

import discord
from discord import ui

from bot.discord.ids import CustomId
from bot.discord.limits import MAX_FIELD
from bot.discord.markdown import whole
from bot.discord.packing import within
from bot.words import Words

TEXT, NOTE = "text", "note"  # custom ids of the fields


def trim_modal(text: str, custom_id: CustomId, words: Words) -> ui.Modal:
    """A text to cut down to what is to be checked, or to reword."""
    modal = ui.Modal(title=words("What should be checked?"), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=TEXT, style=discord.TextStyle.paragraph, default=within(whole(text), MAX_FIELD), max_length=MAX_FIELD, required=True
    )
    modal.add_item(ui.Label(text=words("Text"), description=words("Trim or reword it; each statement in it is compared."), component=field))
    modal.stop()
    return modal


def flag_modal(custom_id: CustomId, words: Words) -> ui.Modal:
    """Why an answer is flagged."""
    modal = ui.Modal(title=words("Flag for moderators"), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=NOTE, style=discord.TextStyle.paragraph, max_length=1_000, required=False)
    modal.add_item(ui.Label(text=words("Note"), description=words("Kept with the excerpts as they stand now."), component=field))
    modal.stop()
    return modal
