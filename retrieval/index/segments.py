"""Whether tantivy's files are as they were written: each ends with a checksum of what comes before, which tantivy does not look at."""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from pathlib import Path

# What tantivy writes for a segment: a footer of JSON, its length and this number, four bytes each and little-endian.
FOOTER_MAGIC = 1337
PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")


def damage(folder: Path) -> str:
    """The first file of the committed segments that is not as it was written, and how; "" where all are, or nothing was committed.

    Files that no commit names are not looked at: a kill leaves such, and nothing reads them.
    """
    meta = folder / "meta.json"
    if not meta.exists():
        return ""
    try:
        segments = json.loads(meta.read_text(encoding="utf-8"))["segments"]
        names = [name for segment in segments for name in _names(segment["segment_id"].replace("-", ""), segment.get("deletes"))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{meta.name}: {type(error).__name__}"
    return next((f"{name}: {problem}" for name in names if (problem := _problem(folder / name))), "")


def _names(segment: str, deletes: dict[str, int] | None) -> list[str]:
    return [f"{segment}.{part}" for part in PARTS] + ([f"{segment}.{deletes['opstamp']}.del"] if deletes else [])


def _problem(file: Path) -> str:
    try:
        with (
            file.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):  # a large one is not read in whole
            length, magic = struct.unpack("<II", content[-8:])
            footer = content[-8 - length : -8]
            with memoryview(content) as whole, whole[: -8 - length] as body:
                if magic != FOOTER_MAGIC or json.loads(footer)["crc"] != zlib.crc32(body):
                    return "its checksum is another"
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        return type(error).__name__
    return ""
