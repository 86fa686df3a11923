"""The figures of the stance evaluation, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import LABELS
from retrieval.training import baselines
from retrieval.training.data import Pair
from retrieval.training.metrics import expected_calibration_error, macro_f1_interval, score
from tests.standins.models import HashEmbedder

PAIRS = [Pair("e", f"c{n}", label, "ours") for n, label in enumerate(("agree", "agree", "contradict", "neutral"))]


def test_scores_of_four_pairs_with_one_mistake() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.2, 0.75, 0.05], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    found = score(PAIRS, probabilities, contradict_bar=0.7)
    assert found.accuracy == 0.75
    assert found.f1 == {"agree": pytest.approx(2 / 3, abs=1e-4), "contradict": pytest.approx(2 / 3, abs=1e-4), "neutral": 1}
    assert (found.contradict_precision, found.contradict_recall) == (0.5, 1)


def test_a_model_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    gold = np.array([0, 0, 0, 1])
    assert expected_calibration_error(gold, np.tile([0.75, 0.25, 0.0], (4, 1))) == pytest.approx(0)
    assert expected_calibration_error(gold, np.tile([1.0, 0.0, 0.0], (4, 1))) == pytest.approx(0.25)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=5, max_size=60))
def test_the_interval_is_within_zero_and_one_and_in_order(rows: list[tuple[int, int]]) -> None:
    gold, guess = (np.array(column) for column in zip(*rows, strict=True))
    low, high = macro_f1_interval(gold, guess)
    assert 0 <= low <= high <= 1


def test_the_interval_narrows_with_more_pairs_and_holds_the_figure() -> None:
    gold = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    guess = np.array([0, 1, 2, 0, 1, 0, 0, 2])
    few, many = macro_f1_interval(gold, guess), macro_f1_interval(np.tile(gold, 50), np.tile(guess, 50))
    pairs = [Pair("e", "c", LABELS[label], "ours") for label in gold]
    assert many[1] - many[0] < (few[1] - few[0]) / 3
    assert many[0] < score(pairs, np.eye(3)[guess], 0.7).macro_f1 < many[1]


def test_similarity_alone_tells_what_is_off_topic_and_knows_nothing_of_the_side() -> None:
    texts = ("the river rose in the north", "prices fell in the market", "the minister left the talks")
    pairs = [Pair(text, text, ("agree", "contradict")[n // 6 % 2], "ours") for n, text in enumerate(texts * 40)]
    pairs += [Pair(texts[n % 3], texts[(n + 1) % 3], "neutral", "ours") for n in range(120)]
    guess = baselines.similarity(HashEmbedder(), pairs).argmax(axis=1)
    gold = np.array([LABELS.index(pair.label) for pair in pairs])
    assert (guess[120:] == gold[120:]).mean() > 0.9
    assert 0.3 < (guess[:120] == gold[:120]).mean() < 0.7
