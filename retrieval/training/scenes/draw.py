"""What scenes are drawn from: invented names, dates, numbers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.training.phrases import MONTHS, NUMBER_WORDS, WEEKDAYS

_HEADS = "Bel Cor Dra El Fen Gar Hal Is Jo Kar Lim Mor Nor Os Pal Quin Ros Sel Tor Ul Var Wes Yan Zel Bran Cal Dun Esk Lor Mar".split()
_MIDDLES = ["", "", "a", "e", "i", "o", "an", "en", "ar", "or", "ti", "ve", "lo", "ri"]
_PLACES = "dale ford burg stad via ra nia mouth field gard ton port wick ova ino es".split()
_FAMILIES = "sen ski er man ova ez ardi ic ell son ani eau ov ley".split()
_FIRMS = ("tek", "co", "ix", "va", "on", "dex", "lin")
_FIRST = (
    "Anna Boris Carla Dmitri Elena Farid Greta Hugo Ines Jonas Kofi Lena Marco Nadia Omar Petra Rosa Samir Tessa Viktor Wanda Yusuf".split()
)
OFFICES = ("mayor", "foreign minister", "finance minister", "police chief", "head of the central bank", "health minister", "governor")
_SOURCES = ("officials said", "the authorities said", "the ministry said", "local media reported", "a spokesperson said", "police said")


@dataclass(frozen=True, slots=True)
class Scene:
    """The wordings of one report, and of claims about it by label."""

    reports: Sequence[str]
    agree: Sequence[str]
    contradict: Sequence[str]
    neutral: Sequence[str]


class Draw:
    """Facts at random; no name comes twice."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def one(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def two(self, *choices: str) -> tuple[str, str]:
        first, second = self.rng.sample(choices, 2)
        return first, second

    def number(self, low: int, high: int, *not_these: int) -> int:
        return self.rng.choice([value for value in range(low, high + 1) if value not in not_these])

    def place(self) -> str:
        return self._new(_HEADS, _MIDDLES, _PLACES)

    def person(self) -> str:
        return f"{self.rng.choice(_FIRST)} {self._new(_HEADS, _MIDDLES, _FAMILIES)}"

    def firm(self) -> str:
        return self._new(_HEADS, _MIDDLES, _FIRMS) + self.rng.choice(("", "", " Group", " Energy", " Foods", " Air"))

    def date(self) -> tuple[int, int]:
        return self.rng.randrange(len(MONTHS)), self.number(1, 28)

    def says(self) -> str:
        return self.one(*_SOURCES)

    def month(self, *not_these: str) -> str:
        return self.one(*(month for month in MONTHS if month not in not_these))

    def weekday(self, *not_these: str) -> str:
        return self.one(*(day for day in WEEKDAYS if day not in not_these))

    def _new(self, *syllables: Sequence[str]) -> str:
        while (name := "".join(map(self.rng.choice, syllables))) in self.used:
            pass
        self.used.add(name)
        return name


def spelled(number: int) -> str:
    """In words up to twenty, "eight" for 8, in digits beyond."""
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else f"{number:,}"
