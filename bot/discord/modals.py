"""Forms: a long text to trim, a flag's reason, a decision's. Stopped before they are sent, like views: presses.py gets what comes back."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from bot.discord.ids import CaseId, CustomId
from bot.discord.limits import MAX_FIELD, MAX_OPTION, MAX_OPTIONS, MAX_TITLE
from bot.discord.markdown import one_line, whole
from bot.discord.packing import within
from bot.words import Words
from db.guilds import MAX_REASONS

TEXT, NOTE, REASON = "text", "note", "reason"  # custom ids of the fields


def trim_modal(text: str, custom_id: CustomId, words: Words) -> ui.Modal:
    """A text to cut down to what is to be checked, or to reword."""
    modal = ui.Modal(title=words("What should be checked?"), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=TEXT, style=discord.TextStyle.paragraph, default=within(whole(text), MAX_FIELD), max_length=MAX_FIELD, required=True
    )
    modal.add_item(ui.Label(text=words("Text"), description=words("Trim or reword it; each statement in it is compared."), component=field))
    modal.stop()
    return modal


def flag_modal(custom_id: CaseId | CustomId, reasons: Sequence[str], words: Words) -> ui.Modal:
    """Why a post or answer is disputed."""
    modal = ui.Modal(title=words("Flag as disputed"), custom_id=str(custom_id), timeout=None)
    options = [discord.SelectOption(label=within(one_line(reason) or "…", MAX_OPTION), value=reason) for reason in reasons]
    choice: ui.Select[ui.Modal] = ui.Select(custom_id=REASON, options=options[:MAX_OPTIONS], required=True)
    modal.add_item(ui.Label(text=words("Reason"), component=choice))
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=NOTE, style=discord.TextStyle.paragraph, max_length=1_000, required=False)
    modal.add_item(ui.Label(text=words("Note"), description=words("For the moderators; kept with the case."), component=field))
    modal.stop()
    return modal


def decision_modal(title: str, custom_id: CaseId, words: Words) -> ui.Modal:
    """Why a case is resolved or reopened."""
    modal = ui.Modal(title=within(title, MAX_TITLE), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=NOTE, style=discord.TextStyle.paragraph, max_length=1_000, required=False)
    modal.add_item(ui.Label(text=words("Why"), description=words("Kept in the case's history."), component=field))
    modal.stop()
    return modal


def appeal_modal(custom_id: CaseId, words: Words) -> ui.Modal:
    """What the author of a post says against a decision, once."""
    modal = ui.Modal(title=words("Appeal"), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=NOTE, style=discord.TextStyle.paragraph, max_length=1_500, required=True)
    modal.add_item(
        ui.Label(text=words("What should be looked at again?"), description=words("The moderators read it. Once a case."), component=field)
    )
    modal.stop()
    return modal


def reasons_modal(custom_id: CustomId, now: Sequence[str], words: Words) -> ui.Modal:
    """The reasons for which a post can be flagged in a server, a line each."""
    modal = ui.Modal(title=words("Reasons for flags"), custom_id=str(custom_id), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=TEXT, style=discord.TextStyle.paragraph, default="\n".join(now), max_length=MAX_FIELD, required=False
    )
    about = words("A line each, at most {n}; empty: the usual ones.", n=MAX_REASONS)
    modal.add_item(ui.Label(text=words("Reasons"), description=about, component=field))
    modal.stop()
    return modal
