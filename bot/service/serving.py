"""`serve`, the process; and the same beside the Discord bot."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.app import App, Checked
from bot.desk import Desk
from bot.monitor.watching import SERVE, Watched, watched
from bot.opened import complain
from bot.service.queued import Room
from bot.service.resident import Service, Taken
from retrieval.errors import CrosscheckError, UserError

log = logging.getLogger("crosscheck.service")

PATIENCE = 20.0  # seconds that work under way has when the program is told to stop
AGAIN = 2.0  # seconds between two tries to listen where another process still does


class NoSocket(CrosscheckError):
    """The service cannot listen."""


def serve(app: App) -> None:
    """Run until SIGINT or SIGTERM. Raises UserError, Taken, NoSocket, ModelError, StoreError."""
    if not app.settings.service:
        raise UserError("CROSSCHECK_SERVICE is off: commands would not ask a service.")
    with watched(app, SERVE) as watch:
        asyncio.run(_serve(app, watch))


async def _serve(app: App, watch: Watched) -> None:
    desk = Desk(app.check_claims, monitor=app.monitor)
    service = Service(Room(app, desk, asyncio.get_running_loop(), _nothing))
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    _listen(service)
    working = asyncio.create_task(desk.run())
    try:
        async with watch.sampling():
            await desk.in_models(app.warm_up)  # who asks meanwhile waits for no more than they would do themselves
            watch.models_loaded()
            complain(f"Ready: `check`, `search` and `stance` are answered for the data folder {app.settings.data_dir}. Ctrl+C ends it.")
            await stopping.wait()
    finally:
        service.stop()
        if not await asyncio.to_thread(service.finish, PATIENCE):
            log.warning("some commands were still under way at the end")
        desk.close()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def _listen(service: Service) -> None:
    """Raises Taken, NoSocket."""
    try:
        service.listen()
    except OSError as error:
        raise NoSocket(f"The service cannot listen at {service.path}: {error.strerror or error}.") from error


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def beside(
    app: App, desk: Desk[Checked], under_way: Callable[[], AbstractAsyncContextManager[None]]
) -> AsyncIterator[Callable[[], None]]:  # fmt: skip
    """Answer commands too, as soon as no other process does. Gives what stops that; at the end what is under way has been answered."""
    if not app.settings.service:
        yield lambda: None
        return
    service = Service(Room(app, desk, asyncio.get_running_loop(), under_way))
    trying = asyncio.create_task(_keep_trying(service))

    def stop() -> None:
        trying.cancel()
        service.stop()

    try:
        yield stop
    finally:
        stop()
        await asyncio.gather(trying, return_exceptions=True)
        await asyncio.to_thread(service.finish, PATIENCE)


async def _keep_trying(service: Service) -> None:
    while True:
        try:
            service.listen()
            return
        except Taken:
            await asyncio.sleep(AGAIN)
        except OSError as error:
            log.warning("commands are not answered: %s", error.strerror or error)
            return
