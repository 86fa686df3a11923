"""What a worker was about to do and what was acknowledged to it, on a disk that no fault reaches.

Each entry is about a register: one thing of the store whose value can be read back. After an acknowledged change the register has its
value, or that of a change attempted later; never an earlier one, and never half of one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Value = str | int | bool | None
Phase = Literal["try", "done", "failed", "escaped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `why` is the error of what failed (the product's own) or escaped (any other)."""

    number: int
    phase: Phase
    register: str
    value: Value
    why: str = ""


@dataclass(slots=True)
class Register:
    """The values that a register may have."""

    acknowledged: Value = None
    possible: set[Value] = field(default_factory=lambda: {None})
    ever: bool = False  # something of it was acknowledged


class Journal:
    """Appending, each line durable before what it announces begins."""

    def __init__(self, file: Path) -> None:
        self._fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._number = 0

    def attempt(self, register: str, value: Value) -> Entry:
        self._number += 1
        entry = Entry(self._number, "try", register, value)
        self._append(entry)
        return entry

    def done(self, entry: Entry) -> None:
        self._append(Entry(entry.number, "done", entry.register, entry.value))

    def failed(self, entry: Entry, error: BaseException, *, escaped: bool) -> None:
        phase: Phase = "escaped" if escaped else "failed"
        self._append(Entry(entry.number, phase, entry.register, entry.value, f"{type(error).__name__}: {error}"[:300]))

    def _append(self, entry: Entry) -> None:
        line = json.dumps([entry.number, entry.phase, entry.register, entry.value, entry.why]) + "\n"
        os.write(self._fd, line.encode())
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


def read(file: Path) -> list[Entry]:
    """All whole lines."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    return [Entry(*json.loads(line)) for line in lines]


def replay(entries: Iterable[Entry]) -> dict[str, Register]:
    """Register by name, as the entries leave them."""
    registers: dict[str, Register] = {}
    for entry in entries:
        register = registers.setdefault(entry.register, Register())
        if entry.phase == "done":
            register.acknowledged, register.possible, register.ever = entry.value, {entry.value}, True
        else:
            register.possible.add(entry.value)
    return registers
