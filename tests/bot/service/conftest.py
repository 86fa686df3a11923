"""A service in this process, with the fakes of the models; its clients are real processes, which could not pretend to have them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest

from bot.app import App, Checked
from bot.desk import Desk
from bot.service.queued import Room
from bot.service.resident import Service
from config.settings import load_settings
from tests.bot.conftest import CommandLine


@dataclass(frozen=True)
class Running:
    """A service that listens, and what it works with."""

    service: Service
    app: App
    desk: Desk[Checked]
    loop: asyncio.AbstractEventLoop

    def call(self, work: Callable[[], None]) -> None:
        """In the thread of the desk."""

        async def done() -> None:
            work()

        asyncio.run_coroutine_threadsafe(done(), self.loop).result(10)


@contextmanager
def running() -> Iterator[Running]:
    """With the settings of the test."""
    with App(load_settings()) as app:
        loop, made, ended = asyncio.new_event_loop(), threading.Event(), threading.Event()
        desks: list[Desk[Checked]] = []

        async def live() -> None:
            desks.append(Desk(app.check_claims))
            made.set()
            await desks[0].run()
            await asyncio.to_thread(ended.wait, 30)

        thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
        thread.start()
        assert made.wait(10)
        service = Service(Room(app, desks[0], loop, nothing))
        service.listen()
        try:
            yield Running(service, app, desks[0], loop)
        finally:
            service.stop()
            assert service.finish(10)
            loop.call_soon_threadsafe(desks[0].close)
            ended.set()
            thread.join(30)
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    yield


@pytest.fixture
def resident(line: CommandLine) -> Iterator[Running]:
    """A service over the stored news."""
    assert line.data.exists()
    with running() as found:
        yield found
