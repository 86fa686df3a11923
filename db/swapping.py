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


def decide(file: Path, staged: Path, key_file: Path, index: Path) -> None:
    """From here on the store is what `staged` holds: DATABASE and perhaps KEY. Raises OSError."""
    plan = staged / PLAN
    plan.write_text(json.dumps({"key": str(key_file.resolve()), "index": str(index.resolve())}), encoding="utf-8")
    for one in staged.iterdir():
        sync(one)
    sync(staged)
    os.rename(staged, pending(file))
    sync(file.parent)


def finish(file: Path) -> bool:
    """Do what was decided for the database in this file, whoever began it; whether there was anything to do. Raises StoreError."""
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
    return file.with_name(file.name + ".restored")


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move(file: Path, staged: Path) -> None:
    plan = json.loads((staged / PLAN).read_text(encoding="utf-8"))
    shutil.rmtree(plan["index"], ignore_errors=True)
    if (staged / DATABASE).exists():
        for beside in ("-wal", "-shm", "-journal"):  # the old one's: SQLite would read them into the new
            Path(f"{file}{beside}").unlink(missing_ok=True)
        sync(file.parent)
        os.replace(staged / DATABASE, file)
    if (staged / KEY).exists():
        put(staged / KEY, Path(plan["key"]))
    sync(file.parent)
    done = file.with_name(file.name + ".restored-done")
    shutil.rmtree(done, ignore_errors=True)
    os.rename(staged, done)
    shutil.rmtree(done, ignore_errors=True)


def put(source: Path, target: Path) -> None:
    """A copy, which only its owner may read, in the place of `target`; another disk may hold it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(source.read_bytes())
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, target)
    sync(target.parent)
