"""The commands `disputes ...`. Thin, like bot/cli.py: what they do is in bot/disputes.py. Cases are decided in Discord."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.opened import DONE, SOME_FAILED, opened

cli = typer.Typer(no_args_is_help=True, help="Disputed posts: the cases of servers' moderators, and their audit.")
GUILD = typer.Option("--guild", help="The server's id.")


@cli.command("list")
def disputes_list(
    guild: Annotated[int, GUILD],
    state: Annotated[str, typer.Option(help="open, in_review, upheld, disputed, unclear or dismissed; by default all of them.")] = "",
) -> None:
    """List a server's cases, newest first."""
    with opened() as app:
        from bot import disputes

        disputes.show_list(app, guild, state)


@cli.command("show")
def disputes_show(guild: Annotated[int, GUILD], number: Annotated[int, typer.Argument(help="The case's number in its server.")]) -> None:
    """Show a case: the post, its flags, the evidence as it stood, and what was done."""
    with opened() as app:
        from bot import disputes

        disputes.show(app, guild, number)


@cli.command("export")
def disputes_export(
    guild: Annotated[int, GUILD],
    kind: Annotated[str, typer.Option("--format", help="json: everything; csv: a row an excerpt; claimreview: decided cases.")] = "json",
    out: Annotated[Path | None, typer.Option(help="Where to; by default standard output.")] = None,
    name: Annotated[str, typer.Option(help="The server's name, as the author of the decisions.")] = "",
) -> None:
    """Write a server's cases with their evidence."""
    with opened() as app:
        from bot import disputes

        disputes.write(app, guild, kind, out, name)


@cli.command("verify")
def disputes_verify(
    head: Annotated[list[str] | None, typer.Option(help="A chain's head that was noted earlier; can be given several times.")] = None,
) -> None:
    """Prove that no audit row was changed or removed, and print where each chain ends: note these elsewhere for --head."""
    with opened() as app:
        from bot import disputes

        whole = disputes.verify(app, head or [])
    raise typer.Exit(DONE if whole else SOME_FAILED)
