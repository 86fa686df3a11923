"""Names that look like other names: skeletons and mixed scripts, after Unicode Technical Standard 39.

The data is that of the package confusable-homoglyphs (Unicode 15.1), loaded at the first use: 900 kB of JSON.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from retrieval.text import normalise

_WORD = re.compile(r"[^\W\d_]+")
_MARK = "\u200e"
_NO_SCRIPT = frozenset({"COMMON", "INHERITED"})
# Scripts that words of one language mix (UTS 39, table 1, "highly restrictive"); letters of others in one word are there to deceive.
_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)


def mixes_scripts(text: str) -> bool:
    """Whether a word of the text has letters of scripts that no language mixes, as "BBС" with a Cyrillic С has."""
    if text.isascii():
        return False
    from confusable_homoglyphs.categories import unique_aliases

    for word in _WORD.findall(normalise(text)):
        scripts = frozenset(unique_aliases(word)) - _NO_SCRIPT
        if len(scripts) > 1 and not any(scripts <= some for some in _TOGETHER):
            return True
    return False


def skeleton(text: str) -> str:
    """What the text looks like: two texts with one skeleton can be taken for each other. Not for showing."""
    looks, before = unicodedata.normalize("NFD", normalise(text)), ""
    while looks != before:  # a prototype may be made of letters that have one of their own
        before = looks
        looks = unicodedata.normalize("NFD", "".join(_prototypes().get(letter, letter) for letter in looks))
    return looks


@lru_cache(maxsize=65536)
def likeness(name: str) -> str:
    """The key of a name: names with one key look alike, whatever their case and white space."""
    # Twice: a capital looks like other letters than its small form does, and only small forms are compared.
    return skeleton("".join(skeleton(name).casefold().split())).casefold()


def poses_as(name: str, other: str) -> bool:
    """Whether `name` looks like `other` and is another name: written in other letters, not only in another case."""
    return likeness(name) == likeness(other) and _written(name) != _written(other)


def _written(name: str) -> str:
    return "".join(normalise(name).casefold().split())


@cache
def _prototypes() -> dict[str, str]:
    """Letter -> what stands for all that look like it. The table has each pair both ways round: a prototype has more letters, or more
    that look like it. Marks that the table puts around right-to-left letters are no part of it.
    """
    from confusable_homoglyphs.confusables import confusables_data

    likes: dict[str, list[str]] = {}
    for letter, entries in confusables_data.items():
        likes.setdefault(letter.replace(_MARK, ""), []).extend(entry["c"].replace(_MARK, "") for entry in entries)
    found: dict[str, str] = {}
    for letter, every in likes.items():
        best = max(every, key=lambda like: _weight(like, likes))
        if len(letter) == 1 and _weight(best, likes) > _weight(letter, likes):
            found[letter] = best
    return found


def _weight(text: str, likes: dict[str, list[str]]) -> tuple[bool, int, bool, str]:
    return len(text) > 1, len(likes.get(text, ())), text.isascii(), text
