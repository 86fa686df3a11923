"""The message menu "Flag as disputed", and `/disputes`: the moderators' queue."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.access import is_moderator
from bot.discord.case_presses import written_filter
from bot.discord.intake import words_of
from bot.discord.limits import MAX_OPTION, MAX_OPTIONS
from bot.discord.markdown import one_line
from bot.discord.replies import InteractionReply, deferred, say, steadily
from bot.discord.views import note_view
from bot.exports import everything, export
from bot.texts import shortened
from bot.words import Words
from db.cases import LARGEST_NUMBER, RESOLVED, Dispute, State
from db.guilds import Guild

if TYPE_CHECKING:
    from bot.discord.client import Client

Number = app_commands.Range[int, 1, LARGEST_NUMBER]
EXPORTS, EXPORTS_IN = 6, 600.0  # of one server in so many seconds: each reads all of its cases
NOTE = 1_000  # characters of a decision's reason
STATES = [app_commands.Choice(name=locale_str(name), value=value) for name, value in (
    ("open", State.OPEN.value), ("in review", State.IN_REVIEW.value), ("upheld: the post stands", State.UPHELD.value),
    ("disputed: sources contradict it", State.DISPUTED.value), ("unclear", State.UNCLEAR.value), ("dismissed", State.DISMISSED.value),
)]  # fmt: skip
WAITING = app_commands.Choice(name=locale_str("waiting: open or in review"), value="waiting")
ALL = app_commands.Choice(name=locale_str("all"), value="all")


class Disputes(app_commands.Group):
    """The subcommands. Each asks again whether the person is a moderator."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            name="disputes", description=locale_str("The disputed posts of this server, for its moderators"), guild_only=True,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            default_permissions=discord.Permissions(manage_messages=True),
        )  # fmt: skip
        self._client = client
        self._book = client.app.disputes

    @app_commands.command(name="list", description=locale_str("The queue of disputed posts"))
    @app_commands.describe(
        state=locale_str("Which cases; those that wait for a decision if not said"), mine=locale_str("Only those that I review")
    )
    @app_commands.choices(state=[WAITING, ALL, *STATES])
    async def list_(self, interaction: discord.Interaction, state: str = "waiting", mine: bool = False) -> None:
        if allowed := await self._allowed(interaction):
            settings, words = allowed
            chosen = frozenset(State) - RESOLVED if state == "waiting" else frozenset() if state == "all" else frozenset({State(state)})
            filter_ = written_filter(chosen, interaction.user.id if mine else None)
            await self._client.case_presses.show_queue(interaction, 0, filter_, settings, words)

    @app_commands.command(description=locale_str("Show a case with its evidence"))
    @app_commands.describe(case=locale_str("The case's number"))
    async def show(self, interaction: discord.Interaction, case: Number) -> None:
        if found := await self._found(interaction, case):
            settings, words, one = found
            await self._client.case_presses.show_case(interaction, one, settings, words)

    @app_commands.command(description=locale_str("Give a case to a moderator for review"))
    @app_commands.describe(case=locale_str("The case's number"), moderator=locale_str("Who reviews it; you, if not said"))
    async def assign(self, interaction: discord.Interaction, case: Number, moderator: discord.Member | None = None) -> None:
        if not (found := await self._found(interaction, case)):
            return
        settings, words, one = found
        reviewer = moderator or interaction.user
        if not is_moderator(settings, reviewer):
            await say(interaction, words("Cases are reviewed by the moderators of this server."))
            return
        if await deferred(interaction, private=True):
            made = await asyncio.to_thread(self._book.assign, one.id, one.decided, interaction.user.id, reviewer.id)
            await self._client.case_presses.decided(interaction, one, made, words)

    @app_commands.command(description=locale_str("Decide a case"))
    @app_commands.describe(case=locale_str("The case's number"), outcome=locale_str("What the moderators decided"), why=locale_str("Why"))
    @app_commands.choices(outcome=[choice for choice in STATES if choice.value in RESOLVED])
    async def resolve(
        self, interaction: discord.Interaction, case: Number, outcome: str, why: app_commands.Range[str, 0, NOTE] = ""
    ) -> None:
        found = await self._found(interaction, case)
        if found and await deferred(interaction, private=True):
            _, words, one = found
            made = await asyncio.to_thread(self._book.resolve, one.id, one.decided, interaction.user.id, State(outcome), why)
            await self._client.case_presses.decided(interaction, one, made, words)

    @app_commands.command(description=locale_str("Open a decided case again"))
    @app_commands.describe(case=locale_str("The case's number"), why=locale_str("Why"))
    async def reopen(self, interaction: discord.Interaction, case: Number, why: app_commands.Range[str, 0, NOTE] = "") -> None:
        found = await self._found(interaction, case)
        if found and await deferred(interaction, private=True):
            _, words, one = found
            made = await asyncio.to_thread(self._book.reopen, one.id, one.decided, interaction.user.id, why)
            await self._client.case_presses.decided(interaction, one, made, words)

    @app_commands.command(name="export", description=locale_str("All cases with their evidence, as a file"))
    @app_commands.checks.cooldown(EXPORTS, EXPORTS_IN, key=lambda interaction: interaction.guild_id)
    @app_commands.describe(kind=locale_str("json: everything; csv: a row an excerpt; claimreview: for those who publish decisions"))
    async def export_(self, interaction: discord.Interaction, kind: Literal["json", "csv", "claimreview"] = "json") -> None:
        allowed = await self._allowed(interaction)
        if allowed is None or not await deferred(interaction, private=True):
            return
        name = interaction.guild.name if interaction.guild else ""
        cases = await asyncio.to_thread(everything, self._book, interaction.guild_id or 0)
        file, data = await asyncio.to_thread(export, cases, kind, name)
        _, words = allowed
        if len(data) > interaction.filesize_limit:
            sentence = words("The file is too large for Discord. The operator can export it: python -m bot disputes export.")
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))
            return
        sentence = words.plural("{n} case.", "{n} cases.", len(cases))
        await steadily(lambda: interaction.edit_original_response(content=sentence, attachments=[discord.File(io.BytesIO(data), file)]))

    @show.autocomplete("case")
    @assign.autocomplete("case")
    @resolve.autocomplete("case")
    @reopen.autocomplete("case")
    async def _numbers(self, interaction: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
        """The newest cases whose number or words have what was typed."""
        settings = await self._client.server_settings.of(interaction.guild_id)
        if interaction.guild_id is None or not is_moderator(settings, interaction.user):
            return []
        page = await asyncio.to_thread(self._book.page, interaction.guild_id, (), None, 0, 100)
        typed = str(current).casefold()
        like = [one for one in page.disputes if typed in f"{one.number} {one.post.text}".casefold()]
        return [
            app_commands.Choice(name=shortened(f"{one.number}. {one_line(one.post.text)}", MAX_OPTION), value=one.number)
            for one in like[:MAX_OPTIONS]
        ]

    async def _allowed(self, interaction: discord.Interaction) -> tuple[Guild, Words] | None:
        """The server's settings and the person's language if they are a moderator here; else they are told."""
        settings = await self._client.server_settings.of(interaction.guild_id)
        words = words_of(settings, interaction)
        if interaction.guild_id is not None and interaction.is_guild_integration() and is_moderator(settings, interaction.user):
            return settings, words
        await say(interaction, words("Cases are for the moderators of this server."))
        return None

    async def _found(self, interaction: discord.Interaction, number: int) -> tuple[Guild, Words, Dispute] | None:
        """A case by its number; else the person is told."""
        if (allowed := await self._allowed(interaction)) is None:
            return None
        settings, words = allowed
        case = await asyncio.to_thread(self._book.numbered, interaction.guild_id or 0, number)
        if case is None:
            await say(interaction, words("This server has no case {n}.", n=number))
            return None
        return settings, words, case


def add_to(client: Client) -> None:
    @app_commands.context_menu(name=locale_str("Flag as disputed"))
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def flag(interaction: discord.Interaction, message: discord.Message) -> None:
        await client.flagging.by_menu(interaction, message)

    command: app_commands.Group | app_commands.ContextMenu | app_commands.Command[Any, ..., None]
    for command in (Disputes(client), flag):
        client.tree.add_command(command)
