"""The pages of Discord: commands as the client registers them, buttons and forms, the settings of a server as its panel shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import discord
from discord import app_commands, ui

from bot.app import App
from bot.discord.client import Client
from bot.discord.commands.settings import cases_panel, panel
from bot.discord.ids import Act, Step
from bot.words import words_for
from config.settings import settings_of
from db.guilds import Guild
from tests.docs.presses import DOES, FORMS, OF_PANEL, labels
from tests.docs.tables import code, escaped, page, table

Command = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu

WHERE = (
    "Crosscheck asks again, at each use, whether somebody may do what they ask for, whatever a server's settings let through.",
    "An administrator of a server can hide commands from roles and channels in Discord's own settings (Server Settings, Integrations).",
)


@contextmanager
def tree() -> Iterator[app_commands.CommandTree[Client]]:
    """The commands of a client that never starts, over an empty store."""
    with TemporaryDirectory() as folder, App(settings_of({"data_dir": Path(folder)})) as app:
        yield Client(app).tree


@cache
def commands() -> list[Command]:
    """Slash commands with their subcommands, then message menus, each by its name."""
    with tree() as made:
        slash: list[Command] = [one for one in made.walk_commands() if isinstance(one, app_commands.Command)]
        menus: list[Command] = list(made.walk_commands(type=discord.AppCommandType.message))
    return [*sorted(slash, key=lambda one: one.qualified_name), *sorted(menus, key=lambda one: one.qualified_name)]


def discord_page() -> str:
    parts = [
        "\n".join(WHERE) + "\n",
        '## Commands\n\n"Own installs" are chats in which a person has installed Crosscheck for themselves.\n',
    ]
    every = commands()
    parts.append(table(("command", "does", "where"), [_row(one) for one in every if isinstance(one, app_commands.Command)]))
    parts.append("## Menus of a message\n\nRight click or long press a message, then **Apps**.\n")
    parts.append(table(("menu", "where"), [(f"**{one.name}**", _where(one)) for one in every if isinstance(one, app_commands.ContextMenu)]))
    parts.append("## Options\n")
    for one in every:
        if isinstance(one, app_commands.Command) and one.parameters:
            anchor = one.qualified_name.replace(" ", "-")
            parts.append(f"### /{one.qualified_name} {{ #{anchor} }}\n")
            parts.append(table(("option", "meaning", "values"), [_option(param) for param in one.parameters]))
    parts.append("## Buttons, lists and forms\n\nThey work after a restart too. Those of an answer that is no longer kept say so.\n")
    called = labels()
    for title, acts in (("Of answers, settings and privacy", list(Act)), ("Of cases", list(Step))):
        rows = [_press(one, called.get(one, [])) for one in acts if one not in OF_PANEL]
        parts.append(f"### {title}\n\n" + table(("label", "does"), rows))
    return page("In Discord", *parts)


def server_page() -> str:
    """The settings of a server, with what they are at the beginning."""
    words, beginning = words_for("en"), Guild(0)
    parts = ["`/settings` shows them to those who may manage the server. Every change is stored at once.\n"]
    for title, view in (("Settings of this server", panel(beginning, words)), ("Disputed posts", cases_panel(beginning, words))):
        parts.append(f"## {title}\n\n" + table(("setting", "choices; in bold what a new server has"), list(_settings(view))))
    return page("Settings of a server", *parts)


def _settings(view: ui.LayoutView) -> Iterator[tuple[str, str]]:
    label = ""
    for one in view.walk_children():
        if isinstance(one, ui.TextDisplay):
            label = one.content
        elif isinstance(one, ui.Select):
            every = [f"**{escaped(choice.label)}**" if choice.default else escaped(choice.label) for choice in one.options]
            yield escaped(label), "\n\n".join(every)
        elif isinstance(one, ui.RoleSelect):
            yield escaped(label), "a role"
        elif isinstance(one, ui.ChannelSelect):
            yield escaped(label), f"up to {one.max_values} channels" if one.max_values > 1 else "a channel"


def _row(one: Command) -> tuple[str, str, str]:
    assert isinstance(one, app_commands.Command)
    name = f"`/{one.qualified_name}`"
    linked = f"[{name}](#{one.qualified_name.replace(' ', '-')})" if one.parameters else name
    return linked, escaped(one.description), _where(one)


def _where(one: Command) -> str:
    top = one.root_parent or one if isinstance(one, app_commands.Command) else one
    contexts, installs = top.allowed_contexts, top.allowed_installs
    places = ["servers"]
    if not top.guild_only and (contexts is None or contexts.dm_channel):
        places.append("direct messages")
    if installs is not None and installs.user:
        places.append("own installs")
    shown = ", ".join(places)
    permissions = top.default_permissions
    needed = [name.replace("_", " ").replace("guild", "server") for name, given in permissions if given] if permissions else []
    return f"{shown}; shown to those who may {', '.join(needed)}" if needed else shown


def _option(param: app_commands.Parameter) -> tuple[str, str, str]:
    return code(param.display_name) + (" (needed)" if param.required else ""), escaped(str(param.description)), _values(param)


def _values(param: app_commands.Parameter) -> str:
    if param.choices:
        return ", ".join(escaped(one.name) for one in param.choices)
    kind = (
        param.type.name.replace("boolean", "yes or no").replace("string", "text").replace("integer", "number").replace("user", "a member")
    )
    if param.min_value is not None and param.max_value is not None:
        unit = " characters" if param.type is discord.AppCommandOptionType.string else ""
        return f"{kind}, {param.min_value:,} to {param.max_value:,}{unit}"
    return kind


def _press(what: Act | Step, called: list[str]) -> tuple[str, str]:
    label = " or ".join(f"**{escaped(one.replace('{n}', '…'))}**" for one in called)
    return label or ("(a form)" if what in FORMS else "(a list)"), DOES[what]
