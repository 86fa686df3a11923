"""`/help` and `/about`."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.intake import words_of
from bot.discord.replies import say
from bot.words import Words
from db.retention import PRIVATE_HOURS

if TYPE_CHECKING:
    from bot.discord.client import Client


def add_to(client: Client) -> None:
    @app_commands.command(name="help", description=locale_str("How to check a claim, and what the answer means"))
    async def help_command(interaction: discord.Interaction) -> None:
        settings = await client.server_settings.of(interaction.guild_id)
        await say(interaction, *help_text(words_of(settings, interaction), client.check_mention))

    @app_commands.command(name="about", description=locale_str("What Crosscheck is, what it keeps, and how sure it is"))
    async def about(interaction: discord.Interaction) -> None:
        settings = await client.server_settings.of(interaction.guild_id)
        words = words_of(settings, interaction)
        await say(interaction, *about_text(words, settings.keep_days, client.stored))

    command: app_commands.Command[Any, ..., None]
    for command in (help_command, about):
        command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        client.tree.add_command(command)


def help_text(words: Words, check: str) -> list[str]:
    """Ready Markdown, a line each."""
    return [
        "### " + words("How to check a claim"),
        words("- {check} with the claim, or a whole post, in its field.", check=check),
        words("- A message's menu, Apps, “Check sources”: its statements are compared."),
        words("- Mention the bot with the claim, or write to it directly."),
        words("- To dispute a post: its menu, Apps, “Flag as disputed”; for moderators, and for all where a server lets members report."),
        words("- /compare with a story in a few words: the outlets that tell it are set against one another."),
        words("- Also: /following, the claims that you follow; /sources, the news sources here; /privacy, what is kept of you; /about."),
        words("- For those who look after a server: /settings, and /disputes for its disputed posts."),
        "### " + words("What the answer means"),
        words("✓ Agreeing: these words of a stored article say the same. ✗ Contradicting: they say otherwise."),
        words("Sources that copied one story count as one. Words in bold are those that speak to the claim; the link leads to them."),
        words("“No stored source speaks to this” means just that: it says nothing about the claim."),
        words("Answers are found by a program and can be wrong: read the excerpts. Crosscheck does not rule true or false."),
    ]


def about_text(words: Words, keep_days: int, stored: dict[str, int]) -> list[str]:
    """Ready Markdown, a line each."""
    return [
        f"### Crosscheck {version('crosscheck')}",
        words("It compares claims with the articles stored here: {articles} articles of {sources} outlets.",
              articles=words.number(stored.get("articles", 0)), sources=words.number(stored.get("sources", 0))),
        words("On news that its model never saw, about 9 in 10 excerpts shown as contradicting do contradict; many are not found."),
        "### " + words("Privacy"),
        words("It sees only what it is given: commands, messages that mention it or that you point at. It does not read the channel."),
        words.plural("Public answers are kept for {n} day, with a hash in place of your name.",
                     "Public answers are kept for {n} days, with a hash in place of your name.", keep_days),
        words("Private ones are forgotten after {hours} hours; whether they helped is kept for a year, without words.",
              hours=words.number(PRIVATE_HOURS)),
        words("/privacy shows what is kept of you, gives it to you as a file, and deletes it."),
        words("Nothing is sent to other services."),
    ]  # fmt: skip
