"""What is shown of an answer while the rest of it is still made: one message that is edited, not oftener than Discord likes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

log = logging.getLogger("crosscheck.unfolding")

GAP = 1.5  # seconds between two of these edits


class Unfolding:
    """Shows the newest state that it was told. What it shows is no answer: an error here is logged, and the answer comes all the same."""

    def __init__(self) -> None:
        self._next: Callable[[], Awaitable[object]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    def tell(self, show: Callable[[], Awaitable[object]]) -> None:
        """`show` is called as soon as the gap allows, unless something newer is told before, or all this ends."""
        self._next = show
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Show no more; returns when what is under way has been shown, or it might come after what it goes before."""
        self._ended.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._next is not None and not self._ended.is_set():
            show, self._next = self._next, None
            begun = time.monotonic()
            try:
                await show()
            except Exception as error:  # noqa: BLE001 - see the class
                log.warning("a part of an answer was not shown: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._ended.wait(), max(0.0, GAP - (time.monotonic() - begun)))
            except TimeoutError:
                continue
