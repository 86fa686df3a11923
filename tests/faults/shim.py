"""The library that makes calls on files fail, built from shim.c with the system's compiler, and the block of memory that steers it."""

from __future__ import annotations

import ctypes
import errno
import mmap
import shutil
import subprocess
from enum import IntEnum, IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
FOR_EVER = -1


class Call(IntFlag):
    """Calls of the system, as shim.c numbers them."""

    WRITE = 1
    SYNC = 2
    TRUNCATE = 4
    RENAME = 8
    UNLINK = 16
    READ = 32


CHANGES = Call.WRITE | Call.SYNC | Call.TRUNCATE | Call.RENAME | Call.UNLINK


class Mode(IntEnum):
    OFF = 0
    FAIL = 1
    DIE = 2


class _Block(ctypes.Structure):
    """As `struct control` of shim.c."""

    _fields_ = [  # noqa: RUF012 - ctypes wants a list
        ("mode", ctypes.c_int32), ("calls", ctypes.c_int32), ("countdown", ctypes.c_int32), ("times", ctypes.c_int32),
        ("error", ctypes.c_int32), ("hits", ctypes.c_int32), ("steps", ctypes.c_int32), ("unused", ctypes.c_int32),
        ("skew_s", ctypes.c_int64),
        ("folder", ctypes.c_char * 256), ("part", ctypes.c_char * 64),
    ]  # fmt: skip


class Control:
    """What whoever injects holds: the worker that attached to `file` does as it is set here, at once. The worker counts its steps here."""

    def __init__(self, file: Path) -> None:
        self.file = file
        if not file.exists():
            file.write_bytes(bytes(ctypes.sizeof(_Block)))
        with file.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), 0)
        self._block = _Block.from_buffer(self._memory)

    def arm(self, mode: Mode, calls: Call, folder: Path, *, part: str = "", after: int = 1, times: int = 1, error: int = errno.EIO) -> None:
        """Let the `after`th of these calls on files below the folder, with `part` in their path, fail, and `times` in all; or die in it."""
        block = self._block
        block.mode = Mode.OFF
        block.calls, block.countdown, block.times, block.error, block.hits = calls, after, times, error, 0
        block.folder, block.part = str(folder).encode(), part.encode()
        block.mode = mode

    def disarm(self) -> int:
        """Let all calls through again; how many did not get through."""
        self._block.mode = Mode.OFF
        return int(self._block.hits)

    @property
    def hits(self) -> int:
        return int(self._block.hits)

    @property
    def steps(self) -> int:
        return int(self._block.steps)

    def count_step(self) -> None:
        self._block.steps += 1

    def turn_clock(self, seconds: int) -> None:
        """From now on the worker's clock is so far ahead of the real one."""
        self._block.skew_s = seconds


def attach(file: Path) -> bool:
    """Let this process be steered by the block; False where the library was not loaded."""
    try:
        function = ctypes.CDLL(None).crosscheck_faults_attach
    except AttributeError:
        return False
    return bool(function(str(file).encode()) == 0)


def build(folder: Path) -> Path | None:
    """The library, compiled into the folder when it is not there; None without a compiler or on a system that is not Linux."""
    library = folder / f"shim-{SOURCE.stat().st_mtime_ns}.so"
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not library.exists() and compiler is not None:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = library.with_suffix(".new")
        done = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-w", "-o", fresh, SOURCE, "-ldl"], capture_output=True, check=False)
        if done.returncode == 0:
            fresh.replace(library)
    return library if library.exists() else None
