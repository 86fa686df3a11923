"""The commands `privacy ...`, for operators who get a letter. In Discord, everyone has /privacy."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.opened import opened

cli = typer.Typer(no_args_is_help=True, help="What is kept of a person or a server: hand it out, delete it.")
USER = typer.Option("--user", min=1, help="The person's Discord id.")
GUILD = typer.Option("--guild", min=1, help="The server's Discord id.")
YES = typer.Option("--yes", help="Do not ask.")


@cli.command("export")
def privacy_export(user: Annotated[int, USER]) -> None:
    """Print everything that concerns a person, as JSON."""
    with opened() as app:
        typer.echo(json.dumps(app.privacy.export(app.person(user)), ensure_ascii=False, indent=2))


@cli.command("delete")
def privacy_delete(user: Annotated[int, USER], yes: Annotated[bool, YES] = False) -> None:
    """Delete everything of a person; cases stay without them and their words."""
    with opened() as app:
        counts = ", ".join(f"{name} {count}" for name, count in asdict(app.privacy.show(app.person(user))).items() if count)
        if not counts:
            typer.echo("Nothing is kept of this person.")
        elif yes or typer.confirm(f"Delete it? {counts}"):
            app.privacy.delete(app.person(user))
            typer.echo(f"Deleted: {counts}")


@cli.command("purge")
def privacy_purge(guild: Annotated[int, GUILD], yes: Annotated[bool, YES] = False) -> None:
    """Delete everything of a server: what was asked there, cases, follows, its own sources, settings. The bot stays in it."""
    with opened() as app:
        if yes or typer.confirm("Delete everything of this server?"):
            app.privacy.purge(guild)
            app.index.follow()
            typer.echo("Everything of this server was deleted.")
