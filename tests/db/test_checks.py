"""What was shown stays readable, whatever happens to the article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.errors import StoreError
from retrieval.types import Claim, Comparison, Excerpt, Outcome, Stance
from tests.standins.store import Store, article, sentences_about

BRIDGE = article("bridge", sentences_about(["the bridge", "the tunnel 😀", "the ferry"]))


def _excerpt(store: Store, words: str, stance: Stance) -> Excerpt:
    start = BRIDGE.text.index(words)
    ref = next(passage.article for passage in store.stored_passages() if passage.article.url == BRIDGE.url)
    return Excerpt(words, start, start + len(words), ref, stance)


def _comparison(store: Store) -> Comparison:
    agreeing = [_excerpt(store, "about the tunnel 😀", Stance(0.9, 0.05, 0.05)), _excerpt(store, "the ferry", Stance(0.8, 0.1, 0.1))]
    contradicting = [_excerpt(store, "the bridge", Stance(0.05, 0.9, 0.05))]
    return Comparison(Claim("A claim."), Outcome.MIXED, agreeing, contradicting, 3, 1, None, {"embedding": "m"})


def test_quoted_words_are_the_same_after_the_article_was_revised_and_removed(store: Store) -> None:
    store.add(BRIDGE)
    check = store.checks.save(_comparison(store))
    shown = ["about the tunnel 😀", "the ferry", "the bridge"]
    assert store.checks.quoted(check) == shown
    store.add(replace(BRIDGE, text=sentences_about(["something else"])))
    assert store.checks.quoted(check) == shown
    store.articles.remove([BRIDGE.url])
    assert store.checks.quoted(check) == shown


def test_each_check_has_its_own_words(store: Store) -> None:
    store.add(BRIDGE)
    first = store.checks.save(_comparison(store))
    empty = replace(_comparison(store), agreeing=(), contradicting=(), outcome=Outcome.NO_MATCH)
    second = store.checks.save(empty)
    assert first != second
    assert store.checks.quoted(second) == []
    assert store.checks.quoted(999) == []


def test_a_check_of_a_revision_that_does_not_exist_leaves_nothing(store: Store) -> None:
    store.add(BRIDGE)
    comparison = _comparison(store)
    lost = replace(comparison.agreeing[0], article=replace(comparison.agreeing[0].article, revision_id=999))
    before = store.dump()
    with pytest.raises(StoreError, match="refused"):
        store.checks.save(replace(comparison, contradicting=[lost]))
    assert store.dump() == before
