"""Console examples of Markdown pages, run in one shell a page: lines with "$ " are typed, the others are what they print.

In what is printed "..." stands for anything on its line, and a line of "..." alone for any lines. A block after which nothing is printed
may print what it likes. `<!--- skip: next -->` leaves the next block out, and says why.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, SkipParser

PROMPT, MORE = "$ ", "> "
ANYTHING = "..."
# What a block may begin a command with: an example that was not marked must not change the machine that tests it.
PROGRAMS = frozenset({"cat", "cd", "echo", "export", "grep", "kill", "ls", "python", "sleep"})


@dataclass(frozen=True, slots=True)
class Step:
    """What is typed, and the lines that it prints; none: nothing is said of them."""

    typed: str
    printed: tuple[str, ...]


class Shell:
    """A bash that keeps its variables, its folder and its jobs from one command to the next. Use it in a `with`."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=dict(variables), start_new_session=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, typed: str) -> list[str]:
        """The lines that it prints, of both streams, without white space at their ends."""
        assert self._bash.stdin is not None and self._bash.stdout is not None
        end = f"end {uuid.uuid4().hex}"
        self._bash.stdin.write(f"{{ {typed}\n}} </dev/null\nprintf '\\n%s\\n' '{end}'\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.rstrip("\n") == end:
                return "\n".join(lines).strip("\n").splitlines()  # a bar of progress leaves an empty line
            lines.append(line.rstrip())
        raise AssertionError(f"the shell ended at: {typed}\n" + "\n".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for stream in (self._bash.stdin, self._bash.stdout):
            if stream is not None:
                stream.close()
        os.killpg(self._bash.pid, signal.SIGKILL)  # with what runs behind it
        self._bash.wait()


def steps(block: str) -> list[Step]:
    """The commands of a block, each with what it prints."""
    made: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith(PROMPT):
            made.append(([line.removeprefix(PROMPT)], []))
        elif not made:
            raise AssertionError(f"a console block begins with {PROMPT!r}, not with {line!r}")
        elif line.startswith(MORE) and not made[-1][1]:
            made[-1][0].append(line.removeprefix(MORE))
        else:
            made[-1][1].append(line.rstrip())
    return [Step("\n".join(typed), tuple("\n".join(printed).rstrip().splitlines())) for typed, printed in made]


def program(typed: str) -> str:
    """What a command begins, without the variables before it."""
    return next((word for word in typed.split() if not re.match(r"[A-Z_]+=", word)), "")


def fits(printed: tuple[str, ...], really: list[str]) -> bool:
    """Whether what was really printed is what a page says."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == ANYTHING else _line(line) + r"\n" for line in printed)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in really)) is not None


def _line(line: str) -> str:
    return "[^\n]*?".join(re.escape(part) for part in line.split(ANYTHING))


def document(page: Path, shell: Shell, **names: object) -> Iterator[Example]:
    """The examples of a page in their order; `names` is what conditions of skips may ask for."""

    def run(example: Example) -> str | None:
        for step in steps(str(example.parsed)):
            if program(step.typed) not in PROGRAMS:
                return f"$ {step.typed}\nis no command that examples may run: mark the block with <!--- skip: next, reason=... -->"
            really = shell.run(step.typed)
            if step.printed and not fits(step.printed, really):
                return "\n".join([f"$ {step.typed}", "printed:", *really, "and the page says:", *step.printed])
        return None

    parsed = Document.parse(str(page), CodeBlockParser("console", run), SkipParser())
    parsed.namespace.update(names)
    return parsed.examples()
