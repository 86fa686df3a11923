"""What every peer does alike, in its own process and environment: read the passages, build, open, answer, print the figures as JSON.

Knows numpy and nothing of ours, since a peer's environment has nothing of ours:

    PYTHON -m tests.bench.peer_NAME build|serve DATA PLACE SETTINGS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

COUNT = 50  # passages wanted of a query
SHARES = (("p50", 0.5), ("p95", 0.95))
Settings = Mapping[str, str | int | float | bool]
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """`id` is its row among the vectors; those of one article follow one another."""

    id: int
    article: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Data:
    """The passages and queries of one size, as tests/bench/peers.py wrote them."""

    folder: Path

    @property
    def vectors(self) -> Rows:
        """(n, dimension) float32 unit rows, mapped."""
        rows: Rows = np.load(self.folder / "vectors.npy", mmap_mode="r")
        return rows

    def passages(self) -> Iterator[Passage]:
        with (self.folder / "passages.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                yield Passage(**json.loads(line))

    def queries(self, name: str) -> list[tuple[Rows, str]]:
        """Of `queries`, which are timed, or `warming`, which come before them."""
        words = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        return list(zip(np.load(self.folder / f"{name}.npy"), words, strict=True))


class Opened(Protocol):
    """An index that serves. Both give ids of passages, best first, at most COUNT. `settings` are those that it serves with."""

    @property
    def settings(self) -> Settings: ...

    def hybrid(self, vector: Rows, words: str) -> list[int]:
        """By meaning and by words, fused as the peer does; the texts of what is found are read too."""

    def dense(self, vector: Rows) -> list[int]: ...


def run(build: Callable[[Data, Path], dict[str, float]], opened: Callable[[Data, Path, Settings], Opened]) -> None:
    """The program of a peer. `build` gives the seconds of its parts."""
    what, data, place = sys.argv[1], Data(Path(sys.argv[2])), Path(sys.argv[3])
    figures: dict[str, object] = {"imports_mb": memory()["resident_mb"]}
    if what == "build":
        started = time.perf_counter()
        parts = build(data, place)
        figures |= parts | {"build_s": time.perf_counter() - started, "build_peak_mb": memory()["peak_mb"]}
    else:
        started = time.perf_counter()
        served = opened(data, place, json.loads(sys.argv[4]))
        figures["open_s"] = time.perf_counter() - started
        figures |= _served(data, served)
    print(json.dumps(figures))  # noqa: T201


def memory() -> dict[str, float]:
    """MB (1,000,000 bytes) of this process: resident, and how much of it is its own and how much mapped files; its peak."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    names = {"resident_mb": "VmRSS", "anonymous_mb": "RssAnon", "mapped_mb": "RssFile", "peak_mb": "VmHWM"}
    return {name: int(lines[key].split()[0]) * 1024 / 1e6 for name, key in names.items()}


def _served(data: Data, served: Opened) -> dict[str, object]:
    warming, queries = data.queries("warming"), data.queries("queries")
    first, _ = _timed([partial(served.hybrid, *warming[0])])
    for vector, words in warming[1:]:
        served.hybrid(vector, words)
        served.dense(vector)
    spent = time.process_time()
    hybrid, fused = _timed([partial(served.hybrid, vector, words) for vector, words in queries])
    spent = (time.process_time() - spent) * 1000 / len(queries)
    dense, nearest = _timed([partial(served.dense, vector) for vector, _ in queries])
    sides = {"hybrid": hybrid, "dense": dense}
    took = {f"{side}_{name}_ms": _percentile(each, share) for side, each in sides.items() for name, share in SHARES}
    timed = {"first_ms": first[0], **took, "hybrid_cpu_ms": spent}
    return {"settings": served.settings, **timed, **memory(), "fused": fused, "nearest": nearest}


def _timed(asks: Sequence[Callable[[], list[int]]]) -> tuple[list[float], list[list[int]]]:
    """Milliseconds of each, and what it found."""
    took, found = [], []
    for ask in asks:
        started = time.perf_counter()
        found.append(ask())
        took.append((time.perf_counter() - started) * 1000)
    return took, found


def _percentile(values: Sequence[float], share: float) -> float:
    """As tests/bench/metrics.py has it: nearest rank."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]
