"""Made news: a scene's claims carry the label that its facts give them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import LABELS
from retrieval.training.scenes import SCENES, scene_pairs
from retrieval.training.scenes.draw import Draw, Scene
from retrieval.training.scenes.figures import comparison, toll, vote

NUMBER = re.compile(r"\d+")


def test_all_scenes_and_labels_take_part_and_a_seed_gives_the_same_pairs() -> None:
    pairs = scene_pairs(len(SCENES) * len(LABELS) * 2, seed=4)
    assert pairs == scene_pairs(len(pairs), seed=4)
    assert pairs != scene_pairs(len(pairs), seed=5)
    assert {(pair.source, pair.label) for pair in pairs} == {(f"made-{make.__name__}", label) for make in SCENES for label in LABELS}


@pytest.mark.parametrize("make", SCENES, ids=lambda make: make.__name__)
@given(seed=st.integers(0, 10_000))
def test_no_claim_of_a_scene_has_two_labels_and_no_slot_is_left_open(make: Callable[[Draw], Scene], seed: int) -> None:
    scene = make(Draw(random.Random(seed)))
    claims = [*scene.agree, *scene.contradict, *scene.neutral]
    by_label = [set(scene.agree), set(scene.contradict), set(scene.neutral)]
    assert len(set().union(*by_label)) == sum(map(len, by_label))
    assert len(scene.reports) >= 2
    for text in (*scene.reports, *claims):
        assert not re.search(r"[{}]|\bNone\b(?! of)|  ", text)
        assert text.endswith(".")


@given(seed=st.integers(0, 10_000))
def test_a_tally_s_numbers_are_where_the_claims_say(seed: int) -> None:
    scene = vote(Draw(random.Random(seed)))
    aye, nay, out = map(int, NUMBER.findall(scene.reports[0]))
    stated = {
        word: [int(n) for n in NUMBER.findall(claim)] for claim in scene.agree for word in ("got", "against", "abstained") if word in claim
    }
    assert stated["got"] == [aye]
    assert any(claim.startswith(f"{nay} members voted against") for claim in scene.agree)
    assert any(claim.startswith(f"{out} members abstained") for claim in scene.agree)
    assert f"a margin of {aye - nay} votes" in " ".join(scene.agree)
    assert aye > nay
    assert not any(claim.startswith((f"{aye} members voted for", f"{nay} members voted against")) for claim in scene.contradict)


@given(seed=st.integers(0, 10_000))
def test_an_earlier_figure_contradicts_as_the_present_one(seed: int) -> None:
    scene = toll(Draw(random.Random(seed)))
    new, old, _ = map(int, NUMBER.findall(scene.reports[0]))
    assert new > old
    assert any(f"now stands at {old}" in claim for claim in scene.contradict)
    assert any(claim.startswith(f"{new} people died") for claim in scene.agree)


@given(seed=st.integers(0, 10_000))
def test_the_higher_of_two_is_the_one_with_the_larger_number(seed: int) -> None:
    scene = comparison(Draw(random.Random(seed)))
    high, low = map(int, NUMBER.findall(scene.reports[0]))
    assert high > low
    here, there = re.findall(r" in (\w+), against \d+ percent in (\w+)", scene.reports[0])[0]
    assert any(f"higher in {here} than in {there}" in claim for claim in scene.agree)
    assert any(f"lower in {here} than in {there}" in claim for claim in scene.contradict)
