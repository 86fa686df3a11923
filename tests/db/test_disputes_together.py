"""Cases in the hands of several at once: random interleavings against a model, then threads and processes. On both databases."""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select

from db.cases import RESOLVED, UNRESOLVED, Action, Dispute, Flag, Post, State
from db.disputes import Disputes
from db.engine import Database, open_database
from db.retention import KEEP_CASES
from db.schema import AuditHeadRow, DisputeEventRow, DisputeRow, FlagDraftRow
from db.verifying import verify
from tests.db.conftest import fresh
from tests.db.test_snapshots import SHOWN
from tests.standins.processes import start
from tests.standins.store import NOON

KEY = b"k" * 32
GUILDS = (111, 222)
MODERATORS = (7001, 7002, 7003)
MEMBERS = (8001, 8002)
POSTS = {100: MEMBERS[0], 101: MEMBERS[1]}  # and who wrote them

# Which steps there are: action -> states it may be done in, and the state after it (None: as it is).
STEPS: dict[Action, tuple[frozenset[State], frozenset[State | None]]] = {
    Action.ASSIGNED: (UNRESOLVED, frozenset({State.IN_REVIEW})),
    Action.RELEASED: (frozenset({State.IN_REVIEW}), frozenset({State.OPEN})),
    Action.RESOLVED: (UNRESOLVED, frozenset(RESOLVED)),
    Action.REOPENED: (RESOLVED, frozenset({State.OPEN})),
    Action.APPEALED: (RESOLVED, frozenset({State.OPEN})),
    Action.NOTED: (RESOLVED, frozenset({None})),
    Action.FLAGGED: (frozenset(State), frozenset({None})),
    Action.EVIDENCE: (frozenset(State), frozenset({None})),
    Action.ERASED: (frozenset(State), frozenset({None})),
}


@dataclass
class Case:
    """What a case should be."""

    id: int
    guild: int
    message: int
    author: int | None
    state: State = State.OPEN
    version: int = 1
    decided: int = 1
    assignee: int | None = None
    flaggers: set[int] = field(default_factory=set)
    rows: list[set[int]] = field(default_factory=list)  # whom each audit row names that is not erased: it is erased as a whole
    snapshots: int = 0
    appealed: bool = False
    ended: int | None = None  # the day of it
    gone: bool = False
    won: set[int] = field(default_factory=set)  # decisions upon which somebody has decided

    @property
    def named(self) -> set[int]:
        return set().union(*self.rows)


class Interleaved(RuleBasedStateMachine):
    """Members flag, moderators decide upon what they saw some time ago, people are erased, days go by."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        with database.writing() as session:
            for table in (DisputeRow, DisputeEventRow, AuditHeadRow, FlagDraftRow):
                session.execute(delete(table))
        self.day = 0
        self.book = Disputes(database, KEY, lambda: NOON + timedelta(days=self.day))
        self.cases: list[Case] = []
        self.seen: dict[int, dict[int, int]] = {person: {} for person in MODERATORS}  # moderator -> case -> decision

    def _of(self, guild: int, message: int) -> Case | None:
        return next((case for case in self.cases if (case.guild, case.message, case.gone) == (guild, message, False)), None)

    def _matches(self, case: Case, stored: Dispute | None) -> None:
        if case.gone:
            assert stored is None
            return
        assert stored is not None
        assert (stored.id, stored.state, stored.version, stored.decided, stored.assignee) == (
            case.id, case.state, case.version, case.decided, case.assignee,
        )  # fmt: skip
        assert stored.post.author == case.author
        assert {flag.person for flag in stored.flags} - {None} == case.flaggers
        assert (stored.resolved_at is None) == (case.ended is None) == (case.state not in RESOLVED)

    @rule(guild=st.sampled_from((GUILDS[0], *GUILDS)), message=st.sampled_from(sorted(POSTS)), person=st.sampled_from(MODERATORS + MEMBERS))
    def flag(self, guild: int, message: int, person: int) -> None:
        case = self._of(guild, message)
        post = Post(guild, 10, message, POSTS[message], f"Post {message}.", NOON)
        opened = self.book.open(post, Flag(person, person in MODERATORS, "False", f"Says {person}."))
        assert opened.new == (case is None)
        assert opened.counted == (case is None or person not in case.flaggers)
        if case is None:
            case = Case(opened.dispute.id, guild, message, POSTS[message])
            self.cases.append(case)
        elif opened.counted:
            case.version += 1
        if opened.counted:
            case.flaggers.add(person)
            case.rows.append({person})
        self._matches(case, opened.dispute)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), to=st.sampled_from(MODERATORS), new=st.booleans())
    def assign(self, data: st.DataObject, to: int, new: bool) -> None:
        by, case, seen = self._draw(data, Action.ASSIGNED, new)
        decided = self.book.assign(case.id, seen, by, to)
        if self._decided(Action.ASSIGNED, by, case, seen, decided):
            case.state, case.assignee = State.IN_REVIEW, to
            case.rows[-1].add(to)
            self._matches(case, decided)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), new=st.booleans())
    def release(self, data: st.DataObject, new: bool) -> None:
        by, case, seen = self._draw(data, Action.RELEASED, new)
        decided = self.book.release(case.id, seen, by)
        if self._decided(Action.RELEASED, by, case, seen, decided):
            case.state, case.assignee = State.OPEN, None
            self._matches(case, decided)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), state=st.sampled_from(sorted(RESOLVED)), new=st.booleans())
    def resolve(self, data: st.DataObject, state: State, new: bool) -> None:
        by, case, seen = self._draw(data, Action.RESOLVED, new)
        decided = self.book.resolve(case.id, seen, by, state, f"Says {by}.")
        if self._decided(Action.RESOLVED, by, case, seen, decided):
            case.state, case.ended = state, self.day
            self._matches(case, decided)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), new=st.booleans())
    def reopen(self, data: st.DataObject, new: bool) -> None:
        by, case, seen = self._draw(data, Action.REOPENED, new)
        decided = self.book.reopen(case.id, seen, by, f"Says {by}.")
        if self._decided(Action.REOPENED, by, case, seen, decided):
            case.state, case.assignee, case.ended = State.OPEN, None, None
            self._matches(case, decided)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), new=st.booleans())
    def note(self, data: st.DataObject, new: bool) -> None:
        by, case, seen = self._draw(data, Action.NOTED, new)
        decided = self.book.noted(case.id, seen, by, 555)
        if self._decided(Action.NOTED, by, case, seen, decided):
            self._matches(case, decided)

    def _draw(self, data: st.DataObject, action: Action, new: bool) -> tuple[int, Case, int]:
        """A moderator, a case that mostly has such a step, and the decision that they saw of it last, or see now."""
        by = data.draw(st.sampled_from(MODERATORS))
        fit = [case for case in self.cases if not case.gone and case.state in STEPS[action][0]]
        mostly = bool(data.draw(st.integers(0, 4)))
        case = data.draw(st.sampled_from(fit if fit and mostly else self.cases))
        stored = self.book.get(case.id)
        self._matches(case, stored)
        if new or case.id not in self.seen[by]:
            self.seen[by][case.id] = case.decided
        return by, case, self.seen[by][case.id]

    def _decided(self, action: Action, by: int, case: Case, seen: int, decided: Dispute | None) -> bool:
        """Whether it was decided, which is so if it had to be: the case is as it was seen, and nobody else won."""
        may = not case.gone and seen == case.decided and case.state in STEPS[action][0]
        assert (decided is not None) == may
        if may:
            assert seen not in case.won
            case.won.add(seen)
            case.version += 1
            case.decided = case.version
            case.rows.append({by})
        return may

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), person=st.sampled_from(MEMBERS))
    def appeal(self, data: st.DataObject, person: int) -> None:
        _, case, _ = self._draw(data, Action.APPEALED, True)
        appealed = self.book.appeal(case.id, person, f"Says {person}.")
        may = not case.gone and case.author == person and case.state in RESOLVED and not case.appealed
        assert (appealed is not None) == may
        if appealed is not None:
            case.version += 1
            case.state, case.decided, case.assignee, case.ended, case.appealed = State.OPEN, case.version, None, None, True
            case.rows.append({person})
            self._matches(case, appealed)

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def snapshot(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(self.cases))
        taken = self.book.add_snapshot(case.id, [SHOWN], np.ones((1, 2), dtype=np.float32), "m")
        assert (taken is None) == case.gone
        if taken is not None:
            case.version += 1
            case.snapshots += 1
            assert taken.number == case.snapshots
            assert (taken.comparisons[0].claim.text == "") == (case.author is None)

    @rule(person=st.sampled_from(MODERATORS + MEMBERS), really=st.integers(0, 1))
    def erase(self, person: int, really: int) -> None:
        if really:
            return  # most of the time, so that there is something to do
        theirs = [case for case in self.cases if not case.gone and person in {case.author, case.assignee, *case.flaggers, *case.named}]
        assert self.book.erase(person) == len(theirs)
        for case in theirs:
            case.version += 1
            case.author = None if case.author == person else case.author
            case.assignee = None if case.assignee == person else case.assignee
            case.flaggers.discard(person)
            case.rows = [row for row in case.rows if person not in row]
            self._matches(case, self.book.get(case.id))

    @rule(days=st.sampled_from([1, 1, KEEP_CASES, KEEP_CASES + 1]))
    def days_go_by(self, days: int) -> None:
        self.day += days
        old = [case for case in self.cases if not case.gone and case.ended is not None and case.ended + KEEP_CASES < self.day]
        assert self.book.purge(NOON + timedelta(days=self.day)) == len(old)
        for case in old:
            case.version += 1
            case.gone = True

    @rule(guild=st.sampled_from(GUILDS), really=st.integers(0, 4))
    def forget(self, guild: int, really: int) -> None:
        if really:
            return
        theirs = [case for case in self.cases if case.guild == guild]
        assert self.book.forget(guild) == sum(not case.gone for case in theirs)
        for case in theirs:
            case.gone, case.version = True, 0

    def teardown(self) -> None:
        with self.database.reading() as session:
            of_case = select(DisputeEventRow.dispute_id, func.count()).where(DisputeEventRow.dispute_id.is_not(None))
            rows = {id_: count for id_, count in session.execute(of_case.group_by(DisputeEventRow.dispute_id))}
        assert rows == {case.id: case.version for case in self.cases if case.version}
        for case in self.cases:
            self._matches(case, self.book.get(case.id))
            self._went_legal_ways(case)
        numbers = [(case.post.guild_id, case.number) for guild in GUILDS for case in self.book.page(guild, limit=999).disputes]
        assert len(set(numbers)) == len(numbers)
        assert verify(self.database, KEY).problems == []

    def _went_legal_ways(self, case: Case) -> None:
        state: State | None = None
        for version, event in enumerate(self.book.history(case.id), 1):
            assert (event.version, event.from_state) == (version, state)
            if version == 1:
                assert (event.action, event.to_state) == (Action.OPENED, State.OPEN)
            elif event.to_state is None:  # deleted by age
                assert (event.action, state in RESOLVED, version) == (Action.ERASED, True, case.version)
            else:
                before, after = STEPS[event.action]
                assert event.from_state in before
                assert (None if event.to_state is event.from_state and None in after else event.to_state) in after
            state = event.to_state
            assert case.gone is False or event.erased or event.action is Action.ERASED
            assert {str(event.person), event.note} & {str(person) for person in MODERATORS + MEMBERS} <= {str(one) for one in case.named}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> str:
    return fresh(request, migrated, tmp_path)


def _interleaved(database: Database, times: int, steps: int) -> None:
    class Here(Interleaved):
        def __init__(self) -> None:
            super().__init__(database)

    run_state_machine_as_test(
        Here, settings=settings(max_examples=times, stateful_step_count=steps, suppress_health_check=list(HealthCheck))
    )


def test_some_interleavings(database: Database) -> None:
    _interleaved(database, 25, 25)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_interleavings(database: Database) -> None:
    _interleaved(database, 1_000, 60)


# Really at once.


def _case(book: Disputes, message: int) -> Dispute:
    return book.open(Post(GUILDS[0], 10, message, MEMBERS[0], "A post.", NOON), Flag(MEMBERS[1], False, "", "")).dispute


Decision = Callable[[Disputes, Dispute], Dispute | None]
ANN, BOB, _ = MODERATORS
PAIRS: list[tuple[Decision, Decision]] = [
    (
        lambda book, case: book.resolve(case.id, case.decided, ANN, State.UPHELD, ""),
        lambda book, case: book.resolve(case.id, case.decided, BOB, State.DISPUTED, ""),
    ),
    (
        lambda book, case: book.assign(case.id, case.decided, ANN, ANN),
        lambda book, case: book.assign(case.id, case.decided, BOB, BOB),
    ),
    (
        lambda book, case: book.assign(case.id, case.decided, ANN, ANN),
        lambda book, case: book.resolve(case.id, case.decided, BOB, State.UNCLEAR, ""),
    ),
]


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_of_two_moderators_in_threads_one_wins_each_time(url: str, database: Database, times: int) -> None:
    book, wins = Disputes(database, KEY), Counter[int]()
    others = [open_database(url) for _ in range(2)]
    books = [Disputes(other, KEY) for other in others]
    with ThreadPoolExecutor(2) as pool:
        for turn in range(times):
            case, ready = _case(book, turn + 1), threading.Barrier(2)

            def decide(who: int, case: Dispute = case, ready: threading.Barrier = ready, turn: int = turn) -> Dispute | None:
                ready.wait()
                return PAIRS[turn % len(PAIRS)][who](books[who], case)

            outcomes = list(pool.map(decide, (0, 1)))
            (winner,) = [one for one in outcomes if one is not None]
            wins[outcomes.index(winner)] += 1
            assert book.get(case.id) == winner
            assert [event.version for event in book.history(case.id)] == [1, 2]
    for other in others:
        other.close()
    assert verify(database, KEY).problems == []
    assert min(wins.values()) > 0, "they were never really at once"


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_of_two_moderators_in_processes_one_wins_each_time(url: str, database: Database, times: int) -> None:
    book, wins = Disputes(database, KEY), Counter[int]()
    with ExitStack() as stack:
        moderators = [start("tests.standins.moderator", url, KEY.decode(), str(person)) for person in MODERATORS[:2]]
        for moderator in moderators:
            stack.callback(_ended, moderator)
            assert _said(moderator) == "ready"
        for turn in range(times):
            case = _case(book, turn + 1)
            for moderator in moderators:
                assert moderator.stdin is not None
                moderator.stdin.write(f"{case.id} {case.decided}\n")
                moderator.stdin.flush()
            outcomes = [_said(moderator) for moderator in moderators]
            assert sorted(outcomes) == ["lost", "won"]
            wins[outcomes.index("won")] += 1
            assert [event.person for event in book.history(case.id)] == [MEMBERS[1], MODERATORS[outcomes.index("won")]]
    assert verify(database, KEY).problems == []
    assert len(wins) == 2, "they were never really at once"


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ended(process: subprocess.Popen[str]) -> None:
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


def test_flags_set_at_once_make_one_case(url: str, database: Database) -> None:
    def flag(person: int) -> bool:
        own = open_database(url)
        book = Disputes(own, KEY)
        new = 0
        for message in range(1, 11):
            post = Post(GUILDS[0], 10, message, MEMBERS[0], "A post.", NOON)
            new += book.open(post, Flag(person, False, "", "")).new
            book.add_snapshot(message, [SHOWN], None, "m")
        own.close()
        return bool(new)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flag, range(1, 5)))
    cases = Disputes(database, KEY).page(GUILDS[0], limit=99).disputes
    assert [case.number for case in cases] == list(range(10, 0, -1))
    assert sorted(case.post.message_id or 0 for case in cases) == list(range(1, 11))
    assert all({flag.person for flag in case.flags} == {1, 2, 3, 4} for case in cases)
    assert verify(database, KEY).problems == []
