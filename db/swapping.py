"""A SQLite store takes the place of another: whatever the moment of a kill, the old or the new one is there.

What is to come lies whole, checked and on the disk in a folder beside the database; giving that folder its name decides. From then on
whoever opens the store moves the files first: the search index away, the database, the key. Done twice, it changes nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from filelock import FileLock

from retrieval.errors import StoreError

DATABASE, KEY, PLAN = "database", "key", "plan.json"
LOCK_SECONDS = 120


def decide(file: Path, staged: Path, key_file: Path, index: Path, kept: Path | None = None) -> None:
    """From here on the store is what `staged` holds: DATABASE and perhaps KEY. The key that is there is kept as `kept`. Raises OSError."""
    plan = {"key": str(key_file.resolve()), "index": str(index.resolve()), "kept": str(kept.resolve()) if kept is not None else None}
    (staged / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    for one in staged.iterdir():
        sync(one)
    sync(staged)
    os.rename(staged, pending(file))
    sync(file.parent)


def finish(file: Path) -> bool:
    """Do what was decided for the database in this file, whoever began it; whether there was anything to do. Raises StoreError."""
    file = file.resolve()
    shutil.rmtree(_done(file), ignore_errors=True)
    if not pending(file).is_dir():
        return False
    try:
        with FileLock(f"{file}.restoring.lock", timeout=LOCK_SECONDS):
            if not pending(file).is_dir():
                return False
            _move(file, pending(file))
            return True
    except OSError as error:
        raise StoreError(f"A restore that was begun cannot be finished: {error.strerror or error} ({error.filename}).") from error


def pending(file: Path) -> Path:
    """The folder of what was decided for the database in this file, which is no link."""
    return file.with_name(file.name + ".restored")


def _done(file: Path) -> Path:
    return file.with_name(file.name + ".restored-done")


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move(file: Path, staged: Path) -> None:
    plan = json.loads((staged / PLAN).read_text(encoding="utf-8"))
    _empty(Path(plan["index"]))
    if (staged / DATABASE).exists():
        for beside in ("-wal", "-shm", "-journal"):  # the old one's: SQLite would read them into the new
            Path(f"{file}{beside}").unlink(missing_ok=True)
        sync(file.parent)
        os.replace(staged / DATABASE, file)
    if (staged / KEY).exists():
        if plan.get("kept"):
            keep(Path(plan["key"]), Path(plan["kept"]))
        put(staged / KEY, Path(plan["key"]))
    sync(file.parent)
    shutil.rmtree(_done(file), ignore_errors=True)
    os.rename(staged, _done(file))
    shutil.rmtree(_done(file), ignore_errors=True)


def _empty(folder: Path) -> None:
    """Take away what is in a folder; the folder may be a link to another disk, or a mounted one, and stays."""
    for one in folder.iterdir() if folder.is_dir() else ():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)


def keep(file: Path, kept: Path) -> None:
    """A copy of a file under another name, if it is there and was not kept already. Raises OSError."""
    if file.exists() and not kept.exists():
        put(file, kept)


def put(source: Path, target: Path) -> None:
    """A copy, which only its owner may read, in the place of `target`; another disk may hold it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(source.read_bytes())
        stream.flush()
        os.fsync(stream.fileno())
    move(fresh, target)


def move(source: Path, target: Path) -> None:
    """Give a file another name in its folder, for good."""
    os.replace(source, target)
    sync(target.parent)
