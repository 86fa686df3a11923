"""Quantities that a text names: what is counted or measured, how exactly, in which role. Dates, clock times and identifiers are not.

In three steps: tokens of the text with what is no quantity blanked out; numerals among them (digits, spelled, vague, fractions); around
each numeral its unit, modifier, counted noun and role. Spelled numbers are text2num's. What is unsure is left "" rather than guessed.
"""

from __future__ import annotations

from functools import lru_cache

from retrieval.facts.describe import described
from retrieval.facts.numerals import blanked, numerals_of, tokens_of
from retrieval.facts.quantity import Quantity
from retrieval.facts.tallies import with_ballot_roles, with_ranges


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text`, in order and apart. Never raises."""
    tokens = tokens_of(blanked(text))
    numerals = numerals_of(tokens)
    found = [described(text, tokens, numerals, at) for at in range(len(numerals))]
    return tuple(with_ballot_roles(text, with_ranges(text, [quantity for quantity in found if quantity is not None])))
