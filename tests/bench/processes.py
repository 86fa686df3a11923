"""Whole processes: how much memory a check takes, how long the help takes."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bot.app import App
from config.settings import Settings
from retrieval.errors import ModelError
from tests.bench.report import ROOT
from tests.bench.sample import CLAIMS, ingest_sample

RUNS, COLD_RUNS = 7, 3
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


def start_up() -> dict[str, float]:
    """Wall seconds from nothing to the first answer of a fresh `check` with the models, and of a fresh `search`, over the sample.

    Cold: what lies on the disk of Python, its packages, the models and the store was put out of the page cache before, each time; what
    other processes have mapped stays there. The baseline is a process that imports torch and does nothing. Raises ModelError.
    """
    with tempfile.TemporaryDirectory() as folder:
        with App(Settings(data_dir=Path(folder), database_url=None)) as app:
            ingest_sample(app, app.embedder)
        figures: dict[str, float] = {}
        for name, arguments in {
            "torch": ("-c", "import torch"),
            "search": ("-m", "bot", "search", CLAIMS[0], "--no-service"),
            "check": ("-m", "bot", "check", CLAIMS[0], "--no-service"),
        }.items():
            for cold in (True, False):
                took = [_seconds(arguments, folder, cold=cold) for _ in range(COLD_RUNS if cold else RUNS)]
                figures[f"{name}_{'cold' if cold else 'warm'}_s"] = median(took)
        return figures


def _seconds(arguments: Sequence[str], folder: str, *, cold: bool) -> float:
    """Of one process. Raises ModelError with its stderr when it does not end with 0."""
    if cold:
        for place in (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), str(ROOT / "retrieval" / "weights"), folder):
            _put_out(Path(place))
    environment = {**os.environ, "CROSSCHECK_DATA_DIR": folder}
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ModelError(done.stderr.strip() or f"exit code {done.returncode}")
    return time.perf_counter() - started


def _put_out(place: Path) -> None:
    """Have the kernel forget a folder's files. Where it cannot be asked, cold is as warm."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in place.rglob("*"):
        if path.is_file() and path.stat().st_size:
            file = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)


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
