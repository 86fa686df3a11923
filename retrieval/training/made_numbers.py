"""Made pairs with other numbers and dates: changed, bounded, spelled the other way."""

from __future__ import annotations

import random
import re

from retrieval.training.data import Pair, relabelled
from retrieval.training.phrases import MONTHS, NUMBER_WORDS, WEEKDAYS

_DIGITS = re.compile(r"(?<![\w.,$/-])\d{1,3}(?:,\d{3})+(?![\w,/]|\.\d)|(?<![\w.,$/-])\d{1,7}(?:\.\d+)?(?![\w,/]|\.\d|-\d)")
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b")
_SPELLED = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_MODIFIED = re.compile(
    r"\b(?:about|around|nearly|almost|over|under|more|less|fewer|least|most|than|up to|roughly|some|approximately)\s*$", re.IGNORECASE
)
_NAMED = re.compile(r"(?:[A-Z]\w+|[#№]|[Nn]o\.)\s*$")  # "Resolution 2758", "Boeing 747": the number is part of a name
_NOT_A_COUNT = re.compile(r"\s*(?:st|nd|rd|th|/|:|January|February|March|April|May|June|July|August|Septem|Octo|Novem|Decem)")
_BOUNDED = re.compile(r"\b(?:before|after|by|since|until|till|from|between)(?: \w+){0,2}\s*$", re.IGNORECASE)
_BLURS = (0.02, 0.04, 0.08)  # how far "about" may be off


def changed_number(pair: Pair, rng: random.Random) -> Pair | None:
    """Another number than the evidence's in the claim: contradicts."""
    found = _plain_number(pair, rng)
    if found is None:
        return None
    start, end, value = found
    other = _another(value, rng)
    return relabelled(pair, pair.claim[:start] + _like(other, pair.claim[start:end]) + pair.claim[end:], "contradict", "number")


def bounded_number(pair: Pair, rng: random.Random) -> Pair | None:
    """The claim's number as a bound or a rounding: "at least 50", "fewer than 40", "about 90" for 93."""
    found = _plain_number(pair, rng)
    if found is None or found[2] < 10:
        return None
    start, end, value = found
    if not re.match(r" [a-z]", pair.claim[end:]) or re.search(r"\bof $", pair.claim[:start]):
        return None  # only counts of something can be bounded: not "at the age of fewer than 84"
    below, above = max(1, round(value * rng.uniform(0.5, 0.9))), round(value * rng.uniform(1.15, 1.9)) + 1
    near = round(value * (1 + rng.choice(_BLURS) * rng.choice((-1, 1))))
    bound, number, label = rng.choice((
        ("at least", below, "agree"), ("more than", below, "agree"), ("fewer than", above, "agree"), ("about", near, "agree"),
        ("at least", above, "contradict"), ("more than", above, "contradict"), ("fewer than", below, "contradict"),
        ("about", above * 2, "contradict"),
    ))  # fmt: skip
    words = f"{bound if start else bound.capitalize()} {_like(number, pair.claim[start:end])}"
    return relabelled(pair, pair.claim[:start] + words + pair.claim[end:], label, "bound")


def respelled_number(pair: Pair, _: random.Random) -> Pair | None:
    """The same number written the other way, "eight" for 8: agrees still."""
    for match in _DIGITS.finditer(pair.claim):
        value = match.group()
        if value.isdigit() and 2 <= int(value) < len(NUMBER_WORDS):
            word = NUMBER_WORDS[int(value)]
            word = word.capitalize() if match.start() == 0 else word
            return relabelled(pair, pair.claim[: match.start()] + word + pair.claim[match.end() :], pair.label, "spelling")
    for match in _SPELLED.finditer(pair.claim):
        number = NUMBER_WORDS.index(match.group().lower())
        if number >= 2 and not _next_to_number(pair.claim, match):
            return relabelled(pair, pair.claim[: match.start()] + str(number) + pair.claim[match.end() :], pair.label, "spelling")
    return None


def changed_date(pair: Pair, rng: random.Random) -> Pair | None:
    """Another year, month or weekday than the evidence's: contradicts."""
    choices = []
    for match in (*_YEAR.finditer(pair.claim), *_MONTH.finditer(pair.claim), *_WEEKDAY.finditer(pair.claim)):
        kind = next(kind for kind in (_YEAR, _MONTH, _WEEKDAY) if kind.fullmatch(match.group()))
        bounded = _BOUNDED.search(pair.claim[: match.start()])
        if not bounded and kind.findall(pair.evidence) == [match.group()]:  # the only one there, so that it is the one meant
            choices.append(match)
    if not choices:
        return None
    match = rng.choice(choices)
    changed = pair.claim[: match.start()] + _another_date(match.group(), rng) + pair.claim[match.end() :]
    return relabelled(pair, changed, "contradict", "date")


def _another_date(date: str, rng: random.Random) -> str:
    """Another year, month or weekday."""
    if date.isdigit():
        return str(int(date) + rng.choice((-11, -3, -2, -1, 1, 2, 4, 10)))
    return rng.choice([other for other in (MONTHS if date in MONTHS else WEEKDAYS) if other != date])


def _plain_number(pair: Pair, rng: random.Random) -> tuple[int, int, float] | None:
    """Span and value of a number of the claim that stands, once, in the evidence, is no year and has no "about" before it."""
    there = _DIGITS.findall(pair.evidence)
    choices = []
    for match in _DIGITS.finditer(pair.claim):
        before, after = pair.claim[: match.start()], pair.claim[match.end() :]
        named = _YEAR.fullmatch(match.group()) or _NAMED.search(before) or _NOT_A_COUNT.match(after)
        if there.count(match.group()) == 1 and not named and not _MODIFIED.search(before):
            choices.append(match)
    if not choices:
        return None
    match = rng.choice(choices)
    return match.start(), match.end(), float(match.group().replace(",", ""))


def _another(value: float, rng: random.Random) -> float:
    """A value that nobody takes for `value`: some units off where it is small, a tenth to a half off where it is large, or a slip."""
    if value < 12:
        return max(0.0, value + rng.choice([step for step in (-3, -2, -1, 1, 2, 3, 5) if value + step > 0]))
    factor = rng.choice((0.5, 0.7, 0.8, 0.9, 1.1, 1.25, 1.4, 2, 10))
    changed = value * factor
    return changed if value % 1 else float(round(changed)) if round(changed) != value else value + 1


def _like(value: float, shape: str) -> str:
    """`value` written as `shape` is: with thousands separators, with as many decimals."""
    decimals = len(shape.partition(".")[2])
    return f"{value:,.{decimals}f}" if "," in shape or (value >= 10000 and shape.isdigit()) else f"{value:.{decimals}f}"


def _next_to_number(text: str, match: re.Match[str]) -> bool:
    """Whether a spelled number is part of a longer one ("two hundred", "twenty-two")."""
    around = text[max(0, match.start() - 12) : match.start()] + " " + text[match.end() : match.end() + 12]
    return bool(re.search(rf"(?:hundred|thousand|million|billion|dozen|-|{'|'.join(NUMBER_WORDS[2:])})\b", around, re.IGNORECASE))
