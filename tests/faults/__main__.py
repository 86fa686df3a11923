"""`python -m tests.faults --count 1000 --seed 1`: faults of all kinds, a table by kind, and tests/bench/results/faults.json.

A stopped run goes on where it was: each round stands in .bench/faults/SEED.jsonl. A round whose work was over before its fault met it is
played again and not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.bench import report
from tests.faults.kinds import KINDS, Kind, shares
from tests.faults.lane import Done
from tests.faults.shim import build

PLACE = report.ROOT / ".bench" / "faults"


class Run:
    """Lanes at work, some at once, until all faults were met or the time is over."""

    def __init__(self, wanted: dict[str, int], seed: int, until: float) -> None:
        self.wanted = wanted
        self._seed, self._until = seed, until
        PLACE.mkdir(parents=True, exist_ok=True)
        self.file = PLACE / f"{seed}.jsonl"
        self.rounds = [Done(**json.loads(line)) for line in self._lines()]
        self._library = build(PLACE)
        self._guard = threading.Lock()
        self._taken: Counter[Kind] = Counter()
        self._at_work: set[str] = set()
        self._started = 0

    def _lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []

    def done(self) -> Counter[str]:
        """Faults by kind."""
        found: Counter[str] = Counter()
        for one in self.rounds:
            found[one.kind] += one.faults
        return found

    def play(self, lanes: int) -> None:
        threads = [threading.Thread(target=self._lane) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _lane(self) -> None:
        """Block after block, as long as there is something to do."""
        while (block := self._next()) is not None:
            kinds, count, seed = block
            try:
                self._play(kinds, count, seed)
            finally:
                with self._guard:
                    self._taken.subtract(kinds * (count // len(kinds)))
                    self._at_work.discard(kinds[0].lane)

    def _next(self) -> tuple[list[Kind], int, str] | None:
        """Kinds of one lane that share a store, how many rounds, and their seed; None where nothing is left, or no time."""
        with self._guard:
            met = self.done()
            missing = {name: count - met[name] - self._taken[KINDS[name]] for name, count in self.wanted.items()}
            left = [KINDS[name] for name, count in missing.items() if count > 0]
            left = [kind for kind in left if kind.lane == "store" or kind.lane not in self._at_work]
            if not left or time.monotonic() > self._until:
                return None
            first = max(left, key=lambda kind: missing[kind.name])
            together = [kind for kind in left if kind.lane == first.lane]
            count = max(len(together), min(first.block, sum(missing[kind.name] for kind in together)) // len(together) * len(together))
            self._taken.update(together * (count // len(together)))
            self._at_work.add(first.lane)
            self._started += 1
            return together, count, f"{self._seed} {len(self.rounds)} {self._started}"

    def _play(self, kinds: Sequence[Kind], count: int, seed: str) -> None:
        names = ",".join(kind.name for kind in kinds)
        env = {**os.environ, "PYTHONPATH": str(report.ROOT)} | ({"LD_PRELOAD": str(self._library)} if self._library else {})
        if kinds[0].lane == "postgres":
            env["CROSSCHECK_TEST_DATABASE"] = "postgresql"
        with (PLACE / "lanes.log").open("a") as log:
            lane = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.lane", names, seed, str(count)], env=env, stdout=subprocess.PIPE, stderr=log, text=True
            )
            assert lane.stdout is not None
            got = 0
            for line in lane.stdout:
                got += 1
                self._note(Done(**json.loads(line)))
                if time.monotonic() > self._until:
                    break
            lane.terminate() if time.monotonic() > self._until else None
            code = lane.wait()
        if got == 0 and time.monotonic() <= self._until:
            self._note(Done(kinds[0].name, 1, "no", [], [f"the lane gave nothing (exit {code}): see {PLACE / 'lanes.log'}"], 0.0))

    def _note(self, one: Done) -> None:
        with self._guard:
            self.rounds.append(one)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({name: getattr(one, name) for name in Done.__slots__}) + "\n")
            if one.lost or one.broken:
                print(f"{one.kind} ({one.note}): {[*one.lost, *one.broken][:3]}"[:600], file=sys.stderr, flush=True)  # noqa: T201


def rows_of(rounds: Sequence[Done]) -> list[dict[str, report.Value]]:
    """A row a kind, in the order of the kinds."""
    rows: list[dict[str, report.Value]] = []
    for name, kind in KINDS.items():
        met = [one for one in rounds if one.kind == name and one.faults]
        if met:
            rows.append({
                "kind": name, "what": kind.what, "injected": len(met),
                "by_itself": sum(one.recovered == "itself" for one in met),
                "by_one_command": sum(one.recovered == "command" for one in met),
                "lost": sum(bool(one.lost) for one in met), "broken": sum(bool(one.broken) for one in met),
                "commands": sorted({one.command for one in met if one.command}),
                "seconds": round(sum(one.seconds for one in rounds if one.kind == name), 1),
            })  # fmt: skip
    return rows


COLUMNS = ("kind", "injected", "by_itself", "by_one_command", "lost", "broken", "seconds")


def show(rows: Sequence[dict[str, report.Value]]) -> None:
    def total(name: str) -> str:
        return f"{sum(float(str(row[name])) for row in rows):g}"

    body = [[str(row["what"] if name == "kind" else row[name]) for name in COLUMNS] for row in rows]
    report.show("Faults", [name.replace("_", " ") for name in COLUMNS], [body, [["all", *(total(name) for name in COLUMNS[1:])]]])


def main() -> int:
    """0 where nothing was lost or broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Inject faults, and judge what is left.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="default: tests/bench/results/faults.json of all kinds, none of some")
    given = parser.parse_args()
    out = given.out or (report.RESULTS / "faults.json" if given.kinds == list(KINDS) else None)
    began = time.monotonic()
    wanted = shares([KINDS[name] for name in given.kinds], given.count)
    run = Run(wanted, given.seed, began + 60 * given.minutes)
    run.play(given.lanes)
    rows = rows_of(run.rounds)
    show(rows)
    if out is not None:
        report.save(out, {
            "seed": given.seed, "wanted": given.count, "injected": sum(run.done().values()), "lanes": given.lanes,
            "minutes_of_this_part": round((time.monotonic() - began) / 60, 1), "kinds": rows,
            "problems": [
                {"kind": one.kind, "note": one.note, "lost": one.lost, "broken": one.broken} for one in run.rounds if one.lost or one.broken
            ],
        })  # fmt: skip
    return int(any(one.lost or one.broken for one in run.rounds))


if __name__ == "__main__":
    sys.exit(main())
