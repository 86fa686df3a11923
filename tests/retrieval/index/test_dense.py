"""The dense side's file, mapped, and what came and went since it was written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from retrieval.index.dense import DenseIndex
from retrieval.ports import Indexable, Vectors
from tests.standins.databases import of_local_index
from tests.standins.store import Store, article, sentences_about

ROWS = 600


def _vectors() -> Vectors:
    rows = np.random.default_rng(1).standard_normal((ROWS, 8)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _items(rows: Vectors, first: int = 1) -> list[Indexable]:
    return [Indexable(id_, "", "", row) for id_, row in enumerate(rows, first)]


@of_local_index
def test_a_dense_side_takes_up_what_another_process_wrote_and_goes_on_from_there(store: Store) -> None:
    store.add(*(article(topic, sentences_about([topic])) for topic in ("granite", "lobsters", "violins")))
    with closing(store.another_index()) as other:
        other.ids()  # the file is mapped
        store.add(article("z", sentences_about(["ferries"])))
        store.index.follow()  # writes the file anew
        store.articles.remove(["https://echo.example/z"])
        assert other.ids() == store.index.ids() == (store.live(), store.live())


def test_a_search_finds_enough_where_all_that_was_near_has_gone(tmp_path: Path) -> None:
    rows = _vectors()
    dense = DenseIndex(tmp_path / "dense", 8)
    dense.apply((), _items(rows))
    dense.commit(1)
    nearest = (np.argsort(-(rows @ rows[0])) + 1).tolist()
    dense.apply(nearest[:25], [])  # too few to write the file anew
    dense.commit(2)
    assert set(nearest[25:35]) <= set(dense.search(rows[0], 10))
    assert len(dense) == ROWS - 25


def test_what_came_since_the_file_was_written_is_found_and_replaced(tmp_path: Path) -> None:
    rows = _vectors()
    dense = DenseIndex(tmp_path / "dense", 8)
    dense.apply((), _items(rows[:590]))
    dense.commit(1)
    dense.apply((), _items(rows[590:], 591))
    dense.apply((), _items(rows[:1], 600))  # another vector for the last
    dense.commit(2)
    assert {1, 600} <= set(dense.search(rows[0], 5))
    assert dense.ids() == set(range(1, 601))


def test_what_was_not_written_is_missing_after_a_restart_and_the_mark_says_so(tmp_path: Path) -> None:
    rows = _vectors()
    dense = DenseIndex(tmp_path / "dense", 8)
    dense.apply((), _items(rows[:590]))
    dense.commit(7)
    dense.apply([3], _items(rows[590:], 591))
    dense.commit(9)
    dense.close()
    again = DenseIndex(tmp_path / "dense", 8)
    assert (again.seq, again.ids()) == (7, set(range(1, 591)))


@pytest.mark.parametrize("exact_up_to", [0, ROWS])
def test_what_was_taken_out_before_the_file_was_written_is_not_found_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exact_up_to: int
) -> None:
    monkeypatch.setattr("retrieval.index.dense.EXACT_UP_TO", exact_up_to)
    rows = _vectors()
    dense = DenseIndex(tmp_path / "dense", 8)
    dense.apply((), _items(rows))
    dense.commit(1)
    dense.apply(range(1, 401), [])
    dense.commit(2)  # so many that the file is written anew
    left = set(range(401, ROWS + 1))
    for opened in (dense, DenseIndex(tmp_path / "dense", 8)):
        assert (len(opened), opened.ids()) == (len(left), left)
        for row in rows[:50]:
            found = opened.search(row, 20)
            assert len(found) == len(set(found)) > 20 and set(found) <= left


def test_nothing_that_goes_and_nothing_that_comes_changes_nothing(tmp_path: Path) -> None:
    with closing(DenseIndex(tmp_path / "dense.usearch", 8)) as index:
        index.apply([], _items(_vectors()[:3]))
        index.apply([], [])
        assert len(index) == 3


def test_a_first_filling_is_written_each_time_it_has_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.dense.STEP", 100)
    rows, file = _vectors(), tmp_path / "dense.usearch"
    written = []
    with closing(DenseIndex(file, 8)) as index:
        for first in range(0, 600, 50):
            index.apply([], _items(rows[first : first + 50], first + 1))
            index.step(first + 50)
            written.append(file.exists())
    assert written.index(True) == 1  # at the hundredth row
    with closing(DenseIndex(file, 8)) as found:
        assert found.seq in range(100, 600)
        assert found.search(rows[0], 5)[0] == 1


def test_many_changes_of_a_written_side_are_gathered_and_searched_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.dense.BULK", 50)
    rows = _vectors()
    with closing(DenseIndex(tmp_path / "dense.usearch", 8)) as index:
        index.apply([], _items(rows[:500]))
        index.commit(500)
        index.apply(range(1, 101), _items(rows[500:], 501))  # the first hundred go, another hundred come
        assert len(index) == 500
        assert index.search(rows[550], 5)[0] == 551
        assert 1 not in index.search(rows[0], 500)
        index.commit(700)
    with closing(DenseIndex(tmp_path / "dense.usearch", 8)) as again:
        assert (again.seq, len(again)) == (700, 500)
