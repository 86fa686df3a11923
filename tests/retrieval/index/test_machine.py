"""Random lives of a store and its index: add, revise, remove, close, rebuild, damage. After each step both sides hold the live passages."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from retrieval.ingest.pipeline import passage_input
from tests.standins.store import EMBEDDER, Store, article, sentences_about

TOPICS = [
    "granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries", "glaciers", "sardines", "castles", "robots",
    "pensions", "volcanoes", "honey", "railways",
]  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
TEXTS = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=12).map(sentences_about)


class IndexLife(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(self.folder)
        self.other = self.store.another_index()

    @rule(name=NAMES, text=TEXTS)
    def add_or_revise(self, name: str, text: str) -> None:
        self.store.add(article(name, text))

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        self.store.articles.remove([f"https://echo.example/{name}"])

    @rule()
    def close_and_reopen(self) -> None:
        self.store.close()
        self.store = Store(self.folder)
        self.other = self.store.another_index()

    @rule()
    def rebuild(self) -> None:
        assert self.store.index.rebuild() == len(self.store.live())

    @rule()
    def rebuild_from_the_other_side(self) -> None:
        self.other.rebuild()

    def _files(self) -> Path:
        """The index's files, with nobody looking."""
        self.close_and_reopen()
        return self.store.index_files

    @rule()
    def delete_the_files(self) -> None:
        shutil.rmtree(self._files(), ignore_errors=True)

    @rule(what=st.sampled_from(["dense.usearch", "lexical", "dense.usearch.seq", "lexical.seq"]))
    def delete_one(self, what: str) -> None:
        path = self._files() / what
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    @precondition(lambda self: (self.store.index_files / "dense.usearch").exists())
    @rule(place=st.floats(0, 1), noise=st.binary(min_size=1, max_size=40))
    def corrupt_the_dense_file(self, place: float, noise: bytes) -> None:
        path = self._files() / "dense.usearch"
        data = bytearray(path.read_bytes())
        at = int(place * len(data))
        data[at : at + len(noise)] = noise
        path.write_bytes(data)

    @rule(
        name=st.sampled_from(["dense.usearch.seq", "lexical.seq"]),
        noise=st.sampled_from([b"", b"x", b"\xff\xff", b"-5", b"1", b"88888888"]),
    )
    def corrupt_a_mark(self, name: str, noise: bytes) -> None:
        path = self._files() / name
        if path.exists():
            path.write_bytes(noise)

    @rule(share=st.floats(0, 0.99))
    def truncate_the_lexical_meta(self, share: float) -> None:
        path = self._files() / "lexical" / "meta.json"
        if path.exists():
            data = path.read_bytes()
            path.write_bytes(data[: int(share * len(data))])

    @invariant()
    def both_openings_hold_the_live_passages(self) -> None:
        live = self.store.live()
        assert self.store.index.ids() == (live, live)
        assert self.other.ids() == (live, live)

    @invariant()
    def a_passage_is_found_by_its_own_words(self) -> None:
        for passage in self.store.stored_passages()[-2:]:
            everything = len(self.store.live())
            vector = EMBEDDER.embed([passage_input(passage.article.title, passage.text)])[0]
            assert passage.id in {match.passage_id for match in self.other.dense(vector, everything) if match.score > 0.99}
            assert passage.id in {match.passage_id for match in self.store.index.lexical(passage.text, everything)}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.other.close()
            self.store.close()
            shutil.rmtree(self.folder)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        IndexLife,
        settings=settings(max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)),
    )


def test_an_index_equals_its_database_whatever_happens_to_it() -> None:
    _run(examples=10, steps=10)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_index_equals_its_database_through_many_lives() -> None:
    _run(examples=40, steps=25)
