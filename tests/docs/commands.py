"""The page of the command line, from bot/cli.py as Typer reads it."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from bot.cli import cli
from tests.docs.tables import code, page, table

PROGRAM = "python -m bot"
EXIT_CODES = (
    ("0", "done"), ("1", "some items failed; each is named on stderr"), ("2", "the input cannot be used; one sentence says why"),
    ("69", "something needed is missing: a model, the database, Discord; one sentence says what to do"),
)  # fmt: skip

Command = TyperGroup | typer.core.TyperCommand


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Each command with its full name, as `sources add`, in the order of the program."""
    root = typer.main.get_command(cli)
    assert isinstance(root, TyperGroup)
    for name, one in root.commands.items():
        if isinstance(one, TyperGroup):
            yield from (
                (f"{name} {under}", deeper) for under, deeper in one.commands.items() if isinstance(deeper, typer.core.TyperCommand)
            )
        elif isinstance(one, typer.core.TyperCommand):
            yield name, one


def groups() -> dict[str, str]:
    """What the groups of commands are for."""
    root = typer.main.get_command(cli)
    assert isinstance(root, TyperGroup)
    return {name: one.help or "" for name, one in root.commands.items() if isinstance(one, TyperGroup)}


def commands_page() -> str:
    every, about = list(commands()), groups()
    parts = [
        f"All commands of `{PROGRAM}`, as the program itself describes them. An installed copy has `crosscheck` for `{PROGRAM}`.\n",
        table(("exit code", "means"), EXIT_CODES),
        table(("command", "does"), [(f"[{code(name)}](#{name.replace(' ', '-')})", _first(one.help)) for name, one in every]),
    ]
    seen: set[str] = set()
    for name, one in every:
        group = name.partition(" ")[0]
        if group in about and group not in seen:
            seen.add(group)
            parts.append(f"## Group: {group} {{ #group-{group} }}\n\n{about[group]}\n")
        parts.append(_described(name, one, "###" if group in about else "##"))
    return page("Command line", *parts)


def _described(name: str, one: typer.core.TyperCommand, level: str) -> str:
    arguments = [param for param in one.params if isinstance(param, TyperArgument)]
    options = [param for param in one.params if isinstance(param, TyperOption) and param.name != "help"]
    usage = " ".join([PROGRAM, name, *(["[OPTIONS]"] if options else []), *(_asked(param) for param in arguments)])
    rows = [(code(_asked(param)), (param.help or "") + _default(param)) for param in arguments]
    rows += [(_option(param), (param.help or "") + _default(param)) for param in options]
    parts = [f"{level} {name} {{ #{name.replace(' ', '-')} }}\n", f"```text\n{usage}\n```\n", _paragraphs(one.help)]
    if rows:
        parts.append(table(("argument or option", "meaning"), rows))
    return "\n".join(parts)


def _asked(param: TyperArgument) -> str:
    name = (param.name or "").upper() + ("..." if param.nargs == -1 else "")
    return name if param.required else f"[{name}]"


def _option(param: TyperOption) -> str:
    value = "" if param.is_flag else f" {(param.name or '').upper()}"
    names = [code(f"{name}{value}") for name in (*param.opts, *param.secondary_opts)]
    return ", ".join(names) + (" (needed)" if param.required else "")


def _default(param: TyperArgument | TyperOption) -> str:
    if param.default in (None, "", False, []) or param.required:
        return ""
    shown = ("on" if param.default else "off") if isinstance(param.default, bool) else param.default
    bounds = f", {param.min} to {param.max}" if param.min is not None and param.max is not None else ""
    return f" Default: {code(shown)}{bounds}."


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n")) + "\n"


def _first(text: str | None) -> str:
    return _paragraphs(text).partition("\n")[0]
