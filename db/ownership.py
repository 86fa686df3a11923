"""Folders and files that nobody else on the machine may read."""

from __future__ import annotations

import os
from pathlib import Path

OTHERS = 0o077  # the bits of a mode that let a group or everybody in


def make_folder(folder: Path) -> None:
    """Make the folder for its owner alone; one that is there stays as it is. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_file(file: Path) -> None:
    """Make an empty file for its owner alone; one that is there stays as it is. SQLite gives its log the same mode. Raises OSError."""
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def other_owner(folder: Path) -> str | None:
    """Whose folder it is where this process is root's and the folder another user's: files that root leaves there lock its owner out."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    try:
        owner = folder.stat().st_uid
    except OSError:
        return None
    return _called(owner) if owner else None


def _called(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def is_open(path: Path) -> bool:
    """Whether others may read, write or enter it; False where it is not there."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False
