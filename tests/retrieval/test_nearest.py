"""Shared words: how much of a claim a text has, and which sentences to keep of a long one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.nearest import nearest_sentences, overlap_scores

WORDS = st.lists(st.sampled_from("bridge tunnel ferry council voted closed the 93 harwick rain".split()), max_size=12).map(" ".join)
CLAIM = "The council of Harwick closed the bridge."


@given(WORDS, st.lists(WORDS, max_size=6))
def test_each_text_has_a_share_between_0_and_1_in_the_order_given(claim: str, texts: list[str]) -> None:
    shares = overlap_scores(claim, texts)
    assert len(shares) == len(texts)
    assert all(0 <= share <= 1 + 1e-9 for share in shares)
    assert overlap_scores(claim, texts[::-1]) == pytest.approx(shares[::-1])


def test_all_words_are_1_and_none_is_0() -> None:
    assert overlap_scores(CLAIM, [CLAIM, "It rained."]) == [pytest.approx(1), 0]
    assert overlap_scores(CLAIM, []) == []
    assert overlap_scores("the of and", ["the of and"]) == [0]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    rare, common, _ = overlap_scores("bridge tunnel", ["bridge", "tunnel", "tunnel"])
    assert rare > common > 0


def test_a_short_text_comes_back_unchanged() -> None:
    assert nearest_sentences(CLAIM, "It rained.  Then\nit stopped.", 70) == "It rained.  Then\nit stopped."


def test_of_a_long_text_the_sentence_that_speaks_to_the_claim_stays_with_the_one_before() -> None:
    filler = " ".join(["Elsewhere the weather stayed dry for the whole of the long and quiet week."] * 20)
    kept = nearest_sentences(CLAIM, f"{filler} The mayor spoke. It closed the bridge, said the council of Harwick. {filler}", 30)
    assert "The mayor spoke. It closed the bridge, said the council of Harwick." in kept
    assert len(kept.split()) <= 30


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=12), WORDS, st.integers(1, 40))
def test_what_is_kept_are_whole_sentences_in_their_order(parts: list[str], claim: str, room: int) -> None:
    pieces = [f"{number}x {part}." for number, part in enumerate(parts)]
    kept = nearest_sentences(claim, "\n".join(pieces), room)
    places = [number for number, piece in enumerate(pieces) if piece in kept]
    assert kept.split() == " ".join(pieces[place] for place in places).split()
    assert len(places) == 1 or len(kept.split()) <= room or len(" ".join(pieces).split()) <= room
