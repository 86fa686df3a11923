"""Where this store is and where its backups go, by the settings; what `db backup`, `db restore` and `db verify` do."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import typer

from bot.opened import complain
from config.settings import Settings
from db import archives, backup, restoring, soundness, swapping
from db.backup import Place, Plan
from db.engine import Database, open_database
from db.keys import is_marked, key_of
from retrieval.errors import UserError

MIB = 1 << 20
OTHERS_SECONDS = 600.0  # how long the nightly backup waits for another, or for a restore


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


def back_up(settings: Settings, target: Path | None, *, automatic: bool) -> bool:
    """Make a backup and say where it is; whether it brings everything back. Raises UserError, StoreError."""
    place, plan = place_of(settings), plan_of(settings)
    if automatic:
        found = backup.back_up_automatically(place, Plan(target or plan.folder, plan.recipients, plan.kept), wait=OTHERS_SECONDS)
        if found is None:
            typer.echo("The store is empty: no backup is kept.")
            return True
        made = found
    elif target is None:
        made = backup.back_up_into(place, plan)
    else:
        made = backup.back_up(place, target, plan.recipients)
    rows, of_database = sum(made.manifest.rows.values()), made.manifest.members[made.manifest.database].size
    keyed = "with the key" if archives.KEY in made.manifest.members else "without a key"
    sealed = "encrypted" if plan.recipients else "not encrypted: CROSSCHECK_BACKUP_RECIPIENT is not set"
    typer.echo(f"{made.file}\n{rows} rows, {of_database / MIB:.1f} MiB of database in {made.size / MIB:.1f} MiB, {keyed}, {sealed}.")
    for doubt in made.doubts:
        complain(doubt)
    return not made.doubts


def restore(settings: Settings, file: Path, identity: Path | None, *, replace: bool) -> None:
    """Put a backup in the place of the store and say so. Raises UserError, StoreError."""
    done = restoring.restore(place_of(settings), file, plan_of(settings), identity, replace=replace)
    if done.before is not None:
        typer.echo(f"What was there before: {done.before.file}")
        for doubt in done.before.doubts:
            complain(doubt)
    if done.key_before is not None:
        typer.echo(f"The key that was there before: {done.key_before}")
    rows, made_at = sum(done.manifest.rows.values()), done.manifest.made_at
    typer.echo(f"Restored: {rows} rows, as they were at {made_at:%Y-%m-%d %H:%M} UTC. The search index is made anew at the next search.")
    if archives.KEY not in done.manifest.members:
        _ask_for_the_key(settings)


def _ask_for_the_key(settings: Settings) -> None:
    """Say what is to be done about the key after a backup without one."""
    file = settings.pseudonym_key
    with closing(open_database(settings.database)) as database:
        try:
            if key_of(database, file) is not None and is_marked(database):
                return  # it is the one that belongs to these rows
        except UserError as error:
            complain(f"This backup has no key. {error}")
            return
    what = f"see that {file} is its own" if file.exists() else f"put the one that was kept elsewhere at {file}"
    complain(f"This backup has no key: before anything else uses the store, {what}.")


def verify(settings: Settings, file: Path | None, identity: Path | None) -> bool:
    """Look at a backup, or at the store, and say what was found; whether all is well. Raises UserError, StoreError."""
    if file is not None:
        _, looks = soundness.look_at_archive(place_of(settings), file, identity)
    else:
        place = place_of(settings)
        if place.file is not None:
            swapping.finish(place.file)
            if not place.file.exists():
                raise UserError("There is no database at {file}.", file=place.file)
        with closing(open_store(settings)) as database:
            looks = soundness.look_at_store(database, place.key)
    for look in looks:
        typer.echo(f"{'wrong' if look.problems else 'ok   '}  {look.what}")
        for problem in look.problems:
            complain(f"       {problem}")
    return not any(look.problems for look in looks)
