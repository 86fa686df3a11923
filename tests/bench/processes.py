"""Whole processes: how much memory a check takes, how long the help takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bot.app import App
from config.settings import Settings
from retrieval.errors import ModelError
from tests.bench.report import ROOT
from tests.bench.sample import CLAIMS, ingest_sample

RUNS = 7
# Between us and the program stands a small process: on Linux a child's peak begins at its parent's size, and ours holds models.
_PEAK_OF = (
    "import resource, subprocess, sys\n"
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    "sys.exit(code)\n"
)


def check_memory() -> dict[str, float]:
    """Peak resident MB (1,000,000 bytes) of a fresh `python -m bot check` over the sample. Raises ModelError when it cannot check."""
    return _memory_of("check")


def search_memory() -> dict[str, float]:
    """The same of `python -m bot search`, which loads the embedding model alone."""
    return _memory_of("search")


def help_speed() -> dict[str, float]:
    """Wall milliseconds of `python -m bot --help`, median of RUNS after one that warms the disk cache."""
    took = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        took.append((time.perf_counter() - started) * 1000)
    return {"runs": RUNS, "median_ms": median(took[1:])}


def peak_mb(command: list[str], environment: dict[str, str]) -> float:
    """Peak resident memory of the command and what it waits for. Raises ModelError with its stderr when it does not end with 0."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK_OF, *command], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ModelError(done.stderr.strip() or f"exit code {done.returncode}")
    peak = int(done.stdout)
    return (peak if sys.platform == "darwin" else peak * 1024) / 1e6  # kilobytes on Linux, bytes on macOS


def _memory_of(command: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        with App(Settings(data_dir=Path(folder), database_url=None)) as app:
            ingest_sample(app, app.embedder)
        return {"peak_mb": peak_mb([sys.executable, "-m", "bot", command, CLAIMS[0]], {"CROSSCHECK_DATA_DIR": folder})}
