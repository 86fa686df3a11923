"""The index on disk: a view of the store's change log, whatever happens to its files."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import IndexFault
from retrieval.index.dense import DenseIndex
from retrieval.index.lexical import LexicalIndex
from retrieval.index.segments import PARTS
from retrieval.ingest.pipeline import passage_input
from retrieval.ports import Indexable
from tests.standins.databases import of_local_index
from tests.standins.models import DIMENSION
from tests.standins.processes import finish
from tests.standins.store import EMBEDDER, Store, article, sentences_about

pytestmark = of_local_index
TOPICS = ["granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries"]


def _filled(store: Store) -> None:
    store.add(*(article(topic, sentences_about([topic])) for topic in TOPICS))
    assert store.index.ids() == (store.live(), store.live())
    store.index.close()


def _keep(share: float, pattern: str) -> Callable[[Path], None]:
    """A damage that leaves only the first part of each file of the pattern."""

    def damage(folder: Path) -> None:
        for file in folder.glob(pattern):
            data = file.read_bytes()
            file.write_bytes(data[: int(share * len(data))])

    return damage


def _overwrite(share: float, name: str) -> Callable[[Path], None]:
    """A damage that puts noise over the last part of a file."""

    def damage(folder: Path) -> None:
        data = (folder / name).read_bytes()
        noise = np.random.default_rng(1).bytes(int(share * len(data)))
        (folder / name).write_bytes(data[: len(data) - len(noise)] + noise)

    return damage


def _alter(pattern: str) -> Callable[[Path], None]:
    """A damage that makes one byte in the middle of each file of the pattern another."""

    def damage(folder: Path) -> None:
        for file in folder.glob(pattern):
            data = bytearray(file.read_bytes())
            data[len(data) // 3] ^= 0xFF
            file.write_bytes(data)

    return damage


def _delete(pattern: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def _marks(content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in folder.glob("*.seq"):
            file.write_bytes(content)

    return damage


def _leave_unfinished(folder: Path) -> None:
    (folder / "dense.usearch.new").write_bytes(b"half")
    (folder / "lexical.seq.new").write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "everything deleted": _delete("*"),
    "dense file deleted": _delete("dense.usearch"),
    "dense file cut": _keep(0.5, "dense.usearch"),
    "dense file empty": _keep(0, "dense.usearch"),
    "dense file of noise": _overwrite(1, "dense.usearch"),
    "dense body of noise": _overwrite(0.5, "dense.usearch"),
    "lexical folder deleted": _delete("lexical"),
    "lexical meta deleted": _delete("lexical/meta.json"),
    "lexical meta cut": _keep(0.5, "lexical/meta.json"),
    "lexical meta empty": _keep(0, "lexical/meta.json"),
    "lexical segments deleted": _delete("lexical/*.*[!n]"),
    "lexical segments cut": _keep(0.3, "lexical/*.[itsfp]*"),
    **{f"lexical {part} altered": _alter(f"lexical/*.{part}") for part in PARTS},
    "lexical list of files altered": _alter("lexical/.managed.json"),
    "lexical list of files empty": _keep(0, "lexical/.managed.json"),
    "marks deleted": _delete("*.seq"),
    "marks of noise": _marks(b"\xff\xfe not a number"),
    "marks beyond the log": _marks(b"999999\n"),
    "marks behind the log": _marks(b"3\n"),
    "unfinished files left behind": _leave_unfinished,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_mends_itself_from_the_database(store: Store, damage: str) -> None:
    _filled(store)
    DAMAGES[damage](store.index_files)
    assert store.index.ids() == (store.live(), store.live())
    assert _found_by_own_words(store)
    store.add(article("more", sentences_about(["pyramids"])))
    assert store.index.ids() == (store.live(), store.live())


def test_a_side_that_has_lost_passages_is_made_anew(store: Store) -> None:
    _filled(store)
    side = LexicalIndex(store.index_files / "lexical")
    side.apply(sorted(store.live())[:3], ())
    side.commit(side.seq)
    assert len(side) == len(TOPICS) - 3
    assert store.index.ids() == (store.live(), store.live())
    assert _found_by_own_words(store)


def test_an_index_that_cannot_be_written_says_so_and_goes_on_once_it_can(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(store)
    store.add(article("more", sentences_about(["pyramids"])))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for use in (store.index.follow, store.index.rebuild, store.index.ids, lambda: store.index.lexical("granite", 5)):
            with pytest.raises(IndexFault, match="No space left on device"):
                use()
    assert store.index.ids() == (store.live(), store.live())
    assert _found_by_own_words(store)


def _found_by_own_words(store: Store) -> bool:
    for passage in store.stored_passages():
        vector = EMBEDDER.embed([passage_input(passage.article.title, passage.text)])[0]
        dense = store.index.dense(vector, len(TOPICS))
        lexical = store.index.lexical(passage.text, len(TOPICS))
        if passage.id not in {m.passage_id for m in dense if m.score > 0.99} or lexical[0].passage_id != passage.id:
            return False
    return True


def test_what_was_stored_before_the_question_is_found(store: Store) -> None:
    assert store.index.lexical("granite", 5) == []
    store.add(article("a", sentences_about(["granite"])))
    (match,) = store.index.lexical("granite", 5)
    assert {match.passage_id} == store.live()
    store.articles.remove(["https://echo.example/a"])
    assert store.index.lexical("granite", 5) == []
    assert store.index.dense(EMBEDDER.embed(["granite"])[0], 5) == []


def test_following_tells_how_many_rows_were_applied_and_then_none(store: Store) -> None:
    store.add(article("a", sentences_about(["granite"])))
    assert store.index.follow() > 0
    assert store.index.follow() == 0
    assert store.another_index().follow() == 0


def test_a_rebuild_holds_what_the_database_holds(store: Store) -> None:
    _filled(store)
    store.articles.remove([f"https://echo.example/{TOPICS[0]}"])
    seen: list[int] = []
    assert store.index.rebuild(seen.append) == len(store.live()) == sum(seen)
    assert store.index.ids() == (store.live(), store.live())


def test_a_database_put_back_from_a_backup_is_followed(store: Store) -> None:
    _filled(store)
    assert len(store.index.ids()[0]) == len(TOPICS)
    store.run("DELETE FROM passage WHERE id > 3")
    store.run("DELETE FROM passage_change WHERE seq > 3")
    assert store.index.ids() == ({1, 2, 3}, {1, 2, 3})


def test_two_openings_of_one_folder_stay_equal(store: Store) -> None:
    one, other = store.index, store.another_index()
    for round_, topic in enumerate(TOPICS):
        store.add(article(str(round_ % 3), sentences_about([topic])))
        (one if round_ % 2 else other).follow()
        if round_ == 4:
            one.rebuild()
        if round_ == 6:
            other.rebuild()
        assert one.ids() == other.ids() == (store.live(), store.live())
        assert one.lexical(topic, 5) == other.lexical(topic, 5) != []
        vector = EMBEDDER.embed([topic])[0]
        assert one.dense(vector, 5) == other.dense(vector, 5)
    other.close()


def test_an_ingest_of_another_process_is_seen_by_an_open_index(store: Store) -> None:
    _filled(store)
    assert store.index.lexical("gazette", 5) == []
    for name in ("gazette", "bulletin"):
        done = finish("tests.standins.writer", str(store.folder), "save", name, "3")
        assert done.returncode == 0, done.stderr
        assert len(store.index.lexical(name, 5)) == 3
    assert store.index.ids() == (store.live(), store.live())


@pytest.mark.parametrize("size", [1, 7, 300])
def test_the_dense_order_is_that_of_the_exact_cosine(store: Store, size: int) -> None:
    text = "x" * size
    vectors = np.random.default_rng(size).normal(size=(size, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.articles.save(article("a", text), [(n, n + 1) for n in range(size)], vectors, EMBEDDER.model_id)
    ids = np.array(sorted(store.live()))
    query = EMBEDDER.embed(["a question of some words"])[0]
    exact = vectors.astype("<f2").astype(np.float32) @ query
    wanted = [int(ids[place]) for place in np.lexsort((ids, -exact))][:50]
    found = store.index.dense(query, 50)
    assert [match.passage_id for match in found] == wanted
    assert [match.score for match in found] == pytest.approx(sorted(exact, reverse=True)[:50], abs=1e-5)


def test_equal_vectors_come_in_the_order_of_their_ids(store: Store) -> None:
    vectors = np.tile(EMBEDDER.embed(["granite"]), (9, 1))
    store.articles.save(article("a", "x" * 9), [(n, n + 1) for n in range(9)], vectors, EMBEDDER.model_id)
    assert [match.passage_id for match in store.index.dense(vectors[0], 9)] == sorted(store.live())


def _lexical(folder: Path, *texts: tuple[str, str]) -> LexicalIndex:
    index = LexicalIndex(folder / "lexical")
    zero = np.zeros(DIMENSION, dtype=np.float32)
    index.apply((), [Indexable(number, title, text, zero) for number, (title, text) in enumerate(texts, 1)])
    index.commit(1)
    return index


def _ids(index: LexicalIndex, query: str) -> list[int]:
    return [match.passage_id for match in index.search(query, 10)]


def test_words_are_found_by_their_stem_whatever_case_and_accents(tmp_path: Path) -> None:
    index = _lexical(tmp_path, ("", "Ministers were voting on resolutions"), ("", "The Café closes"), ("", "Sharks swim"))
    assert _ids(index, "vote resolution") == [1]
    assert _ids(index, "cafes CLOSING") == [2]
    assert _ids(index, "whales") == []


def test_a_query_of_stop_words_finds_nothing(tmp_path: Path) -> None:
    index = _lexical(tmp_path, ("The title", "The cat is on the mat"))
    assert _ids(index, "the is on and of") == []
    assert _ids(index, "") == []
    assert _ids(index, "?!… 😀") == []


def test_a_title_word_counts_but_less_than_one_in_the_text(tmp_path: Path) -> None:
    index = _lexical(tmp_path, ("granite", "Nothing of it here today"), ("lobsters", "Nothing but granite here today"))
    assert _ids(index, "granite") == [2, 1]


def test_equal_texts_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    assert _ids(_lexical(tmp_path, *[("", "granite rocks")] * 5), "granite") == [1, 2, 3, 4, 5]


def test_words_with_digits_are_asked_for_as_they_are_stored(tmp_path: Path) -> None:
    index = _lexical(tmp_path, ("", "The G20 met in Oren."), ("", "The group met in 20 towns."))
    assert _ids(index, "the G20") == [1]


def test_numbers_are_words_too(tmp_path: Path) -> None:
    index = _lexical(tmp_path, ("", "It passed by 93 to 8"), ("", "It passed by 94 to 8"))
    assert _ids(index, "93")[0] == 1


@pytest.fixture(scope="module")
def some_lexical(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return _lexical(tmp_path_factory.mktemp("lexical"), ("Title", "The council voted to close the bridge AND the tunnel"))


@settings(max_examples=150)
@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.text('+-&|!(){}[]^"~*?:\\/ aAND OR NOT title:text^2')))
def test_any_text_is_a_legal_query(some_lexical: LexicalIndex, query: str) -> None:
    assert set(_ids(some_lexical, query)) <= {1}


def test_applying_the_same_twice_changes_nothing(tmp_path: Path) -> None:
    items = [Indexable(n, "t", topic, EMBEDDER.embed([topic])[0]) for n, topic in enumerate(TOPICS)]
    dense, lexical = DenseIndex(tmp_path / "dense", DIMENSION), LexicalIndex(tmp_path / "lexical")
    for _ in range(2):
        dense.apply([item.passage_id for item in items], items)
        lexical.apply([item.passage_id for item in items], items)
        dense.commit(1)
        lexical.commit(1)
        assert dense.ids() == lexical.ids() == set(range(len(TOPICS)))
        assert _ids(lexical, "granite") == [0]


def test_a_dense_file_of_another_dimension_is_made_anew(tmp_path: Path) -> None:
    index = DenseIndex(tmp_path / "dense", DIMENSION)
    index.apply((), [Indexable(1, "t", "x", EMBEDDER.embed(["x"])[0])])
    index.commit(5)
    assert DenseIndex(tmp_path / "dense", DIMENSION).seq == 5
    other = DenseIndex(tmp_path / "dense", 32)
    assert (other.seq, other.ids()) == (0, set())


def test_a_file_that_a_killed_commit_left_behind_does_not_stop_the_index(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    two = article("two", sentences_about(TOPICS[:2]))
    store.add(article("long", "\n\n".join(sentences_about([topic] * 9) for topic in TOPICS)), two)
    assert store.index.ids() == (store.live(), store.live())
    lexical = store.index.folder / "lexical"
    meta = json.loads((lexical / "meta.json").read_text(encoding="utf-8"))
    for segment in (entry["segment_id"].replace("-", "") for entry in meta["segments"]):
        for ahead in range(1, 60):  # whatever number the next commit gives its delete file
            (lexical / f"{segment}.{meta['opstamp'] + ahead}.del").touch()
    store.articles.remove([two.url])
    assert store.index.ids() == (store.live(), store.live())
    assert store.index.lexical(TOPICS[0], 5)
    assert "cannot be written and is made anew" in caplog.text


def test_a_long_filling_of_the_lexical_side_is_made_durable_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.lexical.STEP", 10)
    vector = np.zeros(DIMENSION, dtype=np.float32)
    index = LexicalIndex(tmp_path)
    seen = []
    for number in range(1, 16):
        index.apply([], [Indexable(number, "", f"granite {number}", vector)])
        index.step(number)
        seen.append(len(LexicalIndex(tmp_path).search("granite", 50)))
    assert seen == [0] * 9 + [10] * 6
    assert LexicalIndex(tmp_path).seq == 10
    index.apply([3], [])
    index.commit(16)
    assert len(LexicalIndex(tmp_path).search("granite", 50)) == 14
    index.close()


def test_more_changes_than_fit_one_page_are_followed_and_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.local.PAGE", 3)
    store.add(*(article(topic, sentences_about([topic])) for topic in TOPICS))
    told: list[int] = []
    store.index.rebuild(told.append)
    assert sum(told) == len(TOPICS)
    assert max(told) <= 3
    assert store.index.ids() == (store.live(), store.live())
