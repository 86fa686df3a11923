"""Whose words a window reports, beside the speaker that a claim names. No model is run.

"The Kremlin said that P" is borne out, or contradicted, by the Kremlin's words alone: that Trump said P tells nothing of it, and that the
Kremlin declined to say so does not agree (the house rule on attribution, DECISIONS 12). This only ever silences; where a text does not name
who speaks, or the two may be one, the window stays as it was weighed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from retrieval.anchors import names
from retrieval.nearest import overlap_scores
from retrieval.reading.speech import refuser_in, speeches_in
from retrieval.reading.tags import tagged
from retrieval.text import sentences, words
from retrieval.types import Claim, Window

ABOUT = 0.8  # a sentence is what the words said are compared with if it has this share of what the nearest sentence has of them
APART = 8  # words between two names of one person at most: "Dmitry Peskov, the long-serving spokesman of the Kremlin"
_COMMON = ("NN2", "PN", "AT", "AJ", "AV", "DP", "DT", "CRD")  # what opens "Officials", "Nobody", "The ministry": no name
_BETWEEN = ("NN", "NP", "AJ", "AT", "DP", "POS", "PRF", "PUN", "CRD", "ORD", "UNC")
# What two different speakers may both be called.
_PLAIN = frozenset(
    "the a an of for and mr mrs ms dr president minister prime spokesman spokeswoman spokesperson foreign his her its".split()
)
# A government by its seat, its country and its people, as news names it.
_GOVERNMENTS = tuple(frozenset(each.split()) for each in (
    "kremlin moscow russia russian", "washington white pentagon america american states", "kyiv kiev ukraine ukrainian",
    "beijing china chinese", "london downing britain british uk", "paris elysee élysée france french", "berlin germany german",
    "brussels eu european", "tehran iran iranian", "pyongyang north", "seoul south", "tokyo japan japanese",
    "ankara turkey türkiye turkish", "jerusalem israel israeli", "delhi india indian", "warsaw poland polish", "rome italy italian",
    "madrid spain spanish", "budapest hungary hungarian", "ottawa canada canadian", "canberra australia australian", "vatican holy",
))  # fmt: skip


class Voice(StrEnum):
    """Who speaks in a window of what a claim says somebody said."""

    OWN = "own"  # the claim's speaker
    REFUSED = "refused"  # the claim's speaker, who would not say it
    ELSE = "else"  # somebody else, by name
    OPEN = "open"  # nobody by name, or nobody at all


_LOUDEST = (Voice.OWN, Voice.OPEN, Voice.REFUSED, Voice.ELSE)  # which of several decides


def voice(claim: Claim, window: Window) -> Voice:
    """Whose words the window's sentences nearest to the words said are; OPEN for a claim that reports no speech."""
    article = window.passage.article
    if not claim.speaker or _named(claim.speaker) & _named(article.source):  # a newspaper speaks in its own articles
        return Voice.OPEN
    around = (claim.text, claim.context, article.title, window.passage.text)
    pieces = [window.text[start:end] for start, end in sentences(window.text)]
    scores = overlap_scores(claim.said, pieces)
    heard = {_voice_of(piece, claim.speaker, around) for piece, score in zip(pieces, scores, strict=True) if score >= ABOUT * max(scores)}
    return min(heard, key=_LOUDEST.index, default=Voice.OPEN)


@lru_cache(maxsize=4096)
def _voice_of(sentence: str, speaker: str, around: tuple[str, ...]) -> Voice:
    speakers = [sentence[slice(*speech.speaker)] for speech in speeches_in(sentence)]
    same = [_same(speaker, other, around) for other in speakers]
    if True in same:
        return Voice.OWN
    refused = refuser_in(sentence)
    if refused is not None and _same(speaker, sentence[slice(*refused)], around):
        return Voice.REFUSED
    return Voice.ELSE if same and None not in same else Voice.OPEN


def _same(one: str, other: str, around: Iterable[str]) -> bool | None:
    """Whether two names are of one speaker; None where that cannot be told, since one of them names nobody."""
    if set(words(one)) & set(words(other)) - _PLAIN:
        return True
    called, calling = _named(one), _named(other)
    if not called or not calling:
        return None
    return bool(called & calling) or any(_beside(called, calling, sentence) for text in around for sentence in _each(text))


@lru_cache(maxsize=4096)
def _named(name: str) -> frozenset[str]:
    """The proper names in how somebody is called, with what else their government is called by."""
    common = not name or tagged(name)[0].tag.startswith(_COMMON)
    found = names(name if common else f"So {name}")  # after "So", a name that opens it counts as one
    return found.union(*(each for each in _GOVERNMENTS if each & found))


def _beside(called: frozenset[str], calling: frozenset[str], sentence: str) -> bool:
    """Whether a sentence calls one person by a name of either: "Dmitry Peskov, the Kremlin spokesman"."""
    plain = re.sub(r"['’]s\b", "", sentence).lower()
    if not any(name in plain for name in called) or not any(name in plain for name in calling):
        return False
    tokens = tagged(sentence)
    ones, others = ([at for at, token in enumerate(tokens) if token.word in some] for some in (called, calling))
    return any(
        all(token.tag.startswith(_BETWEEN) for token in tokens[min(one, other) + 1 : max(one, other)])
        for one in ones for other in others if abs(one - other) <= APART
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _each(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in sentences(text))
