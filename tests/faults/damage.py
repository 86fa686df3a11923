"""Damage to files at rest: other bytes, fewer bytes, no file."""

from __future__ import annotations

import random
import shutil
from pathlib import Path


def of_index(folder: Path, how: str, chance: random.Random) -> str:
    """Damage the index in this folder: "damaged", "cut" or "gone". What was done; "" where there is nothing to damage."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".lock") and file.stat().st_size)
    if not files:
        return ""
    if how == "gone" and chance.random() < 0.4:
        place = chance.choice([*{file.parent for file in files}, folder])
        shutil.rmtree(place)
        return f"{place.name}/ deleted"
    file = chance.choice(files)
    if how == "gone":
        file.unlink()
        return f"{file.name} deleted"
    return f"{file.name} {cut(file, chance) if how == 'cut' else alter(file, chance)}"


def alter(file: Path, chance: random.Random) -> str:
    """Some bytes are others."""
    content = bytearray(file.read_bytes())
    places = {chance.randrange(len(content)) for _ in range(chance.choice((1, 1, 8, 200)))}
    for place in places:
        content[place] ^= chance.choice((1, 0x80, 0xFF, chance.randint(1, 255)))
    file.write_bytes(content)
    return f"has {len(places)} other bytes"


def cut(file: Path, chance: random.Random) -> str:
    """Its end is missing, or all of it."""
    size = file.stat().st_size
    left = chance.choice((0, size // 2, max(0, size - 1), chance.randrange(size)))
    with file.open("r+b") as stream:
        stream.truncate(left)
    return f"has {left} of {size} bytes"
