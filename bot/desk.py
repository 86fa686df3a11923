"""Where claims wait for the models: one line a server, in it one a person, served in turn, so that nobody crowds out the others.

The models work in one thread, on a batch of claims at a time; what several people ask at once is looked at together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from bot.monitor.port import UNWATCHED, Unwatched
from bot.monitor.tracing import Ids, bound, ids, joined
from retrieval.types import Claim

log = logging.getLogger("crosscheck.desk")

BATCH = 4  # claims looked at together: more make everyone wait for the slowest
SIZE = 240  # claims that may wait: beyond, the wait would outlast an interaction's 15 minutes on two cores
FIRST_GUESS = 0.6  # seconds a claim, until some were measured

Hidden = frozenset[int]
Found = TypeVar("Found")  # what is found for a claim
Result = TypeVar("Result")
OnPlace = Callable[[int, timedelta], None]


class Full(Exception):
    """So many claims wait, or so many of this person, that another would not be answered in time."""


class Closing(Exception):
    """The program ends; what waited was not looked at."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose turn it is: a server (or one person's direct messages), and a person there."""

    place: object
    person: str


@dataclass(slots=True, eq=False)
class _Unit(Generic[Found]):
    """One claim that waits."""

    claim: Claim
    hidden: Hidden
    done: asyncio.Future[Found] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    begun: bool = False
    since: float = field(default_factory=time.monotonic)
    ids: list[Ids] = field(default_factory=list)  # of whoever waits for it


class Desk(Generic[Found]):
    """Takes claims, hands them to `check` in fair order, and gives back found. For one event loop."""

    def __init__(
        self,
        check: Callable[[Sequence[Claim], Hidden], Sequence[Found]],
        size: int = SIZE,
        batch: int = BATCH,
        share: int | None = None,
        models: ThreadPoolExecutor | None = None,
        monitor: Unwatched = UNWATCHED,
        name: str = "claims",
    ) -> None:
        """`models`: the thread of another desk, which this one shares: they take turns. `name`: for `monitor`."""
        self._check = check
        self._size = size
        self._share = share or size // 4  # of one person: a few long posts must not close the desk for everyone
        self._batch = batch
        self._lines: OrderedDict[object, OrderedDict[str, deque[_Unit[Found]]]] = OrderedDict()
        self._flying: dict[tuple[Claim, Hidden], _Unit[Found]] = {}
        self._news = asyncio.Event()
        self._closing = False
        self._monitor = monitor
        self._name = name
        self._each = FIRST_GUESS
        self.models = models or ThreadPoolExecutor(1, "models")

    async def in_models(self, work: Callable[..., Result], *given: object) -> Result:
        """Run work of the models in their thread, after what is under way there. In the common pool, threads that wait for the models would
        keep the store's quick work waiting, and with it Discord's three seconds. Raises Closing.
        """
        if self._closing:
            raise Closing
        in_context = copy_context()  # which a pool of threads does not take along
        return await asyncio.get_running_loop().run_in_executor(self.models, lambda: in_context.run(work, *given))

    @property
    def waiting(self) -> int:
        """How many claims have not been begun."""
        return sum(not unit.begun for unit in self._flying.values())

    def _waiting_of(self, asker: Asker) -> int:
        line = self._lines.get(asker.place)
        return len(line.get(asker.person, ())) if line else 0

    def wait_for(self, place: int) -> timedelta:
        """How long what is at this place will take, by how long claims took lately."""
        return timedelta(seconds=round(place * self._each, 1))

    async def check(self, asker: Asker, claims: Sequence[Claim], hidden: Hidden, on_place: OnPlace | None = None) -> list[Found]:
        """What was found for each claim. A claim that is being looked at already is not looked at twice; one that waits for somebody else
        waits here too, so that whoever's turn comes first has it looked at for all.

        Raises as `take`, and what `check` raises.
        """
        return list(await asyncio.gather(*(asyncio.shield(one) for one in self.take(asker, claims, hidden, on_place))))

    def take(
        self, asker: Asker, claims: Sequence[Claim], hidden: Hidden, on_place: OnPlace | None = None
    ) -> list[asyncio.Future[Found]]:  # fmt: skip
        """As `check`, but what will be found for each claim: those of a batch are there at once. Others may wait for them, so they are not
        to be cancelled.

        `on_place` is told once how many claims of others go before the last of these, and how long that takes. Raises Full, Closing.
        """
        if self._closing:
            raise Closing
        new = [claim for claim in dict.fromkeys(claims) if (claim, hidden) not in self._flying]
        if self.waiting + len(new) > self._size or new and self._waiting_of(asker) + len(new) > self._share:
            self._monitor.turned_away(self._name)
            raise Full
        for claim in new:
            self._flying[claim, hidden] = _Unit(claim, hidden)
        units = [self._flying[claim, hidden] for claim in claims]
        for unit in dict.fromkeys(units):
            if not unit.begun:
                unit.ids.append(ids())
                line = self._lines.setdefault(asker.place, OrderedDict()).setdefault(asker.person, deque())
                if unit not in line:
                    line.append(unit)
        if on_place is not None:
            place = self._place(units)
            on_place(place, self.wait_for(place))
        self._monitor.waiting(self._name, self.waiting)
        self._news.set()
        return [unit.done for unit in units]

    async def run(self) -> None:
        """Serve until close; a failure of `check` fails the claims of its batch, and the next are served."""
        while not self._closing:
            units = self._next_batch()
            if not units:
                self._news.clear()
                await self._news.wait()
                continue
            started = time.monotonic()
            for unit in units:
                self._monitor.waited(self._name, started - unit.since)
            self._monitor.waiting(self._name, self.waiting)
            try:
                with bound(**joined(each for unit in units for each in unit.ids)):
                    found = await self.in_models(self._check, [unit.claim for unit in units], units[0].hidden)
            except Exception as error:  # noqa: BLE001 - whoever asked is told; the desk goes on
                self._end(units, error)
            else:
                for unit, one in zip(units, found, strict=True):
                    self._end([unit], one)
                self._each += 0.2 * ((time.monotonic() - started) / len(units) - self._each)

    def close(self) -> None:
        """Serve no more: a batch under way is finished by `run`, and what waits raises Closing."""
        self._closing = True
        for line in self._lines.values():
            for units in line.values():
                self._end(list(units), Closing())
        self._lines.clear()
        self._monitor.waiting(self._name, self.waiting)
        self._news.set()
        self.models.shutdown(wait=False)

    def _end(self, units: Sequence[_Unit[Found]], result: Found | BaseException) -> None:
        for unit in units:
            self._flying.pop((unit.claim, unit.hidden), None)
            if unit.done.done():
                continue
            if isinstance(result, BaseException):
                unit.done.set_exception(result)
                unit.done.exception()  # whoever asked may have gone: an error that nobody fetches is no news of its own
            else:
                unit.done.set_result(result)

    def _next_batch(self) -> list[_Unit[Found]]:
        """The next claims in fair order that see the same sources."""
        units: list[_Unit[Found]] = []
        for _ in range(self._batch):
            unit = self._pop(units[0].hidden if units else None)
            if unit is None:
                break
            units.append(unit)
        return units

    def _pop(self, hidden: Hidden | None) -> _Unit[Found] | None:
        """The unit whose turn it is, of those that see `hidden` if given; its person and its server go to the end of their lines."""
        for place, line in self._lines.items():
            for person, units in line.items():
                if hidden is not None and units[0].hidden != hidden:
                    continue
                unit = units[0]
                line.move_to_end(person)
                self._lines.move_to_end(place)
                self._begin(unit)
                return unit
        return None

    def _begin(self, unit: _Unit[Found]) -> None:
        """Take it out of all lines where it waits."""
        unit.begun = True
        for place, line in list(self._lines.items()):
            for person, units in list(line.items()):
                if unit in units:
                    units.remove(unit)
                if not units:
                    del line[person]
            if not line:
                del self._lines[place]

    def _place(self, units: Sequence[_Unit[Found]]) -> int:
        """How many claims of others are served up to the last of these: as the turns go now."""
        lines = [[deque(waiting) for waiting in line.values()] for line in self._lines.values()]
        left = {unit for line in lines for waiting in line for unit in waiting}.intersection(units)
        served: set[_Unit[Found]] = set()
        while left:
            line = lines.pop(0)
            waiting = line.pop(0)
            served.add(waiting[0])
            left.discard(waiting.popleft())
            if waiting:
                line.append(waiting)
            if line:
                lines.append(line)
        return len(served.difference(units))
