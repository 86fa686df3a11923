"""Files of backups in their folder: named by occasion and time, never written over, and which of them go."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from db.swapping import sync
from retrieval.errors import StoreError, UserError

OCCASIONS = MANUAL, AUTOMATIC, MIGRATION, REPLACED, DOUBTFUL = "manual", "automatic", "migration", "replaced", "doubtful"
PRUNED = frozenset({AUTOMATIC, MIGRATION})  # made by themselves: the newest push out the oldest
ABANDONED = 3600.0  # seconds without a write after which an unfinished file is nobody's
AHEAD = 3600.0  # seconds that a file's time may lie ahead of the clock
_MADE = re.compile(rf"crosscheck-({'|'.join(OCCASIONS)})-.*\.tar\.zst(?:\.age)?")


def named(target: Path, occasion: str, *, sealed: bool) -> Path:
    """The file to be written: this one, or in this folder one that is named by the time. Raises UserError where it is there."""
    if target.is_dir() or not target.suffix:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return target / f"crosscheck-{occasion}-{stamp}.tar.zst{'.age' if sealed else ''}"
    if os.path.lexists(target):
        raise _there(target)
    return target


@contextmanager
def unfinished(file: Path) -> Iterator[Path]:
    """A name to write under; at the end, flushed, it becomes `file`. Raises UserError where that is there meanwhile; OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _sweep(file.parent)
    partial = file.with_name(f".crosscheck-{secrets.token_hex(8)}.partial")
    try:
        yield partial
        sync(partial)
        _name(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    sync(file.parent)


def newest_of(folder: Path) -> dict[str, float]:
    """When the newest backup of each occasion in a folder was written, as seconds since 1970.

    One of a time that is still to come, when the clock was wrong, says nothing. Raises OSError.
    """
    written: dict[str, float] = {}
    for occasion, file in _made_in(folder):
        with suppress(FileNotFoundError):  # the oldest may go just now
            at = file.stat().st_mtime
            if at < time.time() + AHEAD:
                written[occasion] = max(written.get(occasion, 0), at)
    return written


def prune(newest: Path, kept: int) -> None:
    """Of backups of this one's occasion, so many are kept, it among them. Those that are named by a later time go first: by a wrong clock.

    Raises StoreError where one cannot be deleted; the others are.
    """
    occasion = _MADE.fullmatch(newest.name)
    others = [file for its, file in _made_in(newest.parent) if occasion and its == occasion[1] and file != newest]
    others.sort(key=lambda file: (file.name < newest.name, file.name))
    left: list[OSError] = []
    for file in others[: max(0, len(others) + 1 - kept)]:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            left.append(error)
    if left:
        raise StoreError(f"The backup was made: {newest}. An older one cannot be deleted: {left[0].strerror} ({left[0].filename}).")


def _made_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Occasion and file of each backup in a folder, by their names. Raises OSError."""
    for file in folder.iterdir() if folder.exists() else ():
        if made := _MADE.fullmatch(file.name):
            yield made[1], file


def _name(partial: Path, file: Path) -> None:
    """Give it its name, and take nobody else's."""
    try:
        os.link(partial, file)
    except FileExistsError:
        raise _there(file) from None
    except OSError:  # a file system without links: the name is taken first, then filled
        try:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise _there(file) from None
        os.replace(partial, file)


def _there(file: Path) -> UserError:
    return UserError("{file} is there already, and a backup is never written over a file.", file=file)


def _sweep(folder: Path) -> None:
    """Take away what killed backups left unfinished."""
    for file in folder.glob(".crosscheck-*.partial"):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > ABANDONED:
                file.unlink()
