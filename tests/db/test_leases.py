"""Leases: one has it, until it is left or runs out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from db.leases import Leases
from tests.standins.store import NOON, Store

LENGTH = timedelta(minutes=1)


def test_of_many_one_has_it(store: Store) -> None:
    leases = Leases(store.database)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: leases.take("x", str(n), NOON, LENGTH), range(16)))
    assert sum(got) == 1


def test_it_ends_when_it_is_left_or_runs_out_and_can_be_made_longer(store: Store) -> None:
    leases = Leases(store.database)
    assert leases.take("x", "a", NOON, LENGTH)
    assert not leases.take("x", "b", NOON + LENGTH / 2, LENGTH)
    assert leases.take("x", "a", NOON + LENGTH / 2, LENGTH)
    assert not leases.take("x", "b", NOON + LENGTH, LENGTH)
    assert leases.take("y", "b", NOON, LENGTH)
    assert leases.take("x", "b", NOON + 2 * LENGTH, LENGTH)
    leases.leave("x", "a")  # it has it no more
    assert not leases.take("x", "a", NOON + 2 * LENGTH, LENGTH)
    leases.leave("x", "b")
    assert leases.take("x", "a", NOON + 2 * LENGTH, LENGTH)


def test_what_has_run_out_is_forgotten_and_other_notes_stay(store: Store) -> None:
    from db.guilds import Guilds

    leases = Leases(store.database)
    Guilds(store.database).remember("commands", "x")
    for name in ("x", "y"):
        leases.take(name, "a", NOON, LENGTH)
    leases.take("z", "a", NOON + LENGTH, LENGTH)
    assert leases.purge(NOON + LENGTH) == 2
    assert Guilds(store.database).known("commands") == "x"
    assert not leases.take("z", "b", NOON + LENGTH, LENGTH)


def test_what_a_clock_that_was_ahead_has_taken_is_free_once_the_clock_is_right(store: Store) -> None:
    leases = Leases(store.database)
    assert leases.take("x", "ahead", NOON + timedelta(days=9), LENGTH)
    assert leases.take("x", "right", NOON, LENGTH)
    assert not leases.take("x", "a little behind", NOON - LENGTH / 2, LENGTH)
