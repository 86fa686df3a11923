"""Doing once, before anything is forked, what the first use of libraries costs: a second that each worker would take otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import alembic.command  # noqa: F401 - a migration imports it
import alembic.script  # noqa: F401

from retrieval.ports import Vectors
from retrieval.types import Match
from tests.faults.journal import Journal
from tests.faults.kinds import ALL
from tests.faults.workload import Workload
from tests.standins.store import Store


class AnyIndex:
    """Finds whatever there is. The real one has threads, which a fork would not take along."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def dense(self, vector: Vectors, count: int) -> Sequence[Match]:
        del vector
        return [Match(id_, 0.9) for id_ in sorted(self._store.live())[:count]]

    def lexical(self, text: str, count: int) -> Sequence[Match]:
        del text
        return [Match(id_, 9.0) for id_ in sorted(self._store.live())[:count]]

    def follow(self) -> int:
        return 0

    def close(self) -> None:
        pass


def warm_up(folder: Path) -> None:
    """Some steps of each area over a store that is thrown away."""
    with Store(folder) as store:
        vars(store)["index"] = AnyIndex(store)
        journal = Journal(folder / "journal")
        for area in ALL:
            steps = Workload(store, journal, f"warming {area}", "warm").steps([area])
            for _ in range(6):
                next(steps)()
        journal.close()
