"""The commands `db backup|restore|verify|new-key|backup-key`. Thin, like bot/cli.py: what they do is in bot/backing_up.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.opened import DONE, SOME_FAILED, opened

Identity = Annotated[Path | None, typer.Option(help="The file of the key that opens an encrypted backup.")]


def backup(
    target: Annotated[Path | None, typer.Argument(help="A folder, or a new file; by default CROSSCHECK_BACKUP_DIR.")] = None,
    automatic: Annotated[bool, typer.Option("--automatic", help="Then keep the newest CROSSCHECK_BACKUPS_KEPT of these only.")] = False,
) -> None:
    """Write the store into one file: database and key. The bot may run meanwhile."""
    with opened() as app:
        from bot import backing_up

        sure = backing_up.back_up(app.settings, target, automatic=automatic)
    raise typer.Exit(DONE if sure else SOME_FAILED)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    identity: Identity = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where the store has data, which is backed up first.")] = False,
) -> None:
    """Put a backup in the place of the store. Stop the bot first. Killed at any moment, the old store or the new one is there."""
    with opened() as app:
        from bot import backing_up

        backing_up.restore(app.settings, file, identity, replace=replace)


def verify(
    file: Annotated[Path | None, typer.Argument(help="A backup; by default the store itself is looked at.")] = None,
    identity: Identity = None,
) -> None:
    """Prove that a backup, or the store, is whole: hashes, rows, references, passages within their articles, the audit of cases."""
    with opened() as app:
        from bot import backing_up

        whole = backing_up.verify(app.settings, file, identity)
    raise typer.Exit(DONE if whole else SOME_FAILED)


def new_key(
    keep: Annotated[bool, typer.Option("--keep", help="Take the key that is there for the store's own, whatever it hung on.")] = False,
) -> None:
    """Make a new key for hashing people and proving cases, where the old one is lost for good. Stop the bot first."""
    with opened() as app:
        from db.keys import hangs_on_a_key, load_key, mark, read_key
        from retrieval.errors import UserError

        file = app.settings.pseudonym_key
        lost = hangs_on_a_key(app.database)  # a restore that was begun is finished first, and may bring the key
        there = read_key(file)
        if there is not None and not keep:
            raise UserError("There is a key at {file}, and another would make what hangs on it worthless.", file=file)
        if there is None and keep:
            raise UserError("There is no key at {file}.", file=file)
        mark(app.database, load_key(file))
        typer.echo(file)
        if lost and not keep:
            typer.echo("What was asked before is nobody's now, and older cases cannot be proved.")
        typer.echo("Backups have it from now on." if app.settings.backup_with_key else "Keep a copy elsewhere: backups leave it out.")


def backup_key(file: Annotated[Path, typer.Argument(help="A new file, to be kept away from this machine.")]) -> None:
    """Make a key for encrypted backups; print what CROSSCHECK_BACKUP_RECIPIENT is to be."""
    with opened():
        from db.sealing import make_key
        from retrieval.errors import UserError

        try:
            recipient = make_key(file)
        except OSError as error:
            raise UserError("The key cannot be written: {reason} ({file}).", reason=error.strerror, file=file) from error
        typer.echo(f"CROSSCHECK_BACKUP_RECIPIENT={recipient}")
