"""Retrieval over a real store and index."""

from __future__ import annotations

from dataclasses import replace

from retrieval.ports import Vectors
from retrieval.search import Search
from retrieval.types import Match
from tests.standins.store import EMBEDDER, Store, article, sentences_about

TOPICS = ["granite", "lobsters", "violins", "tariffs", "measles"]


def _search(store: Store) -> Search:
    return Search(EMBEDDER, store.index, store.passages)


def _fill(store: Store) -> None:
    store.add(*(article(topic, sentences_about([topic] * 40)) for topic in TOPICS), article("short", sentences_about(["granite"])))


def test_the_topic_asked_for_comes_first_with_its_ranks(store: Store) -> None:
    _fill(store)
    (hits,) = _search(store).find(["lobsters"], 5)
    assert hits[0].passage.article.url.endswith("lobsters")
    assert {hit.dense_rank for hit in hits if hit.dense_rank} and {hit.lexical_rank for hit in hits if hit.lexical_rank}
    assert all(hit.dense_rank or hit.lexical_rank for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_at_most_so_many_and_so_many_of_one_article(store: Store) -> None:
    _fill(store)
    (hits,) = _search(store).find(["granite lobsters violins tariffs"], 4, per_article=1)
    assert len(hits) == 4
    assert len({hit.passage.article.id for hit in hits}) == 4
    (free,) = _search(store).find(["granite"], 4)
    assert len(free) == 4
    assert len({hit.passage.article.id for hit in free}) < 4


def test_queries_are_answered_in_their_order_and_alike_alone_and_together(store: Store) -> None:
    _fill(store)
    together = _search(store).find(TOPICS, 5)
    assert together == [_search(store).find([topic], 5)[0] for topic in TOPICS]
    assert together == _search(store).find(TOPICS, 5)


def test_no_query_and_an_empty_store_give_nothing(store: Store) -> None:
    assert _search(store).find([], 5) == []
    assert _search(store).find(["granite"], 5) == [[]]


def test_a_removed_or_revised_article_is_found_as_it_is_now(store: Store) -> None:
    _fill(store)
    store.articles.remove(["https://echo.example/lobsters"])
    store.add(replace(article("violins", ""), text=sentences_about(["harpsichords"])))
    assert all(hit.passage.article.url != "https://echo.example/lobsters" for hit in _search(store).find(["lobsters"], 20)[0])
    assert _search(store).find(["harpsichords"], 1)[0][0].passage.article.url == "https://echo.example/violins"


class _StaleIndex:
    """Names a passage that has gone in the meantime."""

    def __init__(self, ids: list[int]) -> None:
        self._ids = ids

    def dense(self, vector: Vectors, count: int) -> list[Match]:
        return [Match(id_, 1.0) for id_ in self._ids]

    def lexical(self, text: str, count: int) -> list[Match]:
        return []


def test_a_passage_that_has_gone_in_the_meantime_is_left_out(store: Store) -> None:
    store.add(article("a", sentences_about(["granite"])))
    (here,) = store.live()
    (hits,) = Search(EMBEDDER, _StaleIndex([999, here]), store.passages).find(["granite"], 5)
    assert [(hit.passage.id, hit.dense_rank) for hit in hits] == [(here, 2)]
