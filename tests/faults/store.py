"""Rounds over one SQLite store with its index: a worker is killed, its disk fails or fills, its index is damaged, its clock is turned."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults import damage, judge
from tests.faults.journal import read
from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane, Recovered, ended
from tests.faults.shim import CHANGES, FOR_EVER, Call, Control, Mode
from tests.faults.warming import warm_up
from tests.faults.worker import Order, fork

FRESH_AFTER = 25  # rounds on one store: what it holds grows, and every round looks at all of it
HOURS = (1, 3, 26, 24 * 9, 24 * 40)


class Rounds:
    """One store after another, each with its journal."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.control = Control(lane.safe / "control")
        self._begin()

    def _begin(self) -> None:
        shutil.rmtree(self.lane.disk / "store", ignore_errors=True)
        self.folder = self.lane.disk / "store"
        self.journal = self.lane.safe / f"journal-{self.lane.number}"

    def play(self, kind: Kind, _count: int) -> Sequence[Done]:
        """One round."""
        if self.lane.number % FRESH_AFTER == 0:
            self._begin()
        way: Callable[[Kind], tuple[int, Recovered, str]] = {
            "kill": self._kill, "index": self._damage, "clock": self._turn_clock, "disk": self._fill,
        }.get(kind.name.partition("-")[0], self._fail)  # fmt: skip
        seen = len(read(self.journal))
        met, recovered, note = way(kind)
        self.control.turn_clock(0)
        self.control.disarm()
        lost, broken = self.judged(kind)
        escaped = {entry.why for entry in read(self.journal)[seen:] if entry.phase == "escaped"}
        broken += [f"an error that is none of the product's own: {why}" for why in sorted(escaped)]
        if lost or broken:
            self._keep(kind)
            self._begin()
        command = "start it again" if recovered == "command" else ""
        return [Done(kind.name, int(met > 0), "no" if lost or broken else recovered, lost, broken, 0.0, command, note)]

    def judged(self, kind: Kind) -> tuple[list[str], list[str]]:
        """What is lost, and what is broken."""
        areas = tuple(area for area in kind.areas if area != "turns")
        name = f"judge {self.lane.number}"
        try:
            lost, broken = json.loads(self.lane.aside(lambda: judge.main(self.folder, self.journal, areas, name)))
        except RuntimeError as error:
            return [], [f"it cannot be judged: {error}"]
        return lost, broken

    def start(self, kind: Kind, *, wait: bool = True) -> tuple[int, Order]:
        """A worker, at work already."""
        out = self.lane.safe / f"out-{self.lane.number}"
        out.mkdir()
        name = f"worker {self.lane.number}"
        order = Order(self.folder, self.control.file, self.journal, out, name, f"{self.lane.seed} {name}", kind.areas, kind.upkeep)
        child = fork(order)
        until = time.monotonic() + 10
        while wait and not (out / "started").exists() and time.monotonic() < until:
            time.sleep(0.002)
        return child, order

    def wait_for_steps(self, count: int, seconds: float = 4) -> None:
        """Until the worker has begun so many more steps, however slow the machine is."""
        last, until = self.control.steps + count, time.monotonic() + seconds
        while self.control.steps < last and time.monotonic() < until:
            time.sleep(0.002)

    def finish(self, child: int, order: Order) -> Recovered:
        """Let the worker go on until some steps have succeeded: whether it needed to be started again for that."""
        (order.out / order.ends).touch()
        code = ended(child, 30)
        return "itself" if code == 0 or code in (-signal.SIGBUS, -signal.SIGKILL) else "command"

    # The kinds.

    def _kill(self, kind: Kind) -> tuple[int, Recovered, str]:
        chance = self.lane.chance
        child, _ = self.start(kind, wait=chance.random() < 0.9)
        how = "by time"
        if chance.random() < 0.6:  # within a call of the system, with half of what was to be written
            how = "within a call"
            after = int(math.exp(chance.uniform(0, math.log(250))))
            self.control.arm(Mode.DIE, CHANGES, self.folder, after=after, part=chance.choice(("", "", "-wal", "index", "crosscheck.db")))
            last, until = self.control.steps + 40, time.monotonic() + 6
            while self.control.steps < last and time.monotonic() < until:
                found, status = os.waitpid(child, os.WNOHANG)
                if found:
                    return int(os.waitstatus_to_exitcode(status) == -signal.SIGKILL), "itself", how
                time.sleep(0.002)
        else:
            self.wait_for_steps(chance.randrange(8))
            time.sleep(chance.random() ** 2 * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return 1, "itself", how

    def _fail(self, kind: Kind) -> tuple[int, Recovered, str]:
        chance = self.lane.chance
        calls, part = {
            "fsync": (Call.SYNC, chance.choice(("", "", "crosscheck.db", "index"))),
            "commit": (Call.WRITE, "-wal"),
            "write": (chance.choice((Call.WRITE, Call.RENAME | Call.UNLINK, Call.TRUNCATE, CHANGES)), chance.choice(("", "index"))),
            "read": (Call.READ, chance.choice(("crosscheck.db", "index"))),
        }[kind.name]
        child, order = self.start(kind)
        error = errno.EIO if kind.name == "read" else chance.choice((errno.EIO, errno.ENOSPC, errno.EIO, errno.EDQUOT))
        times = chance.choice((1, 1, 3, 20, FOR_EVER))
        self.control.arm(
            Mode.FAIL,
            calls,
            self.folder,
            part=part,
            after=chance.randint(1, 30 if calls & (Call.WRITE | Call.READ) else 4),
            times=times,
            error=error,
        )
        last, until = self.control.steps + 40, time.monotonic() + 6
        while not self.control.hits and self.control.steps < last and time.monotonic() < until:
            time.sleep(0.002)
        self.wait_for_steps(chance.randrange(6))
        hits = self.control.disarm()
        return hits, self.finish(child, order), f"{errno.errorcode[error]} {times}"

    def _fill(self, kind: Kind) -> tuple[int, Recovered, str]:
        chance = self.lane.chance
        child, order = self.start(kind)
        self.wait_for_steps(chance.randrange(6))
        before = _failures(self.journal)
        if self.lane.small_disk:
            free = chance.choice((0, 0, 4096, 20_000, 100_000))
            _fill_up(self.lane.disk / "ballast", free)
        else:
            free = 0
            self.control.arm(Mode.FAIL, Call.WRITE | Call.TRUNCATE, self.folder, times=FOR_EVER, error=errno.ENOSPC)
        last, until = self.control.steps + 40, time.monotonic() + 6
        while _failures(self.journal) == before and self.control.steps < last and time.monotonic() < until:
            time.sleep(0.01)
        self.wait_for_steps(chance.randrange(8))
        (self.lane.disk / "ballast").unlink(missing_ok=True)
        self.control.disarm()
        return _failures(self.journal) - before, self.finish(child, order), f"{free} bytes left"

    def _damage(self, kind: Kind) -> tuple[int, Recovered, str]:
        chance = self.lane.chance
        child, order = self.start(kind)
        self.wait_for_steps(chance.randint(1, 10))
        at_rest = chance.random() < 0.75
        if at_rest:
            self.finish(child, order)
        what = damage.of_index(self.folder / "index", kind.name.removeprefix("index-"), chance)
        if at_rest:
            self.lane.number += 1000  # a name of its own
            child, order = self.start(kind)
            self.lane.number -= 1000
        return int(bool(what)), self.finish(child, order), what

    def _turn_clock(self, kind: Kind) -> tuple[int, Recovered, str]:
        chance = self.lane.chance
        hours = chance.choice(HOURS) * (1 if kind.name == "clock-ahead" else -1)
        child, order = self.start(kind)
        self.wait_for_steps(chance.randrange(4))
        self.control.turn_clock(hours * 3600)
        self.wait_for_steps(chance.randint(4, 12))
        if chance.random() < 0.3:  # it ends while the clock is wrong; the next has the right one
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return 1, "itself", f"{hours} h, killed"
        self.control.turn_clock(0)
        return 1, self.finish(child, order), f"{hours} h"

    def _keep(self, kind: Kind) -> None:
        """What a broken round left, for who looks for the cause."""
        kept = os.environ.get("CROSSCHECK_FAULTS_KEEP")
        if kept:
            target = Path(kept) / f"{kind.name}-{self.lane.seed.replace(' ', '-')}-{self.lane.number}"
            shutil.copytree(self.folder, target / "store", dirs_exist_ok=True)
            shutil.copy(self.journal, target / "journal")


def _failures(journal: Path) -> int:
    return sum(entry.phase in ("failed", "escaped") for entry in read(journal))


def _fill_up(ballast: Path, free: int) -> None:
    """Take all of the disk but about so many bytes."""
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                continue
        stream.truncate(max(0, stream.tell() - free))


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    warm_up(lane.fresh("warming"))
    shutil.rmtree(lane.disk / "warming")
    yield Rounds(lane).play
