"""A process that can be watched: `with watched(app, ...)` around its life, `async with ... .sampling()` around its event loop's."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Literal

from bot.app import App
from bot.monitor.health import Need
from bot.parts import model_files
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from bot.monitor.endpoint import Endpoint
    from bot.monitor.health import Health
    from bot.monitor.metrics import Metrics
    from bot.monitor.port import Gateway

log = logging.getLogger("crosscheck.monitor")

AGAIN = 2.0  # seconds between two tries to listen: the process before this one has the port until it has ended

RUN = frozenset(Need)
SERVE = frozenset({Need.MODELS, Need.DATABASE, Need.INDEX})
INGEST = frozenset({Need.DATABASE})


class Watched:
    """What a process tells of its life; nothing of it happens where nobody watches."""

    def models_loaded(self) -> None:
        """They are in memory now."""

    @asynccontextmanager
    async def sampling(self, gateway: Callable[[], Gateway] | None = None) -> AsyncIterator[None]:
        """Within it, the event loop and the store are looked at."""
        del gateway
        yield


class _Shown(Watched):
    def __init__(self, app: App, metrics: Metrics, health: Health) -> None:
        self._app = app
        self._metrics = metrics
        self._health = health

    def models_loaded(self) -> None:
        self._health.models_loaded()
        self._metrics.models_loaded.set(1)

    @asynccontextmanager
    async def sampling(self, gateway: Callable[[], Gateway] | None = None) -> AsyncIterator[None]:
        from bot.monitor.sampling import Sampler

        async with Sampler(self._app, self._metrics, self._health, gateway).running():
            yield


@contextmanager
def watched(app: App, needs: Collection[Need]) -> Iterator[Watched]:
    """Listen where the settings say, from the start on: while models load, the process lives and is not ready.

    An address that cannot be had is logged, and tried again: a program that answers people does not end for want of a watcher.
    """
    address = app.settings.monitor_address
    if address is None:
        yield Watched()
        return
    from bot.monitor.endpoint import Endpoint, Pages
    from bot.monitor.health import Health
    from bot.monitor.metrics import Metrics

    metrics = app.monitor
    if not isinstance(metrics, Metrics):
        raise TypeError("the settings name an address, so the app counts")
    app.database  # noqa: B018 - opened here and now: made in two threads at once it would be made twice
    for role, size in _weights(app):
        metrics.model_weights.labels(role).set(size)
    health = Health(needs)
    endpoint = Endpoint(*address, Pages(metrics.registry, health.live, health.ready))
    stop = threading.Event()
    listening = threading.Thread(target=_keep_trying, args=(endpoint, stop), name="monitor's port", daemon=True)
    if not _started(endpoint):
        listening.start()
    try:
        yield _Shown(app, metrics, health)
    finally:
        stop.set()
        if listening.is_alive():
            listening.join()
        endpoint.stop()


def _keep_trying(endpoint: Endpoint, stop: threading.Event) -> None:
    while not stop.wait(AGAIN):
        with contextlib.suppress(OSError):
            endpoint.start()
            return


def _started(endpoint: Endpoint) -> bool:
    try:
        endpoint.start()
    except OSError as error:
        log.warning("figures are not shown at %s:%d yet: %s", endpoint.host, endpoint.port, error.strerror or type(error).__name__)
        return False
    return True


def _weights(app: App) -> Iterator[tuple[str, int]]:
    """(role, bytes) of the models in use that run in this process and whose files are there."""
    stance = app.settings.stance
    roles: list[tuple[str, Literal["embedding", "stance"], str]] = [("stance", "stance", f"stance-{stance}")]
    if not app.settings.embeddings_url:
        roles.append(("embedding", "embedding", app.settings.embedding_model))
    if stance == "large":
        roles.append(("scout", "stance", "stance-small"))
    for role, kind, name in roles:
        with contextlib.suppress(ModelError, OSError):
            files = model_files(kind, name)[0]
            yield role, sum(file.stat().st_size for file in (files.folder / "model.safetensors", files.base) if file is not None)
