"""Comparisons as JSON: every value comes back, and the claims' words can be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.snapshots import dump, load, without_claims
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Outcome, OwnSource, Part, Stance, Standing
from tests.standins.store import NOON

words = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.integers(0, 2**62)
spans = st.tuples(st.integers(0, 9_999), st.integers(0, 9_999))
times = st.datetimes(timezones=st.just(UTC))
shares = st.floats(0, 1)
articles = st.builds(
    ArticleRef, numbers, numbers, words, words, words, st.none() | times, st.none() | words, st.none() | numbers, st.booleans(),
    st.none() | numbers,
)  # fmt: skip
excerpts = st.builds(
    Excerpt, words, numbers, numbers, articles, st.builds(Stance, shares, shares, shares), words, words, st.lists(spans, max_size=3),
    st.lists(words, max_size=3), words, words,
)  # fmt: skip
claims = st.builds(Claim, words, st.none() | spans, words, words, words, words, words)
outcomes = st.sampled_from(Outcome)
parts = st.builds(Part, spans, st.sampled_from(Standing), words, st.none() | articles)
accounts = st.builds(Account, words, shares, times, times, st.tuples(words, words), articles, numbers, numbers)
own = st.builds(OwnSource, words, outcomes, st.none() | excerpts)


def _comparisons(said: st.SearchStrategy[Comparison | None]) -> st.SearchStrategy[Comparison]:
    return st.builds(
        Comparison, claims, outcomes, st.lists(excerpts, max_size=2), st.lists(excerpts, max_size=2), numbers, numbers, st.none() | times,
        st.dictionaries(words, words, max_size=3), st.dictionaries(words, shares, max_size=3), said, st.tuples(parts) | st.just(()),
        st.tuples(own) | st.just(()), st.tuples(accounts) | st.just(()),
    )  # fmt: skip


comparisons = _comparisons(st.none() | _comparisons(st.none()))

SPAN = Excerpt(
    "12 to 5", 10, 17, ArticleRef(1, 2, "https://oren.example/a", "Bridge", "Oren Post", NOON), Stance(0.1, 0.8, 0.1), "voted ", ".",
    [(0, 2)], difference="14 against 12",
)  # fmt: skip
SAID = Comparison(Claim("they voted 14 to 3"), Outcome.NO_MATCH, [], [], 2, 0, NOON, {"stance": "small"})
SHOWN = Comparison(
    Claim("She said they voted 14 to 3.", (4, 32), "The council met.", "She", "they voted 14 to 3", "She", "Mayor Brandt"),
    Outcome.CONTRADICT, (), (SPAN,), 3, 1, NOON, {"stance": "small"}, said=SAID,
    parts=(Part((20, 22), Standing.DIFFERS, "12", SPAN.article),), own=(OwnSource("https://oren.example/own", Outcome.NO_MATCH),),
)  # fmt: skip


@settings(max_examples=100)
@given(st.lists(comparisons, max_size=3), words)
def test_every_value_comes_back(some: list[Comparison], salt: str) -> None:
    assert load(dump(some, salt)) == some


def test_sequences_of_any_kind_come_back_as_lists() -> None:
    (back,) = load(dump((SHOWN,)))
    assert back == replace(SHOWN, agreeing=[], contradicting=[replace(SPAN, copies=[])])


def test_without_claims_no_word_of_them_is_left_and_the_excerpts_are_as_they_were() -> None:
    erased = without_claims(dump([SHOWN], "5a17"))
    (back,) = load(erased)
    quiet = replace(SHOWN, claim=Claim(""), said=replace(SAID, claim=Claim("")), parts=(), own=())
    assert back == replace(quiet, agreeing=[], contradicting=[replace(SPAN, difference="", copies=[])])
    for word in ("they voted", "14", "council met", "5a17", "Brandt", "She", "oren.example/own"):
        assert word not in erased
    assert without_claims(erased) == erased


@pytest.mark.parametrize("document", ["", "{}", "[]", dump([SHOWN])[:-1], dump([SHOWN]).replace("12 to 5", '"')])
def test_what_is_no_such_document_is_refused(document: str) -> None:
    with pytest.raises(ValueError):
        load(document)
