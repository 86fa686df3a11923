"""One of many processes over one PostgreSQL database, until a time.

    python -m tests.standins.together ingest|check URL NUMBER SECONDS OUT

It writes into OUT what it did, one JSON object a line, when it is done and acknowledged: an article's address and words, or a check's
id. A StoreError is written too and ends nothing, as a bot goes on after one.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from db.engine import open_database
from db.pgindex import PgIndex
from retrieval.errors import StoreError
from retrieval.ingest.pipeline import ingest
from tests.standins.models import DIMENSION
from tests.standins.store import EMBEDDER, Store, article, sentences_about

WORDS = ["granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries", "glaciers", "sardines", "castles"]
ENDING = " Nobody else said a word of it, and the doors of the hall were closed again before noon, as they are on each such day."
SHARED = 50  # addresses that all of them write to


def main(what: str, url: str, number: int, seconds: float, out: Path) -> None:
    database = open_database(url)
    store = Store.over(database)
    index = PgIndex(database, EMBEDDER.model_id, DIMENSION)
    index.follow()
    vars(store)["index"] = index
    chance = random.Random(number)
    steps = _ingest(store, number, chance) if what == "ingest" else _check(store, chance)
    until = time.monotonic() + seconds
    with out.open("w", encoding="utf-8") as lines:
        while time.monotonic() < until:
            try:
                done = next(steps)()
            except StoreError as error:
                done = {"error": f"{type(error).__name__}: {error}"}
            lines.write(json.dumps(done) + "\n")
    database.close()


def _ingest(store: Store, number: int, chance: random.Random) -> Iterator[Callable[[], dict[str, object]]]:
    """New articles, copies of what others write, new wordings of shared addresses, and removals."""
    count = 0
    while True:
        count += 1
        kind = chance.random()
        words = sentences_about([f"{word} {chance.randrange(300)}" for word in chance.sample(WORDS, 4)]) + ENDING
        url = f"{number}-{count}"
        if kind < 0.15:  # a wire story: several processes store it at the same time, under addresses of their own
            words = sentences_about([f"{word} {int(time.time() / 2)}" for word in WORDS[:4]]) + ENDING
        elif kind < 0.3:
            url = f"shared-{chance.randrange(SHARED)}"
        yield lambda url=url, words=words: _stored(store, url, words)  # type: ignore[misc]
        if kind > 0.95:
            yield lambda url=url: _removed(store, url)  # type: ignore[misc]


def _stored(store: Store, url: str, words: str) -> dict[str, object]:
    report = ingest([article(url, words, source=f"Outlet {url[-1]}")], store.articles, EMBEDDER)
    return {"url": url, "words": words, "failed": len(report.failed)}


def _removed(store: Store, url: str) -> dict[str, object]:
    return {"removed": url, "count": store.articles.remove([f"https://echo.example/{url}"])}


def _check(store: Store, chance: random.Random) -> Iterator[Callable[[], dict[str, object]]]:
    checker = store.checker()
    while True:
        claim = f"The council of Harwick spoke about {chance.choice(WORDS)} {chance.randrange(300)} for an hour on Tuesday."
        yield lambda claim=claim: {"check": store.checks.save(checker.check_text(claim)), "claim": claim}  # type: ignore[misc]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), Path(sys.argv[5]))
