"""`/privacy`: what is kept of whoever asks, shown, handed out and deleted, everywhere; and for administrators, all of a server deleted."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

from bot.discord.access import is_administrator
from bot.discord.ids import Act, CustomId
from bot.discord.intake import words_of
from bot.discord.modals import TEXT
from bot.discord.received import fields_of
from bot.discord.replies import InteractionReply, deferred, steadily, taken
from bot.discord.views import note_view, stopped
from bot.words import Words
from db.case_forgetting import KEEP_DRAFTS
from db.privacy import Kept
from db.retention import KEEP_CASES, KEEP_DAYS, PRIVATE_HOURS

if TYPE_CHECKING:
    from bot.discord.client import Client

TIMES, IN = 3, 600.0  # uses of export and delete in so many seconds, each


class Privacy(app_commands.Group):
    """The subcommands. They work in servers, in direct messages and where only the person has installed the bot."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            name="privacy", description=locale_str("What Crosscheck keeps of you: see it, get it, delete it"),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )  # fmt: skip
        self._client = client

    @app_commands.command(description=locale_str("What is kept of you, and for how long"))
    async def show(self, interaction: discord.Interaction) -> None:
        if await deferred(interaction, private=True):
            words = await self._words(interaction)
            kept = await asyncio.to_thread(self._client.app.privacy.show, self._client.app.person(interaction.user.id))
            await InteractionReply(interaction, private=True).show(None, note_view(*shown(kept, words)))

    @app_commands.command(description=locale_str("All that is kept of you, as a file"))
    @app_commands.checks.cooldown(TIMES, IN, key=lambda interaction: interaction.user.id)
    async def export(self, interaction: discord.Interaction) -> None:
        if not await deferred(interaction, private=True):
            return
        words = await self._words(interaction)
        found = await asyncio.to_thread(self._client.app.privacy.export, self._client.app.person(interaction.user.id))
        name, data = await asyncio.to_thread(file_of, found, interaction.filesize_limit)
        if len(data) > interaction.filesize_limit:
            sentence = words("The file is too large for Discord. The operator can hand it to you: python -m bot privacy export.")
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))
            return
        sentence = words("This is all that Crosscheck keeps of you.")
        await steadily(lambda: interaction.edit_original_response(content=sentence, attachments=[discord.File(io.BytesIO(data), name)]))

    @app_commands.command(description=locale_str("Delete all that is kept of you"))
    @app_commands.checks.cooldown(TIMES, IN, key=lambda interaction: interaction.user.id)
    async def delete(self, interaction: discord.Interaction) -> None:
        if await deferred(interaction, private=True):
            words = await self._words(interaction)
            kept = await asyncio.to_thread(self._client.app.privacy.show, self._client.app.person(interaction.user.id))
            await InteractionReply(interaction, private=True).show(None, really(kept, words))

    @app_commands.command(description=locale_str("For administrators: delete everything of this server"))
    async def purge(self, interaction: discord.Interaction) -> None:
        words = await self._words(interaction)
        if await _may_purge(interaction, words):
            await taken(interaction, lambda: interaction.response.send_modal(purge_modal(words)))

    async def _words(self, interaction: discord.Interaction) -> Words:
        return words_of(await self._client.server_settings.of(interaction.guild_id), interaction)


class PrivacyPresses:
    """The button that deletes, and the form in which a server's name is typed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handle(self, interaction: discord.Interaction, pressed: CustomId, words: Words) -> None:
        """Do what was pressed. Raises StoreError, Undelivered."""
        if pressed.act is Act.PURGE_SENT:
            await self._purge(interaction, words)
        elif await deferred(interaction, private=True, thinking=False):
            kept = await asyncio.to_thread(self._client.app.privacy.delete, self._client.app.person(interaction.user.id))
            lines = ["### " + words("Deleted"), *(f"- {what}" for what, _ in _counted(kept, words))] if kept.anything else [_nothing(words)]
            await InteractionReply(interaction, private=True).show(None, note_view(*lines))

    async def _purge(self, interaction: discord.Interaction, words: Words) -> None:
        guild = interaction.guild
        if not await _may_purge(interaction, words) or guild is None:
            return
        if _bare(fields_of(interaction).get(TEXT, "")) != _bare(guild.name):
            sentence = words("That is not the name of this server. Nothing was deleted.")
            await taken(interaction, lambda: interaction.response.send_message(view=note_view(sentence), ephemeral=True))
        elif await deferred(interaction, private=True):
            await asyncio.to_thread(self._client.app.privacy.purge, guild.id)
            self._client.server_settings.forget(guild.id)
            sentence = words("Everything of this server was deleted. Crosscheck stays, with the settings of the beginning.")
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))


def add_to(client: Client) -> None:
    client.tree.add_command(Privacy(client))


def shown(kept: Kept, words: Words) -> list[str]:
    """Ready Markdown, a line each."""
    if not kept.anything:
        return [_nothing(words)]
    return [
        "### " + words("What Crosscheck keeps of you"),
        *(f"- {what}\n-# {how_long}" for what, how_long in _counted(kept, words)),
        words("In place of your name there is a hash; only cases and follows have your Discord id. No score or profile of you is made."),
        words("/privacy export gives you all of it as a file, /privacy delete deletes it."),
    ]


def really(kept: Kept, words: Words) -> ui.LayoutView:
    """What would be deleted, with the button that does it; without one where there is nothing."""
    if not kept.anything:
        return note_view(_nothing(words))
    text = "\n".join([
        "### " + words("Delete all that is kept of you?"),
        *(f"- {what}" for what, _ in _counted(kept, words)),
        words("It cannot be brought back. Cases stay with what the moderators decided, without you and your words."),
        words("Messages in Discord stay: delete them there."),
    ])  # fmt: skip
    button: ui.Button[ui.LayoutView] = ui.Button(
        label=words("Delete all of it"), custom_id=str(CustomId(Act.ERASE)), style=discord.ButtonStyle.danger
    )
    return stopped(ui.Container(ui.TextDisplay(text), ui.ActionRow(button)))


def purge_modal(words: Words) -> ui.Modal:
    """The server's name, typed by whoever has all of it deleted."""
    modal = ui.Modal(title=words("Delete everything of this server"), custom_id=str(CustomId(Act.PURGE_SENT)), timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=TEXT, max_length=100, required=True)
    about = words("Answers, cases, follows, own sources and settings are deleted, for good.")
    modal.add_item(ui.Label(text=words("Type the name of this server"), description=about, component=field))
    modal.stop()
    return modal


def file_of(found: dict[str, Any], limit: int) -> tuple[str, bytes]:
    """(name, bytes): JSON, packed where it is larger than `limit`."""
    data = json.dumps(found, ensure_ascii=False, indent=2).encode()
    if len(data) <= limit:
        return "crosscheck.json", data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crosscheck.json", data)
    return "crosscheck.zip", packed.getvalue()


def _counted(kept: Kept, words: Words) -> list[tuple[str, str]]:
    """(how much of something, how long that is kept), for what there is."""
    private, days = words.number(PRIVATE_HOURS), words.number(KEEP_DAYS)
    at_last = words("Private ones are kept for {hours} hours, public ones for {days} days if their server set nothing else.",
                    hours=private, days=days)  # fmt: skip
    with_case = words("Kept with the case.")
    drafts = words.number(KEEP_DRAFTS.seconds // 3600)
    every = [
        (kept.asked, words("Checks that you asked for: {n}", n=words.number(kept.asked)), at_last),
        (kept.about, words("Checks of your words that others asked for: {n}", n=words.number(kept.about)), at_last),
        (kept.opinions, words("Opinions whether an answer helped: {n}", n=words.number(kept.opinions)),
         words("Kept for a year; when the answer is forgotten, without its words.")),
        (kept.follows, words("Claims that you follow: {n}", n=words.number(kept.follows)), words("Kept until the follow ends.")),
        (kept.posts, words("Cases about what you wrote: {n}", n=words.number(kept.posts)),
         words("Kept for {days} days after the decision if their server set nothing else.", days=words.number(KEEP_CASES))),
        (kept.flags, words("Your flags and reports: {n}", n=words.number(kept.flags)), with_case),
        (kept.steps, words("Your steps in the history of cases: {n}", n=words.number(kept.steps)), with_case),
        (kept.drafts, words("Flags begun in the last hours: {n}", n=words.number(kept.drafts)),
         words("Kept for {hours} hours.", hours=drafts)),
    ]  # fmt: skip
    return [(what, how_long) for count, what, how_long in every if count]


def _nothing(words: Words) -> str:
    return words("Nothing is kept of you.")


async def _may_purge(interaction: discord.Interaction, words: Words) -> bool:
    """Whether they may have everything of this server deleted; else they are told."""
    here = interaction.guild is not None and interaction.is_guild_integration()
    if here and is_administrator(interaction.user):
        return True
    sentence = words("Only those who may manage a server can have everything of it deleted, in that server.")
    await taken(interaction, lambda: interaction.response.send_message(view=note_view(sentence), ephemeral=True))
    return False


def _bare(name: str) -> str:
    return " ".join(name.casefold().split())
