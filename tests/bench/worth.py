"""Fits the weights of retrieval/reading/worth.py on the posts with gold claims of half a, and prints them and how well they do.

    python -m tests.bench.worth

F1 over clauses whose span is a gold claim's (overlap 0.8), each post left out in turn. Half b plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retrieval.claims import settings_of, spans_of
from retrieval.reading.worth import signs
from tests.bench.goldposts import HALVES, read_posts
from tests.bench.posts import OVERLAP, overlap
from tests.bench.report import show

HALF = "a"
ALIKE = 0.6  # overlap with a gold claim from which a clause is an example of one, though its span is not exact
STRENGTH = 0.5  # of regularisation, inverse
BARS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Examples:
    names: list[str]
    rows: Matrix
    overlaps: Matrix
    posts: NDArray[np.str_]
    gold: int


def main() -> None:
    found = _examples()
    chance = np.zeros(len(found.rows))
    for post in np.unique(found.posts):
        others = found.posts != post
        chance[~others] = _fit(found.rows[others], found.overlaps[others]).predict_proba(found.rows[~others])[:, 1]
    show("Clauses of posts that were left out", ("bar", "F1", "precision", "recall"), [[_scores(found, chance, bar) for bar in BARS]])
    model = _fit(found.rows, found.overlaps)
    for name, weight in zip(found.names, model.coef_[0], strict=True):
        print(f'    "{name}": {weight:.2f},')  # noqa: T201
    print(f"START = {model.intercept_[0]:.2f}")  # noqa: T201


def _fit(rows: Matrix, overlaps: Matrix) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=3000).fit(rows, overlaps >= ALIKE)


def _scores(found: _Examples, chance: Matrix, bar: float) -> list[str]:
    taken = chance >= bar
    right = int((taken & (found.overlaps >= OVERLAP)).sum())
    return [f"{bar:.2f}", f"{2 * right / (taken.sum() + found.gold):.3f}", f"{right / taken.sum():.3f}", f"{right / found.gold:.3f}"]


def _examples() -> _Examples:
    rows, overlaps, posts, gold = [], [], [], 0
    names: list[str] = []
    for post in (post for name in HALVES[HALF] for post in read_posts(name)):
        shown, spans = spans_of(post.text)
        gold += sum(not claim.maybe for claim in post.claims)
        for span, setting in zip(spans, settings_of(shown, spans), strict=True):
            share, claim = max(((overlap(span, (one.start, one.end)), one) for one in post.claims), key=lambda pair: pair[0])
            if claim.maybe and share > 0:
                continue
            found = signs(setting.clause, setting.ending, loose=setting.loose, alone=setting.alone)
            names = list(found)
            rows.append(list(found.values()))
            overlaps.append(share)
            posts.append(post.id)
    return _Examples(names, np.array(rows), np.array(overlaps), np.array(posts), gold)


if __name__ == "__main__":
    main()
