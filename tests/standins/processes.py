"""Starting this project's programs as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
    """`python -m ARGUMENTS` with pipes, in the environment of the test."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=cwd or Path.cwd(), env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(*arguments: str, given: str = "", cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    process = start(*arguments, cwd=cwd, **env)
    out, err = process.communicate(given, timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
