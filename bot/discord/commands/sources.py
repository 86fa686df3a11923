"""`/sources`: what is followed in this server, common sources and its own, for moderators."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.access import is_moderator
from bot.discord.intake import words_of
from bot.discord.limits import MAX_OPTION, MAX_OPTIONS, MAX_TEXT
from bot.discord.markdown import escaped, host, one_line
from bot.discord.replies import InteractionReply, deferred, say
from bot.discord.views import note_view
from bot.following import Followable, discovered
from bot.links import named
from bot.texts import shortened, units
from bot.words import Words
from retrieval.errors import UserError
from retrieval.sources import Address, State

if TYPE_CHECKING:
    from bot.discord.client import Client

BY_MODERATOR = "Paused by a moderator."
ADDS, ADDS_IN = 6, 600.0  # tries of one server in so many seconds: each visits somebody's site
MAX_OWN = 25  # sources of one server: each costs the operator's machine a visit and room


class Sources(app_commands.Group):
    """The subcommands. Each asks again whether the person is a moderator."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            name="sources", description=locale_str("The news sources that claims are compared with here"), guild_only=True,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )  # fmt: skip
        self._client = client
        self._book = client.app.addresses
        self._adding: defaultdict[int | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    @app_commands.command(name="list", description=locale_str("The sources followed here, and how they do"))
    async def list_(self, interaction: discord.Interaction) -> None:
        if words := await self._allowed(interaction):
            every = await asyncio.to_thread(self._book.sources, interaction.guild_id)
            lines = [_line(one, words) for one in every] or [words("No source is followed yet.")]
            await say(interaction, *_fitting(lines, words))

    @app_commands.command(description=locale_str("Follow a site or feed in this server"))
    @app_commands.describe(address=locale_str("Address of a site, feed or page"))
    @app_commands.checks.cooldown(ADDS, ADDS_IN, key=lambda interaction: interaction.guild_id)
    async def add(self, interaction: discord.Interaction, address: app_commands.Range[str, 4, 500]) -> None:
        words = await self._allowed(interaction)
        if words is None or not await deferred(interaction, private=True):
            return
        reply = InteractionReply(interaction, private=True)
        async with self._adding[interaction.guild_id]:  # or two at once would pass the limit
            await reply.show(None, note_view(*await self._added(interaction.guild_id, address, words)))

    async def _added(self, guild_id: int | None, address: str, words: Words) -> list[str]:
        """Follow what is found at the address; what to say of it."""
        own = [one for one in await asyncio.to_thread(self._book.sources, guild_id) if one.private]
        if len(own) >= MAX_OWN:
            return [words("This server follows {n} sources of its own already; remove one first.", n=len(own))]
        if self._client.web is None:
            return [words("News sources are not visited by this program just now.")]
        try:
            found = await discovered(self._client.web, address)
        except UserError as error:
            return [escaped(words(error.template, **error.values))]
        lines = await asyncio.to_thread(self._follow, guild_id, found[: MAX_OWN - len(own)], words)
        return _fitting(lines or [words("Nothing that can be followed was found there.")], words)

    def _follow(self, guild_id: int | None, found: list[Followable], words: Words) -> list[str]:
        lines = []
        for one in found:
            row, new = self._book.add(one.url, one.kind, one.title, datetime.now(UTC), guild_id)
            lines.append(words("Added: {title}", title=_title(row)) if new else words("Known already: {title}", title=_title(row)))
        return lines

    @app_commands.command(description=locale_str("Stop following a source of this server"))
    @app_commands.describe(source=locale_str("The source"))
    async def remove(self, interaction: discord.Interaction, source: str) -> None:
        if found := await self._own(interaction, source):
            words, one, reply = found
            await asyncio.to_thread(self._forget, one, interaction.guild_id)
            sentence = words(
                "{title} is not followed in this server any more; its articles are no longer searched here.", title=_title(one)
            )
            await reply.show(None, note_view(sentence))

    def _forget(self, one: Address, guild_id: int | None) -> None:
        if guild_id is not None and not self._book.remove_from(one.id, guild_id):
            self._book.remove(one.id)

    @app_commands.command(description=locale_str("Rest a source of this server, or go on with it"))
    @app_commands.describe(source=locale_str("The source"))
    async def pause(self, interaction: discord.Interaction, source: str) -> None:
        if found := await self._own(interaction, source):
            words, one, reply = found
            await reply.show(None, note_view(await asyncio.to_thread(self._rested, one, words)))

    def _rested(self, one: Address, words: Words) -> str:
        """Rest the source, or visit it again; what to say of it."""
        if self._book.having(one.id) > 1:
            return words("Other servers follow {title} too, so it is not for one of them to rest it.", title=_title(one))
        if one.state is State.ACTIVE:
            self._book.set_state(one.id, State.PAUSED, BY_MODERATOR, datetime.now(UTC))
            return words("{title} rests.", title=_title(one))
        if one.state is State.PAUSED and one.why != BY_MODERATOR:
            return words("The operator has {title} rest: {why}", title=_title(one), why=escaped(one.why))
        self._book.set_state(one.id, State.ACTIVE, "", datetime.now(UTC))
        return words("{title} is visited again.", title=_title(one))

    @remove.autocomplete("source")
    @pause.autocomplete("source")
    async def _choices(self, interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The server's own sources that have the words in their name or address."""
        settings = await self._client.server_settings.of(interaction.guild_id)
        if not is_moderator(settings, interaction.user):
            return []
        every = await asyncio.to_thread(self._book.sources, interaction.guild_id)
        like = [one for one in every if one.private and current.casefold() in f"{one.name} {one.url}".casefold()]
        return [
            app_commands.Choice(name=shortened(one_line(f"{host(one.url)}: {one.name or one.url}"), MAX_OPTION), value=str(one.id))
            for one in like[:MAX_OPTIONS]
        ]

    async def _allowed(self, interaction: discord.Interaction) -> Words | None:
        """The person's language if they are a moderator here; else they are told."""
        settings = await self._client.server_settings.of(interaction.guild_id)
        words = words_of(settings, interaction)
        if interaction.guild_id is not None and interaction.is_guild_integration() and is_moderator(settings, interaction.user):
            return words
        await say(interaction, words("Sources are for the moderators of this server."))
        return None

    async def _own(self, interaction: discord.Interaction, source: str) -> tuple[Words, Address, InteractionReply] | None:
        """A source that only servers have added, this one among them, and the deferred reply; else the person is told."""
        words = await self._allowed(interaction)
        if words is None or not await deferred(interaction, private=True):
            return None
        reply = InteractionReply(interaction, private=True)
        every = await asyncio.to_thread(self._book.sources, interaction.guild_id)
        wanted = source.strip().casefold()
        found = [one for one in every if one.private and wanted in (str(one.id), one.url.casefold(), one.name.casefold())]
        if len(found) == 1:
            return words, found[0], reply
        sentence = words("This server has no source of its own with that name. Common sources are looked after by the operator.")
        await reply.show(None, note_view(sentence))
        return None


def add_to(client: Client) -> None:
    client.tree.add_command(Sources(client))


def _title(one: Address) -> str:
    """Name and host: a feed can call itself what it likes."""
    return escaped(named(shortened(one.name, 120), one.url))


def _line(one: Address, words: Words) -> str:
    """A source and how it does, in a line."""
    now = datetime.now(UTC)
    if one.state is not State.ACTIVE:
        does = words("rests: {why}", why=one.why) if one.state is State.PAUSED else words("ended: {why}", why=one.why)
    elif one.failures:
        does = words("failing: {why}", why=one.why)
    elif one.last_success_at is None:
        does = words("not visited yet")
    else:
        does = words("read {when}", when=words.ago(now - one.last_success_at))
    kind = words("own") if one.private else words("common")
    return f"**{_title(one)}** · {kind} · {escaped(shortened(does, 200))}"


def _fitting(lines: list[str], words: Words) -> list[str]:
    """The lines that a message holds, and how many more there are."""
    shown: list[str] = []
    for line in lines:
        if units("\n".join([*shown, line])) > MAX_TEXT - 200:
            return [*shown, words.plural("… and {n} more.", "… and {n} more.", len(lines) - len(shown))]
        shown.append(line)
    return shown
