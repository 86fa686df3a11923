"""What is forgotten, and what stays because an answer quotes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from db.retention import forget_article, prune
from tests.standins.news import story
from tests.standins.store import NOON, Store, article

DAY = timedelta(days=1)


def _fill(store: Store, count: int) -> None:
    store.add(*(replace(article(f"n{n:02}", story(f"Place{n}")), published_at=NOON - n * DAY) for n in range(count)))


def _there(store: Store) -> list[str]:
    return sorted(url.rsplit("/", 1)[-1] for url in store.texts("SELECT url FROM article WHERE revision_id IS NOT NULL"))


def _same(store: Store) -> None:
    dense, lexical = store.index.ids()
    assert set(dense) == set(lexical) == set(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))
    assert store.column("SELECT count(*) FROM passage_vector v LEFT JOIN passage p ON p.id = v.passage_id WHERE p.id IS NULL") == [0]


@pytest.mark.parametrize(("before", "keep", "left"), [(NOON - 2.5 * DAY, None, 3), (None, 4, 4), (NOON - 2.5 * DAY, 2, 2), (None, None, 6)])
def test_the_oldest_go_by_age_and_by_number(store: Store, before: object, keep: int | None, left: int) -> None:
    _fill(store, 6)
    assert prune(store.database, before, keep) == 6 - left  # type: ignore[arg-type]  # a time or None
    assert _there(store) == [f"n{n:02}" for n in range(left)]
    assert store.column("SELECT count(*) FROM revision") == [left]
    _same(store)


def test_what_an_answer_has_quoted_stays_readable_and_is_not_searched(store: Store) -> None:
    _fill(store, 2)
    claim = "The council of Harwick voted 14 to 3 to close the old bridge."
    store.add(article("bridge", f"It rained on Tuesday in the whole valley. {claim} The mayor said that repairs would cost too much."))
    comparison = store.checker().check_text(claim)
    assert comparison.agreeing
    quoted = {excerpt.article.revision_id for excerpt in (*comparison.agreeing, *comparison.contradicting)}
    store.checks.save(comparison)
    assert prune(store.database, None, 0) == 3
    assert set(store.column("SELECT id FROM revision")) == quoted
    assert store.live() == set()
    assert all(store.passages.article_text(list(quoted)).values())
    _same(store)


def test_of_copies_the_young_one_stays_searched(store: Store) -> None:
    store.add(
        replace(article("old", story("Harwick"), "Harwick Echo"), published_at=NOON - 9 * DAY),
        replace(article("young", story("Harwick"), "Oren Post"), published_at=NOON),
    )
    prune(store.database, NOON - DAY, None)
    assert _there(store) == ["young"]
    assert {passage.article.source for passage in store.stored_passages()} == {"Oren Post"}
    _same(store)


def test_more_than_fit_one_transaction_go_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.retention.BATCH", 2)
    _fill(store, 6)
    assert prune(store.database, None, 1) == 5
    assert _there(store) == ["n00"]
    _same(store)


def test_an_article_that_went_already_is_forgotten_without_ado(store: Store) -> None:
    _fill(store, 1)
    before = store.dump()
    with store.database.writing() as session:
        forget_article(session, 999)
    assert store.dump() == before
