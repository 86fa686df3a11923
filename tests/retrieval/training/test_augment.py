"""Made pairs: the change is the one named, and the label follows from it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import LABELS
from retrieval.training.augment import MAKERS, augment, restyle, surround
from retrieval.training.data import Pair
from retrieval.training.made_numbers import bounded_number, changed_date, changed_number, respelled_number
from retrieval.training.made_statements import attributed, changed_direction, exchanged, negated, planned, who_said
from retrieval.training.recipe import training_pairs

Maker = Callable[[Pair, random.Random], Pair | None]
FLOOD = Pair(
    "The flood in Orlen closed 34 schools on Tuesday, two days before the river fell below its banks, the mayor said.",
    "The flood closed 34 schools in Orlen on Tuesday.", "agree", "ours",
)  # fmt: skip


def made(maker: Maker, pair: Pair = FLOOD, seed: int = 3) -> Pair:
    new = maker(pair, random.Random(seed))
    assert new is not None
    return new


def test_a_changed_number_contradicts_and_leaves_all_else() -> None:
    new = made(changed_number)
    assert new.label == "contradict"
    assert " 34 " not in new.claim
    assert new.claim.startswith("The flood closed ")
    assert new.claim.endswith(" schools in Orlen on Tuesday.")
    assert new.evidence == FLOOD.evidence


@pytest.mark.parametrize(
    "claim",
    [
        "The flood closed about 34 schools.",  # a bound: another number may be as true
        "Flight 34 left on Tuesday.",  # part of a name
        "The flood closed 35 schools.",  # not the evidence's number
        "The bridge was built in 1934.",  # a year
        "It was the 34th flood.",
    ],
)
def test_numbers_that_may_not_be_changed_are_left(claim: str) -> None:
    assert changed_number(Pair(FLOOD.evidence, claim, "agree", "ours"), random.Random(1)) is None


@given(st.integers(0, 10_000))
def test_a_bound_agrees_exactly_when_the_evidence_s_number_is_within_it(seed: int) -> None:
    new = made(bounded_number, seed=seed)
    bound, number = new.claim.removeprefix("The flood closed ").removesuffix(" schools in Orlen on Tuesday.").rsplit(" ", 1)
    value = int(number)
    within = {"at least": 34 >= value, "more than": 34 > value, "fewer than": 34 < value, "about": abs(value - 34) <= 3}[bound]
    assert new.label == ("agree" if within else "contradict")


def test_a_number_spelled_the_other_way_keeps_the_label() -> None:
    assert made(respelled_number, Pair("...", "The crash hurt 8 people.", "agree", "ours")).claim == "The crash hurt eight people."
    assert made(respelled_number, Pair("...", "The crash hurt eight people.", "contradict", "ours")).label == "contradict"
    assert respelled_number(Pair("...", "The crash hurt eight hundred people.", "agree", "ours"), random.Random(1)) is None


def test_another_weekday_contradicts_but_not_behind_a_bound() -> None:
    new = made(changed_date)
    assert new.label == "contradict"
    assert "Tuesday" not in new.claim
    assert changed_date(Pair(FLOOD.evidence, "The schools closed before Tuesday.", "agree", "ours"), random.Random(1)) is None


def test_the_opposite_direction_contradicts() -> None:
    new = made(changed_direction, Pair(FLOOD.evidence, "The river fell after two days.", "agree", "ours"))
    assert (new.claim, new.label) == ("The river rose after two days.", "contradict")


def test_a_negation_contradicts_and_is_not_added_twice() -> None:
    assert made(negated, Pair("...", "The bridge was open.", "agree", "ours")).label == "contradict"
    assert negated(Pair("...", "The bridge was not open.", "agree", "ours"), random.Random(1)) is None


def test_exchanged_roles_contradict() -> None:
    new = made(exchanged, Pair("Lyon lost; Nice beat Lyon 2-1.", "Nice beat Lyon on Sunday.", "agree", "ours"))
    assert (new.claim, new.label) == ("Lyon beat Nice on Sunday.", "contradict")


@given(st.integers(0, 10_000))
def test_attribution_follows_the_house_rule(seed: int) -> None:
    new = made(attributed, seed=seed)
    assert new.claim == FLOOD.claim
    denied = any(word in new.evidence for word in ("denied", "false", "rejected", "not true", "no truth", "an invention"))
    assert (new.label == "contradict") == denied
    if new.label == "agree":
        assert any(word in new.evidence for word in ("said", "confirmed", "announced", "According", "told"))


@given(st.integers(0, 10_000))
def test_another_speaker_is_neutral(seed: int) -> None:
    new = made(who_said, seed=seed)
    speaker = new.claim.split(" said ")[0].split(" stated ")[0].split(" announced ")[0]
    assert (new.label == "neutral") == (speaker.lower() not in new.evidence.lower())


def test_what_is_only_considered_is_neutral() -> None:
    assert made(planned).label == "neutral"


@given(st.text(max_size=80), st.text(max_size=60), st.sampled_from(LABELS), st.integers(0, 99))
def test_any_text_is_survived_and_gives_a_label(evidence: str, claim: str, label: str, seed: int) -> None:
    pair = Pair(evidence, claim, label, "ours")
    for maker in MAKERS:
        new = maker(pair, random.Random(seed))
        assert new is None or new.label in LABELS
    assert restyle(pair, random.Random(seed)).label == label
    assert surround(pair, [FLOOD], random.Random(seed)).evidence.count(pair.evidence) >= 1


def test_the_same_seed_gives_the_same_training_pairs_and_a_source_left_out_stays_out() -> None:
    pairs = [Pair(FLOOD.evidence, f"The flood closed 34 schools in Orlen, paper {n} writes.", "agree", "vitaminc-real") for n in range(40)]
    pairs += [Pair("Rain.", f"Sun {n}.", "neutral", "mined-fever-dev") for n in range(9)]
    first = training_pairs(pairs, seed=5)
    assert first == training_pairs(pairs, seed=5)
    assert {pair.source for pair in augment(pairs, 100, 5)} <= {pair.source for pair in first}
    assert all(pair.source != "mined-fever-dev" for pair in training_pairs(pairs, seed=5, without=["fever-dev"]))
