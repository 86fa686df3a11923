"""What a claim and an evidence text say alike and differently in plain facts: numbers, dates, identifiers, directions, denials.

It never overrules on a guess. Two facts differ only where they are of one kind, of the same thing as far as the words tell, and
nothing in the evidence meets the claim's; whatever is less plain counts as nothing. Names are not compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from retrieval.facts.dates import DateSpan, dates, overlap, within
from retrieval.facts.identifiers import identifiers
from retrieval.facts.polarity import Denial, Direction, Word, content, denials, directions
from retrieval.facts.quantities import quantities
from retrieval.facts.quantity import Quantity
from retrieval.facts.sameness import SHARED, confirms, same_thing, same_value, satisfies
from retrieval.text import content_words, stem

Kind = Literal["number", "date", "direction", "negation", "identifier"]
How = Literal["same", "different", "open", "missing"]  # "open": the evidence says less than the claim, but nothing against it

_SHARED_BY_DENIALS = 3
# Where a text doubts or reports doubt, what it says plainly may not be what it holds.
_DOUBT = re.compile(
    r"\b(?:whether|if|claim(?:s|ed)?|alleg\w+|rumou?r\w*|false\w*|hoax|den(?:y|ies|ied)|myth|fake|untrue|unless)\b", re.IGNORECASE
)
_SETTINGS: frozenset[Kind] = frozenset({"date", "identifier"})  # which event is spoken of
_ORDERS = frozenset({"order", "amount"})  # axes of words that say nothing without the word after them


@dataclass(frozen=True, slots=True)
class Match:
    """A fact of the claim and what the evidence has beside it, in the words of each text."""

    kind: Kind
    claim: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """The facts of a claim that the evidence has too, has otherwise, or has nothing comparable to (`missing`, the claim's words)."""

    same: tuple[Match, ...] = ()
    different: tuple[Match, ...] = ()
    missing: tuple[str, ...] = ()

    def explain(self) -> str:
        """The first difference in the texts' own words, claim first ("93 against 120 votes"); "" without one."""
        if not self.different:
            return ""
        claim, evidence = self.different[0].claim, self.different[0].evidence
        head, _, last = claim.rpartition(" ")
        if head and last.isalpha() and not head.endswith(" of") and evidence.lower().endswith(" " + last.lower()):
            claim = head
        return f"{claim} against {evidence}"


Finding = tuple[How, Match]


@lru_cache(maxsize=4096)
def contrast(claim: str, evidence: str, published: date | None = None) -> Contrast:
    """Compares the facts of a claim with those of an evidence text that was `published` then.

    Where the evidence names other dates or identifiers, the rest is of another event: it counts as missing, not as different. Never raises.
    """
    found = [*_numbers(claim, evidence), *_dates(claim, evidence, published), *_identifiers(claim, evidence)]
    found += [*_directions(claim, evidence), *_denials(claim, evidence)]
    if _elsewhere(found, evidence):
        found = [("missing", match) if how == "different" and match.kind not in _SETTINGS else (how, match) for how, match in found]
    return Contrast(
        tuple(match for how, match in found if how == "same"),
        tuple(match for how, match in found if how == "different"),
        tuple(match.claim for how, match in found if how == "missing"),
    )


def _elsewhere(found: list[Finding], evidence: str) -> bool:
    """Whether the evidence names another date or identifier than the claim, even where it is too little to be called a difference."""
    if any(how == "different" and match.kind in _SETTINGS for how, match in found):
        return True
    undated = any(how == "missing" and match.kind == "date" for how, match in found)
    return undated and any(not one.relative for one in dates(evidence))


def _numbers(claim: str, evidence: str) -> Iterator[Finding]:
    offered = quantities(evidence)
    for wanted in quantities(claim):
        words = claim[wanted.start : wanted.end]
        comparable = [one for one in offered if same_thing(wanted, one, _alone(wanted, claim, evidence))]
        meeting = [one for one in comparable if satisfies(one, wanted)] or [one for one in offered if same_value(wanted, one)]
        if meeting:
            best = min(meeting, key=lambda one: abs(one.low - wanted.low))
            yield ("same" if confirms(best, wanted) else "open"), Match("number", words, evidence[best.start : best.end])
        elif comparable and not wanted.partial and all(not one.partial for one in comparable):
            nearest = min(comparable, key=lambda one: abs(one.low - wanted.low))
            yield "different", Match("number", words, evidence[nearest.start : nearest.end])
        else:
            yield "missing", Match("number", words, "")


def _alone(wanted: Quantity, claim: str, evidence: str) -> bool:
    return all(sum(one.unit == wanted.unit for one in quantities(text)) == 1 for text in (claim, evidence))


def _dates(claim: str, evidence: str, published: date | None) -> Iterator[Finding]:
    offered = dates(evidence, published)
    about = frozenset(map(stem, content_words(_without(claim, dates(claim)))))
    for wanted in dates(claim):
        words = claim[wanted.start : wanted.end]
        meeting = [one for one in offered if overlap(wanted, one)]
        explicit = [one for one in offered if not one.relative]
        if meeting:
            best = next((one for one in meeting if within(one, wanted)), meeting[0])
            yield ("same" if within(best, wanted) else "open"), Match("date", words, evidence[best.start : best.end])
        elif not wanted.relative and len(explicit) == len(offered) and (other := _of_the_same(explicit, evidence, about)):
            yield "different", Match("date", words, evidence[other.start : other.end])
        else:
            yield "missing", Match("date", words, "")


def _of_the_same(offered: list[DateSpan], evidence: str, about: frozenset[str]) -> DateSpan | None:
    """The date whose clause shares words with the claim: two, or all that it has."""
    for one in offered:
        if _share(about, _clause_stems(evidence, one)):
            return one
    return None


def _clause_stems(text: str, span: DateSpan) -> frozenset[str]:
    start = max(text.rfind(sign, 0, span.start) for sign in (". ", "; ", "\n"))
    ends = [at for sign in (". ", "; ", "\n") if (at := text.find(sign, span.end)) >= 0]
    return frozenset(map(stem, content_words(text[start + 1 : min(ends, default=len(text))])))


def _without(text: str, spans: tuple[DateSpan, ...]) -> str:
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _identifiers(claim: str, evidence: str) -> Iterator[Finding]:
    offered = identifiers(evidence)
    for wanted in identifiers(claim):
        words = claim[wanted.start : wanted.end]
        named = [one for one in offered if one.name == wanted.name]
        equal = next((one for one in named if one.number == wanted.number), None)
        if equal:
            yield "same", Match("identifier", words, evidence[equal.start : equal.end])
        elif len(named) == 1 and _spaced(words) and _spaced(evidence[named[0].start : named[0].end]):
            yield "different", Match("identifier", words, evidence[named[0].start : named[0].end])
        else:
            yield "missing", Match("identifier", words, "")


def _spaced(words: str) -> bool:
    """True of "Resolution 2758", not of "G20": the groups G7 and G20 are two things, not two versions of one."""
    return " " in words


def _directions(claim: str, evidence: str) -> Iterator[Finding]:
    wants, offered = directions(claim), directions(evidence)
    for wanted in wants:
        words = claim[wanted.word.start : wanted.word.end]
        rivals = [one for one in offered if one.axis == wanted.axis]
        agreeing = [one for one in rivals if (one.pole == wanted.pole) == (one.word.denied == wanted.word.denied)]
        single = len(rivals) == 1 == sum(one.axis == wanted.axis for one in wants)
        if agreeing:
            yield "same", Match("direction", words, evidence[agreeing[0].word.start : agreeing[0].word.end])
        elif single and _opposed(wanted, rivals[0]):
            yield "different", Match("direction", words, evidence[rivals[0].word.start : rivals[0].word.end])


def _opposed(one: Direction, other: Direction) -> bool:
    """Whether two opposite words are said of the same. One pole of which one is denied is left to `_denials`."""
    if one.word.denied or other.word.denied or (one.axis in _ORDERS and one.next != other.next):
        return False
    return _share(one.word.near, other.word.near)


def _share(claim: frozenset[str], evidence: frozenset[str]) -> bool:
    """Whether enough of the words around the claim's fact stand around the evidence's."""
    return len(claim & evidence) >= max(1, min(SHARED, len(claim)))


def _denials(claim: str, evidence: str) -> Iterator[Finding]:
    """A word that one text denies and the other says plainly, of the same; or that both deny."""
    theirs = denials(evidence)
    for mine in denials(claim):
        words = claim[mine.start : mine.end]
        if denied := next((one for one in theirs if one.word.stem == mine.word.stem), None):
            yield "same", Match("negation", words, evidence[denied.start : denied.end])
        elif plain := _plainly(mine, claim, evidence):
            yield "different", Match("negation", words, evidence[plain.start : plain.end])
    for one in theirs:
        if plain := _plainly(one, evidence, claim):
            yield "different", Match("negation", claim[plain.start : plain.end], evidence[one.start : one.end])


def _plainly(denial: Denial, text: str, other: str) -> Word | None:
    """The denied word where the other text says it plainly and of the same, None where either text says it both ways or in doubt."""
    own = [word for word in content(text) if word.stem == denial.word.stem]
    said = [word for word in content(other) if word.stem == denial.word.stem]
    if not (denial.verbal and all(word.denied for word in own)) or any(word.denied for word in said):
        return None
    if _DOUBT.search(text) or _DOUBT.search(other):
        return None
    return next((word for word in said if len(word.near & denial.word.near) >= max(1, min(_SHARED_BY_DENIALS, len(word.near)))), None)
