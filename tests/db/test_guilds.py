"""Servers' settings, their coming and going, and what is forgotten of them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from db.asks import Ask, Asks, Limits, State, Where
from db.guilds import Answers, Guild, Guilds
from retrieval.types import Comparison
from tests.standins.store import NOON, Store, article

OURS, THEIRS = 111, 222
BIG = 2**63 - 1
CLAIM = "The council of Harwick voted 14 to 3 to close the old bridge."
CHOSEN = Guild(
    OURS,
    answers=Answers.ONLY_PRIVATE,
    user_role=BIG,
    channels=frozenset({5, BIG}),
    moderator_role=7,
    moderator_channel=8,
    minimum_sources=3,
    language="de",
    keep_days=7,
    plain_text=True,
)


def _values(guild: Guild) -> dict[str, object]:
    return {field.name: getattr(guild, field.name) for field in fields(Guild) if field.name != "id"}


def test_a_server_that_has_set_nothing_has_the_defaults(store: Store) -> None:
    assert Guilds(store.database).settings(OURS) == Guild(OURS)
    assert store.column("SELECT count(*) FROM guild") == [0]


def test_what_is_set_is_there_afterwards_and_for_no_other_server(store: Store) -> None:
    guilds = Guilds(store.database)
    assert guilds.change(OURS, **_values(CHOSEN)) == CHOSEN
    assert Guilds(store.database).settings(OURS) == CHOSEN
    assert guilds.settings(THEIRS) == Guild(THEIRS)


def test_a_change_leaves_the_other_settings_as_they_are(store: Store) -> None:
    guilds = Guilds(store.database)
    guilds.change(OURS, **_values(CHOSEN))
    assert guilds.change(OURS, answers="public") == replace(CHOSEN, answers=Answers.PUBLIC)
    back = guilds.change(OURS, user_role=None, channels=(), language=None)
    assert back == replace(CHOSEN, answers=Answers.PUBLIC, user_role=None, channels=frozenset(), language=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answers", "loud"), ("answers", None), ("user_role", 0), ("user_role", BIG + 1), ("user_role", "7"), ("user_role", True),
        ("channels", [0]), ("channels", "12"), ("channels", None), ("moderator_role", -1), ("moderator_channel", 1.5),
        ("minimum_sources", 0), ("minimum_sources", 6), ("minimum_sources", True), ("language", ""), ("language", "x" * 17),
        ("language", 1),
        ("keep_days", 0), ("keep_days", 366), ("keep_days", None), ("plain_text", 1), ("plain_text", None),
        ("id", 5), ("left_at", NOON), ("colour", "red"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told_in_a_sentence_and_nothing_is_changed(store: Store, name: str, value: object) -> None:
    guilds = Guilds(store.database)
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        guilds.change(OURS, **{"keep_days": 9, name: value})
    assert guilds.settings(OURS) == Guild(OURS)


def test_a_server_is_new_once_and_again_when_it_comes_back(store: Store) -> None:
    now = NOON
    guilds = Guilds(store.database, lambda: now)
    assert [guilds.joined(OURS), guilds.joined(OURS)] == [True, False]
    guilds.change(OURS, keep_days=9)
    guilds.left(OURS)
    assert guilds.left_before(NOON) == []
    assert guilds.left_before(NOON + timedelta(seconds=1)) == [OURS]
    assert guilds.settings(OURS).keep_days == 9  # kept for its return
    assert [guilds.joined(OURS), guilds.joined(OURS)] == [True, False]
    assert guilds.left_before(NOON + timedelta(days=1)) == []


def test_a_server_that_left_before_it_was_known_is_new_when_it_comes(store: Store) -> None:
    guilds = Guilds(store.database)
    guilds.left(OURS)
    assert guilds.joined(OURS)
    assert guilds.settings(OURS) == Guild(OURS)


def test_notes_are_remembered_by_their_key_the_last_one_counts(store: Store) -> None:
    guilds = Guilds(store.database)
    assert guilds.known("commands") is None
    guilds.remember("commands", "abc")
    guilds.remember("other", "x")
    guilds.remember("commands", "def")
    assert (guilds.known("commands"), guilds.known("other")) == ("def", "x")


def _asked(store: Store, guild_id: int, *checks: int) -> Ask:
    asks = Asks(store.database)
    ask = asks.accept(Where(guild_id, 1, "someone"), True, "en", None, Limits())
    assert isinstance(ask, Ask)
    assert asks.answered(ask.id, checks)
    return ask


def _compared(store: Store) -> Comparison:
    comparison = store.checker().check_text(CLAIM)
    assert comparison.agreeing
    return comparison


def test_what_is_forgotten_of_a_server_is_its_own_and_only_that(store: Store) -> None:
    guilds, asks = Guilds(store.database), Asks(store.database)
    ours, shared, common = store.source("ours", OURS), store.source("shared", OURS, THEIRS), store.source("common")
    for feed in (ours, shared, common):
        store.add(replace(article(f"of-{feed}", f"Report {feed} of the day. {CLAIM} So it is said in place {feed}."), feed_id=feed))
    only_ours, both, never_asked = (store.checks.save(_compared(store)) for _ in range(3))
    our_ask, their_ask = _asked(store, OURS, only_ours, both), _asked(store, THEIRS, both)
    guilds.change(OURS, keep_days=9)
    guilds.change(THEIRS, keep_days=8)

    guilds.forget(OURS)
    assert guilds.settings(OURS) == Guild(OURS)
    assert guilds.settings(THEIRS).keep_days == 8
    assert asks.get(our_ask.id) is None
    assert asks.get(their_ask.id) == replace(their_ask, state=State.ANSWERED, checks=(both,))
    assert store.checks.load(only_ours) is None
    assert store.checks.load(both) == store.checks.load(never_asked) is not None
    assert [one.id for one in store.addresses.sources()] == [common, shared]
    assert store.addresses.hidden_from(OURS) == {shared}
    assert store.addresses.hidden_from(THEIRS) == frozenset()
    assert {passage.article.feed_id for passage in store.stored_passages()} == {shared, common}
    assert store.column("SELECT count(*) FROM guild_source") == [1]
    assert store.index.ids() == (store.live(), store.live())


def test_a_server_that_the_bot_is_in_stays_known_with_the_defaults_and_one_that_it_left_does_not(store: Store) -> None:
    guilds = Guilds(store.database)
    for guild_id in (OURS, THEIRS):
        guilds.joined(guild_id)
        guilds.change(guild_id, keep_days=9)
    guilds.left(THEIRS)
    for guild_id in (OURS, THEIRS):
        guilds.forget(guild_id)
    assert guilds.present() == {OURS}
    assert guilds.settings(OURS) == Guild(OURS)
    assert [guilds.joined(OURS), guilds.joined(THEIRS)] == [False, True]


def test_forgetting_a_server_that_is_not_known_changes_nothing(store: Store) -> None:
    store.add(article("a", CLAIM))
    before = store.dump()
    Guilds(store.database).forget(OURS)
    assert store.dump() == before


@pytest.mark.parametrize("reasons", ["False", 5, None, ["ok", ""], ["ok", 7], ["x" * 101], [f"r{n}" for n in range(26)]])
def test_reasons_that_are_no_short_list_of_texts_are_refused(store: Store, reasons: object) -> None:
    guilds = Guilds(store.database)
    with pytest.raises(ValueError):
        guilds.change(OURS, reasons=reasons)
    assert guilds.settings(OURS) == Guild(OURS)
    assert guilds.change(OURS, reasons=[" False ", "Old", "False"]).reasons == ("False", "Old")
