"""Whether two quantities may be one, and whether they are of the same thing in the same role."""

from __future__ import annotations

import math

from retrieval.facts.quantity import Quantity
from retrieval.facts.vocabulary import BALLOT_ROLES

# "About" leaves one in twenty of room.
_ABOUT = 0.05
# Words around that must be shared before two facts are of the same thing, or all that the claim has where it has fewer.
SHARED = 2


def satisfies(evidence: Quantity, claim: Quantity) -> bool:
    """Whether the evidence's quantity may be the claim's: their ranges, with modifiers and rounding, meet."""
    low, high = _bounds(evidence)
    wanted_low, wanted_high = _bounds(claim)
    return low <= wanted_high and wanted_low <= high


def _bounds(quantity: Quantity) -> tuple[float, float]:
    room = max(quantity.slack, _ABOUT * quantity.high if quantity.modifier == "about" else 0.0)
    low = -math.inf if quantity.modifier in {"at_most", "less_than"} else quantity.low - room
    high = math.inf if quantity.modifier in {"at_least", "more_than"} else quantity.high + room
    return low - 1e-9 * abs(quantity.low), high + 1e-9 * abs(quantity.high)


def confirms(evidence: Quantity, claim: Quantity) -> bool:
    """Whether the evidence says as much as the claim: "over 40" says less than "52", though 52 would be over 40."""
    low, high = _bounds(evidence)
    wanted_low, wanted_high = _bounds(claim)
    open_ended = math.isinf(low) or math.isinf(high)
    return not open_ended or (wanted_low <= low and high <= wanted_high) or evidence.low == claim.low


def same_value(claim: Quantity, evidence: Quantity) -> bool:
    """An equal number, of a thing that is at least not another one: it is there, so nothing else of the evidence can differ."""
    if claim.unit != evidence.unit or claim.ordinal != evidence.ordinal or not satisfies(evidence, claim):
        return False
    return not _other(claim.role, evidence.role) or not _other(claim.noun, evidence.noun)


def _other(one: str, two: str) -> bool:
    return bool(one and two and one != two)


def same_thing(claim: Quantity, evidence: Quantity, alone: bool) -> bool:
    """Whether both count or measure the same thing in the same role. `alone`: each text has one quantity of this unit."""
    if claim.unit != evidence.unit or claim.ordinal != evidence.ordinal:
        return False
    shared = claim.near == evidence.near or len(claim.near & evidence.near) >= SHARED
    noun = bool(claim.noun) and claim.noun == evidence.noun
    if claim.ordinal:
        return noun and shared
    if claim.role or evidence.role:
        return claim.role == evidence.role and _same_role(claim, evidence)
    if noun and claim.noun == "vote":
        return "cast" not in claim.near ^ evidence.near
    if claim.unit and not _other(claim.noun, evidence.noun):
        return shared or (alone and bool(claim.near & evidence.near))
    return noun and shared


def _same_role(claim: Quantity, evidence: Quantity) -> bool:
    """Votes count whoever cast them; of others "40 people killed" may hold "12 children killed", so the nouns must be equal."""
    if claim.role in BALLOT_ROLES:
        return True
    return claim.noun == evidence.noun or {claim.noun, evidence.noun} == {"", "people"}
