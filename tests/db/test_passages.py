"""Passages coming out: exact slices, one query, whatever the characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from retrieval.ingest.split import split
from retrieval.text import normalise
from tests.standins.news import story
from tests.standins.store import EMBEDDER, NOON, Store, article, sentences_about


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


def test_passages_are_read_in_two_queries_however_many(store: Store) -> None:
    store.add(*(article(str(n), sentences_about([f"plan {n}"])) for n in range(20)))
    ids = sorted(store.live())
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", note)
    found = store.passages.passages(ids)
    event.remove(store.database.engine, "before_cursor_execute", note)
    assert set(found) == set(ids)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


def test_ids_that_are_gone_are_left_out(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])), article("b", sentences_about(["the ferry"])))
    ids = sorted(store.live())
    store.articles.remove(["https://echo.example/a"])
    assert [passage.article.url for passage in store.passages.passages([*ids, 999]).values()] == ["https://echo.example/b"]
    assert store.passages.passages([]) == {}
    assert store.passages.article_text([]) == {}


def test_more_than_a_thousand_ids_can_be_asked_for(store: Store) -> None:
    text = sentences_about(f"plan {n}" for n in range(1200))
    spans = [(at, at + 40) for at in range(0, 40 * 1200, 40)]
    vectors = np.tile(EMBEDDER.embed(["plan"]), (len(spans), 1))
    store.articles.save(article("long", text), spans, vectors, EMBEDDER.model_id)
    ids = sorted(store.live())
    assert len(ids) == 1200
    assert {(p.start, p.end, p.text) for p in store.passages.passages(ids).values()} == {(a, b, text[a:b]) for a, b in spans}
    assert [item.passage_id for item in store.changes.indexable(ids, EMBEDDER.model_id)] == ids
    assert list(store.changes.live_ids(EMBEDDER.model_id)) == ids
    assert set(store.changes.vectors(ids, EMBEDDER.model_id)) == set(ids)


def test_vectors_of_another_model_are_not_seen(store: Store) -> None:
    store.add(article("a", sentences_about(["the bridge"])))
    ids = sorted(store.live())
    assert store.changes.indexable(ids, "another") == []
    assert list(store.changes.live_ids("another")) == []
    assert store.changes.vectors(ids, "another") == {}


def test_vectors_come_back_as_they_were_to_half_precision(store: Store) -> None:
    text = sentences_about(["the bridge"])
    vectors = EMBEDDER.embed([text])
    store.articles.save(article("a", text), [(0, len(text))], vectors, EMBEDDER.model_id)
    (stored,) = store.changes.vectors(sorted(store.live()), EMBEDDER.model_id).values()
    assert stored.dtype == np.float32
    assert np.allclose(stored, vectors[0], atol=1e-3)


@settings(max_examples=60)
@given(
    st.text(
        st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("😀🏳👨\u0301\u0323\u200da. 1é\n")), min_size=1, max_size=300
    )
)
def test_a_passage_is_the_slice_of_its_article_for_any_characters(shared: Store, raw: str) -> None:
    text = normalise(raw)
    spans = [*split(text), (0, len(text)), (len(text) // 3, len(text) // 2)]
    url = f"p{shared.changes.last_seq()}"
    shared.articles.save(article(url, text), spans, EMBEDDER.embed([text] * len(spans)), EMBEDDER.model_id)
    found = [p for p in shared.stored_passages() if p.article.url.endswith("/" + url)]
    assert [(p.start, p.end) for p in found] == spans
    for passage in found:
        assert passage.text == text[passage.start : passage.end]
        assert shared.passages.article_text([passage.article.revision_id]) == {passage.article.revision_id: text}
    items = shared.changes.indexable([p.id for p in found], EMBEDDER.model_id)
    assert [item.text for item in items] == [p.text for p in found]
    shared.articles.remove([found[0].article.url])


def test_nothing_of_a_hidden_source_shows_and_its_visible_copies_take_its_place(store: Store) -> None:
    hidden, common = store.source("hidden", 111), store.source("common")
    copies = [
        replace(article(name, story("Harwick"), outlet), published_at=NOON + number * timedelta(hours=1), feed_id=feed)
        for number, (name, outlet, feed) in enumerate(
            [
                ("first", "Hidden Herald", hidden),
                ("second", "Oren Post", common),
                ("third", "Hidden Herald", hidden),
                ("fourth", "Echo", None),
            ]
        )
    ]
    store.add(*copies, replace(article("alone", sentences_about(["the ferry"]), "Hidden Herald"), feed_id=hidden))
    ids = store.column("SELECT id FROM passage WHERE copy_of IS NULL")
    everything, seen = store.passages.passages(ids), store.passages.passages(ids, {hidden})
    first, second, third, fourth, _ = ("https://echo.example/" + name for name in ("first", "second", "third", "fourth", "alone"))
    assert {one.article.url for one in everything.values()} == {first, "https://echo.example/alone"}
    assert all(set(one.copies) == {second, third, fourth} for one in everything.values() if one.article.url == first)
    assert {(one.article.url, one.article.source, one.article.feed_id, tuple(one.copies)) for one in seen.values()} == {
        (second, "Oren Post", common, (fourth,))
    }
    assert set(seen) == {id_ for id_, one in everything.items() if one.article.url == first}
    texts = store.passages.article_text([one.article.revision_id for one in seen.values()])
    assert all(texts[one.article.revision_id][one.start : one.end] == one.text == everything[id_].text for id_, one in seen.items())
