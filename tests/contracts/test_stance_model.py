"""What every StanceModel promises: the fake of the tests and the model of the product alike."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from bot.parts import model_files
from retrieval.models import has_bfloat16
from retrieval.ports import StanceModel
from retrieval.stance import CrossEncoderStance
from retrieval.types import Stance
from tests.standins.models import WordStance

PAIRS = [
    ("The assembly adopted the text by 93 votes to 8.", "The assembly adopted the text by 93 votes."),
    ("The assembly did not adopt the text.", "The assembly adopted the text."),
    ("Prices rose in March.", "A crane collapsed in Rotterdam."),
    ("", "A crane collapsed in Rotterdam."),
    ("A crane collapsed. " * 60, "A crane collapsed in Rotterdam."),
]


def _small() -> CrossEncoderStance:
    return CrossEncoderStance(model_files("stance", "stance-small")[0])


def _large() -> StanceModel:
    return CrossEncoderStance(model_files("stance", "stance-large")[0], partner=_small())


@pytest.fixture(
    scope="module", ids=["fake", "small", "large"],
    params=[WordStance, *(pytest.param(real, marks=pytest.mark.slow) for real in (_small, _large))],
)  # fmt: skip
def model(request: pytest.FixtureRequest) -> StanceModel:
    made: StanceModel = request.param()
    return made


def test_probabilities_lie_between_0_and_1_and_sum_to_1(model: StanceModel) -> None:
    for stance in model.judge(PAIRS):
        assert all(0 <= share <= 1 for share in (stance.agree, stance.contradict, stance.neutral))
        assert stance.agree + stance.contradict + stance.neutral == pytest.approx(1, abs=1e-9)


def test_there_is_one_stance_a_pair_in_their_order(model: StanceModel) -> None:
    assert model.judge(PAIRS[::-1]) == model.judge(PAIRS)[::-1]


def test_no_pair_gives_no_stance(model: StanceModel) -> None:
    assert model.judge([]) == []


def _rows(stances: list[Stance]) -> list[tuple[float, ...]]:
    return [astuple(stance) for stance in stances]


def test_the_same_pair_has_the_same_stance_in_any_batch(model: StanceModel) -> None:
    together = model.judge(PAIRS)
    alone, often = [model.judge([pair])[0] for pair in PAIRS], model.judge(PAIRS * 4)
    if has_bfloat16():  # the order of its sums depends on the batch, and is felt in the third digit
        assert np.allclose(_rows(alone), _rows(together), rtol=0, atol=0.005)
        assert np.allclose(_rows(often), _rows(together * 4), rtol=0, atol=0.005)
    else:
        assert alone == together
        assert often == together * 4


def test_plain_cases_are_told_apart(model: StanceModel) -> None:
    agree, contradict, neither, *_ = model.judge(PAIRS)
    assert agree.agree > max(agree.contradict, agree.neutral)
    assert contradict.contradict > max(contradict.agree, contradict.neutral)
    assert neither.neutral > max(neither.agree, neither.contradict)
