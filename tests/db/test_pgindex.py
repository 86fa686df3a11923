"""The two indexes, in files and in PostgreSQL, by the same tests; then what PostgreSQL's alone does."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db import pgindex, pgwords
from db.articles import Articles
from db.changes import Changes
from db.engine import Database, open_database
from db.lexicon import add_words
from db.passages import Passages
from db.pgindex import PgIndex
from retrieval.errors import IndexFault
from retrieval.index.local import LocalIndex
from retrieval.ingest.pipeline import ingest
from retrieval.ports import FilteringIndex, Vectors
from retrieval.search import Search
from retrieval.types import Article
from tests.standins.models import DIMENSION
from tests.standins.postgres import Postgres
from tests.standins.store import EMBEDDER, article, sentences_about

TOPICS = ["granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries"]
Index = LocalIndex | PgIndex


class Indexed:
    """A store of either kind, with its index."""

    def __init__(self, database: Database, index: Index) -> None:
        self.database = database
        self.articles = Articles(database)
        self.index = index

    def add(self, *articles: Article) -> None:
        ingest(articles, self.articles, EMBEDDER)

    def live(self) -> set[int]:
        with self.database.reading() as session:
            return set(session.scalars(text("SELECT id FROM passage WHERE copy_of IS NULL")))

    def words_of(self, ids: list[int]) -> list[str]:
        there = Passages(self.database).passages(ids)
        return [there[id_].text for id_ in ids]

    def save_vectors(self, vectors: Vectors) -> None:
        self.articles.save(article("a", "x" * len(vectors)), [(n, n + 1) for n in range(len(vectors))], vectors, EMBEDDER.model_id)


@pytest.fixture
def on_pg(postgres: Postgres) -> Iterator[Indexed]:
    database = open_database(postgres.emptied())
    yield Indexed(database, PgIndex(database, EMBEDDER.model_id, DIMENSION))
    database.close()


@pytest.fixture
def in_files(tmp_path: Path) -> Iterator[Indexed]:
    database = open_database(f"sqlite:///{tmp_path / 'crosscheck.db'}")
    index = LocalIndex(tmp_path / "index", Changes(database), EMBEDDER.model_id, DIMENSION)
    yield Indexed(database, index)
    index.close()
    database.close()


@pytest.fixture(params=["in_files", "on_pg"])
def store(request: pytest.FixtureRequest) -> Indexed:
    found: Indexed = request.getfixturevalue(request.param)
    return found


def _lexical(store: Indexed, query: str) -> list[int]:
    return [match.passage_id for match in store.index.lexical(query, 10)]


def test_what_was_stored_before_the_question_is_found_and_what_went_is_not(store: Indexed) -> None:
    assert store.index.lexical("granite", 5) == []
    assert store.index.dense(EMBEDDER.embed(["granite"])[0], 5) == []
    store.add(article("a", sentences_about(["granite"])))
    assert set(_lexical(store, "granite")) == store.live() == {m.passage_id for m in store.index.dense(EMBEDDER.embed(["granite"])[0], 5)}
    store.add(article("a", sentences_about(["lobsters"])))
    assert _lexical(store, "granite") == []
    assert set(_lexical(store, "lobsters")) == store.live() == store.index.ids()[0] == store.index.ids()[1]
    store.articles.remove(["https://echo.example/a"])
    assert _lexical(store, "lobsters") == []
    assert store.index.dense(EMBEDDER.embed(["granite"])[0], 5) == []
    assert store.index.ids() == (set(), set())


@pytest.mark.parametrize("size", [1, 7, 300])
def test_the_dense_order_is_that_of_the_exact_cosine(store: Indexed, size: int) -> None:
    vectors = np.random.default_rng(size).normal(size=(size, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.save_vectors(vectors)
    ids = np.array(sorted(store.live()))
    query = EMBEDDER.embed(["a question of some words"])[0]
    exact = vectors.astype("<f2").astype(np.float32) @ query
    found = store.index.dense(query, 50)
    assert [match.passage_id for match in found] == [int(ids[place]) for place in np.lexsort((ids, -exact))][:50]
    assert [match.score for match in found] == pytest.approx(sorted(exact, reverse=True)[:50], abs=1e-5)


def test_equal_vectors_and_equal_texts_come_in_the_order_of_their_ids(store: Indexed) -> None:
    vectors = np.tile(EMBEDDER.embed(["granite"]), (9, 1))
    words = "granite rocks "
    spans = [(n * len(words), (n + 1) * len(words)) for n in range(9)]
    store.articles.save(article("a", words * 9), spans, vectors, EMBEDDER.model_id)
    assert [match.passage_id for match in store.index.dense(vectors[0], 9)] == sorted(store.live())
    assert _lexical(store, "granite") == sorted(store.live())


def test_words_are_found_by_their_stem_whatever_case_and_accents(store: Indexed) -> None:
    store.add(article("1", "Ministers were voting on resolutions in the old town hall of Harwick on Tuesday."))
    store.add(article("2", "The Café on the market square of Oren closes at the end of this month, it says."))
    assert "voting" in store.words_of(_lexical(store, "vote resolution"))[0]
    assert "Café" in store.words_of(_lexical(store, "cafes CLOSING"))[0]
    assert _lexical(store, "whales") == _lexical(store, "the is on and of") == _lexical(store, "?!… 😀") == _lexical(store, "") == []


def test_a_title_word_counts_but_less_than_one_in_the_text(store: Indexed) -> None:
    store.add(article("1", "Nothing of it is said in here today by anyone at all.", title="granite"))
    store.add(article("2", "Nothing but granite is said in here today by anyone.", title="lobsters"))
    first, second = store.words_of(_lexical(store, "granite"))
    assert "granite" in first and "granite" not in second


def test_a_rare_word_counts_more_than_a_common_one_and_a_repeated_one_more_than_a_single(store: Indexed) -> None:
    for topic in TOPICS:
        again = "granite granite" if topic == "violins" else "nothing else"
        store.add(article(topic, f"The market report of this week speaks about {topic} and of course {again} much.", title="Weekly"))
    assert "violins" in store.words_of(_lexical(store, "violins market"))[0]
    both = store.words_of(_lexical(store, "granite"))
    assert ["violins" in words for words in both] == [True, False]


def test_a_rebuild_holds_what_the_database_holds(store: Indexed) -> None:
    store.add(*(article(topic, sentences_about([topic])) for topic in TOPICS))
    store.articles.remove([f"https://echo.example/{TOPICS[0]}"])
    seen: list[int] = []
    assert store.index.rebuild(seen.append) == len(store.live()) == sum(seen)
    assert store.index.ids() == (store.live(), store.live())
    assert store.words_of(_lexical(store, "lobsters"))
    assert store.index.follow() == 0


def test_what_stands_for_a_copy_that_lost_its_first_is_found(store: Indexed) -> None:
    body = sentences_about(["granite", "lobsters", "violins"]) + " Nobody else said a word, and the doors were closed before noon."
    store.add(article("a", body))
    store.add(article("b", body))
    (first,) = _lexical(store, "granite")
    store.articles.remove(["https://echo.example/a"])
    (heir,) = _lexical(store, "granite")
    assert heir != first
    assert store.index.ids() == (store.live(), store.live())
    assert [match.passage_id for match in store.index.dense(EMBEDDER.embed([body])[0], 1)] == [heir]


@given(query=st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.text("+-&|!(){}[]^\"'~*?:\\/ aAND OR NOT <-> title:text^2")))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_text_is_a_legal_query(on_pg: Indexed, query: str) -> None:
    if not on_pg.live():
        on_pg.add(article("a", "The council voted to close the bridge AND the tunnel, and not the title text."))
    assert set(_lexical(on_pg, query)) <= on_pg.live()


# What PostgreSQL's index does with many passages, shown with few: the exact ways are for small stores.
Knob = Callable[[], None]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, on_pg: Indexed) -> Indexed:
    monkeypatch.setattr(pgindex, "EXACT_BYTES", -1)
    monkeypatch.setattr(pgwords, "COUNTED_BYTES", -1)
    on_pg.index.follow()
    return on_pg


def _many(store: Indexed, count: int) -> Vectors:
    vectors = np.random.default_rng(7).normal(size=(count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.save_vectors(vectors)
    with store.database.writing() as session:
        session.execute(text("ANALYZE passage_vector, passage_words"))
    return vectors


def test_the_vector_index_is_made_once_used_and_finds_nearly_all(large: Indexed) -> None:
    vectors = _many(large, 3000)
    index = large.index
    assert isinstance(index, PgIndex)
    assert index.follow() == 0
    with large.database.reading() as session:
        assert len(session.scalars(text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%hnsw%'")).all()) == 1
    ids = sorted(large.live())
    hits = 0
    for query in vectors[:40]:
        exact = np.argsort(-(vectors.astype("<f2").astype(np.float32) @ query))[:50]
        hits += len({ids[place] for place in exact} & {match.passage_id for match in index.dense(query, 50)})
    assert hits >= 0.95 * 40 * 50
    with large.database.reading() as session:
        assert (session.scalar(text("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname LIKE '%hnsw%'")) or 0) >= 0


def test_a_vector_index_that_a_killed_program_left_unfinished_is_made_anew(large: Indexed) -> None:
    _many(large, 20)
    with large.database.writing() as session:
        session.execute(text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = ({_HNSW})"))
    large.index.follow()
    with large.database.reading() as session:
        assert session.scalar(text(f"SELECT indisvalid FROM pg_index WHERE indexrelid = ({_HNSW})")) is True


def test_of_common_words_alone_two_together_come_first(large: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgwords, "BUDGET", 3)
    large.add(*(article(f"{topic}{n}", f"{sentences_about([topic])} It was day {n} of it.") for topic in TOPICS[:2] for n in range(8)))
    large.add(article("both", sentences_about(["granite and lobsters"])))
    with large.database.writing() as session:
        session.execute(text("ANALYZE passage_words"))
    found = large.words_of(_lexical(large, "granite lobsters"))
    assert "granite and lobsters" in found[0]


@pytest.mark.parametrize("exact", [True, False])
def test_hidden_sources_leave_out_all_of_theirs_but_what_others_have_too(
    on_pg: Indexed, monkeypatch: pytest.MonkeyPatch, exact: bool
) -> None:
    if not exact:
        monkeypatch.setattr(pgindex, "EXACT_BYTES", -1)
    on_pg.index.follow()
    body = sentences_about(["granite", "lobsters", "violins"]) + " Nobody else said a word, and the doors were closed before noon."
    for feed, name, words in ((1, "hidden", sentences_about(["granite"] * 2)), (1, "first", body), (2, "copy", body)):
        with on_pg.database.writing() as session:
            session.execute(_FEED, {"id": feed})
        ingest([Article(f"https://{name}.example/", name, name, words, None, feed_id=feed)], on_pg.articles, EMBEDDER)
    index = on_pg.index
    assert isinstance(index, FilteringIndex)
    query = EMBEDDER.embed(["granite"])[0]
    assert (len(index.lexical("granite", 9)), len(index.dense(query, 9))) == (2, 2)
    (word,), (near,) = index.without([1]).lexical("granite", 9), index.without([1]).dense(query, 9)
    assert word.passage_id == near.passage_id
    assert index.without([1, 2]).lexical("granite", 9) == index.without([1, 2]).dense(query, 9) == []
    hits = Search(EMBEDDER, index, Passages(on_pg.database)).find(["granite"], 5, hidden=[1])[0]
    assert [hit.passage.article.url for hit in hits] == ["https://copy.example/"]


def test_thousands_of_hidden_ones_that_are_nearer_do_not_hide_what_may_be_seen(large: Indexed) -> None:
    with large.database.writing() as session:
        session.execute(_FEED, {"id": 1})
    near = np.tile(EMBEDDER.embed(["granite"]), (2500, 1)) + np.random.default_rng(3).normal(scale=0.01, size=(2500, DIMENSION)).astype(
        np.float32
    )
    hidden = Article("https://hidden.example/", "t", "s", "granite " * 2500, None, feed_id=1)
    large.articles.save(hidden, [(8 * n, 8 * n + 7) for n in range(2500)], near, EMBEDDER.model_id)
    large.add(*(article(topic, sentences_about([topic, "granite"])) for topic in TOPICS))
    shown = large.index
    assert isinstance(shown, PgIndex)
    query = EMBEDDER.embed(["granite"])[0]
    assert len(shown.without([1]).dense(query, 8)) == len(shown.without([1]).lexical("granite", 8)) == 8


_HNSW = "SELECT oid FROM pg_class WHERE relname LIKE '%hnsw%'"
_FEED = text(
    "INSERT INTO address (id, kind, url, host, name, state, why, failures, visits, next_visit_at, title, teaser, article_url, created_at,"
    " private) VALUES (:id, 'feed', 'https://' || :id || '.example', 'h', 'n', 'active', '', 0, 0, now(), '', '', '', now(), false)"
    " ON CONFLICT DO NOTHING"
)


def test_a_rebuild_without_anybody_who_watches_counts_the_same(on_pg: Indexed) -> None:
    on_pg.add(*(article(topic, sentences_about([topic])) for topic in TOPICS))
    assert on_pg.index.rebuild() == len(TOPICS) == on_pg.index.rebuild(lambda _: None)
    assert on_pg.index.ids() == (on_pg.live(), on_pg.live())


def test_of_two_who_find_the_vector_index_missing_one_makes_it(on_pg: Indexed) -> None:
    on_pg.add(article("a", sentences_about(["granite"])))
    index = on_pg.index
    assert isinstance(index, PgIndex)
    name = _without(on_pg, index)
    with on_pg.database.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": zlib.crc32(name.encode())})
        index.follow()
        assert _made(on_pg, name) is None
    index.follow()
    assert _made(on_pg, name) is True


def _without(store: Indexed, index: PgIndex) -> str:
    """The name of the vector index, which is not there now: databases are emptied of rows alone between tests."""
    with store.database.writing() as session:
        session.execute(text(f"DROP INDEX IF EXISTS {index._name}"))
    return index._name


def _made(store: Indexed, name: str) -> bool | None:
    with store.database.reading() as session:
        valid: bool | None = session.scalar(text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"), {"name": name})
        return valid


def test_a_vector_index_that_the_database_refuses_is_told_of_and_costs_no_search(on_pg: Indexed) -> None:
    on_pg.add(article("a", sentences_about(["granite"])))
    wrong = PgIndex(on_pg.database, EMBEDDER.model_id, 16_001)  # more dimensions than pgvector indexes
    with pytest.raises(IndexFault, match="cannot be made"):
        wrong.follow()
    wrong._build_quietly()
    assert _made(on_pg, wrong._name) is None
    assert set(_lexical(on_pg, "granite")) == on_pg.live()


def test_a_long_transaction_in_the_way_leaves_the_vector_index_for_the_next_time(on_pg: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.pgindex.BUILD_LOCK_TIMEOUT", "100ms")
    on_pg.add(article("a", sentences_about(["granite"])))
    index = on_pg.index
    assert isinstance(index, PgIndex)
    name = _without(on_pg, index)
    with on_pg.database.engine.connect() as other:
        other.execute(text("LOCK TABLE passage_vector IN SHARE ROW EXCLUSIVE MODE"))
        index.follow()
        assert not _made(on_pg, name)
    index.follow()
    assert _made(on_pg, name) is True


def test_words_of_passages_that_went_meanwhile_are_not_added(on_pg: Indexed) -> None:
    with on_pg.database.writing() as session:
        add_words(session, [998, 999])
    assert on_pg.index.ids() == (set(), set())


def test_a_store_in_a_file_has_no_vector_index_to_make(in_files: Indexed) -> None:
    in_files.add(article("a", sentences_about(["granite"])))
    pgindex.build_all(in_files.database)
    assert set(_lexical(in_files, "granite")) == in_files.live()
