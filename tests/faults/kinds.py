"""The kinds of faults: what is hit, in what work, and how many of a thousand are of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`lane` is the module of tests/faults that injects it. `share` of a thousand faults; `block`: rounds that share a store."""

    name: str
    what: str
    lane: str
    share: int
    block: int = 25
    areas: Sequence[str] = ()
    upkeep: str = ""


ALL = ("ingest", "check", "case", "follow")

_KINDS = (
    Kind("kill-ingest", "kill -9 in an ingest", "store", 90, areas=("ingest",)),
    Kind("kill-check", "kill -9 in checks and their answers", "store", 70, areas=("check", "check", "ingest")),
    Kind("kill-case", "kill -9 in case work and following", "store", 70, areas=("case", "case", "follow", "ingest")),
    Kind("kill-index", "kill -9 while the index is built", "store", 50, areas=("ingest",), upkeep="rebuild"),
    Kind("kill-compact", "kill -9 while the file is written anew", "store", 50, areas=("ingest", "check"), upkeep="compact"),
    Kind("kill-migration", "kill -9 in a migration", "upgrades", 60),
    Kind("kill-copy", "kill -9 in `db copy`", "upgrades", 40),
    Kind("disk-full", "the disk is full for a while", "store", 80, areas=ALL),
    Kind("fsync", "fsync fails", "store", 50, areas=ALL, upkeep="compact"),
    Kind("commit", "writing the log fails within a commit", "store", 60, areas=ALL),
    Kind("write", "write, rename, unlink or truncate fails", "store", 60, areas=ALL),
    Kind("read", "reading fails", "store", 30, areas=ALL),
    Kind("postgres", "PostgreSQL is stopped and started again", "postgres", 60, areas=ALL),
    Kind("index-damaged", "bytes of an index file are others", "store", 50, areas=("ingest", "check")),
    Kind("index-cut", "an index file is cut short", "store", 25, areas=("ingest", "check")),
    Kind("index-gone", "an index file or folder is deleted", "store", 25, areas=("ingest", "check")),
    Kind("model", "a model file is altered, cut short or gone", "models", 40),
    Kind("clock-ahead", "the clock goes ahead, and back again", "store", 30, areas=(*ALL, "turns")),
    Kind("clock-behind", "the clock goes back, and ahead again", "store", 20, areas=(*ALL, "turns")),
    Kind("network", "a connection is cut, reset or stalls in the middle", "network", 60, block=15),
    Kind("discord", "Discord's gateway drops, its REST fails, messages vanish", "gateway", 60, block=60),
)  # fmt: skip
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


def shares(kinds: Sequence[Kind], count: int) -> dict[str, int]:
    """How many of `count` faults are of each kind: as their shares are, at least one each."""
    total = sum(kind.share for kind in kinds)
    made = {kind.name: max(1, round(count * kind.share / total)) for kind in kinds}
    largest = max(kinds, key=lambda kind: kind.share).name
    made[largest] = max(1, made[largest] + count - sum(made.values()))
    return made
