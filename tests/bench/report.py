"""What the benches share: where and on what they ran, one table on the screen, one JSON file beside the others."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"

# What a result file holds, to any depth.
Scalar = str | int | float | bool | None
Value = Scalar | Sequence["Value"] | Mapping[str, "Value"]


def commit(root: Path = ROOT) -> str:
    """The commit that is checked out, read from .git; "unknown" outside a plain clone or before the first commit."""
    try:
        head = (root / ".git" / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        ref = head.removeprefix("ref: ")
        loose = root / ".git" / ref
        if loose.exists():
            return loose.read_text(encoding="ascii").strip()
        packed = (root / ".git" / "packed-refs").read_text(encoding="ascii").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {ref}")), "unknown")
    except OSError:
        return "unknown"


def machine() -> dict[str, Value]:
    """Processor, usable cores, system, and the load at the moment: a busy machine's timings are worth less."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": _cpu(), "cores": cores, "system": platform.platform(), "python": platform.python_version(), "load_1min": load}


def sha256(path: Path) -> str:
    """Of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save(path: Path, result: Mapping[str, Value]) -> None:
    """Write `result` as JSON, with commit, machine and time put before it."""
    head = {"commit": commit(), "machine": machine(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**head, **result}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def show(title: str, columns: Sequence[str], sections: Sequence[Sequence[Sequence[str]]]) -> None:
    """Print one table: the first column to the left, the others to the right, a line after each section of rows."""
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for rows in sections:
        for row in rows:
            table.add_row(*row)
        table.add_section()
    console = Console()
    console = console if console.is_terminal else Console(width=160)  # in a file nothing is cut to 80 columns
    console.print(table)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
