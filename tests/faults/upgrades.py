"""Rounds of what is done once: a migration that is killed and begun again by the next start, a copy that is run again."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command

from db.copying import copy, open_source
from db.engine import NEWEST, alembic_config, open_database
from tests.faults.judge import file_problems
from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane, ended
from tests.faults.shim import CHANGES, Control, Mode, attach
from tests.faults.warming import warm_up

OLD = ("0002", "0003", "0004", "0005")


class Upgrades:
    """A store of each old schema, and what it is to be when it was upgraded."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.control = Control(lane.safe / "control")
        made = lane.fresh("made")
        warm_up(made)
        self._newest = _put(made / "crosscheck.db", lane.safe / "newest.db")
        self._old: dict[Path, str] = {}

    def play(self, kind: Kind, _count: int) -> Sequence[Done]:
        folder = self.lane.fresh("hit")
        target = folder / "crosscheck.db"
        if kind.name == "kill-copy":
            met = self._killed(lambda: _copied(self._newest, target))
            said = self.lane.aside(lambda: _copied_again(self._newest, target))
            command, recovered = "db copy, again", "command"
        else:
            old = self._store_of(self.lane.chance.choice(OLD))
            _put(old, target)
            met = self._killed(lambda: open_database(_url(target)).close())
            expected = self._old[old]
            said = self.lane.aside(lambda: _upgraded(target, expected))
            command, recovered = "", "itself"
        broken = json.loads(said)
        return [Done(kind.name, int(met), "no" if broken else recovered, (), broken, 0.0, command)]  # type: ignore[arg-type]

    def _store_of(self, version: str) -> Path:
        """A store of an old schema, made at its first use."""
        old = self.lane.safe / f"{version}.db"
        if old not in self._old:
            _put(self._newest, old)
            _downgrade(old, version)
            new = _put(old, self.lane.safe / "upgraded.db")
            open_database(_url(new)).close()
            self._old[old] = fingerprint(new)
        return old

    def _killed(self, do: Callable[[], object]) -> bool:
        """Whether it was, before its end."""
        chance = self.lane.chance
        by_call = chance.random() < 0.8
        self.control.disarm()
        if by_call:
            self.control.arm(Mode.DIE, CHANGES, self.lane.disk, after=int(math.exp(chance.uniform(0, math.log(120)))))
        child = os.fork()
        if not child:
            _done(do, self.control.file)
        if not by_call:
            time.sleep(chance.random() * 0.2)
            os.kill(child, signal.SIGKILL)
        return ended(child, 30) == -signal.SIGKILL


def _done(do: Callable[[], object], control: Path) -> None:
    code = 70
    try:
        attach(control)
        do()
        code = 0
    finally:
        os._exit(code)


def _put(file: Path, target: Path) -> Path:
    return Path(shutil.copy(file, target))


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


def _downgrade(file: Path, version: str) -> None:
    with closing(open_database(_url(file), migrate=False)) as database:
        config = alembic_config()
        with database.engine.connect() as connection, connection.begin():
            config.attributes["connection"] = connection
            command.downgrade(config, version)


def _copied(source: Path, target: Path) -> None:
    with closing(open_source(_url(source))) as old, closing(open_database(_url(target))) as new:
        copy(old, new)


def _copied_again(source: Path, target: Path) -> str:
    _copied(source, target)
    problems = list(file_problems(target))
    return json.dumps(problems + ([] if fingerprint(source) == fingerprint(target) else ["the copy has other rows"]))


def _upgraded(file: Path, expected: str) -> str:
    """What is wrong with a store that a killed migration left, once the next start has opened it."""
    problems = list(file_problems(file))
    open_database(_url(file)).close()
    problems += list(file_problems(file))
    with closing(sqlite3.connect(file)) as raw:
        (version,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    problems += [] if version == NEWEST else [f"its schema is {version}"]
    return json.dumps(problems + ([] if fingerprint(file) == expected else ["its rows or tables are others than those of a whole upgrade"]))


def fingerprint(file: Path) -> str:
    """Of all tables with all rows."""
    found = hashlib.sha256()
    with closing(sqlite3.connect(file)) as raw:
        tables = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        for name, statement in tables:
            found.update(f"{name} {statement}".encode())
            for row in sorted(raw.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr):  # noqa: S608 - names of our own tables
                found.update(repr(row).encode())
    return found.hexdigest()


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    yield Upgrades(lane).play
