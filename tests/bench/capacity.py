"""What many servers and passages need: measured slopes carried on, and the line before the models simulated. For ARCHITECTURE.md.

    python -m tests.bench.capacity [--passages 100000000] [--servers 10000]

Reads tests/bench/results (scale.json, ingest.json, postgres.json); nothing is measured here. What is assumed stands in ASSUMED, and is
printed: change it, and see what breaks first.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.metrics import percentile
from tests.bench.report import RESULTS, Value, save, show

SEED = 20_261_128
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is not measured."""

    claims_a_server_day: float = 20.0  # ten checks of a claim and one post of ten
    peak: float = 6.0  # the busiest hour to the mean one
    passages_a_day: float = 60_000.0  # some 6,000 articles: 300 outlets
    hot_share: float = 0.2  # of the passages, the newest: searched as they are; the rest binary quantised
    wait_s: float = 10.0  # at p95 in the busiest hour, before the models begin
    core_month: float = 8.0  # EUR, rented by the month
    gigabyte_ram_month: float = 1.0
    gigabyte_disk_month: float = 0.1


ASSUMED = Assumed()
BINARY_SHARE = 1 / 16  # bits of a vector to its halves
CORES = 2  # of the machine that was measured


@dataclass(frozen=True, slots=True)
class Slopes:
    """Of two measured sizes: what a passage takes, and what ten times as many passages add."""

    database_bytes: float
    index_bytes: float
    build_s: float  # a million, on CORES
    search_ms_a_decade: float
    claims_a_second: float  # of CORES, at the larger size
    ingest_a_second: float  # passages, of CORES
    writes_a_second: float  # articles in PostgreSQL, where writers go one after the other


def main() -> None:
    parser = argparse.ArgumentParser(description="What many servers and passages need.")
    parser.add_argument("--passages", type=float, default=100e6)
    parser.add_argument("--servers", type=float, default=10_000)
    options = parser.parse_args()
    slopes = read_slopes(RESULTS)
    figures = needed(slopes, options.passages, options.servers, ASSUMED)
    show(f"{options.passages:,.0f} passages, {options.servers:,.0f} servers", ("what", "value"), [
        [[name, f"{value:,.4g}"] for name, value in asdict(slopes).items()],
        [[name, f"{value:,.4g}"] for name, value in asdict(ASSUMED).items()],
        [[name, f"{value:,.1f}"] for name, value in figures.items()],
    ])  # fmt: skip
    result: dict[str, Value] = {"slopes": asdict(slopes), "assumed": asdict(ASSUMED), "needed": dict(figures)}
    save(RESULTS / "capacity.json", result)


def read_slopes(folder: Path) -> Slopes:
    """Raises OSError, KeyError where something was not measured."""
    sizes = json.loads((folder / "scale.json").read_text(encoding="utf-8"))["sizes"]
    small, large = (sizes[key] for key in sorted(sizes, key=int)[:: len(sizes) - 1])
    more = large["passages"] - small["passages"]
    bench = json.loads((folder / "ingest.json").read_text(encoding="utf-8"))
    postgres = json.loads((folder / "postgres.json").read_text(encoding="utf-8"))
    return Slopes(
        (large["database_mb"] - small["database_mb"]) * 1e6 / more, (large["index_mb"] - small["index_mb"]) * 1e6 / more,
        (large["build_s"] - small["build_s"]) * 1e6 / more,
        (large["search_p50_ms"] - small["search_p50_ms"]) / math.log10(large["passages"] / small["passages"]),
        large["claims_a_second_8"], bench["ingest"]["passages_per_s"], postgres["articles_a_second"],
    )  # fmt: skip


def needed(slopes: Slopes, passages: float, servers: float, assumed: Assumed) -> Mapping[str, float]:
    """Machines, disks and EUR a month, and how far each part is from its limit."""
    peak = servers * assumed.claims_a_server_day / 86_400 * assumed.peak
    pairs = workers(peak, slopes.claims_a_second, assumed.wait_s)
    wait = waits(peak, slopes.claims_a_second, pairs)
    disk = passages * (slopes.database_bytes + slopes.index_bytes) / 1e9
    hot = passages * assumed.hot_share * slopes.index_bytes / 1e9
    cold = passages * (1 - assumed.hot_share) * slopes.index_bytes * BINARY_SHARE / 1e9
    embedding = assumed.passages_a_day / 86_400 / slopes.ingest_a_second * CORES
    cores = CORES * pairs + embedding + 8  # and eight for PostgreSQL itself
    return {
        "claims a second at peak": peak, "cores for the models": CORES * pairs, "wait at peak p95 s": percentile(wait, 0.95),
        "wait at peak with one pair of cores less p95 s": percentile(waits(peak, slopes.claims_a_second, max(1, pairs - 1)), 0.95),
        "cores for ingest": embedding, "disk GB": disk, "memory for hot vectors GB": hot, "memory for cold vectors GB": cold,
        "hours to build the index on two cores": slopes.build_s * passages / 1e6 / 3600,
        "ms that search adds over a million": slopes.search_ms_a_decade * math.log10(passages / 1e6),
        "share of the writers' time": assumed.passages_a_day / 10 / 86_400 / slopes.writes_a_second,
        "EUR a month": cores * assumed.core_month + (hot + cold + 2 * pairs) * assumed.gigabyte_ram_month
        + 2 * disk * assumed.gigabyte_disk_month,
    }  # fmt: skip


def workers(arrivals: float, each: float, wait: float) -> int:
    """The fewest pairs of cores with which 95 % wait no longer than `wait` seconds in an hour."""
    count = max(1, math.ceil(arrivals / each))
    while percentile(waits(arrivals, each, count), 0.95) > wait:
        count += 1
    return count


def waits(arrivals: float, each: float, count: int) -> list[float]:
    """Seconds that the claims of an hour wait: so many a second at random moments, `count` workers of `each` claims a second, one line."""
    rng = random.Random(SEED)
    free = [0.0] * count
    now, found = 0.0, []
    while now < HOUR:
        now += rng.expovariate(arrivals)
        start = max(now, heapq.heappop(free))
        heapq.heappush(free, start + 1 / each)
        found.append(start - now)
    return found


if __name__ == "__main__":
    main()
