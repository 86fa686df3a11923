"""Fits the weights of retrieval/bearing.py on the posts with gold claims of half a: the side of a window, all signs together.

    python -m tests.bench.bearing [--out retrieval/weights/stance-large/bearing.json]

Which window of the deciding articles decides is not in the gold, so the fit goes by turns: it takes the one that looks best so far, then
fits again (multiple-instance learning, Andrews et al., 2002). Every post is left out in turn to choose the bars; half b plays no part.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retrieval.bearing import FILE, Bearing, Scales, Seen, signs, stronger_side, with_count
from retrieval.claims import parse_claim
from retrieval.types import Claim, Window
from tests.bench.goldposts import HALVES, GoldClaim, read_posts
from tests.bench.posts import matched, newsroom, read
from tests.bench.report import show

HALF = "a"
STRENGTH = 0.1  # of regularisation, inverse; .05 and .3 were no better
TURNS, RIVALS = 5, 6  # windows of other articles that a claim brings in as examples against a side
BARS = tuple(round(-1.6 + 0.2 * step, 1) for step in range(12))
BESIDE = (0.5, 1.0, 1.5)  # without any, two sides would never be shown: that alone is right more often by half a point
SILENCE = 0.9  # share of the claims without evidence on which it must be silent
Side = Literal["agree", "contradict"]
Rows = NDArray[np.float64]
WEIGHTS = Path(__file__).parents[2] / "retrieval" / "weights" / "stance-large"


@dataclass(frozen=True, slots=True)
class Case:
    """A gold claim with the windows that were judged for it."""

    post: str
    gold: GoldClaim
    claim: Claim
    seen: Sequence[Seen]
    names: list[str]
    rows: Rows  # (windows, signs)
    deciding: NDArray[np.bool_]  # whether a window is of an article that decides

    @property
    def sides(self) -> set[str]:
        sides = {self.gold.side, self.gold.later} - {None, "none"}
        return {"agree", "contradict"} if "mixed" in sides else {str(side) for side in sides}


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the weights of windows' sides.")
    parser.add_argument("--out", type=Path, default=WEIGHTS / FILE)
    parser.add_argument("--bars", nargs=2, type=float, metavar=("AGREE", "CONTRADICT"), help="instead of the best; released: 0.0 -0.4")
    options = parser.parse_args()
    found = cases()
    odds: dict[int, tuple[Rows, Rows]] = {}
    for post in sorted({case.post for case in found}):
        others = [case for case in found if case.post != post]
        scales = fit(others)
        odds |= {at: _odds(scales, case) for at, case in enumerate(found) if case.post == post}
    rows = []
    for agree, contradict, beside in product(BARS, BARS, BESIDE):
        rows.append((agree, contradict, beside, _figures(found, odds, agree, contradict, beside)))
    able = [row for row in rows if row[3][1] >= SILENCE]
    best = max(able, key=lambda row: (row[3][0], row[2]))
    show("Bars, posts left out in turn", ("agree", "contradict", "beside", "side", "silence", "agree right", "contradict right"), [
        [[str(value) for value in row[:3]] + [f"{value:.3f}" for value in row[3]] for row in sorted(able, key=lambda row: -row[3][0])[:12]],
    ])  # fmt: skip
    agree, contradict = options.bars or best[:2]
    scales = fit(found, agree, contradict, best[2])
    options.out.write_text(json.dumps(asdict(scales), indent=1) + "\n", encoding="utf-8")


def cases() -> list[Case]:
    """The gold claims of the half with their windows, as the product understands and searches them."""
    gold: list[tuple[str, GoldClaim, Claim]] = []
    for post in (post for name in HALVES[HALF] for post in read_posts(name)):
        pairs = matched(post.claims, read(post).claims)
        gold += [(post.id, one, pairs.get(one) or parse_claim(one.text)) for one in post.claims if not one.maybe]
    with newsroom() as app:
        looked = app.checker.look([claim for _, _, claim in gold])
    result = []
    for (post_id, one, claim), seen in zip(gold, looked, strict=True):
        found = [signs(claim, each) for each in seen]
        deciding = np.array([each.window.passage.article.url in one.evidence for each in seen], dtype=bool)
        names = list(found[0]) if found else []
        result.append(Case(post_id, one, claim, seen, names, np.array([list(each.values()) for each in found]), deciding))
    return result


def fit(found: Sequence[Case], agree_bar: float = 0.0, contradict_bar: float = 0.0, beside: float = 0.0) -> Scales:
    """The weights of both sides, in the signs' own units."""
    agree, agree_start = _fitted(found, "agree")
    contradict, contradict_start = _fitted(found, "contradict")
    return Scales(agree, contradict, agree_start, contradict_start, agree_bar, contradict_bar, beside)


def _fitted(found: Sequence[Case], side: Side) -> tuple[dict[str, float], float]:
    names = next(case.names for case in found if case.names)
    model, share = names.index(side), names.index("share of words")
    scores = [case.rows[:, model] + 3 * case.rows[:, share] if len(case.rows) else np.zeros(0) for case in found]
    weights, start = np.zeros(len(names)), 0.0
    for _ in range(TURNS):
        rows, labels, worth = _examples(found, scores, side)
        middle, width = rows.mean(axis=0), rows.std(axis=0) + 1e-6
        fitted = LogisticRegression(C=STRENGTH, max_iter=3000).fit((rows - middle) / width, labels, sample_weight=worth)
        weights = fitted.coef_[0] / width
        start = float(fitted.intercept_[0] - (weights * middle).sum())
        scores = [case.rows @ weights + start if len(case.rows) else np.zeros(0) for case in found]
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}, round(start, 4)


def _examples(found: Sequence[Case], scores: Sequence[Rows], side: Side) -> tuple[Rows, list[bool], list[float]]:
    """Of a claim with this side its best deciding window for it, and the best of other articles against; what else agrees is unknown."""
    rows, labels, worth = [], [], []
    for case, score in zip(found, scores, strict=True):
        against = np.arange(len(score))
        if side in case.sides:
            if len(score) and case.deciding.any():
                mine = np.where(case.deciding)[0]
                rows.append(case.rows[mine[np.argmax(score[mine])]])
                labels.append(True)
                worth.append(1.0)
            against = np.where(~case.deciding)[0] if side == "contradict" and len(score) else against[:0]
        for at in against[np.argsort(-score[against])[:RIVALS]]:
            rows.append(case.rows[at])
            labels.append(False)
            worth.append(0.5)
    return np.array(rows), labels, worth


def _odds(scales: Scales, case: Case) -> tuple[Rows, Rows]:
    found = [scales.weigh(dict(zip(case.names, row, strict=True))) for row in case.rows]
    return np.array([each.agree for each in found]), np.array([each.contradict for each in found])


def _figures(
    found: Sequence[Case], odds: dict[int, tuple[Rows, Rows]], agree: float, contradict: float, beside: float
) -> tuple[float, float, float, float]:
    """Shares: sides right, silence kept, agreements right, contradictions right."""
    right, told, silent, mute = 0, 0, 0, 0
    shown, good = {"agree": 0, "contradict": 0}, {"agree": 0, "contradict": 0}
    for at, case in enumerate(found):
        sides = _shown(case, odds[at], agree, contradict, beside)
        if case.sides:
            told += 1
            right += sides == case.sides or (len(case.sides) > 1 and bool(sides))
        else:
            mute += 1
            silent += not sides
        for side in sides:
            shown[side] += 1
            good[side] += side in case.sides
    return (
        right / told, silent / mute, good["agree"] / max(1, shown["agree"]), good["contradict"] / max(1, shown["contradict"]),
    )  # fmt: skip


def _shown(case: Case, odds: tuple[Rows, Rows], agree: float, contradict: float, beside: float) -> set[str]:
    """As retrieval/compare.py decides: each window and article on one side, then the weaker side only far above its bar."""
    windows: dict[Window, Bearing] = {
        seen.window: Bearing(float(a - agree), float(c - contradict)) for seen, a, c in zip(case.seen, *odds, strict=True)
    }
    best: dict[int, Bearing] = {}
    for window, bearing in stronger_side(with_count(case.claim, windows), beside).items():
        known = best.get(window.passage.article.id, Bearing(-9.0, -9.0))
        best[window.passage.article.id] = Bearing(max(known.agree, bearing.agree), max(known.contradict, bearing.contradict))
    return {
        "agree" if each.agree >= each.contradict else "contradict" for each in best.values() if max(each.agree, each.contradict) >= 0
    }  # fmt: skip


if __name__ == "__main__":
    main()
