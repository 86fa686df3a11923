"""One size of tests/bench/scale.py, in a process of its own: whole checks over a store that is there. Prints one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from config.settings import Settings
from retrieval.check import Checker
from retrieval.ports import Embedder, StanceModel, Vectors
from retrieval.search import Search
from retrieval.types import Claim, Stance, StanceBars
from tests.bench.metrics import percentile
from tests.bench.scale_search import memory, read_queries

ALONE, AT_ONCE = 24, (8, 32)
ROUNDS = 2  # of the largest batch; of smaller ones so many more that each size checks the same claims


class Clock:
    """Seconds spent in the models."""

    def __init__(self) -> None:
        self.seconds = 0.0


class TimedEmbedder:
    def __init__(self, model: Embedder, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self.model_id, self.dimension = model.model_id, model.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        found = self._model.embed(texts)
        self._clock.seconds += time.perf_counter() - started
        return found


class TimedStance:
    def __init__(self, model: StanceModel, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self.model_id = model.model_id

    @property
    def bars(self) -> StanceBars:
        return self._model.bars

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        started = time.perf_counter()
        found = self._model.judge(pairs)
        self._clock.seconds += time.perf_counter() - started
        return found


def main() -> None:
    place, given = map(Path, sys.argv[1:3])
    most = ROUNDS * max(AT_ONCE)
    texts = [text for _, text in read_queries(given)[: most + 4]]
    clock = Clock()
    with App(Settings(data_dir=place, database_url=None)) as app:
        started = time.perf_counter()
        app.check(texts[-1])
        figures = {"first_check_s": time.perf_counter() - started}
        app.warm_up()
        search = Search(TimedEmbedder(app.embedder, clock), app.index, app.passages)
        scout = TimedStance(app.scout, clock) if app.scout else None
        checker = Checker(search, TimedStance(app.stance, clock), app.passages, app.models, scout=scout, scales=app.scales)
        checker.check([Claim(text) for text in texts[-4:]])
        took, clock.seconds = [], 0.0
        for text in texts[:ALONE]:
            started = time.perf_counter()
            checker.check([Claim(text)])
            took.append(time.perf_counter() - started)
        figures |= {"check_p50_ms": percentile(took, 0.5) * 1000, "check_p95_ms": percentile(took, 0.95) * 1000}
        figures |= {"outside_models": 1 - clock.seconds / sum(took), "claims_a_second_1": len(took) / sum(took)}
        for size in AT_ONCE:
            started = time.perf_counter()
            for at in range(0, most, size):
                checker.check([Claim(text) for text in texts[at : at + size]])
            figures[f"claims_a_second_{size}"] = most / (time.perf_counter() - started)
            figures[f"gain_{size}"] = figures[f"claims_a_second_{size}"] / figures["claims_a_second_1"]
        figures |= {f"check_{name}_mb": value for name, value in memory().items()}
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
