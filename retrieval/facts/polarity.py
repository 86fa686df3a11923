"""Which way a text says that things went: words that have a common opposite in news ("approved", "rejected"), and denials.

The tables hold words of everyday reporting whose opposite is as plain as they are; what has several opposites or senses is left out
("left" is a wing, "lead" a metal, "against" and "for" belong to counts of votes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from retrieval.text import STOP_WORDS, WORD, stem

# axis: words of one pole, words of the other. Forms that share a Snowball stem are named once.
_OPPOSITES: dict[str, tuple[str, str]] = {
    "level": ("rise rose risen increase grow grew grown climb soar surge jump", "fall fell fallen decrease decline drop sink sank plunge"),
    "contest": ("win won victory winner", "lose lost defeat loser"),  # elections, matches, court cases
    "ballot": ("approve adopt pass ratify endorse", "reject veto"),  # laws, resolutions, deals
    "side": ("support back favour favor", "oppose"),  # who stands where
    "access": ("open reopen", "close shut"),  # borders, schools, airports
    "movement": ("arrive arrival", "depart departure"),  # ships, delegations
    "membership": ("join", "quit withdraw withdrew withdrawn"),  # NATO, the EU, a coalition
    "course": ("start begin began begun launch", "end finish"),  # wars, talks, strikes
    "permission": ("allow permit legalise legalize", "ban prohibit forbid forbade forbidden outlaw"),
    "answer": ("accept agree", "refuse decline"),  # offers, ceasefires; "decline" is also a level, then the axis tells
    "statement": ("confirm", "deny denied denies denial"),  # who said what
    "verdict": ("guilty convict conviction", "innocent acquit acquittal"),  # courts
    "life": ("alive survive", "dead die died killed"),
    "order": ("before", "after"),  # of two events
    "amount": ("more", "fewer less"),  # without a number
    "custody": ("arrest detain jail", "release free"),  # suspects, hostages
    "tax": ("raise", "cut lower"),  # rates, taxes, forecasts
}
_POLES: dict[str, tuple[tuple[str, int], ...]] = {}
for _axis, _pair in _OPPOSITES.items():
    for _pole, _words in enumerate(_pair):
        for _stem in {stem(word) for word in _words.split()}:
            _POLES[_stem] = (*_POLES.get(_stem, ()), (_axis, _pole))

# Phrases in which a word of the tables, or of denial, means something else.
_IDIOMS = re.compile(
    r"\bclose (?:to|ally|allies)\b|\b(?:more|less|fewer) than\b|\bno (?:more|less|fewer) than\b|\bmore or less\b|\bnot only\b|\bno doubt\b"
    r"|\bno matter\b|\bno\.? [0-9]+|\bin the end\b|\bat the end of\b|\bend of the (?:day|week|month|year)\b|\bback to\b"
    r"|\bfall of\b|\bin support of\b|\bopen letter\b|\bthe dead\b|\bmore (?:people|and more)\b|\bone more\b|\bonce more\b|\bafter all\b",
    re.IGNORECASE,
)
_DENIALS = frozenset("not never no nobody none nothing neither nor without cannot".split())
_FAILING = frozenset({("fail", "to"), ("unabl", "to"), ("refus", "to"), ("far", "from"), ("yet", "to")})
_CARRIERS = STOP_WORDS | frozenset(
    "yet ever any one other longer also only even still being fully really could should must can immediately officially "
    "formally publicly".split()
)
_CARRIERS |= frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november "
    "december yesterday today tomorrow".split()
)
_CLAUSE_END = re.compile(r"[.,;:!?]|\bbut\b")
_OF_THINGS = re.compile(r"(?:no(?! longer)|none|nothing|neither|nor|without)\b", re.IGNORECASE)
_PARTS = frozenset(map(stem, "all every always necessarily enough just simply".split()))
_REACH = 3  # content words after a word of denial that it may deny ("no basic access")
_WINDOW = 6  # words on each side that tell what the word is about


@dataclass(frozen=True, slots=True)
class Word:
    """A content word, text[start:end], the `at`-th of its text's `stems`, and whether it is among the words after a denial."""

    stems: tuple[str, ...]
    at: int
    start: int
    end: int
    denied: bool

    @property
    def stem(self) -> str:
        return self.stems[self.at]

    @property
    def near(self) -> frozenset[str]:
        """The other stems around it. Made when it is asked for: few words are asked, and kept of all they would take 60 MB."""
        return frozenset(self.stems[max(0, self.at - _WINDOW) : self.at + 1 + _WINDOW]) - {self.stem}


@dataclass(frozen=True, slots=True)
class Direction:
    """A word with an opposite and the pole of its axis that it names; `next` is the stem of the content word after it, "" at the end."""

    axis: str
    pole: int
    word: Word
    next: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A denied word with what denies it, text[start:end] ("not resigned"); of "failed to agree" the word is "agree".

    `verbal`: the denial is of what was done, not of a thing ("no ships", "without help") or of a part ("not all").
    """

    word: Word
    verbal: bool
    start: int
    end: int


def negated(text: str) -> bool:
    """Whether the text denies something, idioms such as "not only" and "no fewer than" aside."""
    return bool(denials(text))


@lru_cache(maxsize=4096)
def directions(text: str) -> tuple[Direction, ...]:
    """The words of `text` that have an opposite, in order; a word of two axes stands there twice."""
    words = content(text)
    following = [word.stem for word in words[1:]] + [""]
    return tuple(
        Direction(axis, pole, word, after)
        for word, after in zip(words, following, strict=False)
        for axis, pole in _POLES.get(word.stem, ())
    )


@lru_cache(maxsize=4096)
def denials(text: str) -> tuple[Denial, ...]:
    """What the text denies, in order: each word of denial with the content word that it governs."""
    words = content(text)
    governing = ((start, next((word for word in words if word.start >= end), None)) for start, end in _cues(text))
    return tuple(
        Denial(word, not _OF_THINGS.match(text, start) and word.stem not in _PARTS, start, word.end)
        for start, word in governing
        if word is not None and word.denied
    )


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[Word, ...]:
    """The content words of `text` in order, without words of denial, idioms and helping verbs."""
    governed = [_governed(text, end) for _, end in _cues(text)]
    places = [(match.start(), match.end()) for match in WORD.finditer(_plain(text)) if _has_content(match.group().lower())]
    stems = tuple(stem(text[start:end].lower()) for start, end in places)
    return tuple(Word(stems, at, start, end, any(low <= start < high for low, high in governed)) for at, (start, end) in enumerate(places))


def _has_content(word: str) -> bool:
    return word[0].isalpha() and word not in _CARRIERS and not _denies(word)


def _denies(word: str) -> bool:
    return word in _DENIALS or word.endswith(("n't", "n’t"))


@lru_cache(maxsize=4096)
def _cues(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each word of denial; of "failed to" the end of "to"."""
    plain = _plain(text)
    matches = list(WORD.finditer(plain))
    found = []
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        word = match.group().lower()
        if _denies(word):
            found.append((match.start(), match.end()))
        elif following and (stem(word), following.group().lower()) in _FAILING:
            found.append((match.start(), following.end()))
    return tuple(found)


def _governed(text: str, at: int) -> tuple[int, int]:
    """From a word of denial over the content words that it may reach, in its clause; an empty span where there are none."""
    reached, end = 0, at
    for match in WORD.finditer(text, at):
        if reached == _REACH or _CLAUSE_END.search(text, end, match.start()):
            break
        if _has_content(match.group().lower()):
            reached, end = reached + 1, match.end()
    return at, end


def _plain(text: str) -> str:
    return _IDIOMS.sub(lambda match: " " * len(match.group()), text)
