"""Terms for SQL: the same as the local index makes of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.lexical import _analyzer
from retrieval.lexemes import lexemes, query_lexemes

ANALYZER = _analyzer()


@pytest.mark.parametrize(
    "text",
    [
        "The council of Harwick voted 93-8 on Tuesday, and it didn't close the bridge.",
        "Ministers were voting on resolutions: 1,500 people, 12% of all, at 5:30 p.m.",
        "Café Zoë in Århus, Łódź, Straße, Þórður, Bjørn's œuvre; naïve façades",
        "snake_case_words e-mail me@example.org https://a.example/x?y=1 C++ AT&T",
        "x" * 59 + " " + "y" * 60 + " " + "z" * 61,
        "Президент выступил с речью", "", "?! … 😀", "the is on and of",
    ],
)  # fmt: skip
def test_terms_are_those_of_the_local_index(text: str) -> None:
    assert lexemes(text) == ANALYZER.analyze(text)


@given(st.text("abcdefghij ABCXYZ0123456789.,:;-_'’\"!?%éüñç\n", max_size=200))
def test_terms_of_any_latin_text_are_those_of_the_local_index(text: str) -> None:
    assert lexemes(text) == ANALYZER.analyze(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_term_is_letters_and_digits_alone(text: str) -> None:
    assert all(term.isalnum() for term in lexemes(text))


def test_a_question_has_each_term_once_and_not_too_many() -> None:
    assert query_lexemes("Bridges, bridges and the Bridge: 7 tunnels", 64) == ["bridg", "7", "tunnel"]
    assert query_lexemes(" ".join(f"w{n}" for n in range(100)), 64) == [f"w{n}" for n in range(64)]
