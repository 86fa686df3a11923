"""Plain text: normalisation, sentences with exact offsets, words.

Offsets are Python string indices (code points) into the text that was passed in, `end` exclusive, everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import sentencex
from Stemmer import Stemmer
from text_to_num import alpha2digit

Span = tuple[int, int]
_STEMMER = Stemmer("english", 0)  # `stem` keeps what was asked; a cache within it took longer than stemming

# Zero-width, bidi control and other format characters, and the tag block ("invisible ink"): they carry no words, but
# split or reverse what a reader sees. Variation selectors are marks (Mn), so they are named here.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
                        "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]")  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
WORD = re.compile(r"\d+(?:[.,:]\d+)*%?|[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
# sentencex takes "no." and "May." for abbreviations; in news they far oftener end a sentence ("voted no. The ...", "in May. The ...").
_ENDS = re.compile(
    r"\b(?:[Nn]o|May|(?:in|by|since|until|of|last|late|early) (?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))"
    r"\.[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z])"
)

STOP_WORDS = frozenset(
    "a an and are as at be been but by did do does for from had has have he her his i if in into is it its may me my of on or our "
    "she so than that the their them then there these they this those to us was we were what when which who whom will with would "
    "you your".split()
)


def normalise(text: str) -> str:
    """NFC, only line feeds as line ends, no control or invisible characters. Applied when text enters the store or a claim is read."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", _INVISIBLE.sub("", text)))


def sentences(text: str, language: str = "en") -> list[Span]:
    """Spans of the sentences of `text`, in order, trimmed of outer white space, never empty, never across a line break.

    Between them lies only white space, so joining the slices gives back every word of the text. Signs that follow a sentence at once
    (the dot of "….") belong to it.
    """
    spans: list[Span] = []
    for start, end in _lines(text):
        line, at = text[start:end], start
        found: list[Span] = []
        for piece in _segment(line, language):
            for a, b in _split_after_ends(piece):
                span = _trimmed(text, at + a, at + b)
                if found and found[-1][1] == span[0] and not any(map(str.isalnum, text[slice(*span)])):
                    found[-1] = (found[-1][0], span[1])
                elif span[0] < span[1]:
                    found.append(span)
            at += len(piece)
        spans.extend(found)
    return spans


def words(text: str) -> list[str]:
    """Lower-cased words and numbers, in order; "93-8" is two, "1,500" and "12%" are one each."""
    return [match.group().lower() for match in WORD.finditer(text)]


def content_words(text: str) -> list[str]:
    """`words` without stop words."""
    return [word for word in words(text) if word not in STOP_WORDS]


def terms(text: str) -> list[str]:
    """`content_words` made comparable: stemmed (Snowball English), spelled numbers as digits ("eight" is "8")."""
    return [stem(word) for word in content_words(alpha2digit(text, "en", 0.0))]


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The Snowball English stem of a lower-cased word."""
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=4096)
def _segment(line: str, language: str) -> tuple[str, ...]:
    pieces = tuple(sentencex.segment(language, line))
    # A splitter that drops or changes a character would shift every later offset: then the line stays whole.
    return pieces if "".join(pieces) == line else (line,)


def _split_after_ends(piece: str) -> Iterator[Span]:
    at = 0
    for match in _ENDS.finditer(piece):
        yield at, match.end()
        at = match.end()
    yield at, len(piece)


def _lines(text: str) -> Iterator[Span]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
