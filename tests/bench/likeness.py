"""Do two claims ask about the same? How far the cosine of their vectors tells, and how far the stance model, asked both ways round.

The pairs (data/likeness.jsonl) are ours: rewordings, and near misses with another number, another actor, the opposite, another event. Those
about the sample's stories chose the bars of bot/discord/answering.py; those of other stories were written afterwards and chose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.discord.answering import LIKE, NEAR
from tests.bench.sample import scratch_app

PAIRS = Path(__file__).parent / "data" / "likeness.jsonl"
COSINES = [round(0.70 + 0.01 * step, 2) for step in range(26)]
BOTH_WAYS = [round(0.05 * step, 2) for step in range(1, 17)]
PRECISE = 0.95  # an earlier check that is wrongly offered costs more than one that is not offered

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    one: str
    other: str
    same: bool
    kept_apart: bool


def likeness() -> dict[str, float]:
    """Precision and recall of "these ask the same" by cosine and by the stance models' agreement both ways, over their bars."""
    pairs = read_pairs(PAIRS)
    with scratch_app() as app:
        vectors = app.embedder.embed([text for pair in pairs for text in (pair.one, pair.other)])
        cosines = np.einsum("ij,ij->i", vectors[::2], vectors[1::2])
        ways = [way for pair in pairs for way in ((pair.one, pair.other), (pair.other, pair.one))]
        agreement = {}
        for name, model in (("large", app.stance), ("small", app.small_stance)):
            agree = np.array([stance.agree for stance in model.judge(ways)], dtype=np.float32)
            agreement[name] = np.where(cosines >= NEAR, np.minimum(agree[::2], agree[1::2]), 0)
    same, apart = np.array([pair.same for pair in pairs]), np.array([pair.kept_apart for pair in pairs])
    figures: dict[str, float] = {"pairs": int((~apart).sum()), "same": int((same & ~apart).sum()), "kept_apart": int(apart.sum())}
    figures |= measured("cosine", cosines[~apart], same[~apart], COSINES)
    figures |= measured("large_both_ways", agreement["large"][~apart], same[~apart], BOTH_WAYS)
    figures |= measured("large_both_ways_kept_apart", agreement["large"][apart], same[apart], [LIKE["large"]])
    return figures | {"small_both_ways_highest_near_miss": round(float(agreement["small"][~same].max()), 3)}


def measured(name: str, values: Values, same: NDArray[np.bool_], bars: Sequence[float]) -> dict[str, float]:
    """Precision and recall at each bar that lets any pair through, and the lowest bar from which on precision keeps to PRECISE, if any."""
    figures: dict[str, float] = {}
    best = None
    for bar in bars:
        shown = values >= bar
        if not shown.any():
            continue
        precision, recall = (shown & same).sum() / shown.sum(), (shown & same).sum() / same.sum()
        figures |= {f"{name}_{bar:.2f}_precision": round(float(precision), 3), f"{name}_{bar:.2f}_recall": round(float(recall), 3)}
        best = None if precision < PRECISE else best or bar
    return figures | ({f"{name}_best": best} if best and len(bars) > 1 else {})


def read_pairs(path: Path) -> list[Pair]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Pair(row["one"], row["other"], row["same"], row["kept_apart"]) for row in rows]
