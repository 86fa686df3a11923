"""Where the service of a data folder listens, and which program it is. Standard library alone: the command line reads it at each start."""

from __future__ import annotations

import os
import sys

LONGEST = 100  # bytes of a socket's path: 108 on Linux, 104 elsewhere, with the zero at its end
FOLDERS = ("bot", "config", "db", "retrieval")
KINDS = (".py", ".toml", ".json")


def socket_path(data_dir: str) -> str:
    """In the data folder, or where its path is too long in a folder that is this user's alone."""
    inside = os.path.join(data_dir, "service.sock")
    if len(os.fsencode(inside)) <= LONGEST:
        return inside
    import hashlib

    return os.path.join(_own_folder(), f"{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}.sock")


def is_ours(path: str) -> bool:
    """Whether a socket is there and of this user: nobody else's service is asked."""
    import stat

    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid()


def code() -> str:
    """Which program this is: its files with their sizes and times, so that one and its successor do not answer for each other."""
    import hashlib

    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    rows = [sys.version, root]
    for folder in FOLDERS:
        _gather(os.path.join(root, folder), rows)
    return hashlib.sha256("\n".join(sorted(rows)).encode("utf-8", "surrogateescape")).hexdigest()


def _gather(folder: str, rows: list[str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(KINDS):
                found = entry.stat()
                rows.append(f"{entry.path} {found.st_size} {found.st_mtime_ns}")
            elif entry.is_dir() and entry.name not in {"__pycache__", "sample"}:
                _gather(entry.path, rows)


def _own_folder() -> str:
    user = os.getuid()
    runtime = f"/run/user/{user}"
    try:
        if os.lstat(runtime).st_uid == user:
            return runtime
    except OSError:
        pass
    return f"/tmp/crosscheck-{user}"  # noqa: S108 - whoever listens makes it, 0700, and sees that it is theirs
