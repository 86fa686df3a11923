"""Follows: one a claim, what becomes due and is looked at again, who is told and when, what is forgotten. On both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from db import follows as module
from db.cases import Flag, Post, State
from db.checks import Checks
from db.disputes import Disputes
from db.engine import Database
from db.follows import FOLLOWED, MAX_FOLLOWS, QUIET, Follow, Follows, Reader
from db.schema import PassageChangeRow
from retrieval.types import Claim, Comparison, Outcome
from tests.db.test_snapshots import SHOWN, SPAN
from tests.standins.store import NOON

ANN, BOB = 700_000_000_001, 700_000_000_002
GUILD, OTHER = 111_222_333_444, 222_333_444_555
MODEL = "model@1"
VECTOR = np.array([0.6, 0.8], dtype=np.float32)
NEWS = replace(SHOWN, outcome=Outcome.MIXED, agreeing=(SPAN,))
DAY = timedelta(days=1)


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
def follows(database: Database, clock: Clock) -> Follows:
    return Follows(database, clock)


def _claimed(number: int, comparison: Comparison = SHOWN) -> Comparison:
    return replace(comparison, claim=Claim(f"Claim {number}."))


def _follow(follows: Follows, number: int = 0, person: int | None = ANN, case: int | None = None, model: str = MODEL) -> int:
    id_ = follows.follow(person, GUILD, case, "de", _claimed(number), VECTOR, model)
    assert id_ is not None
    return id_


def _case(database: Database, guild_id: int = GUILD, message_id: int = 1) -> int:
    return Disputes(database, b"k" * 32).open(Post(guild_id, 10, message_id, BOB, "Words."), Flag(ANN, True, "", "")).dispute.id


def _store(database: Database, count: int = 1) -> None:
    """Rows of the change log."""
    with database.writing() as session:
        session.add_all(PassageChangeRow(passage_id=1, present=True) for _ in range(count))


def _texts(some: list[Follow]) -> list[str]:
    return [one.claim.text for one in some]


def test_a_claim_is_followed_with_what_is_known_of_it(follows: Follows) -> None:
    id_ = follows.follow(ANN, GUILD, None, "de", SHOWN, VECTOR, MODEL)
    (found,) = follows.of_person(ANN)
    assert found.id == id_
    assert (found.person, found.guild_id, found.dispute_id, found.locale, found.until) == (ANN, GUILD, None, "de", NOON + FOLLOWED)
    assert found.claim == replace(SHOWN.claim, span=None)  # as it was read: who says it, what its pronoun stands for
    assert (found.seen.outcome, found.seen.contradicting[0].text, found.news) == (Outcome.CONTRADICT, SPAN.text, None)
    assert follows.find(ANN, SHOWN.claim) == id_
    assert follows.find(BOB, SHOWN.claim) is None
    assert follows.of_person(BOB) == []


def test_the_same_claim_again_is_one_follow_with_what_is_known_then(follows: Follows, clock: Clock) -> None:
    id_ = _follow(follows)
    follows.looked_at(id_, follows.reached(), NEWS)
    clock.now += DAY
    assert follows.follow(ANN, OTHER, None, "fr", _claimed(0, NEWS), VECTOR, MODEL) == id_
    (found,) = follows.of_person(ANN)
    assert (found.seen.outcome, found.news, found.until, found.guild_id, found.locale) == (
        Outcome.MIXED, None, clock.now + FOLLOWED, OTHER, "fr",
    )  # fmt: skip
    other_context = replace(SHOWN, claim=Claim("Claim 0.", context="It met."))
    assert follows.follow(ANN, GUILD, None, "de", other_context, VECTOR, MODEL) != id_
    assert _follow(follows, person=BOB) != id_


def test_a_person_follows_so_many_claims_and_a_case_any_number(follows: Follows, database: Database, clock: Clock) -> None:
    for number in range(MAX_FOLLOWS):
        _follow(follows, number)
    assert follows.follow(ANN, GUILD, None, "de", _claimed(99), VECTOR, MODEL) is None
    assert _follow(follows, 3) == follows.find(ANN, Claim("Claim 3."))
    case = _case(database)
    for number in range(MAX_FOLLOWS + 1):
        _follow(follows, number, None, case)
    assert len(follows.of_dispute(case)) == MAX_FOLLOWS + 1
    clock.now += FOLLOWED
    _follow(follows, 99)  # the others are past their time
    assert _texts(follows.of_person(ANN)) == ["Claim 99."]


def test_of_two_who_follow_at_once_neither_makes_a_second_follow_nor_passes_the_limit(follows: Follows) -> None:
    for number in range(MAX_FOLLOWS - 1):
        _follow(follows, number)
    made: list[int | None] = []
    work = [lambda n=n: made.append(follows.follow(ANN, GUILD, None, "de", _claimed(n), VECTOR, MODEL)) for n in (100, 100, 101, 101)]
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(follows.of_person(ANN)) == MAX_FOLLOWS
    assert made.count(None) == 2
    assert len(set(made)) == 2


def test_only_whoever_follows_stops_it(follows: Follows, database: Database) -> None:
    id_, case = _follow(follows), _case(database)
    _follow(follows, 1, None, case)
    assert not follows.unfollow(id_, BOB)
    assert follows.unfollow(id_, ANN)
    assert not follows.unfollow(id_, ANN)
    assert (follows.of_person(ANN), len(follows.of_dispute(case))) == ([], 1)


def test_no_news_is_told_of_a_case_that_is_dismissed_gone_or_without_its_words(follows: Follows, database: Database) -> None:
    book = Disputes(database, b"k" * 32)
    upheld, dismissed, erased, gone = (_case(database, guild, n) for n, guild in enumerate((GUILD, GUILD, GUILD, OTHER)))
    for case in (upheld, dismissed, erased, gone):
        _follow(follows, 1, None, case)
    for case, state in ((upheld, State.UPHELD), (dismissed, State.DISMISSED)):
        assert book.resolve(case, 1, ANN, state, "") is not None
    with database.writing() as session:
        session.execute(text("UPDATE dispute SET author = 9 WHERE id = :id"), {"id": erased})
    book.erase(9)
    book.forget(OTHER)
    for case in (dismissed, erased, gone):  # as evidence that was looked for meanwhile would
        assert follows.follow(None, GUILD, case, "de", _claimed(1), VECTOR, MODEL) is None
        assert follows.of_dispute(case) == []
    assert _follow(follows, 1, None, upheld)


def test_what_was_stored_before_the_first_look_is_no_news(follows: Follows, database: Database) -> None:
    _store(database, 3)
    assert follows.reached() == 3
    _store(database, 2)
    assert follows.reached() == 3
    assert follows.mark_due([], 3, 5)
    assert follows.reached() == 5


def test_of_two_who_compared_the_same_rows_one_marks_what_is_due(follows: Follows, database: Database) -> None:
    one, other = _follow(follows, 1), _follow(follows, 2)
    reached = follows.reached()
    _store(database, 2)
    assert follows.mark_due([one], reached, reached + 2)
    assert not follows.mark_due([other], reached, reached + 1)
    assert _texts(follows.due(10)) == ["Claim 1."]
    assert follows.reached() == reached + 2


def test_claims_are_read_in_pages_with_the_vectors_of_one_model(follows: Follows, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    old = _follow(follows, 9)
    clock.now += FOLLOWED - DAY
    ids = [_follow(follows, number) for number in range(5)]
    other = _follow(follows, 7, model="model@0")
    clock.now += 2 * DAY
    pages = list(follows.claims(MODEL))
    assert [list(page.ids) for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert [one for page in pages for one in page.texts] == [f"Claim {number}." for number in range(5)]
    assert all(page.vectors.dtype == np.float32 and np.allclose(page.vectors, VECTOR, atol=1e-3) for page in pages)
    assert follows.stale(MODEL, 10) == [(other, "Claim 7.")]
    follows.set_vectors([other], np.array([[1.0, 0.0, 0.0]], dtype=np.float32), "model@2")
    assert [id_ for id_, _ in follows.stale("model@2", 10)] == ids
    (page,) = follows.claims("model@2")
    assert (list(page.ids), page.vectors.tolist()) == ([other], [[1.0, 0.0, 0.0]])
    assert old not in ids


def test_due_claims_are_taken_in_turn(follows: Follows) -> None:
    ids = [_follow(follows, number) for number in range(5)]
    reached = follows.reached()
    assert follows.mark_due(ids, reached, reached)
    assert [one.id for one in follows.due(2)] == ids[:2]
    assert [one.id for one in follows.due(2, ids[1])] == ids[2:4]
    assert [one.id for one in follows.due(3, ids[3])] == [ids[4], *ids[:2]]
    assert [one.id for one in follows.due(9, ids[3])] == [ids[4], *ids[:4]]


def test_a_claim_that_was_looked_at_is_not_due_unless_more_was_stored_meanwhile(follows: Follows, database: Database) -> None:
    id_ = _follow(follows)
    reached = follows.reached()
    assert follows.mark_due([id_], reached, reached + 1)
    follows.looked_at(id_, reached, None)  # the check began before that
    assert [one.id for one in follows.due(9)] == [id_]
    follows.looked_at(id_, reached + 1, None)
    assert follows.due(9) == []


def test_a_claim_is_due_at_once_if_something_was_stored_since_its_check(follows: Follows, database: Database) -> None:
    _store(database, 4)
    checks = Checks(database)
    silent = replace(SHOWN, outcome=Outcome.NO_MATCH, contradicting=())
    old, new = checks.save(silent, "key", 3), checks.save(silent, "key", 4)
    for number, check in ((1, old), (2, new), (3, None)):
        follows.follow(ANN, GUILD, None, "de", _claimed(number), VECTOR, MODEL, check)
    assert _texts(follows.due(9)) == ["Claim 1."]


def test_news_is_told_once_and_known_then(follows: Follows, clock: Clock) -> None:
    first, second = _follow(follows, 1), _follow(follows, 2)
    _follow(follows, 3)
    assert follows.readers(9) == []
    for id_ in (first, second):
        follows.looked_at(id_, follows.reached(), NEWS)
    (reader,) = follows.readers(9)
    assert reader == Reader(ANN, None, None)
    assert [(one.id, one.news and one.news.outcome) for one in follows.news_of(reader)] == [
        (second, Outcome.MIXED), (first, Outcome.MIXED),
    ]  # fmt: skip
    follows.told([first, second])
    assert (follows.readers(9), follows.news_of(reader)) == ([], [])
    assert [(one.seen.outcome, one.news, one.told_at) for one in follows.of_person(ANN)[1:]] == [(Outcome.MIXED, None, NOON)] * 2
    clock.now += QUIET
    assert follows.readers(9) == []


def test_news_that_is_none_any_more_is_not_told(follows: Follows) -> None:
    id_ = _follow(follows)
    follows.looked_at(id_, follows.reached(), NEWS)
    follows.looked_at(id_, follows.reached(), None)
    assert follows.readers(9) == []
    follows.told([id_])
    assert [(one.seen.outcome, one.told_at) for one in follows.of_person(ANN)] == [(Outcome.CONTRADICT, None)]


def test_a_reader_is_left_alone_for_six_hours_whatever_else_they_follow(follows: Follows, clock: Clock) -> None:
    told, later = _follow(follows, 1), _follow(follows, 2)
    follows.looked_at(told, follows.reached(), NEWS)
    follows.told([told])
    follows.looked_at(later, follows.reached(), NEWS)
    clock.now += QUIET - timedelta(seconds=1)
    assert follows.readers(9) == []
    clock.now += timedelta(seconds=1)
    assert follows.readers(9) == [Reader(ANN, None, NOON)]


def test_people_and_the_moderators_of_a_server_are_told_apart(follows: Follows, database: Database) -> None:
    cases = [_case(database), _case(database, message_id=2)]
    ids = [_follow(follows, 1), _follow(follows, 1, BOB), *(_follow(follows, 1, None, case) for case in cases)]
    for id_ in ids:
        follows.looked_at(id_, follows.reached(), NEWS)
    assert follows.readers(9) == [Reader(ANN, None, None), Reader(BOB, None, None), Reader(None, GUILD, None)]
    assert follows.readers(1, [Reader(ANN, None, None)]) == [Reader(BOB, None, None)]
    assert [one.dispute_id for one in follows.news_of(Reader(None, GUILD, None))] == cases[::-1]
    assert [one.id for one in follows.news_of(Reader(BOB, None, None))] == [ids[1]]


def test_whoever_was_told_longest_ago_comes_first(follows: Follows, clock: Clock) -> None:
    ids = {person: _follow(follows, 1, person) for person in (3, 1, 2)}
    for person in (2, 1):
        follows.looked_at(ids[person], follows.reached(), NEWS)
        follows.told([ids[person]])
        clock.now += timedelta(minutes=1)
    clock.now += QUIET
    for id_ in ids.values():
        follows.looked_at(id_, follows.reached(), NEWS)
    assert [one.person for one in follows.readers(9)] == [3, 2, 1]
    assert [one.person for one in follows.readers(2)] == [3, 2]


def test_what_is_past_its_time_is_neither_looked_at_nor_told_and_forgotten(follows: Follows, clock: Clock) -> None:
    id_ = _follow(follows)
    reached = follows.reached()
    follows.looked_at(id_, reached, NEWS)
    follows.mark_due([id_], reached, reached)
    clock.now += FOLLOWED
    assert (follows.due(9), follows.readers(9), follows.of_person(ANN), list(follows.claims(MODEL))) == ([], [], [], [])
    assert follows.purge(clock.now - timedelta(seconds=1)) == 0
    assert follows.purge(clock.now) == 1


def test_people_and_servers_are_forgotten(follows: Follows, database: Database) -> None:
    for person, guild_id in ((ANN, GUILD), (ANN, OTHER), (BOB, GUILD), (BOB, None)):
        follows.follow(person, guild_id, None, "de", _claimed(guild_id or 0), VECTOR, MODEL)
    case = _case(database)
    _follow(follows, 1, None, case)
    assert follows.forget(GUILD) == 3
    assert _texts(follows.of_person(ANN)) == [f"Claim {OTHER}."]
    assert follows.erase(BOB) == 1
    _follow(follows, 1, None, case)
    with database.writing() as session:
        session.execute(text("DELETE FROM dispute"))
    assert follows.of_dispute(case) == []
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM follow")) == 1


def test_an_export_has_all_that_a_person_follows(follows: Follows) -> None:
    follows.follow(ANN, GUILD, None, "de", SHOWN, VECTOR, MODEL)
    _follow(follows, 1, BOB)
    assert follows.export_of(ANN) == [
        {
            "claim": SHOWN.claim.text, "context": SHOWN.claim.context, "server": str(GUILD), "language": "de",
            "outcome_you_know": "contradict", "since": NOON.isoformat(), "told_at": None, "until": (NOON + FOLLOWED).isoformat(),
        }
    ]  # fmt: skip


def test_whoever_was_told_by_a_clock_that_was_ahead_is_told_again(follows: Follows, clock: Clock) -> None:
    id_ = _follow(follows, 1)
    follows.looked_at(id_, follows.reached(), NEWS)
    clock.now += timedelta(days=80)
    follows.told([id_])
    clock.now = NOON
    follows.looked_at(id_, follows.reached(), NEWS)
    assert [reader.person for reader in follows.readers(9)] == [ANN]
