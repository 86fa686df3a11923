"""How far an index has durably followed the log: one number in a small file beside it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path


def read_mark(path: Path, of: Path | None = None) -> int:
    """The last log row applied; 0, which means begin anew, when there is no mark, it cannot be read, or it was written for another `of`."""
    try:
        seq, *checksum = path.read_text(encoding="ascii").split()
        return max(0, int(seq)) if of is None or checksum == [_checksum(of)] else 0
    except (OSError, ValueError):
        return 0


def write_mark(path: Path, seq: int, of: Path | None = None) -> None:
    """Write the mark, with the checksum of the file `of`, durably and in one step. Call it after the index itself is durable."""
    line = f"{seq} {_checksum(of)}\n" if of is not None else f"{seq}\n"
    replace_durably(path, lambda fresh: fresh.write_text(line, encoding="ascii"))


def replace_durably(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a new file, flush it to the disk, and put it in the place of `path`: the old or the new is there, never half."""
    fresh = path.with_name(path.name + ".new")
    write(fresh)
    with fresh.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _checksum(path: Path) -> str:
    found = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            found = zlib.crc32(block, found)
    return f"{found:08x}"
