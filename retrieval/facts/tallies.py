"""Two quantities that belong together: ranges ("10 to 12") and the counts of a vote ("93 to 8")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval.facts.quantity import Quantity

_DASHES = frozenset("-–—−")
_BALLOT = re.compile(r"\b(?:vot(?:e|es|ed|ing)|ballot|resolution|abst(?:ain|ention)\w*|favou?r|motion)\b", re.IGNORECASE)
_ADOPTED_BY = re.compile(
    r"\b(?:adopted|passed|approved|backed|endorsed|won|carried)\b[^.;]{0,80}?\b(?:by|with)\s+(?:\w+\s+){0,3}$", re.IGNORECASE
)
_DEFEATED = re.compile(r"\b(?:reject|defeat|fail|los[et]|block|turned down|voted down)", re.IGNORECASE)
_TALLY = ("for", "against", "abstain")
_TALLY_LINK = re.compile(r"\s*(?:to|against|[-–—−])\s*", re.IGNORECASE)


def with_ranges(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Joins "10-12", "10 to 12" and "between 10 and 12"; a tally ("93 to 8") or a change ("from 4 to 5") stays two."""
    joined: list[Quantity] = []
    for quantity in found:
        if joined and _is_range(text, joined[-1], quantity):
            last = joined.pop()
            low, high = _same_scale(last, quantity)
            quantity = replace(quantity, low=low, high=high, start=last.start, modifier="about", near=last.near | quantity.near)
        joined.append(quantity)
    return joined


def _same_scale(last: Quantity, quantity: Quantity) -> tuple[float, float]:
    """Of "10 to 12 million" the first number means millions too."""
    scale = 1.0
    while not last.unit and last.low < 1000 and last.low * scale * 1000 <= quantity.high and quantity.slack:
        scale *= 1000
    return last.low * scale, quantity.high


def _is_range(text: str, last: Quantity, quantity: Quantity) -> bool:
    link, before = text[last.end : quantity.start].strip().lower(), text[: last.start].rstrip().lower()
    if last.ordinal or quantity.ordinal or last.unit not in {"", quantity.unit} or last.low != last.high or not last.high < quantity.low:
        return False
    if link == "and":
        return before.endswith("between")
    tally = _BALLOT.search(text) or re.search(r"\b(?:won|beat|lost|win|defeat\w*|victory|lead|scor\w*|drew|game|match)\b", text, re.I)
    counted = bool(quantity.noun or quantity.unit)
    return link in {"to", *_DASHES} and not before.endswith("from") and not tally and counted


def with_ballot_roles(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """In a text about a ballot the numbers of a tally are for, against and abstentions; "adopted by 93 votes" are for."""
    roled = list(found)
    if not _BALLOT.search(text) or _DEFEATED.search(text):
        return roled
    place = 0
    for at in range(1, len(roled)):
        linked = _TALLY_LINK.fullmatch(text, roled[at - 1].end, roled[at].start)
        place = place + 1 if linked and not (roled[at].unit or roled[at].ordinal) else 0
        if place in {1, 2}:
            roled[at] = replace(roled[at], role=_TALLY[place], noun="vote")
        if place == 1:
            roled[at - 1] = replace(roled[at - 1], role=_TALLY[0], noun="vote")
    for at, quantity in enumerate(roled):
        if quantity.noun == "vote" and not quantity.role and not quantity.ordinal and _ADOPTED_BY.search(text, 0, quantity.start):
            roled[at] = replace(quantity, role="for")
    return roled
