"""Words with their parts of speech: C5 tags (British National Corpus) by the Hanover Tagger (Wartena, 2019), about 1 ms a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol, cast

# As the tagger was taught: the genitive is a token of its own; "U.S." and "isn't" are one each.
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*(?:st|nd|rd|th)?%?|['’]s\b|(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:(?:['’](?!s\b)|[.-](?=\w))\w+)*|[^\w\s]|_+")
MAX_TOKENS = 250  # a longer sentence is a list or no sentence; what follows is left untagged
LONGEST = 24  # letters of a word that the tagger sees, the last ones: its time grows with their square, and what ends a word tells its tag
_LOCK = Lock()  # the tagger keeps what it has seen in plain dictionaries


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or run of signs: text[start:end]. `tag` is "VVD", "NN1", "CJC", ...; "PUN" for signs, "" beyond MAX_TOKENS."""

    start: int
    end: int
    word: str  # lower-cased
    tag: str

    @property
    def finite(self) -> bool:
        """A verb form that can carry a clause; -ed forms that may be participles are `past` instead."""
        return self.tag in _FINITE or self.word in _FINITE_WORDS

    @property
    def past(self) -> bool:
        """An -ed form: past tense or participle, which the tagger often takes for one another."""
        return self.tag == "VVN"

    @property
    def number(self) -> bool:
        return self.tag == "CRD" or self.word[:1].isdigit()


_FINITE = frozenset("VVD VVZ VVB VBB VBD VBZ VHB VHD VHZ VDB VDD VDZ VM0".split())
_FINITE_WORDS = frozenset(
    "isn't wasn't aren't weren't hasn't haven't hadn't doesn't don't didn't won't can't couldn't isn’t wasn’t didn’t".split()
)


class _Tagger(Protocol):
    def tag_sent(self, sent: list[str], taglevel: int, casesensitive: bool) -> list[tuple[str, str, str]]: ...  # noqa: FBT001


@lru_cache(maxsize=1024)
def tagged(sentence: str) -> tuple[Token, ...]:
    """The tokens of one sentence, in order, apart. Never raises."""
    pieces = list(_TOKEN.finditer(sentence))
    words = [piece.group()[-LONGEST:] for piece in pieces[:MAX_TOKENS]]
    tags = [*_tags(words), *[""] * (len(pieces) - len(words))]
    return tuple(Token(*piece.span(), piece.group().lower(), tag) for piece, tag in zip(pieces, tags, strict=True))


def _tags(words: Sequence[str]) -> list[str]:
    if not words:
        return []
    with _LOCK:
        found = _tagger().tag_sent(list(words), taglevel=1, casesensitive=True)
    return ["PUN" if not any(map(str.isalnum, word)) else tag for word, (_, _, tag) in zip(words, found, strict=True)]


@cache
def _tagger() -> _Tagger:
    from HanTa.HanoverTagger import HanoverTagger

    return cast("_Tagger", HanoverTagger("morphmodel_en.pgz"))
