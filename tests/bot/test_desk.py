"""The line at the desk: fair over servers and people, nothing looked at twice, bounded, and everyone is told at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.desk import Asker, Closing, Desk, Full
from retrieval.types import Claim, Comparison, Outcome


class Models:
    """Checks when it is let, and remembers in which order."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = threading.Semaphore(0)
        self.broken: set[str] = set()

    def check(self, claims: Sequence[Claim], hidden: frozenset[int]) -> list[Comparison]:
        del hidden
        self.go.acquire(timeout=10)
        self.batches.append([claim.text for claim in claims])
        if self.broken.intersection(self.batches[-1]):
            raise RuntimeError("broken")
        return [Comparison(claim, Outcome.NO_MATCH, [], [], 0, 0, None, {}) for claim in claims]

    @property
    def order(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


async def _all_in(
    desk: Desk[Comparison], *asks: tuple[object, str, str], hidden: frozenset[int] = frozenset()
) -> list[asyncio.Task[list[Comparison]]]:
    """Tasks of (place, person, claim), asked in this order before the desk serves anyone."""
    tasks = []
    for place, person, text in asks:
        tasks.append(asyncio.create_task(desk.check(Asker(place, person), [Claim(text)], hidden)))
        await asyncio.sleep(0)
    return tasks


async def _served(desk: Desk[Comparison], models: Models, tasks: Sequence[asyncio.Task[list[Comparison]]]) -> None:
    running = asyncio.create_task(desk.run())
    for _ in range(100):
        models.go.release()
    await asyncio.wait(tasks, timeout=10)
    desk.close()
    models.go.release()
    await running


def test_servers_take_turns_and_in_them_people() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, batch=1)
        asks = [
            (1, "ann", "a1"),
            (1, "ann", "a2"),
            (1, "ann", "a3"),
            (1, "bob", "b1"),
            (2, "cem", "c1"),
            (2, "cem", "c2"),
            (3, "dot", "d1"),
        ]
        await _served(desk, models, await _all_in(desk, *asks))
        assert models.order == ["a1", "c1", "d1", "b1", "c2", "a2", "a3"]

    asyncio.run(story())


def test_claims_that_wait_together_are_looked_at_together_if_they_see_the_same_sources() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, batch=4)
        tasks = await _all_in(desk, (1, "ann", "a"), (2, "bob", "b"))
        tasks += await _all_in(desk, (3, "cem", "c"), hidden=frozenset({7}))
        tasks += await _all_in(desk, (4, "dot", "d"))
        await _served(desk, models, tasks)
        assert models.batches == [["a", "b", "d"], ["c"]]

    asyncio.run(story())


def test_the_same_claim_is_looked_at_once_for_all_who_ask() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check)
        tasks = await _all_in(desk, (1, "ann", "same"), (2, "bob", "same"), (2, "bob", "other"))
        await _served(desk, models, tasks)
        assert sorted(models.order) == ["other", "same"]
        assert [task.result()[0].claim.text for task in tasks] == ["same", "same", "other"]

    asyncio.run(story())


def test_a_claim_that_waits_in_a_long_line_is_looked_at_when_the_turn_of_another_comes_who_asks_it_too() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, batch=1)
        tasks = await _all_in(desk, (1, "ann", "a1"), (1, "ann", "a2"), (1, "ann", "a3"), (2, "bob", "a3"), (2, "bob", "a3"))
        assert desk.waiting == 3
        await _served(desk, models, tasks)
        assert models.order == ["a1", "a3", "a2"]
        assert desk.waiting == 0

    asyncio.run(story())


def test_whoever_goes_takes_nobody_else_s_answer_along() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check)
        first, second = await _all_in(desk, (1, "ann", "same"), (2, "bob", "same"))
        first.cancel()
        await _served(desk, models, [second])
        assert second.result()[0].claim.text == "same"

    asyncio.run(story())


def test_the_place_in_line_is_told_with_a_wait() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, batch=1)
        told: list[tuple[int, timedelta]] = []
        await _all_in(desk, (1, "ann", "a1"), (1, "ann", "a2"), (1, "ann", "a3"))
        claims = [Claim("b1"), Claim("b2")]
        last = asyncio.create_task(desk.check(Asker(2, "bob"), claims, frozenset(), lambda place, wait: told.append((place, wait))))
        await asyncio.sleep(0)
        assert told == [(2, desk.wait_for(2))]  # a1 and a2 of four: a1 b1 a2 b2
        await _served(desk, models, [last])

    asyncio.run(story())


def test_a_full_desk_says_so_and_forgets_nobody() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, size=2, share=2)
        tasks = await _all_in(desk, (1, "ann", "a"), (1, "ann", "b"))
        with pytest.raises(Full):
            await desk.check(Asker(2, "bob"), [Claim("c")], frozenset())
        again = await _all_in(desk, (2, "bob", "a"))  # is looked at already, and costs nothing
        await _served(desk, models, [*tasks, *again])
        assert sorted(models.order) == ["a", "b"]

    asyncio.run(story())


def test_an_error_reaches_those_of_its_batch_and_the_desk_goes_on() -> None:
    async def story() -> None:
        models = Models()
        models.broken = {"bad"}
        desk = Desk(models.check, batch=1)
        bad, good = await _all_in(desk, (1, "ann", "bad"), (2, "bob", "good"))
        await _served(desk, models, [bad, good])
        assert isinstance(bad.exception(), RuntimeError)
        assert good.result()[0].claim.text == "good"

    asyncio.run(story())


def test_closing_finishes_what_was_begun_and_tells_the_others() -> None:
    async def story() -> None:
        models = Models()
        desk = Desk(models.check, batch=1)
        begun, waiting = await _all_in(desk, (1, "ann", "a"), (1, "ann", "b"))
        running = asyncio.create_task(desk.run())
        while desk.waiting == 2:
            await asyncio.sleep(0.01)
        desk.close()
        models.go.release()
        await running
        assert (await begun)[0].claim.text == "a"
        with pytest.raises(Closing):
            await waiting
        with pytest.raises(Closing):
            await desk.check(Asker(1, "ann"), [Claim("c")], frozenset())

    asyncio.run(story())
