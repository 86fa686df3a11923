"""Words with opposites, and denials."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facts.polarity import denials, directions, negated


def poles(text: str) -> dict[str, int]:
    return {found.axis: found.pole for found in directions(text)}


@pytest.mark.parametrize(
    ("one", "other", "axis"),
    [
        ("Prices rose.", "Prices fell.", "level"),
        ("Exports have risen.", "Exports are dropping.", "level"),
        ("She won the election.", "She lost the election.", "contest"),
        ("The parliament approved it.", "The parliament rejected it.", "ballot"),
        ("He supports the plan.", "He opposes the plan.", "side"),
        ("The border opened.", "The border was closed.", "access"),
        ("The ship arrived.", "The ship departed.", "movement"),
        ("Norway joined.", "Norway withdrew.", "membership"),
        ("The strike began.", "The strike ended.", "course"),
        ("The court allowed it.", "The court banned it.", "permission"),
        ("They accepted the offer.", "They refused the offer.", "answer"),
        ("The ministry confirmed it.", "The ministry denied it.", "statement"),
        ("He was convicted.", "He was acquitted.", "verdict"),
        ("They were found alive.", "They were found dead.", "life"),
        ("before the vote", "after the vote", "order"),
        ("He was arrested.", "He was released.", "custody"),
    ],
)
def test_opposites_are_two_poles_of_one_axis(one: str, other: str, axis: str) -> None:
    assert {poles(one)[axis], poles(other)[axis]} == {0, 1}


@pytest.mark.parametrize("text", ["close to the border", "more than 40 ships", "a close ally", "left-wing", "no fewer than 40", ""])
def test_words_in_another_sense_have_no_direction(text: str) -> None:
    assert directions(text) == ()


@pytest.mark.parametrize(
    ("text", "shown", "head"),
    [
        ("He did not resign.", "not resign", "resign"),
        ("He didn't resign.", "didn't resign", "resign"),
        ("It was never formally approved.", "never formally approved", "approv"),
        ("They failed to agree.", "failed to agree", "agre"),
        ("He has yet to declare it.", "yet to declare", "declar"),
        ("It will no longer arrest them.", "no longer arrest", "arrest"),
        ("No one was killed.", "No one was killed", "kill"),
    ],
)
def test_a_denial_names_what_it_denies(text: str, shown: str, head: str) -> None:
    (found,) = denials(text)
    assert (text[found.start : found.end], found.word.stem, negated(text)) == (shown, head, True)


@pytest.mark.parametrize(
    "text", ["Not only did it pass.", "It has no fewer than 40 ships.", "No. 5 won.", "No doubt it passed.", "It passed."]
)
def test_idioms_deny_nothing(text: str) -> None:
    assert not negated(text)


def test_a_denial_of_a_thing_or_a_part_is_not_one_of_what_was_done() -> None:
    assert [found.verbal for text in ("no ships came", "not all ships came", "ships did not come") for found in denials(text)] == [
        False,
        False,
        True,
    ]


@settings(max_examples=60)
@given(
    st.text(max_size=80) | st.lists(st.sampled_from("not no never n't did rise fell to failed . , but one before".split())).map(" ".join)
)
def test_any_text_has_directions_and_denials_inside_it(text: str) -> None:
    assert all(0 <= found.word.start < found.word.end <= len(text) for found in directions(text))
    assert all(0 <= found.start < found.end <= len(text) and found.word.denied for found in denials(text))
