"""Looking at what must be asked for: whether the event loop turns, the database, the index, the gateway. Each few seconds, and not when
somebody watches, so that watching costs the same however often it is done, and answers even where what is watched hangs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.app import App
from bot.monitor.health import MOST_BEHIND, Health, Look
from bot.monitor.metrics import Metrics
from bot.monitor.port import Gateway
from db.backup_files import newest_of
from db.health import ping
from retrieval.errors import CrosscheckError, StoreError

log = logging.getLogger("crosscheck.monitor")

EVERY = timedelta(seconds=5)  # between two looks at the store
BEAT = timedelta(seconds=1)
BACKUPS_EVERY = timedelta(minutes=1)
# Rows behind from which the index is brought up to date though nobody asks: the next who asks does not wait for a night's news, and a
# process that is not asked, since it is not ready, becomes ready again.
APPLY_FROM = MOST_BEHIND // 5


@dataclass(frozen=True, slots=True)
class Sampler:
    """Tells `health` and `metrics` what it sees. `gateway` is asked in the event loop; None where there is no Discord."""

    app: App
    metrics: Metrics
    health: Health
    gateway: Callable[[], Gateway] | None = None
    every: timedelta = EVERY
    beat: timedelta = BEAT

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look until the block ends."""
        tasks = [asyncio.create_task(work, name="monitor") for work in (self._beats(), self._looks(), self._backups())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _beats(self) -> None:
        pause = self.beat.total_seconds()
        while True:
            gateway = self.gateway() if self.gateway else None
            self.health.beat(gateway=gateway is not None and gateway.ready)
            if gateway is not None:
                self.metrics.shards.labels("connected").set(gateway.connected)
                self.metrics.shards.labels("away").set(gateway.shards - gateway.connected)
                self.metrics.gateway_latency.set(gateway.latency)
            self.metrics.ready.set(self.health.ready().good)
            asleep = time.monotonic()
            await asyncio.sleep(pause)
            self.metrics.loop_delay.set(max(0.0, time.monotonic() - asleep - pause))

    async def _looks(self) -> None:
        while True:
            look = await asyncio.to_thread(self.look)
            self.health.looked(look)
            if look.behind is not None and look.behind >= APPLY_FROM:
                await asyncio.to_thread(self._apply)
            await asyncio.sleep(self.every.total_seconds())

    async def _backups(self) -> None:
        while True:  # apart from the looks: the folder may be a disk of another machine, which hangs
            await asyncio.to_thread(self.look_for_backups)
            await asyncio.sleep(BACKUPS_EVERY.total_seconds())

    def look(self) -> Look:
        """Ask the database something small, and the index how far it is; the index itself is touched only once it is there."""
        started = time.perf_counter()
        try:
            ping(self.app.database)
            behind = self.app.index.behind() if self.health.has_models else None
        except StoreError as error:
            log.warning("the database does not answer: %s", error)
            self.metrics.database_up.set(0)
            return Look(answered=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the looking
            log.error("the database could not be looked at: %s", type(error).__name__)
            self.metrics.database_up.set(0)
            return Look(answered=False)
        self.metrics.database_time.set(time.perf_counter() - started)
        self.metrics.database_up.set(1)
        self.metrics.models_loaded.set(self.health.has_models)
        if behind is not None:
            self.metrics.index_lag.set(behind)
        return Look(answered=True, behind=behind)

    def look_for_backups(self) -> None:
        """A timer that no longer runs is noticed by the age of the newest backup. Where there is none, there is no figure."""
        try:
            found = newest_of(self.app.settings.backups)
        except OSError as error:
            log.warning("the folder of backups cannot be read: %s", error.strerror)
            return
        self.metrics.backups.clear()
        for occasion, at in found.items():
            self.metrics.backups.labels(occasion).set(at)

    def _apply(self) -> None:
        try:
            self.app.index.follow()
        except CrosscheckError as error:
            log.warning("the index could not be brought up to date: %s", error)
