"""Logits to probabilities: what is fitted helps, what is rare is worth nothing, the bar keeps its precision."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from retrieval.calibration import FACTS, FILE, LABELS, Calibration, fact_row, read_calibration, softmax
from retrieval.errors import ModelError
from retrieval.facts.contrast import contrast
from retrieval.training.calibrate import SEEN, bar, fit
from retrieval.training.data import Pair
from retrieval.types import StanceBars

CLAIM = "The council bought 12 buses in March."
ALIKE = "The council bought 12 buses in March, it said."
OTHER = "The council bought 40 buses in March, it said."
EVEN = np.zeros((1, 3), dtype=np.float32)


def _pairs(count: int) -> list[Pair]:
    """Half agree with the very number, half contradict with another."""
    return [Pair(ALIKE, CLAIM, "agree", "x") if i % 2 else Pair(OTHER, CLAIM, "contradict", "x") for i in range(count)]


def test_a_number_that_differs_moves_the_odds_to_contradiction_after_fitting() -> None:
    pairs = _pairs(200)
    blind = np.random.default_rng(1).normal(size=(200, 3)).astype(np.float32) * 0.1
    found = fit([blind], pairs)
    agree, contradict = (found.probabilities([EVEN], [(evidence, CLAIM)])[0] for evidence in (ALIKE, OTHER))
    assert agree[LABELS.index("agree")] > 0.8
    assert contradict[LABELS.index("contradict")] > 0.8
    without = fit([blind], pairs, facts=False)
    assert not without.facts
    assert np.allclose(without.probabilities([EVEN], [(OTHER, CLAIM)]), without.probabilities([EVEN], [(ALIKE, CLAIM)]))


def test_a_fact_seen_too_seldom_is_worth_nothing() -> None:
    few = _pairs(SEEN)  # each fact on half of them
    assert "number differs" not in fit([np.zeros((len(few), 3), dtype=np.float32)], few).facts


def test_logits_that_are_too_sure_are_cooled_down() -> None:
    rng = np.random.default_rng(3)
    gold = rng.integers(3, size=600)
    sure = np.eye(3, dtype=np.float32)[np.where(rng.random(600) < 0.7, gold, rng.integers(3, size=600))] * 9
    pairs = [Pair("It rained.", "A crane fell.", LABELS[label], "x") for label in gold]
    (weight,) = fit([sure], pairs, facts=False).weights
    assert weight < 0.5
    noise = rng.normal(size=sure.shape).astype(np.float32)
    good, useless = fit([sure, noise], pairs, facts=False).weights
    assert good == pytest.approx(weight, abs=0.05)
    assert useless < 0.15


def test_the_bar_is_the_lowest_probability_with_the_precision_wanted() -> None:
    probabilities = np.linspace(1, 0, 101, dtype=np.float32)
    right = np.arange(101) < 60
    found = bar(probabilities, right, precision=0.9)
    assert (right[probabilities >= found]).mean() >= 0.9
    assert bar(probabilities, np.zeros(101, dtype=bool)) == 1.0


def test_what_is_written_is_read_again_and_what_is_damaged_is_refused(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) == Calibration()
    wanted = Calibration((1.5, 0.5), (0.1, -0.1, 0.0), {FACTS[0]: (-1.0, 1.0, 0.0)}, StanceBars(0.6, 0.8))
    (tmp_path / FILE).write_text(json.dumps(asdict(wanted)))
    assert read_calibration(tmp_path) == wanted
    (tmp_path / FILE).write_text('{"weights": [1]}')
    with pytest.raises(ModelError, match="cannot be read"):
        read_calibration(tmp_path)


def test_a_calibration_without_anything_is_the_softmax() -> None:
    logits = np.array([[1.0, 0.0, -1.0]], dtype=np.float32)
    assert np.allclose(Calibration().probabilities([logits], [("a", "b")]), softmax(logits))
    assert Calibration(facts={FACTS[0]: (1.0, 0.0, 0.0)}).probabilities([np.zeros((0, 3), dtype=np.float32)], []).shape == (0, 3)


def test_the_row_of_facts_says_what_differs_and_what_agrees() -> None:
    row = dict(zip(FACTS, fact_row(contrast(CLAIM, OTHER)), strict=True))
    assert row["number differs"] == 1
    assert row["date agrees"] == 1
    assert row["number agrees"] == 0
