"""A bot for the tests of the stand-in itself: a little of everything that discord.py does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands, ui

from tests.standins.discord.clock import PATIENCE
from tests.standins.discord.platform import Discord


class Ask(ui.Modal, title="Ask"):
    why: ui.Label[Any] = ui.Label(text="Why", component=ui.TextInput(custom_id="why", default="so", max_length=20))
    kind: ui.Label[Any] = ui.Label(
        text="Kind",
        component=ui.RadioGroup(custom_id="kind", options=[discord.RadioGroupOption(label="A"), discord.RadioGroupOption(label="B")]),
    )
    sure: ui.Label[Any] = ui.Label(text="Sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        why, kind, sure = self.why.component, self.kind.component, self.sure.component
        assert isinstance(why, ui.TextInput) and isinstance(kind, ui.RadioGroup) and isinstance(sure, ui.Checkbox)
        await interaction.response.send_message(f"{why.value} {kind.value} {sure.value}", ephemeral=True)


class Pages(ui.View):
    @ui.button(label="Go", custom_id="go")
    async def go(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        await interaction.response.edit_message(content=f"pressed by {interaction.user.display_name}")

    @ui.button(label="Share", custom_id="share")
    async def share(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        await interaction.response.defer()
        await interaction.followup.send("shared")

    @ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        await interaction.response.send_modal(Ask())

    @ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        raise AssertionError

    @ui.select(cls=ui.RoleSelect, custom_id="roles", placeholder="Which role?")
    async def roles(self, interaction: discord.Interaction, select: ui.RoleSelect[ui.View]) -> None:
        await interaction.response.send_message(f"role {select.values[0].name}", ephemeral=True)


class Texts(ui.LayoutView):
    def __init__(self, *texts: str) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*(ui.TextDisplay(text) for text in texts)))
        self.stop()


class SmallBot(discord.AutoShardedClient):
    """Answers readable messages, and the commands of `_commands`; keeps what it heard."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.1, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.events: list[str] = []
        _commands(self.tree)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds between shards that Discord asks for."""

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(message)
            if message.content:
                await message.reply(f"heard {message.clean_content}", mention_author=False)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.events.append(f"join {guild.name}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.events.append(f"remove {guild.name}")

    async def on_resumed(self) -> None:
        self.events.append("resumed")


def _commands(tree: app_commands.CommandTree[SmallBot]) -> None:
    @tree.command(description="Answers at once")
    async def now(
        interaction: discord.Interaction[SmallBot], text: str, who: discord.User | None = None, file: discord.Attachment | None = None
    ) -> None:
        inside = str(await file.read(), "utf-8") if file else ""
        await interaction.response.send_message(f"now {text} {who} {inside}".strip(), view=Pages(timeout=None))

    @now.autocomplete("text")
    async def proposed(_: discord.Interaction[SmallBot], current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}!", value=current)]

    @tree.command(description="Answers later")
    async def later(interaction: discord.Interaction[SmallBot], more: int = 1) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(view=Texts("one", "two"))
        await interaction.edit_original_response(view=Texts("one", "three"))
        for number in range(more):
            await interaction.followup.send(f"more {number}", file=discord.File(io.BytesIO(b"xyz"), "x.txt"), ephemeral=True)

    @tree.command(description="Waits")
    async def wait(interaction: discord.Interaction[SmallBot], seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await interaction.response.send_message("waited")
        except discord.NotFound as error:
            interaction.client.events.append(f"too late: {error.code}")

    @tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction[SmallBot], message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}", ephemeral=True)

    sources = app_commands.Group(
        name="sources", description="Sources", guild_only=True, default_permissions=discord.Permissions(manage_guild=True)
    )

    @sources.command(name="add", description="Add")
    async def add(interaction: discord.Interaction[SmallBot], url: str) -> None:
        await interaction.response.send_message(f"{url} {interaction.permissions.manage_guild} {interaction.app_permissions.send_messages}")

    tree.add_command(sources)


@asynccontextmanager
async def connected(bot: SmallBot | None = None, **options: Any) -> AsyncIterator[tuple[Discord, SmallBot]]:
    """A stand-in with a server, Harwick, and the bot, connected to it."""
    async with Discord(**options) as discord_:
        discord_.server("Harwick")
        bot = bot or SmallBot()
        running = asyncio.create_task(bot.start(discord_.token))
        try:
            await discord_.connected()
            await asyncio.wait_for(bot.wait_until_ready(), PATIENCE)
            yield discord_, bot
        finally:
            await bot.close()
            await asyncio.wait_for(running, PATIENCE)
