"""The weights that decide a window's side: read from beside the model, named, weighed; and what a plain count corrects."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from retrieval import bearing
from retrieval.bearing import CLEAR, DIFFERING, FAINT, FILE, Bearing, Scales, Seen, read_scales, signs, stronger_side, with_count
from retrieval.errors import ModelError
from retrieval.types import Claim, Stance, Window
from tests.retrieval.news import ref, window
from tests.standins.store import NOON

WEIGHTS = Path(bearing.__file__).parent / "weights" / "stance-large"
TEXT = "The council of Harwick voted 14 to 3 to close the bridge."
CLAIM = Claim(TEXT)
WINDOW = window(ref(1), TEXT, TEXT)
SIGNS = signs(CLAIM, Seen(WINDOW, Stance(0.6, 0.2, 0.2), Stance(0.5, 0.2, 0.3), 0.8, 0.8, 0.9))
NOTHING = dict.fromkeys(SIGNS, 0.0)
SCALES = Scales(NOTHING | {"agree": 1.0}, NOTHING | {"contradict": 1.0}, 0.5, -0.5, 0.1, 0.2, 1.0)
OTHER = "The council of Oren voted 9 to 8 to close the bridge."


def _windows(*texts: str) -> list[Window]:
    return [window(ref(number, f"Outlet {number}"), text, text) for number, text in enumerate(texts, 1)]


def test_the_bundled_weights_are_read_and_have_a_weight_for_each_sign() -> None:
    scales = read_scales(WEIGHTS)
    assert scales is not None
    assert set(scales.agree) == set(scales.contradict) == set(SIGNS)


@pytest.mark.parametrize("words", ["", "{", "[]", "{}", json.dumps({"agree": {}})])
def test_weights_that_cannot_be_read_are_told_of(tmp_path: Path, words: str) -> None:
    (tmp_path / FILE).write_text(words, encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        read_scales(tmp_path)


def test_where_no_weights_lie_there_are_none(tmp_path: Path) -> None:
    assert read_scales(tmp_path) is None


def test_weights_come_back_as_written_and_have_a_name_of_their_own(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(asdict(SCALES)), encoding="utf-8")
    assert read_scales(tmp_path) == SCALES
    assert SCALES.model_id == replace(SCALES).model_id != replace(SCALES, agree_bar=0.2).model_id


def test_odds_are_weighed_from_the_signs_above_the_bars() -> None:
    found = SCALES.weigh(NOTHING | {"agree": 1.0, "contradict": -1.0})
    assert found.agree == pytest.approx(1.4)
    assert found.contradict == pytest.approx(-1.7)


def test_where_the_stance_model_is_clear_its_word_stands() -> None:
    against = SCALES.weigh(NOTHING | {"agree": CLEAR - 0.1, "contradict": CLEAR})
    in_favour = SCALES.weigh(NOTHING | {"agree": CLEAR, "contradict": CLEAR - 0.1})
    assert against.agree < 0 < against.contradict
    assert in_favour.contradict < 0 < in_favour.agree


@pytest.mark.parametrize(("found", "shown"), [({}, False), ({"scout contradicts": FAINT}, True), ({"contradict": FAINT}, True)] + [
    ({name: 1.0}, True) for name in DIFFERING
])  # fmt: skip
def test_what_no_model_finds_contradicting_and_differs_in_no_fact_does_not_contradict(found: dict[str, float], shown: bool) -> None:
    near = replace(SCALES, contradict_start=5.0)
    faint = {"contradict": FAINT - 0.1, "scout contradicts": FAINT - 0.1}
    assert (near.weigh(NOTHING | faint | found).contradict > 0) == shown


def test_the_weaker_side_is_shown_only_far_above_its_bar() -> None:
    one, other = _windows(TEXT, OTHER)
    near = stronger_side({one: Bearing(2.0, -3.0), other: Bearing(-3.0, 0.5)}, 1.0)
    far = stronger_side({one: Bearing(2.0, -3.0), other: Bearing(-3.0, 1.5)}, 1.0)
    assert near[one].agree == far[one].agree == 2.0
    assert near[other].contradict < 0 < far[other].contradict
    alone = {other: Bearing(-3.0, 0.5)}
    assert stronger_side(alone, 1.0) == alone


def test_a_right_count_is_not_contradicted_by_its_report_nor_by_another_vote() -> None:
    one, other = _windows(TEXT, OTHER)
    found = with_count(CLAIM, {one: Bearing(-1.0, 2.0), other: Bearing(-2.0, 2.0)})
    assert found[one].contradict < 0 < found[one].agree
    assert found[other].contradict < 0 and found[other].agree == -2.0


AGAIN = "The council of Harwick voted 12 to 5 to close the bridge, a clerk said."


PAINTED = "The council of Harwick voted 12 to 5 to paint the bridge."
ELSEWHERE = "The council voted 12 to 5 to close the bridge."


@pytest.mark.parametrize(("text", "article", "days", "stays"), [
    (AGAIN, 2, 1, True), (AGAIN, 2, -3, True), (AGAIN, 2, None, True), (AGAIN, 2, 4, False), (AGAIN, 1, 0, False),
    (PAINTED, 2, 0, False), (ELSEWHERE, 2, 0, False),
])  # fmt: skip
def test_who_gives_the_same_vote_otherwise_in_these_days_may_contradict_a_right_count(
    text: str, article: int, days: int | None, stays: bool
) -> None:
    published = NOON + timedelta(days) if days is not None else None
    one = window(replace(ref(1), published_at=NOON), TEXT, TEXT)
    other = window(replace(ref(article, "Oren Tribune"), published_at=published), text, text)
    found = with_count(CLAIM, {one: Bearing(-1.0, 2.0), other: Bearing(-2.0, 2.0)})
    assert found[one].contradict < 0 < found[one].agree
    assert found[other] == Bearing(-2.0, 2.0 if stays else -1.0)


def test_two_resolutions_of_one_day_do_not_contradict_one_another() -> None:
    claim = Claim("The amended American text was adopted by 93 votes to 8 with 73 abstentions.")
    one, other = _windows(
        "The amended resolution was then adopted by 93 votes to 8, with 73 abstentions.",
        "The text, which Ukraine had drafted with others, was adopted by 93 votes to 18, with 65 abstentions.",
    )
    found = with_count(claim, {one: Bearing(-1.0, 2.0), other: Bearing(-2.0, 2.0)})
    assert found[one].contradict < 0 < found[one].agree
    assert found[other].contradict < 0


def test_a_wrong_count_is_not_agreed_with_by_its_report() -> None:
    (one,) = _windows(TEXT)
    found = with_count(Claim("The council of Harwick voted 14 to 5 to close the bridge."), {one: Bearing(2.0, -1.0)})
    assert found[one].agree < 0 < found[one].contradict


def test_without_a_plain_count_nothing_is_corrected() -> None:
    given = dict.fromkeys(_windows(TEXT, OTHER), Bearing(1.0, 2.0))
    assert with_count(Claim("The council closed the bridge."), given) == given


def test_where_the_claim_is_contradicted_more_surely_it_is_the_agreement_that_must_be_far_above() -> None:
    one, other = _windows(TEXT, OTHER)
    found = stronger_side({one: Bearing(0.5, -3.0), other: Bearing(-3.0, 2.0)}, 1.0)
    assert (found[one], found[other]) == (Bearing(-0.5, -3.0), Bearing(-4.0, 2.0))


def test_a_report_without_numbers_is_left_as_it_is_beside_a_plain_count() -> None:
    one, other = _windows(TEXT, "The council of Harwick met on Tuesday.")
    found = with_count(CLAIM, {one: Bearing(-1.0, 2.0), other: Bearing(0.5, 2.0)})
    assert found[other] == Bearing(0.5, 2.0)
