"""Where this store is and where its backups go, by the settings; what `db backup`, `db restore` and `db verify` do."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.opened import complain
from bot.pseudonyms import derived, load_key
from config.settings import Settings
from db import archives, backup, restoring, soundness
from db.backup import Place, Plan
from db.engine import Database, open_database
from retrieval.errors import UserError

MIB = 1 << 20


def place_of(settings: Settings) -> Place:
    return Place(settings.database, settings.data_dir, settings.pseudonym_key, settings.index_dir, settings.backup_with_key)


def plan_of(settings: Settings) -> Plan:
    return Plan(settings.backups, settings.backup_recipient.replace(",", " ").split(), settings.backups_kept)


def open_store(settings: Settings) -> Database:
    """The database, brought up to date; where it has data, backed up before that, unless the settings say otherwise. Raises StoreError."""
    if not settings.backup_before_migration:
        return open_database(settings.database)
    place, plan = place_of(settings), plan_of(settings)
    return open_database(settings.database, before_migration=lambda engine: backup.before_migration(place, plan, engine))


def back_up(settings: Settings, target: Path | None, *, automatic: bool) -> None:
    """Make a backup and say where it is. Raises UserError, StoreError."""
    plan = plan_of(settings)
    if automatic:
        made = backup.back_up_automatically(place_of(settings), Plan(target or plan.folder, plan.recipients, plan.kept))
        if made is None:
            typer.echo("The store is empty: no backup is kept.")
            return
    else:
        made = backup.back_up(place_of(settings), target or plan.folder, plan.recipients)
    rows, of_database = sum(made.manifest.rows.values()), made.manifest.members[made.manifest.database].size
    sealed = "encrypted" if plan.recipients else "not encrypted: CROSSCHECK_BACKUP_RECIPIENT is not set"
    typer.echo(f"{made.file}\n{rows} rows, {of_database / MIB:.1f} MiB of database in {made.size / MIB:.1f} MiB, {sealed}.")


def restore(settings: Settings, file: Path, identity: Path | None, *, replace: bool) -> None:
    """Put a backup in the place of the store and say so. Raises UserError, StoreError."""
    done = restoring.restore(place_of(settings), file, plan_of(settings), identity, replace=replace)
    if done.before is not None:
        typer.echo(f"What was there before: {done.before.file}")
    rows, made_at = sum(done.manifest.rows.values()), done.manifest.made_at
    typer.echo(f"Restored: {rows} rows, as they were at {made_at:%Y-%m-%d %H:%M} UTC. The search index is made anew at the next search.")
    if archives.KEY not in done.manifest.members and not settings.pseudonym_key.exists():
        complain(
            f"This backup has no key: before anything else uses the store, put the one that was kept elsewhere at {settings.pseudonym_key}."
        )


def verify(settings: Settings, file: Path | None, identity: Path | None) -> bool:
    """Look at a backup, or at the store, and say what was found; whether all is well. Raises UserError, StoreError."""
    if file is not None:
        _, looks = soundness.look_at_archive(place_of(settings), file, identity, _audit_key)
    else:
        place = place_of(settings)
        if place.file is not None and not place.file.exists():
            raise UserError("There is no database at {file}.", file=place.file)
        database = open_store(settings)
        try:
            looks = soundness.look_at_store(database, _audit_key(place.key) if place.key.exists() else None)
        finally:
            database.close()
    for look in looks:
        typer.echo(f"{'wrong' if look.problems else 'ok   '}  {look.what}")
        for problem in look.problems:
            complain(f"       {problem}")
    return not any(look.problems for look in looks)


def _audit_key(file: Path) -> bytes:
    return derived(load_key(file), "audit")
