"""Retrieval over a real store and index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.ports import Vectors
from retrieval.search import DEEPEST, DEPTH, Search
from retrieval.types import Match
from tests.standins.news import story
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


OURS, THEIRS = 111, 222


def _urls(store: Store, query: str, guild_id: int | None, count: int = 20) -> set[str]:
    (hits,) = _search(store).find([query], count, hidden=store.addresses.hidden_from(guild_id))
    return {hit.passage.article.url for hit in hits}


def test_a_servers_own_articles_are_found_by_it_alone(store: Store) -> None:
    _fill(store)
    own = replace(article("own", sentences_about(["granite", "lobsters"])), feed_id=store.source("own", OURS))
    store.add(own)
    assert own.url in _urls(store, "granite", OURS)
    for guild_id in (THEIRS, None):
        found = _urls(store, "granite", guild_id)
        assert own.url not in found
        assert found == _urls(store, "granite", OURS) - {own.url}


def test_what_is_hidden_changes_neither_scores_nor_ranks_of_the_rest(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "without") as without:
        without.source("own", OURS)
        _fill(without)
        expected = _search(without).find(["lobsters"], 5)
    _fill(store)
    feed = store.source("own", OURS)
    store.add(*(replace(article(f"own-{n}", sentences_about(["lobsters"] * n)), feed_id=feed) for n in (1, 2, 3)))
    found = _search(store).find(["lobsters"], 5, hidden={feed})
    assert [(hit.passage.id, hit.dense_rank) for hit in found[0]] == [(hit.passage.id, hit.dense_rank) for hit in expected[0]]
    assert [hit.score for hit in found[0]] == pytest.approx([hit.score for hit in expected[0]], abs=0.05)  # BM25 counts all documents


def test_hits_are_filled_up_however_much_of_what_is_like_the_query_is_hidden(store: Store) -> None:
    feed = store.source("own", OURS)
    many = range(4 * DEPTH * 3)
    store.add(*(replace(article(f"own-{n}", sentences_about(["granite"]) + f" So says number {n}."), feed_id=feed) for n in many))
    store.add(*(article(f"seen-{n}", sentences_about(["granite", "violins", "tariffs"]) + f" So says town {n}.") for n in range(3)))
    (hits,) = _search(store).find(["granite"], 3, per_article=1, hidden={feed})
    assert len(hits) == 3
    assert all("/seen-" in hit.passage.article.url for hit in hits)


class _Endless:
    """Finds as many passages as it is asked for, none of them there; remembers how many that was."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def dense(self, vector: Vectors, count: int) -> list[Match]:
        self.asked.append(count)
        return [Match(id_, 1.0) for id_ in range(1000, 1000 + count)]

    def lexical(self, text: str, count: int) -> list[Match]:
        return []


def test_a_search_goes_so_deep_and_no_deeper(store: Store) -> None:
    index = _Endless()
    assert Search(EMBEDDER, index, store.passages).find(["granite"], 2, hidden={7}) == [[]]
    assert index.asked[0] == DEPTH * 2
    assert index.asked[-1] == DEEPEST * DEPTH * 2
    index.asked.clear()
    Search(EMBEDDER, index, store.passages).find(["granite"], 2)
    assert index.asked == [DEPTH * 2]


def test_where_the_first_of_a_story_is_hidden_a_copy_that_is_not_is_found_in_its_place(store: Store) -> None:
    feed = store.source("own", OURS)
    store.add(replace(article("first", story("Harwick"), "Own Herald"), feed_id=feed), article("second", story("Harwick"), "Oren Post"))
    query = story("Harwick").split(". ")[0]
    (ours,) = _search(store).find([query], 1)
    (theirs,) = _search(store).find([query], 1, hidden={feed})
    assert (ours[0].passage.article.source, ours[0].passage.copies) == ("Own Herald", ("https://echo.example/second",))
    assert (theirs[0].passage.article.source, theirs[0].passage.copies) == ("Oren Post", ())
    store.add(replace(article("third", story("Harwick"), "Own Herald"), feed_id=feed))
    (again,) = _search(store).find([query], 1, hidden={feed})
    assert again[0].passage.copies == ()
