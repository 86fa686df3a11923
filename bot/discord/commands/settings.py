"""`/settings` and the welcome: one panel of selects, each change stored at once. For administrators, checked at each press."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

from bot.discord.access import is_administrator
from bot.discord.ids import Act, CustomId
from bot.discord.intake import words_of
from bot.discord.limits import MAX_SELECTED
from bot.discord.received import values_of
from bot.discord.views import note_view
from bot.words import LANGUAGES, Words
from db.guilds import Answers, Guild

if TYPE_CHECKING:
    from bot.discord.client import Client

NO_LANGUAGE = "own"
DAYS = (7, 30, 90, 365)

Row = ui.ActionRow[ui.LayoutView]


class SettingsPanel:
    """Shows a server's settings, and stores what is chosen."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def show(self, interaction: discord.Interaction, settings: Guild, words: Words) -> None:
        """The panel as a private reply."""
        if not is_administrator(interaction.user):
            await interaction.response.send_message(
                view=note_view(words("Settings are for those who may manage this server.")), ephemeral=True
            )
            return
        await interaction.response.send_message(view=panel(settings, words), ephemeral=True)

    async def pressed(self, interaction: discord.Interaction, pressed: CustomId, settings: Guild, words: Words) -> None:
        """A select of the panel, or the button of the welcome."""
        if interaction.guild_id is None:
            await interaction.response.send_message(view=note_view(words("Settings belong to a server.")), ephemeral=True)
            return
        if pressed.act is Act.SET_UP or not is_administrator(interaction.user):
            await self.show(interaction, settings, words)
            return
        await interaction.response.defer()
        values = values_of(interaction)
        changed = changes(pressed.detail, values)
        settings = await asyncio.to_thread(self._client.app.guilds.change, interaction.guild_id, **changed)
        self._client.forget_settings(interaction.guild_id)
        await interaction.edit_original_response(view=panel(settings, words_of(settings, interaction)))


def add_to(client: Client) -> None:
    @app_commands.command(name="settings", description=locale_str("Who may use Crosscheck here, where, and how it answers"))
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def settings_command(interaction: discord.Interaction) -> None:
        settings = await client.settings_of(interaction.guild_id)
        await client.settings_panel.show(interaction, settings, words_of(settings, interaction))

    client.tree.add_command(settings_command)


def changes(detail: str, values: Sequence[str]) -> dict[str, object]:
    """What a select's values mean. Raises ValueError for what no select of ours sends."""
    first = values[0] if values else None
    match detail:
        case "answers":
            return {"answers": Answers(first or "")}
        case "user_role" | "moderator_role" | "moderator_channel":
            return {detail: int(first) if first else None}
        case "channels":
            return {"channels": frozenset(int(value) for value in values)}
        case "minimum_sources" | "keep_days":
            return {detail: int(first or "")}
        case "language":
            return {"language": None if first == NO_LANGUAGE else first}
        case "plain_text":
            return {"plain_text": first == "yes"}
    raise ValueError(f"no setting is called {detail!r}")


def panel(settings: Guild, words: Words) -> ui.LayoutView:
    """All settings with what they are now."""
    text = [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]
    kinds = [*text, discord.ChannelType.voice, discord.ChannelType.stage_voice]
    answers = [
        (Answers.PRIVATE.value, words("private, unless the asker wants them public")),
        (Answers.PUBLIC.value, words("public, unless the asker wants them private")),
        (Answers.ONLY_PRIVATE.value, words("always private")),
    ]
    days = [(str(n), words.plural("{n} day", "{n} days", n)) for n in sorted({*DAYS, settings.keep_days})]
    layouts = [("no", words("with formatting")), ("yes", words("plain text, for screen readers"))]
    parts: list[tuple[str, Row]] = [
        (words("Answers are"), _choice("answers", settings.answers.value, answers)),
        (words("Who may ask (empty: everyone)"), _role("user_role", settings.user_role)),
        (words("Where it answers (empty: everywhere)"), _channels("channels", sorted(settings.channels), kinds, MAX_SELECTED)),
        (words("Moderators (empty: who may delete messages)"), _role("moderator_role", settings.moderator_role)),
        (words("Channel for flags"), _channels("moderator_channel", _one(settings.moderator_channel), kinds[:1], 1)),
        (
            words("Independent sources that a side should have"),
            _choice("minimum_sources", str(settings.minimum_sources), [(str(n), str(n)) for n in range(1, 6)]),
        ),
        (
            words("Language"),
            _choice("language", settings.language or NO_LANGUAGE, [(NO_LANGUAGE, words("each person's own")), *LANGUAGES.items()]),
        ),
        (words("What was asked is kept for"), _choice("keep_days", str(settings.keep_days), days)),
        (words("Layout"), _choice("plain_text", "yes" if settings.plain_text else "no", layouts)),
    ]
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay("### " + words("Settings of this server")))
    for label, row in parts:
        container.add_item(ui.TextDisplay(label))
        container.add_item(row)
    container.add_item(ui.TextDisplay("-# " + words("Every change is stored at once.")))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    view.stop()
    return view


def welcome(words: Words, check: str) -> ui.LayoutView:
    """What the bot says when it comes into a server."""
    text = "\n".join([
        "### " + words("Crosscheck is here"),
        words("It shows what stored news says about a claim: agreeing and contradicting excerpts, word for word."),
        words("Quoted word for word; Crosscheck does not rule true or false."),
        words("Try it: {check}, or a message's menu, Apps, “Check sources”.", check=check),
        words("It works as it is. Whoever manages this server can choose where it answers and for whom:"),
    ])  # fmt: skip
    button: ui.Button[ui.LayoutView] = ui.Button(
        label=words("Set up"), custom_id=str(CustomId(Act.SET_UP)), style=discord.ButtonStyle.primary
    )
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(text), ui.ActionRow(button)))
    view.stop()
    return view


def _choice(detail: str, now: str, options: Sequence[tuple[str, str]]) -> Row:
    made = [discord.SelectOption(label=label, value=value, default=value == now) for value, label in options]
    return ui.ActionRow(ui.Select(custom_id=_id(detail), options=made))


def _role(detail: str, now: int | None) -> Row:
    defaults = [discord.Object(id_) for id_ in _one(now)]
    return ui.ActionRow(ui.RoleSelect(custom_id=_id(detail), min_values=0, max_values=1, default_values=defaults))


def _channels(detail: str, now: Sequence[int], kinds: list[discord.ChannelType], most: int) -> Row:
    defaults = [discord.Object(id_) for id_ in now]
    return ui.ActionRow(
        ui.ChannelSelect(custom_id=_id(detail), min_values=0, max_values=most, channel_types=kinds, default_values=defaults)
    )


def _one(id_: int | None) -> list[int]:
    return [] if id_ is None else [id_]


def _id(detail: str) -> str:
    return str(CustomId(Act.SETTING, detail=detail))
