"""The fault harness itself: some faults of each kind are survived, and its judge finds what is lost or broken."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.journal import Journal, read, replay
from tests.faults.judge import judge
from tests.faults.kinds import KINDS, shares
from tests.faults.shim import build
from tests.faults.warming import AnyIndex
from tests.faults.workload import Workload
from tests.standins.databases import of_sqlite
from tests.standins.processes import finish
from tests.standins.store import Store

pytestmark = [of_sqlite, pytest.mark.skipif(sys.platform != "linux", reason="faults are injected with Linux's means")]
OF_STORE = [kind.name for kind in KINDS.values() if kind.lane == "store"]
QUICK = ["kill-ingest", "kill-case", "disk-full", "commit", "write", "index-damaged", "clock-ahead"]
HARMS: dict[str, tuple[str, str]] = {
    "an article is gone": ("UPDATE article SET revision_id = NULL", "is None, and was to be"),
    "an ask is gone": ("DELETE FROM ask", "ask user"),
    "an answer was taken back": ("UPDATE ask SET state = 'waiting'", "a waiting ask without its words"),
    "an answer has no checks": ("DELETE FROM ask_check", "an answered ask without checks"),
    "a case is gone": ("DELETE FROM dispute", "flag "),
    "a decision says something else": ("UPDATE dispute_event SET to_state = 'open'", "was changed"),
    "a passage lies elsewhere": ('UPDATE passage SET "end" = "end" + 1', "not what its text is cut into"),
    "a passage has no vector": ("DELETE FROM passage_vector", "a passage without its vector"),
    "the log forgets": ("DELETE FROM passage_change", "the log does not say what is there"),
    "a follow is gone": ("DELETE FROM follow", "follow 5"),
}


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has some of everything, its index, and its journal."""
    folder = tmp_path_factory.mktemp("worked")
    journal = folder / "journal"
    with Store(folder) as store:
        vars(store)["index"] = AnyIndex(store)
        notes = Journal(journal)
        for area, count in (("ingest", 6), ("check", 8), ("case", 12), ("follow", 3)):
            steps = Workload(store, notes, f"worker {area}", "seed").steps([area])
            for _ in range(count):
                next(steps)()
        notes.close()
    verdict = judge(folder, journal)
    assert (verdict.lost, verdict.broken) == ([], [])
    assert verdict.registers > 20
    return folder


def test_a_journal_says_what_may_be_and_what_must_be(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    first = journal.attempt("article a", "one")
    journal.done(first)
    journal.failed(journal.attempt("article a", "two"), OSError("full"), escaped=True)
    journal.attempt("ask b", "waiting")
    registers = replay(read(tmp_path / "journal"))
    assert registers["article a"].possible == {"one", "two"}
    assert registers["ask b"].possible == {None, "waiting"}


def test_shares_are_of_all_kinds_and_sum_up() -> None:
    wanted = shares(list(KINDS.values()), 1000)
    assert sum(wanted.values()) == 1000
    assert min(wanted.values()) > 0


@pytest.mark.parametrize("harm", HARMS)
def test_the_judge_finds_harm(worked: Path, tmp_path: Path, harm: str) -> None:
    folder = Path(shutil.copytree(worked, tmp_path / "harmed"))
    statement, expected = HARMS[harm]
    with Store(folder) as store:
        store.run(statement)
    verdict = judge(folder, folder / "journal")
    assert any(re.search(expected, problem) for problem in [*verdict.lost, *verdict.broken]), verdict


def _rounds(folder: Path, kinds: list[str], count: int, seed: str = "gate", store: str = "sqlite") -> list[dict[str, object]]:
    """What a lane says. It may need another round where a fault did not meet any work."""
    library = build(folder)
    if library is None:
        pytest.skip("there is no C compiler")
    done = finish("tests.faults.lane", ",".join(kinds), seed, str(count), LD_PRELOAD=str(library), CROSSCHECK_TEST_DATABASE=store)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _harmless(rounds: list[dict[str, object]]) -> None:
    assert [(one["kind"], one["lost"], one["broken"]) for one in rounds if one["lost"] or one["broken"]] == []
    assert sum(bool(one["faults"]) for one in rounds) >= 0.7 * len(rounds)


def test_some_faults_lose_and_break_nothing(tmp_path: Path) -> None:
    _harmless(_rounds(tmp_path, QUICK, len(QUICK)))


@pytest.mark.parametrize("kinds", [["kill-migration", "kill-copy"], ["network"]], ids=str)
def test_other_faults_lose_and_break_nothing(tmp_path: Path, kinds: list[str]) -> None:
    _harmless(_rounds(tmp_path, kinds, 2))


LANES: list[Callable[[Path], list[dict[str, object]]]] = [
    lambda folder: _rounds(folder, OF_STORE, 8 * len(OF_STORE), "slow"),
    lambda folder: _rounds(folder, ["kill-migration", "kill-copy"], 30, "slow"),
    lambda folder: _rounds(folder, ["network"], 30, "slow"),
    lambda folder: _rounds(folder, ["model"], 12, "slow"),
    lambda folder: _rounds(folder, ["postgres"], 8, "slow", "postgresql"),
    lambda folder: _rounds(folder, ["discord"], 60, "slow"),
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("lane", range(len(LANES)))
def test_many_faults_lose_and_break_nothing(tmp_path: Path, lane: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSCHECK_DATA_DIR")
    assert os.environ.get("LD_PRELOAD") is None
    _harmless(LANES[lane](tmp_path))
