"""What a claim pins itself to: numbers and names. An excerpt that lacks them does not agree, however alike it sounds.

This only ever silences an agreement; it never makes a contradiction. Small inference models are known to overlook numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from text_to_num import alpha2digit

from retrieval.text import STOP_WORDS, words
from retrieval.types import Claim

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# Days and years are dates: an article rarely repeats its own, so they do not have to stand in the excerpt.
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})|(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?)\b|\b(?:19|20)\d\d\b"
)
# "5 million" becomes "5 1000000" on the way; it is one quantity, the same as "five million".
_SCALED = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)*) (1000(?:000){0,3})(?![\w.,]*\d)")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[A-Z][\w’'-]*[\w]|\b[A-Z]{2,}\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[\"“‘(]\s*)([A-Z][\w’'-]*)")

# Who said it is part of a claim that reports speech: what stands before the verb.
_SPEECH = re.compile(
    r"\b(?:said|says|told|stated|confirmed|confirms|denied|denies|announced|announces|claimed|claims|declared|admitted|promised|warned)\b"
)

# Half of a claim's names must be in the excerpt, its surroundings or its title: the others may stand there as "he" or "the minister".
NAMES_NEEDED = 0.5
_CALENDAR = frozenset(f"{_MONTHS}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday".lower().split("|"))  # dates, as above
_TITLES = frozenset("mr mrs ms dr president prime minister secretary chancellor chairman senator king queen pope sir".split())


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[float]:
    """The quantities that a text names, digits or words, dates, ones ("one of them") and zeros ("190 to none") left out."""
    digits = _SCALED.sub(_product, alpha2digit(_DATE.sub(" ", text), "en", 0.0))
    found = (match.group() for match in _NUMBER.finditer(digits))
    values = {_value(number) for number in found}
    return frozenset(value for value in values if value not in (0, 1))


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """Lower-cased words of proper names: capitalised words that do not stand there only because a sentence begins."""
    starts = {match.group(1) for match in _SENTENCE_START.finditer(text)}
    found = {match.group() for match in _NAME.finditer(text)}
    # A word that opens a sentence is a name only if another name follows it at once ("Dmitry Peskov said").
    opening = {start for start in starts if start in found and not re.search(rf"{re.escape(start)}\s+[A-Z]", text)}
    plain = {word.lower().removesuffix("'s").removesuffix("’s") for word in found - opening}
    return frozenset(word for word in plain if word not in STOP_WORDS | _TITLES | _CALENDAR)


def supports_agreement(claim: Claim, excerpt: str, surroundings: str) -> bool:
    """Whether an excerpt names what it must to agree: all the claim's numbers, and half its names there or in the surroundings,
    among them whoever is said to have said it.

    A claim that points back ("of the vote") also needs one of its context's numbers, when it has any, so that a fact of another event
    is not taken for it.
    """
    if not numbers(claim.text) <= numbers(excerpt):
        return False
    pinned = numbers(claim.context)
    if pinned and not pinned & numbers(excerpt + " " + surroundings):
        return False
    wanted, speaker = names(claim.text), _speaker(claim.text)
    there = {word.removesuffix("'s").removesuffix("’s") for word in words(excerpt + " " + surroundings)}
    if speaker and not speaker & there:
        return False
    return not wanted or len(wanted & there) >= NAMES_NEEDED * len(wanted)


def shares_quantities(claim: Claim, excerpt: str) -> bool:
    """Whether the claim names at least two quantities and the excerpt has them all: hardly a chance ("93 in favour, 18 against")."""
    return 2 <= len(numbers(claim.text)) and numbers(claim.text) <= numbers(excerpt)


def _speaker(claim: str) -> frozenset[str]:
    """Words of the names before a verb of speech; none where the claim reports no speech or names nobody before it."""
    verb = _SPEECH.search(claim)
    before = claim[: verb.start()] if verb else ""
    return names("So " + before) if before else frozenset()  # after "So", a name that opened the sentence counts as one


def _product(match: re.Match[str]) -> str:
    return f"{_value(match.group(1)) * int(match.group(2)):.6f}"


def _value(number: str) -> float:
    plain = number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number) else number.replace(",", ".")
    try:
        return float(plain)
    except ValueError:  # 1.2.3 is no quantity, but it must be equal to itself
        return float(hash(plain) % 10**9) + 0.5
