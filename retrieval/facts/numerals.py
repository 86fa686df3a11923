"""Numerals of a text: digits, spelled, vague and fractions, with their places. What is part of a name, a date or a time is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from text_to_num import find_numbers

from retrieval.facts.dates import dates
from retrieval.facts.identifiers import identifiers
from retrieval.facts.vocabulary import (
    CURRENCIES,
    JUST_BELOW,
    NO_NOUN,
    NOT_PLURAL,
    NUMERATORS,
    OPENERS,
    PARTS,
    PLURALS,
    ROLES,
    SCALES,
    TENS,
    UNITS,
    VAGUE,
)
from retrieval.text import stem


@dataclass(frozen=True, slots=True)
class Token:
    word: str  # as written
    lower: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number of tokens[first:last]."""

    first: int
    last: int
    low: float
    high: float
    slack: float = 0.0
    kind: Literal["count", "ordinal", "fraction", "vague"] = "count"
    plus: bool = False  # "40+"


_NOT_QUANTITIES = re.compile(
    r"\b[0-9]{1,2}[:.][0-9]{2}\s*(?:[ap]\.?m\b\.?|GMT|UTC|CET|BST|EST|EDT)|\b[0-2]?[0-9]:[0-5][0-9](?::[0-9]{2})?\b"  # clock
    r"|\b[0-9]{1,2}\s*(?:[ap]\.?m\b\.?|o['’]clock)|\b[0-9]{4}\s+(?:GMT|UTC)\b"
    r"|\+[0-9][0-9().\s-]{7,}[0-9]|\b[0-9]{3,4}[-.\s][0-9]{3}[-.\s][0-9]{4}\b|\b[0-9]{9,}\b"  # telephone
    r"|\b[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?\b|\b(?:19|20)[0-9]{2}[-–/](?:(?:19|20)[0-9]{2}|[0-9]{2})\b|\b[0-9]+(?:\.[0-9]+){2,}"
    r"|\b[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}\b|\b(?:https?://|www\.)\S+|\bSeptember 11\b"
)
_TOKEN = re.compile(
    r"(?:(?:US|AU|HK|NZ)\s?|[AC])?\$|[€£%]|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?![0-9])|[0-9]+(?:[.,][0-9]+)*"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*|\S"
)
DIGITS = re.compile(r"[0-9]")


def blanked(text: str) -> str:
    """The text at the same offsets, with spaces for dates, clock times, telephone numbers and identifiers."""
    spans = [(found.start, found.end) for found in dates(text)]
    spans += [(found.start, found.end) for found in identifiers(text)]
    spans += [match.span() for match in _NOT_QUANTITIES.finditer(text)]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def tokens_of(text: str) -> list[Token]:
    return [Token(match.group(), match.group().lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def numerals_of(tokens: Sequence[Token]) -> list[Numeral]:
    """All numerals, in order and apart: fractions and vague ones first, then digits and spelled ones with their scales."""
    found: list[Numeral] = []
    spelled = _spelled(tokens)
    at = 0
    while at < len(tokens):
        opens = tokens[at].lower in OPENERS
        numeral = (opens and (_fraction(tokens, at) or _vague(tokens, at) or _zero(tokens, at))) or _digits(tokens, at) or spelled.get(at)
        if numeral is None:
            at += 1
            continue
        numeral = _one_in(tokens, numeral, spelled) or _scaled(tokens, numeral)
        found.append(numeral)
        at = max(numeral.last, at + 1)
    return found


class _Spoken:
    """A word as text2num wants it."""

    def __init__(self, word: str) -> None:
        self._word = word

    def text(self) -> str:
        return self._word

    def text_lowercase(self) -> str:
        return self._word.lower()

    def nt_separated(self, previous: object) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


def _spelled(tokens: Sequence[Token]) -> dict[int, Numeral]:
    """Spelled numbers by their first token; digits are hidden from text2num, which would join them with what follows."""
    places = [at for at, token in enumerate(tokens) if token.word != "-"]
    spoken = [_Spoken(";" if DIGITS.match(tokens[at].word) else tokens[at].word) for at in places]
    found: dict[int, Numeral] = {}
    for number in find_numbers(spoken, "en", 0.0):
        first, last = places[number.start], places[number.end - 1] + 1
        round_ = tokens[last - 1].lower in SCALES
        kind: Literal["ordinal", "count"] = "ordinal" if number.is_ordinal else "count"
        value = float(number.value)
        found[first] = Numeral(first, last, value, value, _rounding(f"{value:.0f}", 1) if round_ else 0.0, kind)
    return found


def _digits(tokens: Sequence[Token], at: int) -> Numeral | None:
    word = tokens[at].word
    if not DIGITS.match(word):
        return None
    plain = re.sub(r"[ \u00a0\u202f]", "", word)
    plain = plain.replace(",", "") if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", plain) else plain.replace(",", ".")
    if plain.count(".") > 1 or len(plain) > 300:  # 1.2.3 is no quantity
        return None
    value = float(plain)
    end = word_at(tokens, at + 1)
    if end in {"st", "nd", "rd", "th"} and tokens[at + 1].start == tokens[at].end:
        return Numeral(at, at + 2, value, value, kind="ordinal")
    plus = end == "+"
    return Numeral(at, at + 1 + plus, value, value, _rounding(plain, 1), plus=plus)


def _rounding(digits: str, scale: float) -> float:
    """Half of the last digit that was meant: of decimals the last, of round numbers from a thousand on the last that is no zero."""
    if "." in digits:
        return float(scale * 0.5 * 10 ** -len(digits.partition(".")[2]))
    zeros = len(digits) - len(digits.rstrip("0"))
    return min(scale * 0.5 * 10**zeros, 0.05 * scale * float(digits)) if len(digits) > 3 and zeros else 0.0


def _scaled(tokens: Sequence[Token], numeral: Numeral) -> Numeral:
    """With the scale that follows: "12.5 million", "two dozen", "several hundred", "2 and a half million"."""
    at, low, high, slack = numeral.last, numeral.low, numeral.high, numeral.slack
    if numeral.kind in {"ordinal", "fraction"}:
        return numeral
    if [word_at(tokens, at + step) for step in range(3)] == ["and", "a", "half"]:
        at, low, high = at + 3, low + 0.5, high + 0.5
    scale = SCALES.get(word_at(tokens, at), 1)
    if scale == 1 or (word_at(tokens, at) == "m" and not _means_million(tokens, numeral.first, at)):
        return replace(numeral, last=at, low=low, high=high)
    slack = slack * scale if slack and slack < 1 else 0.0 if scale == 12 else min(0.5 * scale, 0.05 * low * scale)
    if numeral.kind == "vague":
        slack = 0.5 * scale
    return replace(numeral, last=at + 1, low=low * scale, high=high * scale, slack=slack)


def _means_million(tokens: Sequence[Token], first: int, at: int) -> bool:
    """Whether "m" is million and not metres: after a currency, or before what is counted."""
    following = word_at(tokens, at + 1)
    return word_at(tokens, first - 1) in CURRENCIES or following in PLURALS | {"euros", "dollars", "pounds"} or is_plural(following)


def _fraction(tokens: Sequence[Token], at: int) -> Numeral | None:
    """Per cent for "a third of", "two-thirds" and "half the"; "half a million" and "a quarter of a percentage point" are not shares."""
    word, following = word_at(tokens, at), word_at(tokens, at + 1)
    if any(word_at(tokens, at + ahead) in {"percentage", "basis"} for ahead in (2, 3, 4)):
        return None
    if word == "half":
        if following in {"a", "an"} and word_at(tokens, at + 2) in SCALES:
            value = 0.5 * SCALES[word_at(tokens, at + 2)]
            return Numeral(at, at + 3, value, value, 0.05 * value)
        if following in {"a", "an"} and word_at(tokens, at + 2) in UNITS:
            return Numeral(at, at + 2, 0.5, 0.5)
        part = following in {"of", "the", "its", "their", "his", "her", "all"}
        before = word_at(tokens, at - 1) in JUST_BELOW | {"by", "than", "over", "about", "around"}
        return Numeral(at, at + 1, 50, 50, 2, "fraction") if part or before else None
    top = NUMERATORS.get(word)
    place = at + 2 if following == "-" else at + 1
    by = PARTS.get(word_at(tokens, place))
    if top is None or by is None or top >= by:
        return None
    if word_at(tokens, place + 1) not in {"of", "majority"} and not (word_at(tokens, at - 1) == "by" or top > 1 and by in {3, 5}):
        return None
    return Numeral(at, place + 1, 100 * top / by, 100 * top / by, 2, "fraction")


def _vague(tokens: Sequence[Token], at: int) -> Numeral | None:
    word, following, third = (word_at(tokens, at + step) for step in range(3))
    if word in TENS and following == "of" and third in {"thousands", "millions"}:
        low, high = TENS[word]
        scale = 1e3 if third == "thousands" else 1e6
        return Numeral(at, at + 3, low * scale, (high + 1) * scale - 1, 0.5 * low * scale, "vague")
    if word == "a" and following in {"few", "couple"}:
        last = at + 3 if third == "of" else at + 2
        return Numeral(at, last, 2, 9 if following == "few" else 3, 3 if following == "few" else 0, "vague")
    if word in VAGUE:
        return Numeral(at, at + 1, *VAGUE[word], max(3, 0.5 * VAGUE[word][0]), "vague")
    return None


def _zero(tokens: Sequence[Token], at: int) -> Numeral | None:
    """Nobody, "no one", "no votes", and "none" that a role or a tally makes a count."""
    word, following = word_at(tokens, at), word_at(tokens, at + 1)
    if word == "nobody" or (word == "no" and following == "one"):
        return Numeral(at, at + (1 if word == "nobody" else 2), 0, 0)
    counted = following in PLURALS or is_plural(following) or stem(following) in ROLES
    if word == "no" and counted or word == "none" and (word_at(tokens, at - 1) == "to" or stem(following) in ROLES):
        return Numeral(at, at + 1, 0, 0)
    return None


def _one_in(tokens: Sequence[Token], top: Numeral, spelled: dict[int, Numeral]) -> Numeral | None:
    """Per cent for "one in five" and "9 out of 10"."""
    at = top.last
    skip = 1 if word_at(tokens, at) == "in" else 2 if (word_at(tokens, at), word_at(tokens, at + 1)) == ("out", "of") else 0
    if not skip or top.kind != "count" or at + skip >= len(tokens):
        return None
    by = _digits(tokens, at + skip) or spelled.get(at + skip)
    if by is None or by.kind != "count" or not 0 < top.low < by.low <= 100 or not (top.low == 1 or by.low == 10 or skip == 2):
        return None
    return Numeral(top.first, by.last, 100 * top.low / by.low, 100 * top.low / by.low, 2, "fraction")


def is_plural(word: str) -> bool:
    return (
        len(word) > 3
        and word.endswith(("s", "men"))
        and not word.endswith(("ss", "us", "is", "'s", "’s"))
        and word not in NO_NOUN | NOT_PLURAL
    )


def word_at(tokens: Sequence[Token], at: int) -> str:
    """The lower-cased token at a place, "" outside."""
    return tokens[at].lower if 0 <= at < len(tokens) else ""
