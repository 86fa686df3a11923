"""What a quantity is: a count, measure or ordinal that a text names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Modifier = Literal["exact", "about", "at_least", "at_most", "more_than", "less_than"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A count, measure or ordinal, as text[start:end] names it ("93 votes").

    `low` and `high` are in the unit's base (metres, kilograms, seconds) and equal for a point. `slack` is how far rounding alone may
    have moved them. `noun` and `role` are stems, "" where unknown; `near` are the stems of the words around, which tell what it is of.
    """

    low: float
    high: float
    unit: str  # "" is a bare count; "%", "pp", "USD", "m", "kg", "s", "m/s", ...
    noun: str
    role: str  # "for", "against", "abstain", "absent", "dead", "injured", "missing", "arrested", "rescued", ...
    modifier: Modifier
    ordinal: bool
    start: int
    end: int
    slack: float = 0.0
    partial: bool = False  # a part of or an addition to another number ("another 12", "including 3")
    near: frozenset[str] = frozenset()
