"""`/settings` and the welcome: one panel of selects, each change stored at once. For administrators, checked at each press."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

from bot.discord.access import is_administrator
from bot.discord.flagging import reasons_of
from bot.discord.ids import Act, CustomId
from bot.discord.intake import words_of
from bot.discord.limits import MAX_SELECTED
from bot.discord.modals import TEXT, reasons_modal
from bot.discord.received import fields_of, values_of
from bot.discord.replies import say, taken
from bot.discord.views import stopped
from bot.words import LANGUAGES, Words
from db.guilds import MAX_REASON, MAX_REASONS, Answers, Guild, Pictures

if TYPE_CHECKING:
    from bot.discord.client import Client

NO_LANGUAGE = "own"
DAYS, CASE_DAYS = (7, 30, 90, 365), (30, 90, 365, 1095)
GENERAL, CASES, REASONS, REASONS_SENT = "general", "cases", "reasons", "reasons_sent"  # details that are no setting of their own
OF_CASES = {CASES, REASONS_SENT, "moderator_channel", "reports", "public_notes", "keep_cases"}  # what is on the second page

Row = ui.ActionRow[ui.LayoutView]


class SettingsPanel:
    """Shows a server's settings, and stores what is chosen."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        # By server and setting, the last choice: what was chosen before it changes nothing any more, however late it comes through.
        self._newest: dict[tuple[int, str], int] = {}

    async def show(self, interaction: discord.Interaction, settings: Guild, words: Words) -> None:
        """The panel as a private reply."""
        if not is_administrator(interaction.user):
            await say(interaction, words("Settings are for those who may manage this server."))
            return
        view = panel(settings, words)
        await taken(interaction, lambda: interaction.response.send_message(view=view, ephemeral=True))

    async def pressed(self, interaction: discord.Interaction, pressed: CustomId, settings: Guild, words: Words) -> None:
        """A select of the panel, or the button of the welcome."""
        if interaction.guild_id is None:
            await say(interaction, words("Settings belong to a server."))
            return
        if pressed.act is Act.SET_UP or not is_administrator(interaction.user):
            await self.show(interaction, settings, words)
            return
        if pressed.detail == REASONS:
            modal = reasons_modal(CustomId(Act.SETTING, detail=REASONS_SENT), reasons_of(settings, words), words)
            await taken(interaction, lambda: interaction.response.send_modal(modal))
            return
        await interaction.response.defer()
        changed = changes(pressed.detail, fields_of(interaction).get(TEXT, "").splitlines() or values_of(interaction))
        what = interaction.guild_id, pressed.detail
        async with self._turns.setdefault(interaction.guild_id, asyncio.Lock()):  # the panel shows what the last of them left
            if changed and interaction.id > self._newest.get(what, 0):
                self._newest[what] = interaction.id
                await asyncio.to_thread(self._client.app.guilds.change, interaction.guild_id, **changed)
                self._client.server_settings.forget(interaction.guild_id)
            settings = await self._client.server_settings.of(interaction.guild_id)
            shown = cases_panel if pressed.detail in OF_CASES else panel
            await interaction.edit_original_response(view=shown(settings, words_of(settings, interaction)))


def add_to(client: Client) -> None:
    @app_commands.command(name="settings", description=locale_str("Who may use Crosscheck here, where, and how it answers"))
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def settings_command(interaction: discord.Interaction) -> None:
        settings = await client.server_settings.of(interaction.guild_id)
        await client.settings_panel.show(interaction, settings, words_of(settings, interaction))

    client.tree.add_command(settings_command)


def changes(detail: str, values: Sequence[str]) -> dict[str, object]:
    """What a select's values mean. Raises ValueError for what no select of ours sends."""
    first = values[0] if values else None
    match detail:
        case "answers":
            return {"answers": Answers(first or "")}
        case "pictures":
            return {"pictures": Pictures(first or "")}
        case "user_role" | "moderator_role" | "moderator_channel":
            return {detail: int(first) if first else None}
        case "channels":
            return {"channels": frozenset(int(value) for value in values)}
        case "minimum_sources" | "keep_days" | "keep_cases":
            return {detail: int(first or "")}
        case "language":
            return {"language": None if first == NO_LANGUAGE else first}
        case "plain_text" | "reports" | "public_notes":
            return {detail: first == "yes"}
        case _ if detail == REASONS_SENT:
            return {"reasons": [value.strip()[:MAX_REASON] for value in values if value.strip()][:MAX_REASONS]}
        case _ if detail in (GENERAL, CASES):
            return {}
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
    pictures = [
        (Pictures.DARK.value, words("on a dark ground")),
        (Pictures.LIGHT.value, words("on a light ground")),
        (Pictures.OFF.value, words("none")),
    ]
    layouts = [("no", words("with formatting")), ("yes", words("plain text, for screen readers"))]
    parts: list[tuple[str, Row]] = [
        (words("Answers are"), _choice("answers", settings.answers.value, answers)),
        (words("Who may ask (empty: everyone)"), _role("user_role", settings.user_role)),
        (words("Where it answers (empty: everywhere)"), _channels("channels", sorted(settings.channels), kinds, MAX_SELECTED)),
        (words("Moderators (empty: who may delete messages)"), _role("moderator_role", settings.moderator_role)),
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
        (words("Pictures with answers"), _choice("pictures", settings.pictures.value, pictures)),
    ]
    return _page(words("Settings of this server"), parts, [_turn(words("Disputed posts …"), CASES)], words)


def cases_panel(settings: Guild, words: Words) -> ui.LayoutView:
    """What concerns disputed posts, with what it is now."""
    days = [(str(n), words.plural("{n} day", "{n} days", n)) for n in sorted({*CASE_DAYS, settings.keep_cases})]
    reports = [("no", words("flagged by moderators alone")), ("yes", words("also reported by members, to the moderators alone"))]
    notes = [("no", words("never published")), ("yes", words("published under the post when a moderator presses the button"))]
    parts: list[tuple[str, Row]] = [
        (
            words("Channel of the moderators, where cases are shown"),
            _channels("moderator_channel", _one(settings.moderator_channel), [discord.ChannelType.text], 1),
        ),
        (words("Posts are"), _choice("reports", "yes" if settings.reports else "no", reports)),
        (words("Notes about decided cases are"), _choice("public_notes", "yes" if settings.public_notes else "no", notes)),
        (words("Decided cases are kept for"), _choice("keep_cases", str(settings.keep_cases), days)),
    ]
    buttons = [_turn(words("Reasons for flags …"), REASONS), _turn(words("Back"), GENERAL)]
    return _page(words("Disputed posts in this server"), parts, buttons, words)


def _page(title: str, parts: Sequence[tuple[str, Row]], buttons: Sequence[ui.Button[ui.LayoutView]], words: Words) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(f"### {title}"))
    for label, row in parts:
        container.add_item(ui.TextDisplay(label))
        container.add_item(row)
    container.add_item(ui.TextDisplay("-# " + words("Every change is stored at once.")))
    return stopped(container, ui.ActionRow(*buttons))


def _turn(label: str, detail: str) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=label, custom_id=_id(detail), style=discord.ButtonStyle.secondary)


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
    return stopped(ui.Container(ui.TextDisplay(text), ui.ActionRow(button)))


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
