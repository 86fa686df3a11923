"""Stance pairs for training and evaluation: reading, choosing, shortening.

A file holds one JSON object a line, {"evidence", "claim", "label", "source"}, xz-compressed or plain; label is agree, contradict or
neutral. Nothing here is part of the product: it runs when somebody makes or measures a model (extra "train").
"""

from __future__ import annotations

import json
import lzma
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.calibration import LABELS
from retrieval.nearest import nearest_sentences

# A pair's evidence is cut to the sentences nearest the claim: windows of a check are never longer (retrieval/windows.py).
MAX_EVIDENCE_WORDS = 70


@dataclass(frozen=True, slots=True)
class Pair:
    evidence: str
    claim: str
    label: str
    source: str


def read_pairs(path: Path) -> list[Pair]:
    """All pairs of a file, in its order. Raises ValueError that names the line when a pair is not of the form."""
    opener = lzma.open if path.suffix == ".xz" else open
    pairs = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                pair = Pair(str(row["evidence"]), str(row["claim"]), str(row["label"]), str(row["source"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: not a stance pair ({error!r})") from error
            if pair.label not in LABELS:
                raise ValueError(f"{path}, line {number}: label {pair.label!r} is none of {', '.join(LABELS)}")
            pairs.append(pair)
    return pairs


def choose(pairs: Iterable[Pair], limits: Mapping[str, int], default_limit: int, seed: int) -> list[Pair]:
    """At most limits[source] pairs of a source (else `default_limit`), spread evenly over its labels; shuffled, same for the same seed.

    A label with fewer pairs than its share leaves the rest to the others, so that rare contradictions are kept whole.
    """
    by_source: dict[str, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        by_source[pair.source][pair.label].append(pair)
    rng = random.Random(seed)
    chosen: list[Pair] = []
    for source in sorted(by_source):
        room = limits.get(source, default_limit)
        groups = sorted(by_source[source].values(), key=len)
        for index, group in enumerate(groups):
            take = min(len(group), room // (len(groups) - index))
            chosen.extend(rng.sample(group, take))
            room -= take
    rng.shuffle(chosen)
    return chosen


def shorten(pairs: Iterable[Pair], max_words: int = MAX_EVIDENCE_WORDS) -> list[Pair]:
    """The pairs with their evidence cut to the sentences nearest the claim."""
    return [replace(pair, evidence=nearest_sentences(pair.claim, pair.evidence, max_words)) for pair in pairs]


def relabelled(pair: Pair, claim: str, label: str, kind: str) -> Pair | None:
    """A made pair with another claim, its source "made-KIND"; None where the claim did not change."""
    return Pair(pair.evidence, claim, label, f"made-{kind}") if claim != pair.claim else None
