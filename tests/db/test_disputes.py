"""Cases: flags that join, decisions of which one wins, evidence that stays, what is erased and forgotten. On both databases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from db.audit import Audit
from db.case_forgetting import KEEP_DRAFTS, Forgetting
from db.cases import LARGEST_NUMBER, RESOLVED, Action, Dispute, Flag, Page, Post, State
from db.checks import Checks
from db.disputes import DRAFTS, Disputes
from db.engine import Database
from db.follows import Follows
from db.guilds import Guilds
from db.retention import KEEP_CASES, purge_asks
from db.snapshots import dump, load
from db.verifying import verify
from retrieval.ports import Vectors
from retrieval.types import Claim, Comparison, Outcome
from tests.db.test_snapshots import SHOWN
from tests.standins.store import NOON

KEY = b"k" * 32
GUILD, OTHER = 111_222_333_444, 222_333_444_555
AUTHOR, FLAGGER, ANN, BOB = 700_000_000_001, 700_000_000_002, 700_000_000_003, 700_000_000_004
DAY = timedelta(days=1)
POST = Post(GUILD, 10, 100, AUTHOR, "The council voted 14 to 3.", NOON - DAY)
FLAG = Flag(FLAGGER, False, "False", "It was 12 to 5.")


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(database: Database, clock: Clock) -> Disputes:
    return Disputes(database, KEY, clock)


def _opened(book: Disputes, post: Post = POST, flag: Flag = FLAG, check: int | None = None) -> Dispute:
    return book.open(post, flag, check).dispute


def _now(book: Disputes, case: Dispute) -> Dispute:
    found = book.get(case.id)
    assert found is not None
    return found


def _resolved(book: Disputes, case: Dispute, state: State = State.DISPUTED) -> Dispute:
    resolved = book.resolve(case.id, _now(book, case).decided, ANN, state, "Two outlets say so.")
    assert resolved is not None
    return resolved


def _check(database: Database, key: str = "") -> int:
    return Checks(database).save(Comparison(Claim("It was 14 to 3."), Outcome.NO_MATCH, (), (), 0, 0, None, {}), key)


def _actions(book: Disputes, case: Dispute) -> list[Action]:
    return [event.action for event in book.history(case.id)]


def _vector(*values: float) -> Vectors:
    return np.array(values, dtype=np.float32)


def _count(database: Database, table: str) -> int:
    with database.reading() as session:
        return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def _words(database: Database) -> str:
    """Everything that stands in the tables of cases."""
    tables = ("dispute", "dispute_flag", "dispute_claim", "snapshot", "dispute_event", "flag_draft", "follow")
    with database.reading() as session:
        return "\n".join(repr(tuple(row)) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))


def test_a_flag_opens_a_case_with_all_that_was_said(book: Disputes) -> None:
    opened = book.open(POST, FLAG)
    case = opened.dispute
    assert (opened.new, opened.counted) == (True, True)
    assert case == Dispute(
        case.id, 1, State.OPEN, 1, 1, None, POST, None, NOON, NOON, None, None, 0, None, None, None, (replace(FLAG, created_at=NOON),)
    )  # fmt: skip
    assert book.get(case.id) == book.numbered(GUILD, 1) == book.of_message(GUILD, 100) == case
    assert book.get(case.id + 1) is book.numbered(OTHER, 1) is book.of_message(OTHER, 100) is None
    (event,) = book.history(case.id)
    assert (event.version, event.action, event.from_state, event.to_state, event.person, event.at, event.erased) == (
        1, Action.OPENED, None, State.OPEN, FLAGGER, NOON, False,
    )  # fmt: skip
    assert event.note == "False\nIt was 12 to 5."


def test_the_largest_ids_and_any_words_are_kept(book: Disputes, database: Database) -> None:
    post = Post(2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1, "„Ωδή“ \U0001f600\n\\ ' \" ;--", None)
    case = _opened(book, post, Flag(2**63 - 1, True, "ä" * 100, "\u202e\n" * 500))
    assert case.post == post
    assert verify(database, KEY).problems == []


def test_flags_of_one_post_join_its_case_and_count_once_a_person(book: Disputes, clock: Clock) -> None:
    case = _opened(book)
    clock.now += DAY
    again = book.open(replace(POST, text="Edited."), replace(FLAG, note="It was 13 to 4."))
    other = book.open(POST, Flag(BOB, True, "", ""))
    assert (again.new, again.counted, other.new, other.counted) == (False, False, False, True)
    now = _now(book, case)
    assert (now.post, now.version, now.decided) == (POST, 2, 1)
    assert [(one.person, one.note, one.created_at) for one in now.flags] == [(FLAGGER, "It was 13 to 4.", NOON), (BOB, "", NOON + DAY)]
    assert _actions(book, case) == [Action.OPENED, Action.FLAGGED]


def test_a_flag_of_a_resolved_case_leaves_it_resolved(book: Disputes) -> None:
    case = _resolved(book, _opened(book))
    joined = book.open(POST, Flag(BOB, False, "", ""))
    assert (joined.new, joined.counted) == (False, True)
    assert joined.dispute.state is State.DISPUTED
    assert joined.dispute.decided == case.decided
    assert book.resolve(case.id, case.decided, BOB, State.UNCLEAR, "") is None  # resolved already


def test_other_posts_other_servers_and_other_typed_claims_have_cases_of_their_own(book: Disputes, database: Database) -> None:
    one, two = _check(database), _check(database)
    typed = Post(GUILD, None, None, None, "It was 14 to 3.")
    other, elsewhere = replace(POST, message_id=101), replace(POST, guild_id=OTHER)
    flagged = [(POST, one), (other, one), (elsewhere, None), (typed, one), (typed, two), (typed, None), (typed, None)]
    cases = [_opened(book, post, check=check) for post, check in flagged]
    assert [case.number for case in cases] == [1, 2, 1, 3, 4, 5, 6]
    joined = book.open(replace(typed, channel_id=11), Flag(BOB, True, "", ""), one)
    assert (joined.new, joined.dispute.id) == (False, cases[3].id)


def test_numbers_are_never_given_twice(book: Disputes, clock: Clock) -> None:
    first, second = _opened(book), _opened(book, replace(POST, message_id=101))
    _resolved(book, second)
    assert book.purge(NOON + (KEEP_CASES + 1) * DAY) == 1
    assert [case.id for case in book.page(GUILD).disputes] == [first.id]
    assert _opened(book, replace(POST, message_id=101)).number == 3


def test_limits_count_a_persons_flags_in_all_servers(book: Disputes, clock: Clock) -> None:
    _opened(book)
    clock.now += DAY
    _opened(book)  # the second flag changes the first
    _opened(book, replace(POST, guild_id=OTHER))
    _opened(book, replace(POST, message_id=101), replace(FLAG, person=BOB))
    assert book.flags_since(FLAGGER, NOON - DAY) == 2
    assert book.flags_since(FLAGGER, NOON) == 1
    assert book.flags_since(ANN, NOON - DAY) == 0


def test_a_case_goes_its_way_from_flag_to_a_second_resolution(book: Disputes, clock: Clock) -> None:
    case = _opened(book)
    clock.now += DAY
    assigned = book.assign(case.id, case.decided, ANN, BOB)
    assert assigned is not None
    assert (assigned.state, assigned.assignee, assigned.version, assigned.decided) == (State.IN_REVIEW, BOB, 2, 2)
    released = book.release(case.id, 2, BOB)
    assert released is not None
    assert (released.state, released.assignee) == (State.OPEN, None)
    assigned = book.assign(case.id, 3, ANN, ANN)
    assert assigned is not None
    resolved = book.resolve(case.id, 4, ANN, State.DISPUTED, "Two outlets say so.")
    assert resolved is not None
    assert (resolved.state, resolved.assignee, resolved.resolved_at) == (State.DISPUTED, ANN, clock.now)
    noted = book.noted(case.id, 5, BOB, 555)
    assert noted is not None
    assert (noted.state, noted.note_message_id, noted.decided) == (State.DISPUTED, 555, 6)
    appealed = book.appeal(case.id, AUTHOR, "I was there.")
    assert appealed is not None
    assert (appealed.state, appealed.assignee, appealed.resolved_at, appealed.appeal, appealed.appealed_at, appealed.decided) == (
        State.OPEN, None, None, "I was there.", clock.now, 7,
    )  # fmt: skip
    again = book.resolve(case.id, 7, BOB, State.UPHELD, "")
    assert again is not None
    assert book.appeal(case.id, AUTHOR, "Once more.") is None
    reopened = book.reopen(case.id, 8, ANN, "New evidence.")
    assert reopened is not None
    assert (reopened.state, reopened.note_message_id, reopened.appeal) == (State.OPEN, 555, "I was there.")
    assert [one.id for one in book.behind()] == [case.id]  # until its note is withdrawn
    book.notes_gone([555])
    assert [(event.action, event.person, event.note) for event in book.history(case.id)][1:] == [
        (Action.ASSIGNED, ANN, str(BOB)), (Action.RELEASED, BOB, None), (Action.ASSIGNED, ANN, str(ANN)),
        (Action.RESOLVED, ANN, "Two outlets say so."), (Action.NOTED, BOB, None), (Action.APPEALED, AUTHOR, "I was there."),
        (Action.RESOLVED, BOB, ""), (Action.REOPENED, ANN, "New evidence."),
    ]  # fmt: skip
    assert [event.version for event in book.history(case.id)] == list(range(1, 10))


def test_of_two_decisions_upon_the_same_sight_the_second_is_refused(book: Disputes) -> None:
    case = _opened(book)
    assert book.resolve(case.id, case.decided, ANN, State.UPHELD, "It stands.") is not None
    before = _now(book, case)
    assert book.resolve(case.id, case.decided, BOB, State.DISPUTED, "No.") is None
    assert book.assign(case.id, case.decided, BOB, BOB) is None
    assert _now(book, case) == before
    assert _actions(book, case) == [Action.OPENED, Action.RESOLVED]


def test_a_step_that_is_there_is_refused_upon_an_older_sight(book: Disputes) -> None:
    case = _opened(book)
    assert book.assign(case.id, 1, ANN, ANN) is not None
    assert book.assign(case.id, 1, BOB, BOB) is None
    assert book.release(case.id, 1, BOB) is None
    assert book.resolve(case.id, 1, BOB, State.UPHELD, "") is None
    assert book.resolve(case.id, 2, ANN, State.UPHELD, "") is not None
    assert book.noted(case.id, 2, BOB, 556) is None
    assert book.noted(case.id, 3, ANN, 555) is not None
    assert book.reopen(case.id, 3, BOB, "") is None
    now = _now(book, case)
    assert (now.state, now.assignee, now.note_message_id, now.decided) == (State.UPHELD, ANN, 555, 4)
    assert _actions(book, case) == [Action.OPENED, Action.ASSIGNED, Action.RESOLVED, Action.NOTED]


def test_flags_evidence_and_erasures_do_not_stand_in_a_decisions_way(book: Disputes) -> None:
    case = _opened(book)
    book.open(POST, Flag(BOB, False, "", ""))
    book.add_snapshot(case.id, [SHOWN], None, "m")
    book.erase(BOB)
    resolved = book.resolve(case.id, case.decided, ANN, State.UNCLEAR, "")
    assert resolved is not None
    assert (resolved.version, resolved.decided) == (5, 5)


DECISIONS: dict[str, Callable[[Disputes, Dispute], Dispute | None]] = {
    "assign": lambda book, case: book.assign(case.id, case.decided, ANN, BOB),
    "release": lambda book, case: book.release(case.id, case.decided, ANN),
    "resolve": lambda book, case: book.resolve(case.id, case.decided, ANN, State.UPHELD, ""),
    "reopen": lambda book, case: book.reopen(case.id, case.decided, ANN, ""),
    "noted": lambda book, case: book.noted(case.id, case.decided, ANN, 1),
    "appeal": lambda book, case: book.appeal(case.id, AUTHOR, ""),
}


@pytest.mark.parametrize(
    ("way", "steps"),
    [((), {"assign", "resolve"}), (("assign",), {"assign", "release", "resolve"}), (("resolve",), {"reopen", "noted", "appeal"})],
)
def test_a_state_has_these_steps_and_no_others(book: Disputes, way: tuple[str, ...], steps: set[str]) -> None:
    for message_id, (name, decide) in enumerate(DECISIONS.items(), 1):
        case = _opened(book, replace(POST, message_id=message_id))
        for step in way:
            moved = DECISIONS[step](book, case)
            assert moved is not None
            case = moved
        before = book.history(case.id)
        assert (decide(book, case) is not None) == (name in steps), name
        assert len(book.history(case.id)) == len(before) + (name in steps)


@pytest.mark.parametrize("state", sorted(RESOLVED))
def test_later_news_of_a_dismissed_case_alone_is_told_to_nobody(book: Disputes, database: Database, state: State) -> None:
    follows = Follows(database, lambda: NOON)
    case, other = _opened(book), _opened(book, replace(POST, message_id=101))
    for each in (case, other):
        follows.follow(None, GUILD, each.id, "de", SHOWN, np.ones(2, np.float32), "m")
    assert book.resolve(case.id, case.decided + 1, ANN, state, "") is None
    assert len(follows.of_dispute(case.id)) == 1  # another decision was first
    _resolved(book, case, state)
    assert [len(follows.of_dispute(each.id)) for each in (case, other)] == [int(state is not State.DISMISSED), 1]


@pytest.mark.parametrize("state", [state for state in State if state not in RESOLVED])
def test_what_is_no_resolution_resolves_nothing(book: Disputes, state: State) -> None:
    case = _opened(book)
    with pytest.raises(ValueError, match="is no resolution"):
        book.resolve(case.id, case.decided, ANN, state, "")
    assert _now(book, case) == case


def test_nobody_but_the_author_appeals(book: Disputes) -> None:
    case = _resolved(book, _opened(book))
    assert book.appeal(case.id, BOB, "It is mine.") is None
    nobodys = _resolved(book, _opened(book, Post(GUILD, None, None, None, "A typed claim.")))
    assert book.appeal(nobodys.id, AUTHOR, "Mine.") is None
    assert _now(book, case) == case


def test_nothing_can_be_decided_of_a_case_that_is_gone(book: Disputes) -> None:
    case = _opened(book)
    book.forget(GUILD)
    assert [decide(book, case) for decide in DECISIONS.values()] == [None] * len(DECISIONS)
    assert book.add_snapshot(case.id, [SHOWN], None, "m") is None


def test_snapshots_are_numbered_and_whole(book: Disputes, clock: Clock) -> None:
    case = _opened(book)
    first = book.add_snapshot(case.id, [SHOWN], None, "m")
    clock.now += DAY
    second = book.add_snapshot(case.id, [], None, "m")
    assert first is not None and second is not None
    assert book.snapshots(case.id) == [first, second]
    assert [(one.number, one.taken_at, one.erased) for one in (first, second)] == [(1, NOON, False), (2, NOON + DAY, False)]
    assert ([*first.comparisons], [*second.comparisons]) == (load(dump([SHOWN])), [])
    assert [event.snapshot_digest for event in book.history(case.id)] == [None, first.digest, second.digest]


def test_equal_evidence_has_different_digests(book: Disputes) -> None:
    """So that who guesses the words cannot prove them by the digest, once they are erased."""
    cases = [_opened(book), _opened(book, replace(POST, message_id=101))]
    one, other = (book.add_snapshot(case.id, [SHOWN], None, "m") for case in cases)
    assert one is not None and other is not None
    assert one.digest != other.digest


def test_like_cases_are_found_by_their_most_alike_claim(book: Disputes) -> None:
    cases = [_opened(book, replace(POST, message_id=n)) for n in range(1, 5)]
    elsewhere = _opened(book, replace(POST, guild_id=OTHER))
    claims = [replace(SHOWN, claim=Claim(words)) for words in ("first", "second")]
    near, far, unlike = (1.0, 0.0, 0.0), (0.8, 0.6, 0.0), (0.0, 0.0, 1.0)
    for case, vectors, model in (
        (cases[0], (far, near), "m"), (cases[1], (far, unlike), "m"), (cases[2], (unlike, unlike), "m"), (cases[3], (near, near), "other"),
        (elsewhere, (near, near), "m"),
    ):  # fmt: skip
        book.add_snapshot(case.id, claims, np.array(vectors, dtype=np.float32), model)
    found = book.like(GUILD, _vector(2, 0, 0), "m", 0.7)
    assert [(one.dispute.id, one.claim, round(one.likeness, 3)) for one in found] == [
        (cases[0].id, "second", 1.0), (cases[1].id, "first", 0.8),
    ]  # fmt: skip
    assert found[0].dispute == _now(book, cases[0])
    assert [one.dispute.id for one in book.like(GUILD, _vector(1, 0, 0), "m", 0.7, limit=1)] == [cases[0].id]
    assert [one.dispute.id for one in book.like(GUILD, _vector(1, 0, 0), "m", 0.7, without=[cases[0].id])] == [cases[1].id]
    assert book.like(GUILD, _vector(1, 0), "m", 0.7) == []
    book.add_snapshot(cases[0].id, claims[:1], np.array([unlike], dtype=np.float32), "m")  # the newest evidence counts
    assert [one.dispute.id for one in book.like(GUILD, _vector(1, 0, 0), "m", 0.7)] == [cases[1].id]


def test_of_like_cases_five_are_named_and_a_likeness_at_the_bar_is_enough(book: Disputes, monkeypatch: pytest.MonkeyPatch) -> None:
    for message_id in range(1, 8):
        case = _opened(book, replace(POST, message_id=message_id))
        claims = [replace(SHOWN, claim=Claim(f"{words} of {message_id}")) for words in ("first", "second")]
        book.add_snapshot(case.id, claims, np.array([(1, 0), (1, 0)], dtype=np.float32), "m")
    found = book.like(GUILD, _vector(1, 0), "m", 1.0)
    assert [one.claim for one in found] == [f"first of {number}" for number in (7, 6, 5, 4, 3)]
    monkeypatch.setattr("db.case_reading.COMPARED", 3)  # of the newest cases' claims
    assert [one.claim for one in book.like(GUILD, _vector(1, 0), "m", 1.0)] == ["first of 7", "first of 6"]


def test_like_cases_that_were_found_are_remembered_as_long_as_they_are_there(book: Disputes, database: Database) -> None:
    case, same, alike = (_opened(book, replace(POST, message_id=n)) for n in range(1, 4))
    assert book.likes(case.id) == book.likes(alike.id + 1) == []
    book.set_likes(case.id, [(alike.id, False), (same.id, True), (alike.id + 9, True)])
    assert book.likes(case.id) == [(alike, False), (same, True)]
    assert book.likes(same.id) == []
    assert all(type(told) is bool for _, told in book.likes(case.id))
    _resolved(book, same)
    book.purge(NOON + (KEEP_CASES + 1) * DAY)
    assert book.likes(case.id) == [(alike, False)]
    book.set_likes(case.id, [])
    assert book.likes(case.id) == []


def test_a_case_wants_evidence_until_it_has_some_and_again_once_reopened(book: Disputes) -> None:
    case, other = _opened(book), _opened(book, replace(POST, message_id=101))
    assert book.wants_evidence(case.id)
    book.add_snapshot(case.id, [SHOWN], None, "m")
    assert (book.wants_evidence(case.id), book.wants_evidence(other.id), book.wants_evidence(other.id + 1)) == (False, True, False)
    resolved = _resolved(book, case)
    assert not book.wants_evidence(case.id)
    book.reopen(case.id, resolved.decided, ANN, "")
    assert book.wants_evidence(case.id)


def test_a_case_whose_message_was_deleted_is_shown_by_none(book: Disputes) -> None:
    cases = [_opened(book, replace(POST, message_id=n)) for n in (1, 2)]
    for case in cases:
        book.shown(case.id, 50, 500 + case.id, 1)
    book.unshown(cases[0].id)
    assert (_now(book, cases[0]).card, _now(book, cases[0]).card_version) == (None, 0)
    assert (_now(book, cases[1]).card, _now(book, cases[1]).card_version) == ((50, 500 + cases[1].id), 1)
    book.shown(cases[0].id, 50, 600, 1)  # a new message, of the same version
    assert _now(book, cases[0]).card == (50, 600)


def test_a_public_note_is_to_be_withdrawn_once_its_case_is_open_again_or_its_words_are_erased(book: Disputes) -> None:
    cases = [_opened(book, replace(POST, message_id=n, author=n)) for n in (1, 2, 3)]
    for case in cases:
        _resolved(book, case)
        assert book.noted(case.id, _now(book, case).decided, ANN, 550 + case.id) is not None
        book.add_snapshot(case.id, [SHOWN], None, "m")
    assert book.behind() == []
    book.erase(1)
    book.reopen(cases[1].id, _now(book, cases[1]).decided, ANN, "")
    book.add_snapshot(cases[1].id, [SHOWN], None, "m")  # the evidence is new again
    assert [case.id for case in book.behind()] == [cases[0].id, cases[1].id]
    book.notes_gone([550 + cases[0].id, 1])
    assert [case.id for case in book.behind()] == [cases[1].id]
    assert [_now(book, case).note_message_id for case in cases] == [None, 550 + cases[1].id, 550 + cases[2].id]
    book.notes_gone([550 + cases[1].id])
    assert book.behind() == []


def test_a_restart_finds_fifty_cases_at_a_time(book: Disputes) -> None:
    cases = [_opened(book, replace(POST, message_id=n)) for n in range(1, 53)]
    found = book.behind()
    assert [case.id for case in found] == [case.id for case in cases[:50]]
    assert [case.id for case in book.behind(found[-1].id)] == [case.id for case in cases[50:]]


def test_one_case_of_several_is_found_by_its_number_and_by_its_post(book: Disputes, database: Database) -> None:
    cases = [_opened(book, replace(POST, message_id=n)) for n in (1, 2, 3)]
    assert [book.numbered(GUILD, number) for number in (1, 2, 3)] == cases
    assert [book.of_message(GUILD, n) for n in (1, 2, 3)] == cases
    with database.writing() as session:
        session.execute(text(f"UPDATE dispute SET number = {LARGEST_NUMBER} WHERE id = {cases[1].id}"))
    largest = book.numbered(GUILD, LARGEST_NUMBER)
    assert largest is not None and largest.id == cases[1].id
    assert book.numbered(GUILD, LARGEST_NUMBER + 1) is None


def test_of_two_cases_of_one_message_the_newest_is_named(book: Disputes, database: Database) -> None:
    first = _opened(book)
    second = _opened(book, replace(POST, author=None), check=_check(database))  # its answer was flagged, by one who typed it there
    assert second.id != first.id
    assert book.of_message(GUILD, 100) == second


def test_pages_of_a_server_newest_first_by_state_and_reviewer(book: Disputes) -> None:
    cases = [_opened(book, replace(POST, message_id=n)) for n in range(1, 6)]
    _opened(book, replace(POST, guild_id=OTHER))
    _resolved(book, cases[0])
    book.assign(cases[1].id, 1, ANN, BOB)
    book.assign(cases[2].id, 1, ANN, ANN)
    assert [case.number for case in book.page(GUILD).disputes] == [5, 4, 3, 2, 1]
    page = book.page(GUILD, offset=1, limit=2)
    assert (page.total, [case.number for case in page.disputes]) == (5, [4, 3])
    assert [case.number for case in book.page(GUILD, {State.IN_REVIEW, State.DISPUTED}).disputes] == [3, 2, 1]
    assert [case.number for case in book.page(GUILD, {State.IN_REVIEW}, BOB).disputes] == [2]
    assert book.page(GUILD, {State.DISMISSED}) == book.page(333) == Page(0, [])
    for message_id in range(6, 13):
        _opened(book, replace(POST, message_id=message_id))
    assert [case.number for case in book.page(GUILD).disputes] == list(range(12, 2, -1))
    assert {state: count for state, count in book.totals(GUILD).items() if count} == {State.OPEN: 9, State.IN_REVIEW: 2, State.DISPUTED: 1}


def test_a_restart_finds_cases_without_evidence_and_those_whose_message_is_behind(book: Disputes, database: Database) -> None:
    Guilds(database).change(GUILD, moderator_channel=50)
    cases = [_opened(book, replace(POST, message_id=n)) for n in range(1, 4)]
    nowhere = _opened(book, replace(POST, guild_id=OTHER))  # a server without a channel for it
    assert [case.id for case in book.behind()] == [*(case.id for case in cases), nowhere.id]
    assert [case.id for case in book.behind(limit=2)] == [cases[0].id, cases[1].id]
    assert [case.id for case in book.behind(after=cases[1].id)] == [cases[2].id, nowhere.id]
    for case in (*cases, nowhere):
        book.add_snapshot(case.id, [SHOWN], None, "m")
    assert [case.id for case in book.behind()] == [case.id for case in cases]
    for case, version in zip(cases, (2, 1, 2), strict=True):
        book.shown(case.id, 50, 500 + case.id, version)
    assert [case.id for case in book.behind()] == [cases[1].id]
    _resolved(book, cases[2])
    assert [case.id for case in book.behind()] == [cases[1].id, cases[2].id]
    assert _now(book, cases[0]).card == (50, 500 + cases[0].id)


def test_of_one_message_the_newer_version_counts_whoever_says_so_last(book: Disputes) -> None:
    case = _opened(book)
    for message_id, version in ((500, 3), (500, 2)):
        book.shown(case.id, 50, message_id, version)
    assert _now(book, case).card_version == 3
    book.shown(case.id, 50, 500, 4)
    assert _now(book, case).card_version == 4
    book.shown(case.id, 51, 501, 2)
    assert (_now(book, case).card, _now(book, case).card_version) == ((51, 501), 2)


def test_a_draft_is_its_users_and_stays_for_hours(book: Disputes, clock: Clock) -> None:
    draft = book.draft(POST, "ann")
    taken = book.take_draft(draft, "ann")
    assert taken is not None
    assert (taken.post, taken.user) == (POST, "ann")
    assert book.take_draft(draft, "ann") == taken
    assert book.take_draft(draft, "bob") is book.take_draft(draft + 1, "ann") is None
    book.purge(NOON + KEEP_DRAFTS)
    assert book.take_draft(draft, "ann") == taken
    book.purge(NOON + KEEP_DRAFTS + timedelta(seconds=1))
    assert book.take_draft(draft, "ann") is None
    with pytest.raises(ValueError, match="^only a message can be kept"):
        book.draft(replace(POST, message_id=None), "ann")


def test_of_one_person_s_drafts_the_newest_are_kept(book: Disputes) -> None:
    first = book.draft(POST, "bob")
    drafts = [book.draft(POST, "ann") for _ in range(DRAFTS + 5)]
    assert [book.take_draft(one, "ann") is not None for one in drafts] == [False] * 5 + [True] * DRAFTS
    assert book.take_draft(first, "bob") is not None


# Erasing.


def test_an_erased_author_leaves_no_word_and_the_evidence_stays(book: Disputes, database: Database) -> None:
    case = _opened(book, check=_check(database, "k"))
    book.draft(POST, "x")
    book.add_snapshot(case.id, [replace(SHOWN, claim=Claim(POST.text))], np.ones((1, 3), dtype=np.float32), "m")
    _resolved(book, case)
    book.appeal(case.id, AUTHOR, "I was there.")
    assert book.erase(AUTHOR) == 1
    stored = _words(database)
    assert not [word for word in (str(AUTHOR), POST.text, "14 against 12", "I was there.") if word in stored]
    now = _now(book, case)
    assert (now.post.author, now.post.text, now.appeal, now.check_id, now.flags[0].note) == (None, "", None, None, FLAG.note)
    assert now.appealed_at is not None
    (snapshot,) = book.snapshots(case.id)
    assert snapshot.erased
    assert snapshot.comparisons[0].contradicting[0].text == "12 to 5"
    assert book.like(GUILD, _vector(1, 1, 1), "m", 0.5) == []
    assert _actions(book, case)[-1] is Action.ERASED
    assert [event.erased for event in book.history(case.id)] == [False, False, False, True, False]
    assert verify(database, KEY).problems == []
    assert book.erase(AUTHOR) == 0
    purge_asks(database, NOON + 4_000 * DAY)
    assert _count(database, '"check"') == 0


def test_evidence_that_comes_after_the_author_was_erased_is_kept_without_their_words(book: Disputes, database: Database) -> None:
    case = _opened(book)
    book.erase(AUTHOR)
    assert book.behind() == []  # nothing is left that could be compared
    snapshot = book.add_snapshot(case.id, [replace(SHOWN, claim=Claim(POST.text))], np.ones((1, 3), dtype=np.float32), "m")
    assert snapshot is not None
    assert POST.text not in _words(database)
    assert book.like(GUILD, _vector(1, 1, 1), "m", 0.5) == []
    assert verify(database, KEY).problems == []


def test_an_erased_flagger_leaves_the_flag_and_no_word(book: Disputes, database: Database) -> None:
    case, other = _opened(book), _opened(book, replace(POST, message_id=101), Flag(BOB, False, "", "Look."))
    book.open(POST, Flag(BOB, False, "Old news", "See above."))
    assert book.erase(FLAGGER) == 1
    now = _now(book, case)
    assert [(flag.person, flag.reason, flag.note) for flag in now.flags] == [(None, "False", ""), (BOB, "Old news", "See above.")]
    assert str(FLAGGER) not in _words(database) and FLAG.note not in _words(database)
    assert (now.post, _now(book, other)) == (POST, other)
    assert book.open(POST, FLAG).counted  # who comes back is new
    assert verify(database, KEY).problems == []


def test_an_erased_moderator_leaves_what_was_decided(book: Disputes, database: Database) -> None:
    case = _opened(book)
    for by, to in ((ANN, BOB), (BOB, ANN), (BOB, BOB)):
        book.assign(case.id, _now(book, case).decided, by, to)
    _resolved(book, case)
    assert book.erase(ANN) == 1
    assert (_now(book, case).state, _now(book, case).assignee) == (State.DISPUTED, BOB)
    assert [(event.action, event.person, event.erased) for event in book.history(case.id)] == [
        (Action.OPENED, FLAGGER, False), (Action.ASSIGNED, None, True), (Action.ASSIGNED, None, True), (Action.ASSIGNED, BOB, False),
        (Action.RESOLVED, None, True), (Action.ERASED, None, False),
    ]  # fmt: skip
    assert str(ANN) not in _words(database)
    assert book.erase(BOB) == 1
    assert _now(book, case).assignee is None
    assert str(BOB) not in _words(database)
    assert verify(database, KEY).problems == []


def test_who_typed_a_claim_is_erased_by_its_check(book: Disputes, database: Database) -> None:
    check = _check(database)
    case = _opened(book, Post(GUILD, None, None, None, "It was 14 to 3."), check=check)
    post = _opened(book, check=check)  # the same answer, of somebody's post
    assert [one["text"] for one in book.export_of(BOB, [check])["posts"]] == ["It was 14 to 3."]
    assert book.erase(BOB, [check]) == 1
    assert (_now(book, case).post.text, _now(book, post).post.text) == ("", POST.text)


def test_an_export_has_what_concerns_a_person_and_nobody_else(book: Disputes) -> None:
    case = _opened(book)
    book.open(POST, Flag(BOB, True, "Old", "From last year."))
    book.add_snapshot(case.id, [SHOWN], None, "m")
    book.assign(case.id, 1, ANN, BOB)
    _resolved(book, case)
    book.appeal(case.id, AUTHOR, "I was there.")
    book.draft(POST, "x")
    of_author, of_bob = book.export_of(AUTHOR), book.export_of(BOB)
    (post,), (draft,) = of_author["posts"], of_author["drafts"]
    assert (post["text"], post["appeal"], post["message"], draft["text"]) == (POST.text, "I was there.", "100", POST.text)
    assert post["evidence"][0][0]["contradicting"][0]["text"] == "12 to 5"
    assert [one["action"] for one in of_author["audit"]] == ["appealed"]
    assert [(one["case"], one["note"]) for one in of_bob["flags"]] == [(1, "From last year.")]
    assert [(one["action"], one["by_you"], one["note"]) for one in of_bob["audit"]] == [
        ("flagged", True, "Old\nFrom last year."), ("assigned", False, None),
    ]  # fmt: skip
    assert [one["case"] for one in book.export_of(ANN)["assigned"] + of_bob["assigned"]] == []
    others = {AUTHOR: (FLAGGER, ANN, BOB), BOB: (AUTHOR, FLAGGER, ANN)}
    assert not [one for person, rest in others.items() for one in rest if str(one) in str(book.export_of(person))]
    book.erase(AUTHOR)
    assert not any(book.export_of(AUTHOR).values())


# Forgetting.


def test_cases_are_kept_as_long_as_their_server_says_after_their_end(book: Disputes, database: Database, clock: Clock) -> None:
    Guilds(database).change(GUILD, keep_cases=30)
    check = _check(database, "k")
    ours, open_one = _opened(book, check=check), _opened(book, replace(POST, message_id=101))
    theirs = _opened(book, replace(POST, guild_id=OTHER))
    book.add_snapshot(ours.id, [SHOWN], np.ones((1, 3), dtype=np.float32), "m")
    for case in (ours, theirs):
        _resolved(book, case)
    assert book.purge(NOON + 30 * DAY) == 0
    assert book.purge(NOON + 31 * DAY) == 1
    assert book.get(ours.id) is None
    assert (_now(book, open_one), _now(book, theirs).state) == (open_one, State.DISPUTED)
    history = book.history(ours.id)
    assert [(event.action, event.person, event.note) for event in history] == [
        (action, None, None) for action in (Action.OPENED, Action.EVIDENCE, Action.RESOLVED, Action.ERASED)
    ]
    assert [event.erased for event in history] == [True, True, True, False]
    assert (history[-1].from_state, history[-1].to_state) == (State.DISPUTED, None)
    assert [_count(database, table) for table in ("snapshot", "dispute_claim")] == [0, 0]
    assert verify(database, KEY).problems == []
    purge_asks(database, NOON + 4_000 * DAY)
    assert _count(database, '"check"') == 0
    assert book.purge(NOON + (KEEP_CASES + 1) * DAY) == 1  # a server that has set nothing


def test_a_case_that_was_reopened_is_kept_until_its_next_end(book: Disputes, clock: Clock) -> None:
    case = _resolved(book, _opened(book))
    book.reopen(case.id, case.decided, ANN, "")
    assert book.purge(NOON + 4_000 * DAY) == 0


def test_a_forgotten_server_leaves_nothing_but_that_it_was_there(book: Disputes, database: Database) -> None:
    case, other = _opened(book), _opened(book, replace(POST, guild_id=OTHER))
    book.add_snapshot(case.id, [SHOWN], np.ones((1, 3), dtype=np.float32), "m")
    book.draft(POST, "x")
    assert book.forget(GUILD) == 1
    assert book.history(case.id) == []
    assert str(GUILD) not in _words(database)
    assert _now(book, other) == other
    assert verify(database, KEY).problems == []
    assert _opened(book).number == 1  # it came back
    assert verify(database, KEY).problems == []
    assert book.forget(333) == 0
    assert [chain.guild_id for chain in verify(database, KEY).chains] == [0, GUILD, OTHER]


def test_a_post_that_was_flagged_through_an_answer_gets_its_author_with_the_next_flag(book: Disputes) -> None:
    case = _opened(book, replace(POST, author=None, posted_at=None))
    joined = book.open(POST, Flag(BOB, True, "", "")).dispute
    assert (joined.id, joined.post) == (case.id, POST)
    again = book.open(replace(POST, author=ANN, posted_at=NOON), Flag(ANN, True, "", "")).dispute
    assert again.post == POST  # the first that was known stays
    book.erase(AUTHOR)
    assert book.open(POST, FLAG).dispute.post.author is None  # nor does an erased one come back


class Overtaken(Forgetting):
    """Which finds a case, and changes it only after something else was done to it."""

    def __init__(self, database: Database, meanwhile: Callable[[], object]) -> None:
        super().__init__(database, Audit(KEY), lambda: NOON)
        self.meanwhile = meanwhile

    def _erase(self, dispute_id: int, person: int, checks: Collection[int]) -> bool:  # type: ignore[override]  # its own is decorated
        self.meanwhile()
        return super()._erase(dispute_id, person, checks)

    def _delete(self, dispute_id: int, ended_at: datetime) -> bool:  # type: ignore[override]  # its own is decorated
        self.meanwhile()
        return super()._delete(dispute_id, ended_at)


def test_a_case_that_is_reopened_before_its_age_deletes_it_stays(book: Disputes, database: Database) -> None:
    case = _resolved(book, _opened(book))
    late = Overtaken(database, lambda: book.reopen(case.id, case.decided, ANN, "New evidence."))
    assert late.purge(NOON + 4_000 * DAY) == 0
    assert _now(book, case).state is State.OPEN
    assert verify(database, KEY).problems == []


def test_a_case_that_goes_before_a_person_is_erased_from_it_is_not_counted(book: Disputes, database: Database) -> None:
    _opened(book)
    assert Overtaken(database, lambda: book.forget(GUILD)).erase(AUTHOR) == 0
    assert str(AUTHOR) not in _words(database)
