"""The process that is hit. It works until it is told to end, and goes on after each error, as the bot does."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import CrosscheckError
from tests.faults.journal import Journal
from tests.faults.opening import opened
from tests.faults.shim import Control, attach
from tests.faults.workload import Workload
from tests.standins.store import Store

AFTER = 3  # steps that must succeed once the fault is over, before a worker says that it goes on by itself


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to do. `upkeep` is one of Workload.maintain's, done now and then beside the steps."""

    folder: Path
    control: Path
    journal: Path
    out: Path  # files that it makes: "started", "well"
    name: str
    seed: str
    areas: Sequence[str]
    upkeep: str = ""
    ends: str = "end"  # the name of the file in `out` at which it stops
    seconds: float = 20.0


def work(order: Order) -> int:
    """The exit code: 0, or 3 where no step succeeded once the fault was over."""
    attach(order.control)
    control = Control(order.control)
    journal = Journal(order.journal)
    until = time.monotonic() + order.seconds
    store = _opened(order, journal, until)
    if store is None:
        return 3
    workload = Workload(store, journal, order.name, order.seed)
    steps = workload.steps(order.areas) if order.areas else None
    (order.out / "started").touch()
    well = count = 0
    while time.monotonic() < until:
        over = (order.out / order.ends).exists()
        if over and well >= AFTER:
            break
        count += 1
        control.count_step()
        try:
            if steps is None or (order.upkeep and count % 4 == 0):
                workload.maintain(order.upkeep)
            else:
                next(steps)()
            well = well + 1 if over else 0
        except CrosscheckError:
            well = 0
            time.sleep(0.01)
        except Exception as error:  # noqa: BLE001 - what should have been one of the product's own; the judge reads of it
            well = 0
            journal.failed(journal.attempt("process", order.name), error, escaped=True)
            time.sleep(0.01)
    store.close()
    return 0 if well >= AFTER else 3


def _opened(order: Order, journal: Journal, until: float) -> Store | None:
    """Again and again, as a supervisor starts a bot again that could not open its store."""
    while time.monotonic() < until:
        try:
            return opened(order.folder)
        except CrosscheckError:
            time.sleep(0.02)
        except Exception as error:  # noqa: BLE001 - as above
            journal.failed(journal.attempt("process", order.name), error, escaped=True)
            time.sleep(0.02)
    return None


def fork(order: Order) -> int:
    """The id of a process that does it."""
    child = os.fork()
    if child:
        return child
    try:
        with (order.out / "log").open("a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        code = work(order)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    os._exit(code)
