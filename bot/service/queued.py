"""What a client asks for waits at the desk, in fair order with what people ask in Discord, and goes before articles that are stored."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.app import AT_ONCE, App, Checked
from bot.desk import Asker, Closing, Desk
from bot.own_links import own_articles
from bot.service.wire import STILL_THERE
from retrieval.claims import Post, parse_claim
from retrieval.types import Claim, Comparison, Hit, Stance, StanceBars

PAIRS = 32  # that are judged before somebody else's turn: about a second with both models on two cores

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Room:
    """Where the service works: the desk's event loop, which is not the thread of any client."""

    app: App
    desk: Desk[Checked]
    loop: asyncio.AbstractEventLoop
    under_way: Callable[[], AbstractAsyncContextManager[None]]  # around what is finished before the program ends


class Queued:
    """For one client's thread, which says through `still` that it waits. Each call raises what its work raises, Full, Closing."""

    def __init__(self, room: Room, asker: Asker, still: Callable[[], None]) -> None:
        self._room = room
        self._app = room.app
        self._asker = asker
        self._still = still

    def check(self, text: str) -> Comparison:
        """As App.check."""
        return next(self._checked([parse_claim(text)], []))[0]

    def check_in_turn(self, post: Post) -> Iterator[list[Comparison]]:
        """As App.check_in_turn."""
        return self._checked(post.claims, post.links)

    def find(self, query: str, count: int) -> list[Hit]:
        """The nearest passages, best first."""
        return self._in_models(self._find, query, count)

    @property
    def model_id(self) -> str:
        return self._app.stance.model_id

    @property
    def bars(self) -> StanceBars:
        return self._app.stance.bars

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        """As a StanceModel."""
        return [one for at in range(0, len(pairs), PAIRS) for one in self._in_models(self._judge, pairs[at : at + PAIRS])]

    def _find(self, query: str, count: int) -> list[Hit]:
        with self._app.turns.claim():
            return list(self._app.search.find([query], count)[0])

    def _judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        with self._app.turns.claim():
            return self._app.stance.judge(pairs)

    def _in_models(self, work: Callable[..., Result], *given: object) -> Result:
        async def done() -> Result:
            async with self._room.under_way():
                return await self._room.desk.in_models(work, *given)

        return self._wait(self._begun(done()))

    def _checked(self, claims: Sequence[Claim], links: Sequence[str]) -> Iterator[list[Comparison]]:
        found: queue.SimpleQueue[list[Comparison]] = queue.SimpleQueue()
        work = self._begun(self._answer(claims, links, found.put))
        for _ in range(0, len(claims), AT_ONCE):
            while True:
                try:
                    some = found.get(timeout=STILL_THERE)
                    break
                except queue.Empty:
                    if work.done():
                        work.result()
                    self._still()
            yield some

    async def _answer(self, claims: Sequence[Claim], links: Sequence[str], put: Callable[[list[Comparison]], None]) -> None:
        desk = self._room.desk
        async with self._room.under_way():
            own = await own_articles(self._app, links) if links else []
            waiting = desk.take(self._asker, claims, frozenset())
            for at in range(0, len(waiting), AT_ONCE):
                some = await asyncio.gather(*(asyncio.shield(one) for one in waiting[at : at + AT_ONCE]))
                if own:
                    some = await desk.in_models(self._app.beside_own, some, own)
                put([one.comparison for one in some])

    def _begun(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._room.loop)
        except RuntimeError as error:  # the loop has ended
            work.close()
            raise Closing from error

    def _wait(self, work: Future[Result]) -> Result:
        while True:
            try:
                return work.result(STILL_THERE)
            except TimeoutError:
                if work.done():
                    return work.result()
                self._still()
