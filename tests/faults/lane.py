"""A process that injects some faults one after the other: `python -m tests.faults.lane KIND[,KIND...] SEED COUNT OUT`.

It has loaded what workers need and forks them, since a start takes a second. It prints one JSON object a round. It must not use a store
itself: what a forked process gets of another's connections and threads is of no use to it.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.faults.kinds import KINDS

DISK_MB = 48
Recovered = Literal["itself", "command", "no"]


@dataclass(frozen=True, slots=True)
class Done:
    """A round. `faults`: how many were met; 0 where the work was over before it. `command`: what had to be done, where something had."""

    kind: str
    faults: int
    recovered: Recovered
    lost: Sequence[str]
    broken: Sequence[str]
    seconds: float
    command: str = ""
    note: str = ""


class Lane:
    """What rounds share: a disk of their own, a place that no fault reaches, and chance."""

    def __init__(self, disk: Path, safe: Path, seed: str, *, small_disk: bool) -> None:
        self.disk, self.safe, self.small_disk = disk, safe, small_disk
        self.chance = random.Random(seed)
        self.seed = seed
        self.number = 0

    def fresh(self, name: str) -> Path:
        """An empty folder on the disk."""
        shutil.rmtree(self.disk / name, ignore_errors=True)
        (self.disk / name).mkdir()
        return self.disk / name

    def aside(self, do: Callable[[], str], seconds: float = 60) -> str:
        """What `do` gives in a fresh process. Raises RuntimeError with its last words where it breaks, dies or takes too long."""
        out, log = self.safe / "answer", self.safe / "aside.log"
        out.unlink(missing_ok=True)
        child = os.fork()
        if not child:
            _forked(do, out, log)
        code = ended(child, seconds)
        if code != 0 or not out.exists():
            tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise RuntimeError(f"exit {code}: {tail}")
        return out.read_text(encoding="utf-8")


def _forked(do: Callable[[], str], out: Path, log: Path) -> None:
    code = 70
    try:
        with log.open("w") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        out.write_text(do(), encoding="utf-8")
        code = 0
    except BaseException:  # noqa: BLE001 - a forked process ends here, whatever happens
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def ended(child: int, seconds: float) -> int | None:
    """The exit code of a child, negative for a signal; None, and it is killed, where it does not end in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


@contextmanager
def lane(seed: str) -> Iterator[Lane]:
    """A lane with a small disk in memory where this may be mounted, else in a folder like others."""
    memory = Path("/dev/shm")  # noqa: S108 - what is safe from faults is to be quick
    base = Path(tempfile.mkdtemp(prefix="crosscheck-faults-", dir=memory if os.access(memory, os.W_OK) else None))
    disk, safe = base / "disk", base / "safe"
    disk.mkdir()
    safe.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", disk], capture_output=True, check=False)
    try:
        yield Lane(disk, safe, seed, small_disk=mounted.returncode == 0)
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", disk], capture_output=True, check=False)
        shutil.rmtree(base, ignore_errors=True)


def main(kinds: Sequence[str], seed: str, count: int) -> None:
    """`count` rounds of these kinds, which are of one lane, in turn."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the disk is taken away
    module = importlib.import_module(f"tests.faults.{KINDS[kinds[0]].lane}")
    with lane(seed) as made, module.prepared(made) as play:
        while made.number < count:
            kind = KINDS[kinds[made.number % len(kinds)]]
            made.number += 1
            started = time.monotonic()
            try:
                rounds: Sequence[Done] = play(kind, count)
            except Exception as error:  # noqa: BLE001 - the harness itself must not hide what it met
                rounds = [Done(kind.name, 1, "no", (), (f"the round broke: {type(error).__name__}: {error}"[:1500],), 0.0)]
            for one in rounds:
                print(json.dumps(asdict(one) | {"seconds": one.seconds or round(time.monotonic() - started, 3)}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1].split(","), sys.argv[2], int(sys.argv[3]))
