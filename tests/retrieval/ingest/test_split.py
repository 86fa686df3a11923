"""Passages: exact offsets, full coverage, bounded sizes, one sentence of overlap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.ingest.split import LONGEST_SENTENCE_WORDS, PASSAGE_WORDS, TINY_WORDS, split
from retrieval.text import Span

_WORDS = st.sampled_from(["council", "Bridge", "12%", "budget", "(and", "it,", "né", "\u200d", "e\u0301", "…", "城市的桥", "x" * 200])
_ENDS = st.sampled_from([". ", "! ", "?\n", ".\n\n", ", ", " ", "; ", "\u3000", "\t", "。"])
_PROSE = st.lists(st.tuples(st.lists(_WORDS, min_size=1, max_size=60), _ENDS), max_size=25).map(
    lambda sentences: "".join(" ".join(words) + end for words, end in sentences)
)
_TEXTS = st.one_of(st.text(max_size=3_000), _PROSE)

# The first text that hypothesis makes on a machine takes seconds.


def _sentence(number: int, words: int) -> str:
    return f"Item{number} " + " ".join(["word"] * (words - 2)) + " ends."


def _slices(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@given(_TEXTS)
def test_every_visible_character_lies_in_a_passage(text: str) -> None:
    covered = {index for start, end in split(text) for index in range(start, end)}
    assert all(index in covered for index, character in enumerate(text) if not character.isspace())


@given(_TEXTS)
def test_passages_are_slices_without_outer_white_space_in_order(text: str) -> None:
    spans = split(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(spans))


@given(_TEXTS)
def test_no_passage_outgrows_the_bound(text: str) -> None:
    most = LONGEST_SENTENCE_WORDS + TINY_WORDS
    assert all(len(passage.split()) <= most and len(passage) <= 13 * most for passage in _slices(text))


@given(_TEXTS)
def test_the_same_text_gives_the_same_passages(text: str) -> None:
    assert split(text) == split(text)


@given(_PROSE)
@example("x" * 2500 + ". " + "council " * 7 + "… …. " + "council " * 4 + "council.")
@example("x" * 2500 + ". " + "council " * 3 + "council。Bridge " + "council " * 9 + "council.")
def test_only_the_first_passage_may_hold_few_new_words(text: str) -> None:
    spans = split(text)
    for (_, before), (_, end) in pairwise(spans[-2:]):
        new = text[before:end]
        assert len(new.split()) >= TINY_WORDS or len(new) > 12 * (TINY_WORDS - 1)


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n", "\u3000"])
def test_a_text_of_white_space_has_no_passages(text: str) -> None:
    assert split(text) == []


def test_a_short_text_is_one_passage_however_tiny() -> None:
    assert _slices("  It rained.\n") == ["It rained."]


def test_each_passage_begins_with_the_last_sentence_of_the_one_before() -> None:
    sentences = [_sentence(number, 30) for number in range(7)]
    assert _slices(" ".join(sentences)) == [
        " ".join(sentences[0:3]),
        " ".join(sentences[2:5]),
        " ".join(sentences[4:7]),
    ]


def test_a_sentence_over_half_of_a_passage_is_not_repeated() -> None:
    sentences = [_sentence(number, PASSAGE_WORDS // 2 + 5) for number in range(3)]
    assert _slices(" ".join(sentences)) == sentences


def test_a_short_sentence_before_a_long_one_is_not_left_alone() -> None:
    text = f"{_sentence(0, 40)} {_sentence(1, 60)} {_sentence(2, 30)}"
    assert _slices(text) == [f"{_sentence(0, 40)} {_sentence(1, 60)}", _sentence(2, 30)]


def test_a_tiny_last_sentence_joins_the_passage_before() -> None:
    sentences = [_sentence(0, 45), _sentence(1, 45), "He declined to comment."]
    assert _slices(" ".join(sentences)) == [" ".join(sentences)]


def test_a_last_sentence_that_is_not_tiny_stands_in_its_own_passage() -> None:
    sentences = [_sentence(0, 45), _sentence(1, 45), _sentence(2, TINY_WORDS)]
    assert _slices(" ".join(sentences)) == [" ".join(sentences[:2]), " ".join(sentences[1:])]


def test_a_sentence_within_the_limit_stays_whole() -> None:
    sentence = _sentence(0, LONGEST_SENTENCE_WORDS)
    assert _slices(sentence) == [sentence]


def test_a_sentence_beyond_the_limit_is_cut_after_a_clause() -> None:
    clause = " ".join(["so"] * 69) + " far,"
    assert _slices(" ".join([clause, clause, clause]) + " end.") == [clause, f"{clause} {clause} end."]


def test_a_sentence_without_clauses_is_cut_between_words() -> None:
    passages = _slices(" ".join(["go"] * 400))
    assert [len(passage.split()) for passage in passages] == [90, 90, 90, 130]


def test_a_wall_of_characters_is_cut_where_the_room_ends() -> None:
    text = "x" * 5_000
    spans = split(text)
    assert spans[0] == (0, 1_080)
    assert "".join(text[a:b] for a, b in spans) == text


def test_a_paragraph_break_does_not_shift_offsets() -> None:
    text = f"\n\n{_sentence(1, 50)}\n\n\n  {_sentence(2, 50)}\n"
    first: Span = split(text)[0]
    assert text[first[0] : first[1]] == _sentence(1, 50)
    assert _slices(text)[1] == _sentence(2, 50)


def test_other_languages_end_their_sentences_too() -> None:
    text = "El puente cerró el martes. " * 40
    assert all(text[a:b].endswith(".") for a, b in split(text, "es"))
    assert split(text, "zz")
