"""When a source is asked again: as often as it publishes, never more often than it allows, ever more seldom while it fails."""

from __future__ import annotations

import random
from datetime import timedelta

from retrieval.sources import Failure, Problem

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
HEEDED = timedelta(days=1)  # a freshness or ttl beyond this is taken for a slip
HEEDED_RETRY = timedelta(days=7)  # as is a Retry-After
_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = {Problem.DENIED: timedelta(days=3), Problem.ROBOTS: timedelta(days=1), Problem.MISSING: timedelta(days=3)}
_LONGEST_OTHER_RETRY = timedelta(days=1)
_JITTER = 0.15  # share of a pause, so that sources added together do not stay together


def after_success(articles_a_day: float, asked_for: timedelta | None, rng: random.Random) -> timedelta:
    """The pause after a visit that went well: two visits an article, within bounds, and at least what the source asks for.

    `asked_for` is the longest of its Cache-Control, Expires and ttl.
    """
    usual = timedelta(days=1) / max(articles_a_day * 2, 0.01)
    pause = _jittered(min(max(usual, SHORTEST), LONGEST), rng)
    return max(pause, min(asked_for or timedelta(0), HEEDED))


def after_failure(failure: Failure, failures: int, rng: random.Random) -> timedelta:
    """The pause after the `failures`th visit in a row that failed: doubled each time, and at least the server's Retry-After."""
    longest = _LONGEST_RETRY.get(failure.problem, _LONGEST_OTHER_RETRY)
    pause = _jittered(min(_FIRST_RETRY * 2 ** min(failures - 1, 12), longest), rng)
    return max(pause, min(failure.retry_after or timedelta(0), HEEDED_RETRY))


def _jittered(pause: timedelta, rng: random.Random) -> timedelta:
    """Longer by chance, never shorter: a bound stays one."""
    return pause * (1 + rng.random() * _JITTER)
