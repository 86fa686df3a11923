"""Logits are kept and not worked out again; another model's or other pairs' are never taken for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from retrieval.calibration import Rows
from retrieval.stance import CrossEncoderStance
from retrieval.training import judged
from retrieval.training.data import Pair
from retrieval.training.judged import logits_of

PAIRS = [Pair(f"It rained {n} days.", f"It rained {n + n % 2} days.", "agree", "x") for n in range(7)]


class _Counting:
    """Logits from the texts' lengths; remembers how many pairs it was asked."""

    def __init__(self, model_id: str = "counting@1", shift: float = 0.0) -> None:
        self.model_id = model_id
        self.shift = shift
        self.asked = 0

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Rows:
        self.asked += len(pairs)
        return np.array([[len(evidence), len(claim), self.shift] for evidence, claim in pairs], dtype=np.float32)


def _logits(model: _Counting, pairs: Sequence[Pair], folder: Path) -> Rows:
    return logits_of(cast(CrossEncoderStance, model), pairs, folder)


def test_what_was_judged_is_not_judged_again(tmp_path: Path) -> None:
    model = _Counting()
    first = _logits(model, PAIRS, tmp_path)
    assert np.array_equal(first, model.logits([(pair.evidence, pair.claim) for pair in PAIRS]))
    model.asked = 0
    assert np.array_equal(_logits(model, PAIRS, tmp_path), first)
    assert model.asked == 0
    assert _logits(model, [], tmp_path).shape == (0, 3)


def test_a_run_that_was_stopped_goes_on_at_the_chunk_that_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged, "CHUNK", 3)
    model = _Counting()
    first = _logits(model, PAIRS, tmp_path)
    sorted((tmp_path / model.model_id).iterdir())[0].unlink()
    model.asked = 0
    assert np.array_equal(_logits(model, PAIRS, tmp_path), first)
    assert 0 < model.asked <= 3


def test_another_model_and_other_pairs_are_judged_anew(tmp_path: Path) -> None:
    _logits(_Counting(), PAIRS, tmp_path)
    other = _Counting("counting@2", shift=5.0)
    assert _logits(other, PAIRS, tmp_path)[0, 2] == 5.0
    changed = [*PAIRS[:-1], Pair("It snowed.", "It rained.", "agree", "x")]
    assert _logits(other, changed, tmp_path)[-1, 0] == len("It snowed.")
