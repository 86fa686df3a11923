"""Pairs made from judged pairs by a change whose effect on the label is known: what small models overlook and the sets lack.

Each maker takes a pair on which the evidence agrees with the claim, and gives a new pair or None where it does not apply. Only changes
that leave no doubt are made: a number is changed only where the evidence has the very number, a direction only where it has the very
word. The idea is that of contrast sets (Gardner et al., EMNLP 2020) and of VitaminC (Schuster et al., NAACL 2021).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from retrieval.training.data import Pair
from retrieval.training.made_numbers import bounded_number, changed_date, changed_number, respelled_number
from retrieval.training.made_statements import attributed, changed_direction, exchanged, negated, planned, who_said

Maker = Callable[[Pair, random.Random], Pair | None]
MAKERS: tuple[Maker, ...] = (
    changed_number, bounded_number, respelled_number, changed_date, changed_direction, negated, exchanged, attributed, who_said, planned,
)  # fmt: skip
# Words of evidence up to which a pair is changed: in a longer text the changed word may be one of several.
MAX_EVIDENCE_WORDS = 90


def augment(pairs: Sequence[Pair], count: int, seed: int, makers: Sequence[Maker] = MAKERS) -> list[Pair]:
    """`count` made pairs at most, the makers in turn so that rare changes are not drowned; the same for the same seed."""
    rng = random.Random(seed)
    agreeing = [pair for pair in pairs if pair.label == "agree" and len(pair.evidence.split()) <= MAX_EVIDENCE_WORDS]
    made: list[Pair] = []
    for maker in makers:
        own: list[Pair] = []
        for pair in rng.sample(agreeing, len(agreeing)):
            if len(own) == count // len(makers):
                break
            new = maker(pair, rng)
            if new is not None:
                own.append(new)
        made.extend(own)
    rng.shuffle(made)
    return made


def restyle(pair: Pair, rng: random.Random) -> Pair:
    """The claim as people type it (lower case, no final dot, no commas) or as a headline (no articles); the label stays."""
    if rng.random() < 0.5:
        return replace(pair, claim=re.sub(r"[.,;:!\"“”]+(?=\s|$)", "", pair.claim).lower())
    bare = re.sub(r"\b(?:[Tt]he|[Aa]n?|was|were|has been|have been) ", "", pair.claim).rstrip(".")
    return replace(pair, claim=bare[:1].upper() + bare[1:])


def surround(pair: Pair, others: Sequence[Pair], rng: random.Random) -> Pair:
    """The evidence with a sentence of another article of its set before or after it, as windows of a check have; the label stays."""
    other = rng.choice(others).evidence.split(". ")[0].strip().rstrip(".") + "."
    if len(other.split()) + len(pair.evidence.split()) > MAX_EVIDENCE_WORDS:
        return pair
    return replace(pair, evidence=f"{other} {pair.evidence}" if rng.random() < 0.6 else f"{pair.evidence} {other}")
