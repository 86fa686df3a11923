"""A watcher killed at any moment: the next one, once the leases of the dead have run out, stores the rest, once."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import TimeoutExpired

import pytest
from sqlalchemy import update

from db.addresses import Addresses
from db.schema import AddressRow, HostRow
from retrieval.sources import Kind
from tests.standins.follower import LOCAL
from tests.standins.news import Reply, Site, item, page, rss, story
from tests.standins.processes import start
from tests.standins.store import NOON, Store

WHOLE, PAGES = 6, 3  # of each feed the items with their text and those that are read on their page


def _outlet(site: Site, number: int) -> str:
    """A feed of WHOLE articles and PAGES links; its address."""
    now = datetime.now(UTC) - timedelta(hours=1)
    items = []
    for at in range(WHOLE + PAGES):
        path, text = f"/{number}/{at}", story(f"Place{number}x{at}") + f" {' '.join(_words(number, at))}."
        if at < WHOLE:
            items.append(item(site.url(path, LOCAL), f"Report {number} {at}", whole=text, at=now))
        else:
            site.on(path, Reply(page(site.url(path, LOCAL), f"Report {number} {at}", text)), host=LOCAL)
            items.append(item(site.url(path, LOCAL), f"Report {number} {at}", "It was said.", at=now))
    return site.on(f"/feed{number}.xml", Reply(rss(items, f"Outlet {number}"), headers={"ETag": f'"{number}"'}), host=LOCAL)


def _words(number: int, at: int) -> list[str]:
    return [f"word{random.Random(f'{number} {at} {place}').randrange(50_000)}" for place in range(60)]


def _let_leases_run_out(folder: Path) -> None:
    """As if the quarter of an hour had passed that a dead process's leases last."""
    with Store(folder) as store, store.database.writing() as session:
        for table in (AddressRow, HostRow):
            session.execute(update(table).where(table.lease_until.is_not(None)).values(lease_until=NOON))


async def _kill_somewhere(folder: Path, chance: random.Random, number: int) -> bool:
    """Whether it was killed before its end."""
    process = start("tests.standins.follower", str(folder), f"process {number}")
    assert process.stdout is not None
    for _ in range(chance.randrange(4)):
        await asyncio.to_thread(process.stdout.readline)  # visits that were made and remembered
    with suppress(TimeoutExpired):
        await asyncio.to_thread(process.wait, chance.random() ** 2 * 0.5)
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.communicate)
    return process.returncode == -signal.SIGKILL


async def _survives(folder: Path, feeds: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    async with Site() as site:
        with Store(folder) as store:
            for number in range(feeds):
                Addresses(store.database).add(_outlet(site, number), Kind.FEED, f"Outlet {number}", datetime.now(UTC))
        killed = 0
        for number in range(kills):
            killed += await _kill_somewhere(folder, chance, number)
            _let_leases_run_out(folder)
        assert killed > kills * 0.8
        for number in range(2):  # feeds, then the pages that the last of them named
            process = start("tests.standins.follower", str(folder), f"last {number}")
            _, error = await asyncio.to_thread(process.communicate)
            assert process.returncode == 0, error
    with Store(folder) as store:
        assert store.column("SELECT count(*) FROM article") == [feeds * (WHOLE + PAGES)]
        assert store.column("SELECT count(*) FROM revision") == [feeds * (WHOLE + PAGES)]
        assert store.column("SELECT id FROM address WHERE lease_owner IS NOT NULL OR failures > 0") == []
        assert [count for _, count in store.articles.by_source()] == [WHOLE + PAGES] * feeds
        assert store.index.ids() == (store.live(), store.live())


def test_a_watcher_killed_a_few_times_loses_and_repeats_nothing(tmp_path: Path) -> None:
    asyncio.run(_survives(tmp_path, feeds=8, kills=3, seed=1))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_watcher_killed_many_times_loses_and_repeats_nothing(tmp_path: Path) -> None:
    asyncio.run(_survives(tmp_path, feeds=200, kills=60, seed=2))
