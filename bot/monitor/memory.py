"""The memory of this process as Linux tells it: what is its own, and what is of mapped files, as models and indexes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

STATUS = Path("/proc/self/status")
_FIELDS = {"own": "RssAnon", "files": "RssFile", "shared": "RssShmem", "peak": "VmHWM"}


def memory() -> Mapping[str, Callable[[], float]]:
    """By kind, what reads its bytes; empty where there is no /proc."""
    if not STATUS.exists():
        return {}
    return {kind: lambda name=field: _bytes_of(name) for kind, field in _FIELDS.items()}  # type: ignore[misc]


def _bytes_of(field: str) -> float:
    """A field of the status, which is in kB; 0 where it is not there."""
    for line in STATUS.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{field}:"):
            return float(line.split()[1]) * 1024
    return 0.0
