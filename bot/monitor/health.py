"""Whether the process lives, and whether it is ready: what was last seen of its parts. Nothing here waits for anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

SILENT = 60.0  # seconds without a beat of the event loop after which it hangs: loading models keeps it for some
STALE = 20.0  # seconds after which what was seen of the database is not known any more: a look takes milliseconds, and is taken each 5
MOST_BEHIND = 5_000  # rows of the change log: about five seconds of work for whoever asks next


class Need(StrEnum):
    """What must be there for a process to be ready."""

    MODELS = "models"
    DATABASE = "database"
    INDEX = "index"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`missing`: part -> what is wrong, in words that hold no address and nobody's text."""

    good: bool
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the database and the index. `behind`: rows not applied; None where the index has not been opened."""

    answered: bool
    behind: int | None = None


class Health:
    """Told by those who look, asked by those who watch. Safe for threads."""

    def __init__(self, needs: Collection[Need], now: Callable[[], float] = time.monotonic) -> None:
        self._needs = frozenset(needs)
        self._now = now
        self._guard = threading.Lock()
        self._beat: float | None = None
        self._models = False
        self._gateway = False
        self._looked: tuple[float, Look] | None = None

    def beat(self, *, gateway: bool) -> None:
        """The event loop turns; `gateway`: whether all shards of this process are connected."""
        with self._guard:
            self._beat, self._gateway = self._now(), gateway

    def looked(self, look: Look) -> None:
        """Somebody asked the database."""
        with self._guard:
            self._looked = (self._now(), look)

    def models_loaded(self) -> None:
        with self._guard:
            self._models = True

    @property
    def has_models(self) -> bool:
        return self._models

    def live(self) -> Verdict:
        """Not so only where the event loop stands still; before it begins, the process is starting, and lives."""
        with self._guard:
            silent = 0.0 if self._beat is None else self._now() - self._beat
        return _verdict({"loop": f"has not turned for {silent:.0f} s"} if silent > SILENT else {})

    def ready(self) -> Verdict:
        """Whether all that this process needs is there."""
        missing = dict(self.live().missing)
        with self._guard:
            models, gateway, looked, now = self._models, self._gateway, self._looked, self._now()
        if Need.MODELS in self._needs and not models:
            missing[Need.MODELS] = "are being loaded"
        if Need.GATEWAY in self._needs and not gateway:
            missing[Need.GATEWAY] = "is not connected"
        if looked is None:
            missing[Need.DATABASE] = "has not been asked yet"
        elif now - looked[0] > STALE:
            missing[Need.DATABASE] = f"has not answered for {now - looked[0]:.0f} s"
        elif not looked[1].answered:
            missing[Need.DATABASE] = "does not answer"
        elif Need.INDEX in self._needs and (looked[1].behind is None or looked[1].behind > MOST_BEHIND):
            behind = looked[1].behind
            missing[Need.INDEX] = "has not been opened" if behind is None else f"is {behind} changes behind"
        return _verdict(missing)


def _verdict(missing: Mapping[str, str]) -> Verdict:
    return Verdict(not missing, missing)
