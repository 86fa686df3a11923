"""Text to the terms that are searched in SQL: cut, folded, without stop words and stemmed, as the local index has them.

The local index has its own analyzer (retrieval/index/lexical.py); that both give the same terms is tested.
"""

from __future__ import annotations

import re
import unicodedata

from retrieval.text import stem

LONGEST = 60  # bytes: what is longer is no word
_WORD = re.compile(r"[^\W_]+")
# Lucene's list, which tantivy has too: words of grammar alone.
_STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will "
    "with".split()
)
# Letters that no normalisation takes apart.
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def lexemes(text: str) -> list[str]:
    """The terms of a text, in order, repeated as they are there; letters and digits only, none empty."""
    found = _WORD.findall(_folded(text.lower()))
    return [stem(word) for word in found if word not in _STOP_WORDS and len(word.encode()) < LONGEST]


def query_lexemes(text: str, most: int) -> list[str]:
    """The first `most` terms of a question, each once."""
    return list(dict.fromkeys(lexemes(text)))[:most]


def _folded(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))
