"""Whether a store is as the journal says that it must be, and whole. Run in a fresh process, after the fault."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.asks import Ask, Asks
from db.leases import Leases
from db.verifying import verify
from retrieval.errors import CrosscheckError
from retrieval.ingest.split import split
from tests.faults.journal import Journal, Register, read, replay
from tests.faults.opening import opened
from tests.faults.registers import value_of
from tests.faults.workload import FEW, FREQUENT, KEY, TURN, Workload
from tests.standins.databases import on_postgres
from tests.standins.store import EMBEDDER, Store

ENDS = frozenset({"answered", "told"})  # of an ask
STEPS = 3  # that the next process takes
MOST_LEFT_OVER = 40  # files of an index that nothing refers to, in a store that was hit some dozens of times


@dataclass(slots=True)
class Verdict:
    """`lost`: acknowledged, and not there. `broken`: anything else that must hold and does not."""

    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    registers: int = 0


def judge(folder: Path, journal: Path) -> Verdict:
    """Of a store that nobody writes to. Raises CrosscheckError where it cannot be opened."""
    verdict = Verdict()
    if not on_postgres:
        verdict.broken.extend(file_problems(folder / "crosscheck.db"))
    entries = read(journal)
    ended = Counter(entry.register for entry in entries if entry.phase == "done" and entry.value in ENDS)
    verdict.broken.extend(f"{register} was ended {times} times" for register, times in ended.items() if times > 1)
    with opened(folder) as store:
        look(store, replay(entries), verdict)
    return verdict


def look(store: Store, registers: Mapping[str, Register], verdict: Verdict) -> None:
    """All that must hold."""
    for name, register in registers.items():
        if name == "process":
            continue
        verdict.registers += 1
        value = value_of(store, name)
        if value not in register.possible:
            there = verdict.lost if register.ever and value is None else verdict.broken
            there.append(f"{name} is {value!r}, and was to be {' or '.join(sorted(map(repr, register.possible)))}")
    for check in (_whole_articles, _exact_offsets, _log_and_index, _asks, _audit, _left_over):
        verdict.broken.extend(check(store))


def file_problems(file: Path) -> Iterator[str]:
    """What SQLite itself finds."""
    if not file.exists():
        return
    raw = sqlite3.connect(file)
    try:
        for pragma, expected in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if (found := raw.execute(f"PRAGMA {pragma}").fetchall()) != expected:
                yield f"{pragma}: {found[:3]}"
    except sqlite3.DatabaseError as error:
        yield f"the database file: {error}"
    finally:
        raw.close()


def _whole_articles(store: Store) -> Iterator[str]:
    """Each query names what must not be there."""
    for problem, query in (
        ("an article without passages", "SELECT id FROM article WHERE revision_id NOT IN (SELECT revision_id FROM passage)"),
        ("a passage without its vector",
         "SELECT id FROM passage WHERE copy_of IS NULL AND id NOT IN (SELECT passage_id FROM passage_vector)"),
        ("a passage of a wording that is not in search",
         "SELECT id FROM passage WHERE revision_id NOT IN (SELECT revision_id FROM article WHERE revision_id IS NOT NULL)"),
        ("a copy of a passage that is not there",
         "SELECT id FROM passage WHERE copy_of IS NOT NULL AND copy_of NOT IN (SELECT id FROM passage WHERE copy_of IS NULL)"),
        ("an article twice", "SELECT min(id) FROM article GROUP BY url HAVING count(*) > 1"),
        ("a wording twice", "SELECT min(id) FROM revision GROUP BY article_id, number HAVING count(*) > 1"),
        ("an article without any wording", "SELECT id FROM article WHERE id NOT IN (SELECT article_id FROM revision)"),
    ):  # fmt: skip
        if found := store.column(query):
            yield f"{problem}: {found[:5]}"


def _exact_offsets(store: Store) -> Iterator[str]:
    """Each article in search has just the passages that its text is cut into, at their places."""
    cut: dict[int, list[tuple[int, int]]] = {}
    for passage in store.stored_passages():
        cut.setdefault(passage.article.revision_id, []).append((passage.start, passage.end))
    for revision, text in store.passages.article_text(sorted(cut)).items():
        if sorted(cut[revision]) != sorted(split(text, "en")):
            yield f"the passages of wording {revision} are not what its text is cut into"


def _log_and_index(store: Store) -> Iterator[str]:
    searched = set(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))
    last: dict[int, bool] = {}
    for change in store.changes.changes(0, 1_000_000):
        if not change.present and last.get(change.passage_id) is not True:
            yield f"the log takes out passage {change.passage_id}, which had not come"
        last[change.passage_id] = change.present
    if {id_ for id_, present in last.items() if present} != searched:
        yield "the log does not say what is there"
    for side, ids in zip(("dense", "lexical"), store.index.ids(), strict=True):
        if ids != searched:
            yield f"the {side} index has {len(ids - searched)} passages too many and {len(searched - ids)} too few"
    yield from _unfound(store, sorted(searched)[-6:])


def _unfound(store: Store, ids: list[int]) -> Iterator[str]:
    """Passages that a search for their own words and meaning does not find."""
    for id_, passage in store.passages.passages(ids).items():
        if id_ not in {match.passage_id for match in store.index.lexical(passage.text, 300)}:
            yield f"passage {id_} is not found by its words"
        vector = store.changes.vectors([id_], EMBEDDER.model_id).get(id_)
        if vector is None or id_ not in {match.passage_id for match in store.index.dense(vector, 300)}:
            yield f"passage {id_} is not found by its meaning"


def _asks(store: Store) -> Iterator[str]:
    for problem, query in (
        ("a waiting ask without its words", "SELECT id FROM ask WHERE state = 'waiting' AND (text IS NULL OR token IS NULL)"),
        ("an ended ask with its words", "SELECT id FROM ask WHERE state <> 'waiting' AND (text IS NOT NULL OR token IS NOT NULL)"),
        ("an answered ask without checks", "SELECT id FROM ask WHERE state = 'answered' AND id NOT IN (SELECT ask_id FROM ask_check)"),
    ):
        if found := store.column(query):
            yield f"{problem}: {found[:5]}"


def _audit(store: Store) -> Iterator[str]:
    yield from verify(store.database, KEY).problems


def _left_over(store: Store) -> Iterator[str]:
    """Files of the index that its own list does not name any more."""
    folder = store.folder / "index"
    if not folder.exists():
        return
    known = " ".join(file.read_text("utf-8", "replace") for file in folder.rglob(".managed.json"))
    segments = [file.name for file in folder.rglob("lexical/*") if re.match(r"[0-9a-f]{32}\.", file.name)]
    made = [file.name for file in folder.rglob("*.new")]
    left = [name for name in segments if name not in known] + made
    if len(left) > MOST_LEFT_OVER:
        yield f"{len(left)} files are left over: {left[:3]}"


def main(folder: Path, journal: Path, areas: Sequence[str], name: str) -> str:
    """What is lost and what is broken, as JSON, for who forked this process; then the next process's first steps, which must succeed."""
    verdict = judge(folder, journal)
    with opened(folder) as store:
        verdict.broken.extend(_held_up(store, name))
        notes = Journal(journal)
        steps = Workload(store, notes, name, name).steps(areas)
        for _ in range(STEPS if areas else 0):
            try:
                next(steps)()
            except CrosscheckError as error:
                verdict.broken.append(f"it does not go on: {type(error).__name__}: {error}")
        notes.close()
    return json.dumps([verdict.lost[:20], verdict.broken[:20]])


def _held_up(store: Store, name: str) -> Iterator[str]:
    """What a clock that was wrong for a while keeps from anybody, once it is right and the longest time has passed that it may."""
    now = datetime.now(UTC) + 2 * TURN + timedelta(seconds=1)
    if not Leases(store.database).take("rounds", name, now, TURN):
        yield "a lease lasts longer than leases do"
    if store.addresses.take_host("news.test", name, now, TURN) is not None:
        yield "a host's turn lasts longer than turns do"
    asked = Asks(store.database, lambda: now).accept(FREQUENT, False, "en-US", None, FEW)
    if not isinstance(asked, Ask):
        yield f"who asked while the clock was wrong may not ask again before {asked.again_at}"
    else:
        store.run(f"DELETE FROM ask WHERE id = {asked.id}")  # noqa: S608 - a number
    Leases(store.database).leave("rounds", name)
    store.addresses.leave_host("news.test", name, datetime.now(UTC))
