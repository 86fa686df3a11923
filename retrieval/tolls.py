"""Counts of those in one state (dead, injured, missing, arrested ...) that two statements of one story give otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from retrieval.facts.quantities import quantities
from retrieval.facts.quantity import Quantity
from retrieval.facts.sameness import satisfies
from retrieval.facts.vocabulary import BALLOT_ROLES

_PEOPLE = frozenset({"", "people"})
# "The number of people killed in the fire has risen to nine", "the death toll was lowered to 12": what follows counts the dead.
_TOLL = re.compile(r"\b(?:toll|number of (?:the )?(?:people )?(?:dead|killed|deaths|victims))\b[^.;,]{0,110}$", re.IGNORECASE)
_LEADS_TO = re.compile(r"\b(?:to|at|is|was|now|reached|of) $", re.IGNORECASE)


def toll_difference(one: str, other: str, *, growing: bool) -> str:
    """The first count that differs, in both texts' words ("at least six people against eleven people"); "" where none does.

    `growing`: the other statement is later, so that "at least six" and "eleven" differ too. A state that both give equally anywhere does
    not differ, and neither does one whose words leave open what is counted.
    """
    here, there = list(_tolls(one)), list(_tolls(other))
    for mine in here:
        of_it = [theirs for theirs in there if theirs.role == mine.role]
        own = [each for each in here if each.role == mine.role]
        if len(of_it) != 1 or len(own) != 1 or not _same_counted(mine, of_it[0]) or mine.low == of_it[0].low:
            continue
        if growing or not satisfies(of_it[0], mine):
            return f"{one[mine.start : mine.end]} against {other[of_it[0].start : of_it[0].end]}"
    return ""


def _tolls(text: str) -> Iterator[Quantity]:
    """What a text counts in a state."""
    for one in quantities(text):
        if one.unit or one.ordinal or one.partial:
            continue
        if not one.role and _LEADS_TO.search(text, 0, one.start) and _TOLL.search(text, 0, one.start):
            yield replace(one, role="dead", noun=one.noun or "people")
        elif one.role and one.role not in BALLOT_ROLES:
            yield one


def _same_counted(one: Quantity, other: Quantity) -> bool:
    return one.noun == other.noun or {one.noun, other.noun} <= _PEOPLE
