"""The command `db copy`. Thin, like bot/cli.py: what it does is in db/copying.py."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.opened import opened


def copy(
    source: Annotated[str, typer.Argument(help="Where it is now: sqlite:////var/lib/crosscheck/crosscheck.db")],
    target: Annotated[str, typer.Argument(help="Where it goes: postgresql+psycopg://crosscheck@db.example/crosscheck, new and empty.")],
) -> None:
    """Copy a whole store into another database, and verify it row by row. Stopped at any moment, it goes on when it is run again.

    Stop the bot first: what is written meanwhile is not copied. Then set CROSSCHECK_DATABASE_URL to the new address.
    """
    with opened():
        from contextlib import closing

        from bot import terminal
        from db.copying import copy, count_rows, open_source, open_target
        from db.pgindex import build_all

        with closing(open_source(source)) as old, closing(open_target(target)) as new:
            with terminal.progress(terminal.console(stderr=True)) as bar:
                task = bar.add_task("Copying", total=count_rows(old))
                rows = copy(old, new, lambda done: bar.advance(task, done))
            build_all(new)
            typer.echo(f"Copied and verified: {rows} rows are equal in both.")
            typer.echo("When the bot runs on the new one and a backup of it is made, delete the old one: nobody's words are deleted there.")
