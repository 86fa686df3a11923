"""Around a numeral: its unit, modifier, counted noun and role. What is unsure is left "" rather than guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.facts.numerals import DIGITS, Numeral, Token, is_plural, word_at
from retrieval.facts.quantity import Modifier, Quantity
from retrieval.facts.vocabulary import (
    ACTIVE,
    BALLOT_ROLES,
    CURRENCIES,
    HOUR,
    JUST_BELOW,
    MODIFIERS,
    NO_NOUN,
    NOT_NEAR,
    NOT_OF,
    OBJECT,
    PARTIAL_AFTER,
    PARTIAL_BEFORE,
    PEOPLE,
    PERIODS,
    PLURALS,
    ROLES,
    UNITS,
)
from retrieval.text import stem

_BREAKS = frozenset(',;:.()!?—–"“”')
_JOINTS = frozenset("and or but while with as".split())


def described(text: str, tokens: Sequence[Token], numerals: Sequence[Numeral], index: int) -> Quantity | None:
    numeral = numerals[index]
    before = tokens[numerals[index - 1].last if index else 0 : numeral.first]
    after = numerals[index + 1].first if index + 1 < len(numerals) else len(tokens)
    unit, factor, place = _unit(tokens, numeral)
    noun, ends = _noun(tokens, place, after, numeral, unit)
    if numeral.low == numeral.high == 1 and tokens[numeral.first].lower == "one" and not (unit or noun):
        return None  # the pronoun
    modifier, just_below, first = _modifier(tokens, numeral)
    low, high = numeral.low * factor, numeral.high * factor
    return Quantity(
        0.9 * low if just_below else low, high, unit, noun, _role(tokens, numeral, before, after), modifier,
        numeral.kind == "ordinal", tokens[first].start, tokens[ends - 1].end, _slack(numeral, unit) * factor,
        _partial(tokens, before, ends), _near(tokens, numerals, index, noun),
    )  # fmt: skip


def _slack(numeral: Numeral, unit: str) -> float:
    """Measures are rounded more freely than counts: per cent to the last digit, others within one in twenty."""
    if numeral.kind == "fraction" or numeral.slack or not unit:
        return numeral.slack
    return 0.5 if unit == "%" else min(0.5, 0.05 * numeral.low)


def _unit(tokens: Sequence[Token], numeral: Numeral) -> tuple[str, float, int]:
    """Unit, factor to its base, and the token after it."""
    at = numeral.last
    if numeral.kind in {"fraction", "ordinal"}:
        return ("%" if numeral.kind == "fraction" else ""), 1, at
    currency = CURRENCIES.get(word_at(tokens, numeral.first - 1))
    if currency:
        return currency, 1, at
    at += word_at(tokens, at) == "-" and not DIGITS.match(word_at(tokens, at + 1))
    word, following = word_at(tokens, at), word_at(tokens, at + 1)
    if (word in {"percentage", "basis"} and following.startswith("point")) or (word, following) == ("per", "cent"):
        return ("%" if word == "per" else "pp"), (0.01 if word == "basis" else 1), at + 2
    power = {"square": 2, "sq": 2, "cubic": 3}.get(word, 1)
    at += power > 1
    if word_at(tokens, at) == "m" and (power > 1 or word_at(tokens, at + 1) in {"high", "tall", "long", "deep", "wide", "above", "away"}):
        return "m" + " ²³"[power - 1].strip(), 1, at + 1
    if word_at(tokens, at) not in UNITS:
        return "", 1, numeral.last
    unit, factor = UNITS[word_at(tokens, at)]
    rate, at = _rate(tokens, at + 1)
    if unit == "m" and rate == "/hour":
        return "m/s", factor / HOUR, at
    return unit + " ²³"[power - 1].strip() + rate, factor**power, at


def _rate(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    word, following = word_at(tokens, at), word_at(tokens, at + 1)
    if word in {"per", "/", "a", "an"} and (following in PERIODS or following == "h"):
        return "/" + ("hour" if following == "h" else following), at + 2
    return ("/" + stem(following), at + 2) if word == "per" and following else ("", at)


def _noun(tokens: Sequence[Token], at: int, limit: int, numeral: Numeral, unit: str) -> tuple[str, int]:
    """The stem of what is counted and the token after it; ("", the token after the number or unit) where that is not plain."""
    if numeral.low == numeral.high == 0 and word_at(tokens, at - 1) in {"nobody", "one"}:
        return "people", at
    hyphened = word_at(tokens, at) == "-"
    place = at + (hyphened or word_at(tokens, at) == "of")
    if unit == "s" and (word_at(tokens, place), word_at(tokens, place + 1)) in {("years", "old"), ("year", "old"), ("-", "year")}:
        return "old", place + 2
    if word_at(tokens, place) == "old" or (word_at(tokens, place), word_at(tokens, place + 1)) == ("-", "old"):
        return "old", place + 1 + (word_at(tokens, place) == "-")
    single = hyphened or bool(unit) or numeral.kind in {"ordinal"} or numeral.low == numeral.high == 1
    for here in range(place, min(place + 4, limit)):
        word = tokens[here].lower
        if word == "the" and here == place:
            continue
        if word in NO_NOUN or not word[0].isalpha() or stem(word) in ROLES:
            break
        if word in PLURALS or is_plural(word) or single or stem(word) == "vote":
            name = "people" if word in PEOPLE else stem(word)
            return name, here + 1
    return "", at


def _modifier(tokens: Sequence[Token], numeral: Numeral) -> tuple[Modifier, bool, int]:
    """How exactly it is meant, whether just below, and the token at which the words to show begin."""
    first = numeral.first - (word_at(tokens, numeral.first - 1) in CURRENCIES)
    before = " " + " ".join(token.lower for token in tokens[max(0, first - 3) : first])
    articles = int(before.endswith((" a", " an")))
    before = before.removesuffix(" a").removesuffix(" an")
    after = [word_at(tokens, numeral.last + step) for step in range(2)]
    if numeral.plus or after == ["or", "more"]:
        return "at_least", False, first
    phrase, found = next(((phrase, modifier) for phrase, modifier in MODIFIERS if before.endswith(" " + phrase)), ("", None))
    if found is None:
        return ("about" if numeral.kind == "vague" or after == ["or", "so"] else "exact"), False, first
    return found, phrase in JUST_BELOW and numeral.kind != "vague", first - len(phrase.split()) - articles


def _partial(tokens: Sequence[Token], before: Sequence[Token], ends: int) -> bool:
    close = {token.lower for token in before[-3:]}
    following = [word_at(tokens, ends + step) for step in range(3)]
    whole = following[:2] in (["of", "them"], ["of", "whom"], ["of", "those"]) or following[0] in PARTIAL_AFTER
    return whole or bool(close & PARTIAL_BEFORE) or tokens[ends - 1].lower == "others"


def _role(tokens: Sequence[Token], numeral: Numeral, before: Sequence[Token], limit: int) -> str:
    """The role word in the number's own clause: after it, or else before it."""
    following = list(_clause(tokens[numeral.last : limit]))
    for at, token in enumerate(following):
        rest = following[at + 1 :] or tokens[numeral.last + at + 1 : numeral.last + at + 3]
        role = ROLES.get(stem(token.lower))
        if token.lower == "for" and at and stem(following[at - 1].lower) == "vote":
            return "for"
        if role and not (stem(token.lower) in ACTIVE and rest and _takes_object(rest)):
            return _joined_role(tokens, numeral.last + at + 1, role)
    preceding = list(_clause(reversed(before)))
    if preceding and preceding[0].lower in NOT_OF:
        return ""
    return next((role for token in preceding[:6] if (role := ROLES.get(stem(token.lower), "")) and role not in BALLOT_ROLES), "")


def _clause(tokens: Sequence[Token] | Iterator[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.word in _BREAKS or token.lower in _JOINTS:
            return
        yield token


def _takes_object(rest: Sequence[Token]) -> bool:
    """Whether the verb before is active ("killed the", "killed 40", "killed at least"): then the counted ones did it."""
    words = [token.lower for token in rest[:2]]
    return words[0] in OBJECT or bool(DIGITS.match(words[0])) or words == ["at", "least"] or words == ["more", "than"]


def _joined_role(tokens: Sequence[Token], at: int, role: str) -> str:
    """The role, or casualties for "killed or injured"."""
    other = ROLES.get(stem(word_at(tokens, at + 1)), "") if word_at(tokens, at) in {"or", "and"} else ""
    return "casualty" if other and other != role and {role, other} <= {"dead", "injured", "missing"} else role


def _near(tokens: Sequence[Token], numerals: Sequence[Numeral], index: int, noun: str) -> frozenset[str]:
    """Stems of the words around, within the sentence, without numbers and units."""
    numbers = {at for numeral in numerals for at in range(numeral.first, numeral.last)}
    numeral = numerals[index]
    sides = range(numeral.first - 1, max(-1, numeral.first - 10), -1), range(numeral.last, min(len(tokens), numeral.last + 8))
    stems: set[str] = set()
    for side in sides:
        for at in side:
            word = tokens[at].lower
            if word in {".", ";", "!", "?"}:
                break
            if at not in numbers and word[0].isalpha() and word not in NOT_NEAR:
                stems.add(stem(word))
    return frozenset(stems - {noun} - ROLES.keys())
