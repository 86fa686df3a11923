"""What the program tells of its own work. `Unwatched` listens to nothing; `Metrics` (metrics.py) counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.health import Trouble
from retrieval.sources import Visit
from retrieval.types import Comparison


class Stage(StrEnum):
    """What is timed of a batch of claims."""

    EMBED = "embed"  # the model alone: of claims that were not embedded lately
    SEARCH = "search"  # with `embed` in it
    STANCE = "stance"
    COMPARE = "compare"
    WHOLE = "whole"


class AskResult(StrEnum):
    """What became of an asking."""

    ANSWERED = "answered"
    REFUSED = "refused"  # by a limit
    EXPLAINED = "explained"  # told in a sentence why there is no answer: the words, a full desk, a restart
    FAILED = "failed"  # an error of ours
    UNDELIVERED = "undelivered"  # Discord took the answer nowhere
    DELETED = "deleted"  # by the asker, meanwhile


class GatewayEvent(StrEnum):
    """What happened to a shard's connection."""

    CONNECTED = "connected"
    RESUMED = "resumed"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Gateway:
    """The connections of this process to Discord. `latency`: seconds of the slowest, NaN where none is."""

    connected: int
    shards: int
    latency: float
    ready: bool


class Unwatched:
    """Hears everything and does nothing. Methods may be called from any thread, and neither wait nor raise."""

    def checked(self, comparisons: Sequence[Comparison], seconds: float) -> None:
        """A batch of claims was compared, in so many seconds without the wait for its turn."""

    def check_failed(self, error: Exception) -> None:
        """A batch of claims was not."""

    def reused(self, count: int) -> None:
        """So many claims had a stored answer that still holds."""

    def embedded(self, seconds: float) -> None:
        """The model embedded claims."""

    def asked(self, kind: str, result: AskResult, seconds: float) -> None:
        """An asking in Discord came to its end. `kind` is one of bot.discord.asking.Kind."""

    def waiting(self, desk: str, count: int) -> None:
        """So many claims wait at a desk."""

    def waited(self, desk: str, seconds: float) -> None:
        """A claim's turn came after so long."""

    def turned_away(self, desk: str) -> None:
        """A desk was full."""

    def visited(self, host: str, visit: Visit) -> None:
        """A news source, or a page that it named, was visited."""

    def discord_answered(self, status: int, scope: str) -> None:
        """Discord's HTTP status, and of a 429 whose limit it was (X-RateLimit-Scope); else ""."""

    def gateway(self, event: GatewayEvent) -> None:
        """A shard's connection changed."""

    def database_failed(self, trouble: Trouble) -> None:
        """A statement failed, or no connection could be had."""


UNWATCHED = Unwatched()
