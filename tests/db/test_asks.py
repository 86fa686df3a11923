"""Asks: limits that processes share, one answer each, what a restart finds, what is forgotten and when."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.asks import OWN_WORDS, About, Ask, Asks, Limit, Limits, Pending, Refusal, State, Where
from db.guilds import Guilds
from db.opinions import Opinions
from db.retention import KEEP_DAYS, KEEP_OPINIONS, PRIVATE_HOURS, prune
from retrieval.errors import StoreError
from retrieval.types import Claim, Comparison, Outcome
from tests.standins.store import NOON, Store, article

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
HERE = Where(1, 10, "ann")
PENDING = Pending("token", "The bridge is closed.", "claim", 99)
NO_LIMITS = Limits()
CLAIM = "The council of Harwick voted 14 to 3 to close the old bridge."


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def _asks(store: Store) -> tuple[Asks, Clock]:
    clock = Clock()
    return Asks(store.database, clock), clock


def _accepted(
    asks: Asks,
    where: Where = HERE,
    pending: Pending | None = PENDING,
    limits: Limits = NO_LIMITS,
    public: bool = False,
    about: About = OWN_WORDS,
) -> Ask:
    ask = asks.accept(where, public, "en-GB", pending, limits, about)
    assert isinstance(ask, Ask)
    return ask


def _check(store: Store, text: str = "A claim.", key: str = "") -> int:
    return store.checks.save(Comparison(Claim(text), Outcome.NO_MATCH, (), (), 0, 0, None, {}), key)


def _tables(store: Store) -> dict[str, int]:
    return {name: len(store.column(f"SELECT 1 FROM {name}")) for name in ("ask", "ask_check", "opinion")}


def test_what_was_accepted_waits_with_its_words_and_is_found_again(store: Store) -> None:
    asks, _ = _asks(store)
    ask = _accepted(asks)
    assert ask == Ask(ask.id, HERE, False, "en-GB", State.WAITING, NOON, (), 0, None, PENDING)
    assert asks.get(ask.id) == ask
    assert asks.get(ask.id + 1) is None
    assert _accepted(asks, Where(None, None, "ann"), None).pending is None


def test_whose_words_are_checked_is_remembered(store: Store) -> None:
    asks, _ = _asks(store)
    ask = _accepted(asks, about=About(2**62, "bob"))
    assert (ask.about_message_id, ask.author) == (2**62, "bob")
    assert asks.get(ask.id) == asks.waiting(NOON - SECOND)[0] == ask


def test_an_answer_comes_once_and_erases_the_words(store: Store) -> None:
    asks, _ = _asks(store)
    first, second = _check(store, "One."), _check(store, "Two.")
    ask = _accepted(asks)
    assert asks.answered(ask.id, [second, first, second], 3, 77)
    answered = replace(ask, state=State.ANSWERED, checks=(second, first, second), left_out=3, message_id=77, pending=None)
    assert asks.get(ask.id) == answered
    assert not asks.answered(ask.id, [first])
    assert not asks.told(ask.id)
    assert asks.get(ask.id) == answered
    assert store.column("SELECT count(*) FROM ask WHERE token IS NOT NULL OR text IS NOT NULL OR application_id IS NOT NULL") == [0]


def test_who_was_told_why_there_is_no_answer_gets_none_later(store: Store) -> None:
    asks, _ = _asks(store)
    ask = _accepted(asks)
    assert asks.told(ask.id)
    assert not asks.answered(ask.id, [_check(store)])
    assert not asks.told(ask.id)
    assert asks.get(ask.id) == replace(ask, state=State.TOLD, pending=None)


def test_an_answer_with_a_check_that_does_not_exist_leaves_the_ask_waiting(store: Store) -> None:
    asks, _ = _asks(store)
    ask = _accepted(asks)
    with pytest.raises(StoreError, match="refused"):
        asks.answered(ask.id, [999])
    assert asks.get(ask.id) == ask


def test_the_message_and_that_it_is_public_can_come_later(store: Store) -> None:
    asks, _ = _asks(store)
    one, other = _accepted(asks), _accepted(asks)
    asks.answered(one.id, [])
    asks.set_message(one.id, 2**62)
    asks.set_public(one.id)
    asks.set_public(999)
    now = asks.get(one.id)
    assert now is not None
    assert (now.message_id, now.public, now.state) == (2**62, True, State.ANSWERED)
    assert asks.get(other.id) == other


def test_a_restart_finds_what_waits_and_is_young_oldest_first(store: Store) -> None:
    asks, clock = _asks(store)
    old, answered, told, young, youngest = (
        _accepted(Asks(store.database, lambda moment=moment: NOON + moment * SECOND))  # type: ignore[misc]
        for moment in (0, 11, 12, 20, 30)
    )
    asks.answered(answered.id, [])
    asks.told(told.id)
    assert asks.waiting(old.created_at) == [young, youngest]
    assert asks.waiting(NOON - SECOND) == [old, young, youngest]


@pytest.mark.parametrize(
    ("scope", "other"), [("user", Where(2, 20, "ann")), ("channel", Where(1, 10, "bob")), ("guild", Where(1, 20, "bob"))]
)
def test_a_limit_counts_what_its_scope_has_asked_and_nothing_else(store: Store, scope: str, other: Where) -> None:
    asks, clock = _asks(store)
    limits = Limits(**{scope: [Limit(2, 60)]})
    _accepted(asks, HERE, limits=limits)
    clock.now += 10 * SECOND
    _accepted(asks, other, limits=limits)
    assert asks.accept(HERE, True, "en", PENDING, limits) == Refusal(scope, NOON + 60 * SECOND)
    assert asks.accept(other, True, "en", PENDING, limits) == Refusal(scope, NOON + 60 * SECOND)
    _accepted(asks, Where(3, 30, "carl"), limits=limits)
    assert _tables(store)["ask"] == 3  # a refused one leaves no row
    clock.now = NOON + 60 * SECOND - timedelta(milliseconds=1)
    assert isinstance(asks.accept(HERE, True, "en", PENDING, limits), Refusal)
    clock.now = NOON + 60 * SECOND
    _accepted(asks, HERE, limits=limits)
    assert asks.accept(HERE, True, "en", PENDING, limits) == Refusal(scope, NOON + 70 * SECOND)


def test_of_several_limits_the_one_that_lasts_longest_is_told(store: Store) -> None:
    asks, _ = _asks(store)
    limits = Limits(user=[Limit(1, 60), Limit(9, 9_000)], channel=[Limit(1, 600)], guild=[Limit(1, 300)])
    _accepted(asks, limits=limits)
    assert asks.accept(HERE, True, "en", None, limits) == Refusal("channel", NOON + 600 * SECOND)


def test_in_direct_messages_only_the_person_is_counted(store: Store) -> None:
    asks, _ = _asks(store)
    limits = Limits(user=[Limit(2, 60)], channel=[Limit(1, 60)], guild=[Limit(1, 60)])
    for user in ("ann", "bob", "ann"):
        _accepted(asks, Where(None, None, user), limits=limits)
    assert asks.accept(Where(None, None, "ann"), False, "en", None, limits) == Refusal("user", NOON + 60 * SECOND)


def test_what_was_asked_while_the_clock_was_ahead_is_not_counted_once_it_is_right(store: Store) -> None:
    limits = Limits(user=[Limit(1, 60)])
    where = Where(None, 10, "u")
    ahead, right = Asks(store.database, lambda: NOON + timedelta(days=9)), Asks(store.database, lambda: NOON)
    assert isinstance(ahead.accept(where, False, "en-US", None, limits), Ask)
    assert isinstance(right.accept(where, False, "en-US", None, limits), Ask)
    assert isinstance(right.accept(where, False, "en-US", None, limits), Refusal)


def test_a_limit_of_nothing_refuses_all(store: Store) -> None:
    asks, _ = _asks(store)
    assert asks.accept(HERE, False, "en", None, Limits(guild=[Limit(0, 60)])) == Refusal("guild", NOON + 60 * SECOND)


def test_those_who_ask_at_once_share_their_limit(store: Store) -> None:
    limits = Limits(user=[Limit(5, 3600)])
    outcomes: list[Ask | Refusal] = []

    def ask() -> None:
        with Store(store.folder) as own:  # a connection of its own, as another process has
            outcomes.extend(Asks(own.database).accept(HERE, False, "en", PENDING, limits) for _ in range(4))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 16
    assert sum(isinstance(outcome, Ask) for outcome in outcomes) == 5 == _tables(store)["ask"]


def test_of_a_persons_opinions_on_a_check_the_last_counts(store: Store) -> None:
    asks, _ = _asks(store)
    check, other = _check(store), _check(store)
    first, second = _accepted(asks), _accepted(asks)
    for ask in (first, second):
        asks.answered(ask.id, [check])
    Opinions(store.database).add(first.id, check, "ann", True)
    Opinions(store.database).add(second.id, check, "ann", False)
    Opinions(store.database).add(first.id, check, "bob", True)
    Opinions(store.database).add(first.id, other, "bob", True)  # none of its checks
    Opinions(store.database).add(999, check, "carl", True)  # forgotten
    with store.database.reading() as session:
        rows = session.connection().exec_driver_sql('SELECT "user", check_id, outcome, helpful FROM opinion ORDER BY "user"').all()
    assert [tuple(row) for row in rows] == [("ann", check, "no_match", 0), ("bob", check, "no_match", 1)]


def test_asks_are_forgotten_when_their_server_keeps_them_no_longer(store: Store) -> None:
    guilds = Guilds(store.database)
    guilds.change(1, keep_days=2)
    guilds.change(2, keep_days=365)
    guilds.change(3, minimum_sources=2)
    kept: dict[object, list[int]] = {}
    for guild_id in (1, 2, 3, 4, None):
        for age in (1, 3, 29, 31, 366):
            asks = Asks(store.database, lambda age=age: NOON - age * DAY)  # type: ignore[misc]
            ask = _accepted(asks, Where(guild_id, 10, "ann"), public=True)
            asks.answered(ask.id, [_check(store)])
            kept.setdefault(guild_id, []).append(ask.id)
    asks = Asks(store.database)
    assert asks.purge(NOON) == 4 + 1 + 2 + 2 + 2
    left = {guild_id: sum(asks.get(id_) is not None for id_ in ids) for guild_id, ids in kept.items()}
    assert left == {1: 1, 2: 4, 3: 3, 4: 3, None: 3}
    assert len(store.column('SELECT id FROM "check"')) == 14
    assert asks.purge(NOON) == 0


def test_a_private_answer_is_forgotten_after_a_day_and_an_opinion_of_it_later_and_without_words(store: Store) -> None:
    guilds, opinions = Guilds(store.database), Opinions(store.database, lambda: NOON)
    guilds.change(1, keep_days=365)
    asks, _ = _asks(store)
    direct, private, hidden, public = (
        _accepted(asks, where, public=public)
        for where, public in ((Where(None, 7, "ann"), False), (HERE, False), (HERE, True), (HERE, True))
    )
    checks = [_check(store, f"Claim {n}.") for n in range(4)]
    for ask, check in zip((direct, private, hidden, public), checks, strict=True):
        asks.answered(ask.id, [check], message_id=ask.id)
        opinions.add(ask.id, check, "ann", True)
    asks.unseen([hidden.id])  # somebody deleted the message that everyone saw
    assert asks.purge(NOON + PRIVATE_HOURS * HOUR) == 0
    assert asks.purge(NOON + PRIVATE_HOURS * HOUR + SECOND) == 3
    assert set(store.checks.load_many(checks)) == {checks[3]}
    assert [(one.claim, one.outcome, one.helpful) for one in opinions.every()] == [
        *[("", Outcome.NO_MATCH, True)] * 3,
        ("Claim 3.", Outcome.NO_MATCH, True),
    ]
    assert opinions.purge(NOON + KEEP_OPINIONS * DAY) == 0
    assert opinions.purge(NOON + KEEP_OPINIONS * DAY + SECOND) == 4
    assert opinions.every() == []


def test_the_answer_to_an_ask_that_was_deleted_meanwhile_leaves_nothing(store: Store) -> None:
    asks, _ = _asks(store)
    shared, alone = _check(store, "Shared.", "a" * 64), _check(store, "Alone.", "b" * 64)
    other, deleted = _accepted(asks), _accepted(asks)
    assert asks.found(other.id, [shared])
    store.run(f"DELETE FROM ask WHERE id = {deleted.id}")
    before = store.dump()
    assert not asks.found(deleted.id, [shared, alone], 2)
    assert not asks.answered(deleted.id, [shared, alone], 2, 77)
    assert set(store.checks.load_many([shared, alone])) == {shared}
    assert store.dump() == before | {"check": [row for row in before["check"] if row[0] == shared]}


def test_what_waited_for_a_day_is_forgotten_and_what_was_told_is_kept(store: Store) -> None:
    asks, clock = _asks(store)
    waits, told = _accepted(asks, public=True), _accepted(asks, public=True)
    asks.told(told.id)
    assert asks.purge(NOON + DAY) == 0
    assert asks.purge(NOON + DAY + SECOND) == 1
    assert asks.get(waits.id) is None
    assert asks.get(told.id) is not None


def test_a_check_that_another_ask_has_stays(store: Store) -> None:
    asks, clock = _asks(store)
    shared, alone, of_the_terminal = _check(store, "Shared."), _check(store, "Alone."), _check(store, "Typed in a terminal.")
    old = _accepted(asks, public=True)
    asks.answered(old.id, [shared, alone])
    clock.now += 20 * DAY
    young = _accepted(asks, public=True)
    asks.answered(young.id, [shared])
    assert asks.purge(NOON + 31 * DAY) == 1
    assert set(store.checks.load_many([shared, alone, of_the_terminal])) == {shared, of_the_terminal}
    assert _tables(store) == {"ask": 1, "ask_check": 1, "opinion": 0}
    assert asks.purge(NOON + 51 * DAY) == 1
    assert set(store.checks.load_many([shared, alone, of_the_terminal])) == {of_the_terminal}
    assert _tables(store) == {"ask": 0, "ask_check": 0, "opinion": 0}


def test_a_check_that_no_ask_ever_got_is_forgotten_too(store: Store) -> None:
    lost, fresh = _check(store, "Lost.", "a" * 64), _check(store, "Fresh.", "b" * 64)
    store.run(f"UPDATE \"check\" SET created_at = '2020-01-01 00:00:00' WHERE id = {lost}")
    asks = Asks(store.database)
    now = datetime.now(UTC)
    assert asks.purge(now) == 0
    assert set(store.checks.load_many([lost, fresh])) == {fresh}
    asks.purge(now + 2 * HOUR)
    assert store.checks.load(fresh) is None


def test_many_are_forgotten_in_small_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.retention.BATCH", 2)
    asks, _ = _asks(store)
    check = _check(store)
    for _ in range(5):
        asks.answered(_accepted(asks, public=True).id, [check])
    assert asks.purge(NOON + (KEEP_DAYS + 1) * DAY) == 5
    assert store.checks.load(check) is None


def test_an_article_out_of_search_goes_with_the_last_check_that_quotes_it(store: Store) -> None:
    asks, clock = _asks(store)
    store.add(article("bridge", f"It rained on Tuesday in the whole valley. {CLAIM} The mayor said that repairs would cost too much."))
    first, second = (store.checks.save(store.checker().check_text(CLAIM)) for _ in range(2))
    for check in (first, second):
        asks.answered(_accepted(asks, public=True).id, [check])
        clock.now += DAY
    prune(store.database, None, 0)
    assert len(store.checks.quoted(second)) == 1
    asks.purge(NOON + 30 * DAY + SECOND)
    assert (store.checks.quoted(first), len(store.checks.quoted(second))) == ([], 1)
    asks.purge(NOON + 31 * DAY + SECOND)
    assert store.column("SELECT count(*) FROM revision") == store.column("SELECT count(*) FROM article") == [0]


def test_an_article_in_search_stays_when_its_checks_are_forgotten(store: Store) -> None:
    asks, _ = _asks(store)
    store.add(article("bridge", CLAIM))
    asks.answered(_accepted(asks).id, [store.checks.save(store.checker().check_text(CLAIM))])
    live = store.live()
    asks.purge(NOON + 31 * DAY)
    assert store.live() == live != set()
