"""The challenge set: pairs of ours, each of one phenomenon that inference models are known to stumble over.

One JSON object a line, {"id", "phenomenon", "evidence", "claim", "label"}. Labels follow the house rule for attribution (DECISIONS 12).
"""

from __future__ import annotations

import json
from pathlib import Path

from retrieval.training.data import Pair

CHALLENGE = Path(__file__).parents[2] / "tests" / "bench" / "data" / "challenge.jsonl"


def read_challenge(path: Path) -> list[Pair]:
    """All pairs, the phenomenon as their source."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Pair(row["evidence"], row["claim"], row["label"], row["phenomenon"]) for row in rows]
