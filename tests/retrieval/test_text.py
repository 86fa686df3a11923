"""Normalisation, sentences with exact offsets, words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.text import content_words, normalise, sentences, words

ANY_TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(".!?…\n\r\t \"'”’()abcNo😀\u0301\u200d\u202e。Dr")))


@given(ANY_TEXT)
@example("Dr. No said no. The end. He left.\n\n  \nNext line!  ")
@example("Is it? Yes! 1.5 percent... “Quite so.” (Really.) U.S. voters")
def test_sentences_are_trimmed_slices_in_order_that_cover_every_visible_character(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end <= len(text)
        assert text[at:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        at = end
    assert text[at:].strip() == ""


@given(ANY_TEXT)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\r\x00\x1b\x7f\x9b\u00ad\u200b\u202e\u2066\ufeff\U000e0041")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("cafe\u0301", "café"),
        ("in\u200bvis\u00adible \u202eink\U000e0041\ufe0f", "invisible ink"),
        ("\x1b[31mred\x07", "[31mred"),
        ("tab\tstays, so do 😀 and ß", "tab\tstays, so do 😀 and ß"),
    ],
)
def test_normalising_keeps_what_a_reader_sees(raw: str, plain: str) -> None:
    assert normalise(raw) == plain


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It fell in May. Norwick lost.", ["It fell in May.", "Norwick lost."]),
        ("It fell by Oct. Norwick lost on Oct. 5.", ["It fell by Oct.", "Norwick lost on Oct. 5."]),
        ("Mr. Smith voted no. The motion failed.", ["Mr. Smith voted no.", "The motion failed."]),
        ("It fell by 4.7 percent. Nobody knew.", ["It fell by 4.7 percent.", "Nobody knew."]),
        ("See no. 7 for more.", ["See no. 7 for more."]),
        ("One line\nanother line", ["One line", "another line"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_news_is_cut_where_a_reader_would_cut_it(text: str, pieces: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == pieces


def test_words_and_numbers_come_lower_cased_in_order() -> None:
    assert words("The U.S. won 93-8, or 1,500 of them: 12%; Putin's isn’t") == [
        "the", "u", "s", "won", "93", "8", "or", "1,500", "of", "them", "12%", "putin's", "isn’t",
    ]  # fmt: skip
    assert content_words("The vote was 93 to 8") == ["vote", "93", "8"]
    assert words("") == content_words("the of and") == []


@given(ANY_TEXT)
def test_every_word_stands_in_the_text(text: str) -> None:
    assert all(word in text.lower() or word.lower() in "".join(char.lower() for char in text) for word in words(text))


def test_dots_left_over_are_no_sentence() -> None:
    text = "The mayor paused … …. Then she left.\n…."
    assert [text[slice(*span)] for span in sentences(text)] == ["The mayor paused … ….", "Then she left.", "…."]
