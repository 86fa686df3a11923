"""Words with their parts of speech, at their places."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.reading.tags import LONGEST, MAX_TOKENS, tagged
from tests.retrieval.reading.nasty import TEXTS, read_all


def test_words_numbers_abbreviations_and_genitives_are_tokens_of_their_own() -> None:
    words = [token.word for token in tagged("Olsen's U.S. state-of-the-art yard isn't at 1,500 or 12%; on the 3rd ___")]
    assert words == ["olsen", "'s", "u.s.", "state-of-the-art", "yard", "isn't", "at", "1,500", "or", "12%", ";", "on", "the", "3rd", "___"]


@pytest.mark.parametrize("verb", ["fell", "falls", "is", "was", "has", "did", "isn't", "didn’t", "won't"])
def test_a_verb_that_can_carry_a_clause_is_finite(verb: str) -> None:
    assert [token.word for token in tagged(f"The bridge {verb} near Harwick") if token.finite] == [verb]


def test_a_modal_verb_is_finite_and_what_follows_it_is_not() -> None:
    assert [token.word for token in tagged("The bridge will reopen") if token.finite] == ["will"]


def test_a_participle_is_past_and_not_finite() -> None:
    gone = tagged("He has gone")[-1]
    assert gone.past
    assert not gone.finite


@pytest.mark.parametrize(
    ("word", "number"), [("12", True), ("1,500", True), ("12%", True), ("3rd", True), ("twelve", True), ("bridge", False)]
)
def test_digits_and_spelled_numbers_are_numbers(word: str, number: bool) -> None:  # noqa: FBT001
    assert tagged(f"the {word} of May")[1].number is number


def test_signs_are_punctuation_and_what_comes_after_too_many_words_is_untagged() -> None:
    assert [token.tag for token in tagged("–…“__")] == ["PUN"] * 4
    tags = [token.tag for token in tagged("fog " * (MAX_TOKENS + 2))]
    assert all(tags[:MAX_TOKENS])
    assert tags[MAX_TOKENS:] == ["", ""]


def test_a_word_too_long_for_the_tagger_is_tagged_by_its_end() -> None:
    word = "un" * LONGEST + "interestingly"
    long, short = tagged(f"It {word} fell")[1], tagged(f"It {word[-LONGEST:]} fell")[1]
    assert (long.word, long.tag) == (word, short.tag)


def test_a_long_sentence_is_tagged_to_the_end() -> None:
    read_all(tagged)


@given(sentence=TEXTS)
def test_whatever_is_written_tokens_are_in_order_apart_and_hold_every_letter(sentence: str) -> None:
    at = 0
    for token in tagged(sentence):
        assert at <= token.start < token.end
        assert token.word == sentence[token.start : token.end].lower()
        assert not any(map(str.isalpha, sentence[at : token.start]))
        at = token.end
    assert not any(map(str.isalpha, sentence[at:]))
