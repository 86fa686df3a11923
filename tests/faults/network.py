"""Faults of the network: between a watcher and a news site stands a relay that cuts, resets or stalls connections at a random byte."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from retrieval.sources import Kind as SourceKind
from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane
from tests.standins.news import Reply, item, page, rss, story
from tests.standins.store import NOON, Store
from tests.standins.watching import Watching, watching

WHOLE, PAGES, FEEDS = 3, 2, 3
WAYS = ("close", "reset", "stall", "garble")
ROUNDS = 8  # of visits, some days apart, until all is there


class Relay:
    """Between client and site, on a port of its own. While it is `armed` it spoils that many connections."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self._port, self._chance = port, chance
        self.armed = self.met = 0
        self.port = 0
        self.ways: list[str] = []

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        spoilt = self.armed > 0
        self.armed -= spoilt
        asking = asyncio.create_task(_pump(reader, back))
        try:
            if spoilt:
                await self._spoil(there, writer)
            else:
                await _pump(there, writer)
        except OSError:
            pass
        finally:
            asking.cancel()
            for one in (back, writer):
                with suppress(OSError):
                    one.close()

    async def _spoil(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way, left = self._chance.choice(WAYS), self._chance.choice((0, 1, self._chance.randrange(300), self._chance.randrange(4000)))
        self.ways.append(way)
        while left > 0 and (data := await there.read(min(left, 1024))):
            writer.write(data)
            await writer.drain()
            left -= len(data)
        self.met += 1
        if way == "stall":
            await asyncio.sleep(0.8)  # longer than the client waits
        elif way == "garble":
            writer.write(self._chance.randbytes(200))
            await writer.drain()
        elif way == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


async def _visited(folder: Path, chance: random.Random, faults: int) -> tuple[int, list[str], list[str]]:
    """How many connections were spoilt, how, and what was wrong in the end."""
    with Store(folder) as store:
        async with watching(store) as made, Relay(made.site.port, chance) as relay:
            made.site.port = relay.port  # what urls name
            expected = _furnish(made)
            for number in range(ROUNDS):
                relay.armed = chance.randint(1, 4) if relay.met < faults and number < ROUNDS - 3 else 0
                await made.watcher.run_due()
                made.clock.turn(timedelta(days=chance.choice((1, 2, 4))))
            relay.armed = 0
            for _ in range(3):
                made.clock.turn(timedelta(days=20))
                await made.watcher.run_due()
            return relay.met, relay.ways, _wrong(made, store, expected)


def _furnish(made: Watching) -> dict[str, str]:
    """Feeds of whole articles and of links to pages; url to a word that its article must have."""
    expected: dict[str, str] = {}
    for feed in range(FEEDS):
        items = []
        for at in range(WHOLE + PAGES):
            path, word = f"/{feed}/{at}", f"Place{feed}x{at}"
            text = f"{story(word)} {_words(f'{feed} {at}')}."
            if at >= WHOLE:
                made.site.on(path, Reply(page(made.site.url(path), f"Report {feed} {at}", text)))
                items.append(item(made.site.url(path), f"Report {feed} {at}", "It was said.", at=NOON))
            else:
                items.append(item(made.site.url(path), f"Report {feed} {at}", whole=text, at=NOON))
            expected[made.site.url(path)] = word
        url = made.site.on(f"/feed{feed}.xml", Reply(rss(items, f"Outlet {feed}"), headers={"ETag": f'"{feed}"'}))
        made.book.add(url, SourceKind.FEED, f"Outlet {feed}", NOON)
    return expected


def _words(seed: str) -> str:
    return " ".join(f"word{random.Random(f'{seed} {number}').randrange(50_000)}" for number in range(60))


def _wrong(made: Watching, store: Store, expected: dict[str, str]) -> list[str]:
    texts = made.texts()
    wrong = [f"{url} is not stored" for url in expected.keys() - texts.keys()]
    wrong += [f"{url} has other words than its source" for url, word in expected.items() if url in texts and word not in texts[url]]
    for problem, query in (
        ("an article twice", "SELECT min(id) FROM article GROUP BY url HAVING count(*) > 1"),
        ("half an article was stored first", "SELECT article_id FROM revision WHERE number > 1"),
        ("a lease that nobody holds", "SELECT id FROM address WHERE lease_owner IS NOT NULL"),
        ("an address that is not visited any more", "SELECT id FROM address WHERE kind = 'feed' AND (state <> 'active' OR failures > 0)"),
    ):
        if found := store.column(query):
            wrong.append(f"{problem}: {found[:4]}")
    if store.index.ids() != (store.live(), store.live()):
        wrong.append("the index has other passages than the store")
    return wrong


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    def play(kind: Kind, count: int) -> Sequence[Done]:
        faults, seed = min(count, kind.block), lane.chance.randrange(1_000_000)

        def visit() -> str:
            folder = Path(tempfile.mkdtemp(prefix="network", dir=lane.safe))
            return json.dumps(asyncio.run(_visited(folder, random.Random(seed), faults)))

        started = time.monotonic()
        met, ways, wrong = json.loads(lane.aside(visit, 120))
        each = round((time.monotonic() - started) / max(1, met), 3)
        lane.number += max(0, met - 1)
        rounds = [Done(kind.name, 1, "no" if wrong else "itself", (), (), each, note=way) for way in ways[:met]]
        if wrong:
            rounds[0] = Done(kind.name, 1, "no", (), wrong, each, note=f"visit {seed}")
        return rounds

    yield play
