"""A service that runs for long: checks asked of `serve` over its socket while another process stores articles.

    python -m tests.bench.soak [--checks 10000] [--articles 20000] [--stance large] [--folder DIR] [--out FILE]

Both are whole processes with the real models, over one store in a fresh folder. The service's resident memory, threads and open files are
read from /proc after each check, since what a batch takes comes and goes; a row is the median of SAMPLE checks, with their processor time,
and how long they took, which hangs on what else the machine does, as processor time hardly does. Articles come at an even pace over the
checks, so that the index is written anew and the caches turn over. The first WARM checks warm up: until then each new shape of a batch
takes memory (DECISIONS 50).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from statistics import median

import numpy as np

from bot.app import App
from bot.service.client import ask
from config.settings import Settings
from retrieval.claims import parse_claim
from retrieval.errors import BadClaim
from retrieval.ingest.pipeline import ingest
from retrieval.types import Article
from tests.bench.made_news import SEED, MadeNews
from tests.bench.metrics import percentile
from tests.bench.report import RESULTS, ROOT, Value, save, show
from tests.bench.sample import CLAIMS, ingest_sample

SAMPLE, WARM = 250, 1_000
BATCH = 8  # articles stored at once
STATE, TIME = ("resident_mb", "anonymous_mb", "files", "threads"), ("p50_ms", "p95_ms", "cpu_ms")
ROWS = np.eye(16, dtype=np.float32)  # of the made news, its words alone are used here: the models make their own vectors of them
Row = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory, open files and speed over many checks.")
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--stance", choices=("small", "large"), default="large")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS / "soak.json")
    parser.add_argument("--store-to", type=int, help=argparse.SUPPRESS)  # the process that stores articles
    options = parser.parse_args()
    if options.store_to:
        _store(options.folder, options.store_to)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        rows = soak(folder, options.checks, options.articles, options.stance)
    found = verdict(rows)
    show("Soak", ("figure", "value"), [[[name, f"{value:,.3f}"] for name, value in found.items()]])
    save(
        options.out, {"stance": options.stance, "checks": options.checks, "articles": options.articles, **found, "samples": _columns(rows)}
    )


def soak(folder: Path, checks: int, articles: int, stance: str) -> list[Row]:
    """A row a SAMPLE of checks."""
    os.environ |= {"CROSSCHECK_DATA_DIR": str(folder), "CROSSCHECK_STANCE": stance}
    with App(Settings(data_dir=folder, database_url=None)) as app:
        ingest_sample(app, app.embedder)
    rows: list[Row] = []
    with _serving() as process, _storing(folder, articles) as storing:
        worked = _worked_ms(process.pid)
        for at, claim in enumerate(_claims(checks), 1):
            started = time.perf_counter()
            with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
                code = ask(["check", claim, "--json"])
            rows.append({"took_ms": (time.perf_counter() - started) * 1000, "failed": float(code != 0), **_of(process.pid)})
            if at % SAMPLE == 0:
                if storing.stdin and storing.poll() is None:
                    storing.stdin.write(f"{articles * at // checks}\n".encode())
                    storing.stdin.flush()
                some = rows[-SAMPLE:]
                took = [row["took_ms"] for row in some]
                before, worked = worked, _worked_ms(process.pid)
                rows[-SAMPLE:] = [
                    {
                        "checks": float(at),
                        "p50_ms": median(took),
                        "p95_ms": percentile(took, 0.95),
                        "cpu_ms": (worked - before) / SAMPLE,
                        "failed": sum(row["failed"] for row in some),
                        **{key: median(row[key] for row in some) for key in STATE},
                    }  # fmt: skip
                ]
                sys.stderr.write(json.dumps(rows[-1]) + "\n")
    return [row for row in rows if "checks" in row]


def verdict(rows: Sequence[Row]) -> Row:
    """After the warm-up: by how much memory, threads, open files and time changed, as medians of the last and the first fifth."""
    warm = [row for row in rows if row["checks"] > WARM] or list(rows)
    fifth = max(1, len(warm) // 5)

    def grown(key: str) -> float:
        return median(row[key] for row in warm[-fifth:]) / median(row[key] for row in warm[:fifth])

    return {
        "failed": sum(row["failed"] for row in rows),
        **{f"{key}_first": median(row[key] for row in warm[:fifth]) for key in (*STATE, *TIME)},
        **{f"{key}_last_over_first": grown(key) for key in (*STATE, *TIME)},
        "resident_highest_over_first": max(row["resident_mb"] for row in warm) / median(row["resident_mb"] for row in warm[:fifth]),
    }


def _columns(rows: Sequence[Row]) -> dict[str, Value]:
    return {key: [round(row[key], 1) for row in rows] for key in rows[0]}


def _claims(count: int) -> Iterator[str]:
    """Made claims, of which no two are alike, and one of the sample's, which has excerpts, in ten."""
    made = MadeNews(ROWS, SEED + 5).queries(count)
    for at, (_, text) in enumerate(made):
        yield f"{CLAIMS[at // 10 % len(CLAIMS)]} {text.split(' ')[0]}" if at % 10 == 0 or not _states_something(text) else text


def _states_something(text: str) -> bool:
    """Whether it is a claim at all: words that are drawn by chance are none now and then, and are refused."""
    try:
        parse_claim(text)
    except BadClaim:
        return False
    return True


@contextmanager
def _serving() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        said = b""
        while not said.startswith(b"Ready"):
            assert process.stderr is not None
            if not (said := process.stderr.readline()):
                raise RuntimeError("the service does not answer")
        yield process
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _storing(folder: Path, articles: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that reads how many articles there should be, and stores as many."""
    command = [sys.executable, "-m", "tests.bench.soak", "--folder", str(folder), "--store-to", str(articles)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait(600)


def _store(folder: Path, articles: int) -> None:
    drawn = _articles(articles)
    stored = 0
    with App(Settings(data_dir=folder, database_url=None)) as app:
        for line in sys.stdin:
            while stored < int(line):
                some = [one for _, one in zip(range(min(BATCH, int(line) - stored)), drawn, strict=False)]
                ingest(some, app.articles, app.embedder)
                stored += len(some)
    sys.stderr.write(f"{stored} articles stored\n")


def _articles(count: int) -> Iterator[Article]:
    """Of two passages each, from a hundred outlets."""
    outlets = random.Random(SEED)
    for at, made in enumerate(MadeNews(ROWS, SEED + 6).articles(10 * count)):
        text = made.text[: made.spans[1][1]]
        yield Article(f"https://soak.example/{at}", made.title, f"Soak {outlets.randrange(100)}", text)


def _worked_ms(pid: int) -> float:
    """Processor time of a process so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _of(pid: int) -> Row:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines() if ":" in line)
    return {
        "resident_mb": int(lines["VmRSS"].split()[0]) * 1024 / 1e6, "anonymous_mb": int(lines["RssAnon"].split()[0]) * 1024 / 1e6,
        "threads": float(lines["Threads"]), "files": float(len(os.listdir(f"/proc/{pid}/fd"))),
    }  # fmt: skip


if __name__ == "__main__":
    main()
