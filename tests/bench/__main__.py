"""Figures of speed and memory: `python -m tests.bench` or `make bench`. An hour the first time, which fills a million passages
and makes an environment for each peer.

Nothing is asserted: the JSON names machine and load, and a busy machine measures worse. What cannot run here, for want of the stance
model or of a network to get a peer from, is named in the table and in the JSON, and the rest goes on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bot.parts import model_files
from config.settings import Settings
from retrieval.errors import ModelError
from tests.bench.copies import copies_quality_and_cost
from tests.bench.discord import discord_speed
from tests.bench.follows import follows_speed
from tests.bench.judging import judging_speed
from tests.bench.likeness import likeness
from tests.bench.long_post import long_post
from tests.bench.peers import peers_speed
from tests.bench.processes import check_memory, help_speed, search_memory, start_up
from tests.bench.report import RESULTS, Value, save, show
from tests.bench.sample import check_speed, ingest_speed
from tests.bench.scale import scale

BENCHES: dict[str, Callable[[], dict[str, float]]] = {
    "ingest": ingest_speed,
    "check": check_speed,
    "judging": judging_speed,
    "check_memory": check_memory,
    "search_memory": search_memory,
    "help": help_speed,
    "start": start_up,
    "scale": scale,
    "peers": peers_speed,
    "copies": copies_quality_and_cost,
    "likeness": likeness,
    "discord": discord_speed,
    "follows": follows_speed,
    "long_post": long_post,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of speed and memory.")
    parser.add_argument("--out", type=Path, default=RESULTS / "bench.json")
    parser.add_argument("--only", choices=BENCHES, nargs="+", default=list(BENCHES), help="some of them")
    arguments = parser.parse_args()
    results: dict[str, Value] = {}
    sections = []
    for name in arguments.only:
        sys.stderr.write(f"{name} ...\n")
        try:
            figures = BENCHES[name]()
        except ModelError as error:
            results[name] = {"skipped": str(error)}
            sections.append([[name, "skipped", str(error)]])
        else:
            results[name] = dict(figures)
            sections.append([[name, figure, _shown(value)] for figure, value in figures.items()])
    show("Crosscheck: speed and memory", ["bench", "figure", "value"], sections)
    settings = Settings()
    models: dict[str, Value] = {
        "embedding": model_files("embedding", settings.embedding_model)[0].model_id,
        "stance": model_files("stance", f"stance-{settings.stance}")[0].model_id,
    }
    save(arguments.out, {"models": models, **results})


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


if __name__ == "__main__":
    main()
