"""A retrieval set out of stance pairs: claims, and which of many passages speak to each."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.training.data import Pair

# Fact-checking sets whose evidence somebody found for the claim: real claims against real text. emergent-headlines is the only news among
# them, and its passages are headlines. fnc1-train is left out: its long articles were cut to fit each claim, which gives the answer away.
SETS = (
    "vitaminc-real", "fever-dev", "fool-me-twice", "healthver", "covidfact", "scifact-train", "politihop", "liar-plus",
    "emergent-headlines",
)  # fmt: skip
MINED = "mined-"


@dataclass(frozen=True, slots=True)
class Query:
    claim: str
    source: str  # the first of SETS that has the claim
    relevant: frozenset[int]  # places in ClaimSet.passages, never empty


@dataclass(frozen=True, slots=True)
class ClaimSet:
    passages: Sequence[str]  # distinct
    queries: Sequence[Query]


def build(pairs: Iterable[Pair], passages: int, queries: int, seed: int) -> ClaimSet:
    """About `queries` claims, as many of each set as there are or as are its share, and `passages` passages: all those that agree with or
    contradict a chosen claim, the rest drawn from the other evidence of SETS and of the mined pairs. The same for the same pairs and seed.

    A passage that nobody judged against a claim counts as not relevant, though some are: figures compare methods, they are no absolutes.
    """
    evidence: dict[str, None] = {}  # keeps the order
    relevant: dict[str, dict[str, None]] = defaultdict(dict)
    source_of: dict[str, str] = {}
    for pair in pairs:
        if pair.source not in SETS and not pair.source.startswith(MINED):
            continue
        evidence[pair.evidence] = None
        if pair.source in SETS and pair.label != "neutral":
            relevant[pair.claim][pair.evidence] = None
            source_of.setdefault(pair.claim, pair.source)
    rng = random.Random(seed)
    claims = _chosen(source_of, queries, rng)
    needed = dict.fromkeys(text for claim in claims for text in relevant[claim])
    others = [text for text in evidence if text not in needed]
    texts = [*needed, *rng.sample(others, min(len(others), max(0, passages - len(needed))))]
    rng.shuffle(texts)  # ties go by id: the relevant ones must not come first
    place = {text: number for number, text in enumerate(texts)}
    return ClaimSet(texts, [Query(claim, source_of[claim], frozenset(place[text] for text in relevant[claim])) for claim in claims])


def _chosen(source_of: dict[str, str], count: int, rng: random.Random) -> list[str]:
    """Evenly over the sets; what a small set cannot give goes to the others."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for claim, source in source_of.items():
        by_source[source].append(claim)
    chosen: list[str] = []
    groups = sorted(by_source.values(), key=len)
    for number, group in enumerate(groups):
        share = (count - len(chosen)) // (len(groups) - number)
        chosen.extend(rng.sample(group, min(len(group), share)))
    return chosen
