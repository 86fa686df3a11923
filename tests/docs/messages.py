"""The page of what the program says when something is wrong: every sentence that the code raises, found in its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.docs.tables import escaped, page

ROOT = Path(__file__).parents[2]
HOUSES = ("bot", "config", "db", "retrieval")
USAGE, MISSING = "Exit code 2", "Exit code 69"
ABOUT = {
    USAGE: "What was given cannot be used, and whoever gave it can mend that. In Discord the same sentences are answers.",
    MISSING: "Something that the program needs is missing or altered. It stops before anything is lost.",
}
KINDS = {
    "sentence": USAGE, "UserError": USAGE, "BadClaim": USAGE, "NoStory": USAGE,
    "ModelError": MISSING, "StoreError": MISSING, "IndexFault": MISSING, "BadSettings": MISSING, "NoDiscord": MISSING, "Taken": MISSING,
    "NoSocket": MISSING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """`text` has {…} for what is filled in; `where` is the file, as "bot/cli.py"."""

    text: str
    error: str
    where: str


@cache
def messages() -> list[Message]:
    """All, each once, in the order of files and lines."""
    found = {one.text: one for house in HOUSES for file in sorted((ROOT / house).rglob("*.py")) for one in _of_file(file)}
    return list(found.values())


def messages_page() -> str:
    every = messages()
    parts = [
        "Every sentence with which the program refuses to do something, found in its code. `{…}` stands for what is filled in.",
        "[Troubleshooting](../operator/troubleshooting.md) says more of those that operators meet most.\n",
    ]
    for kind, about in ABOUT.items():
        parts.append(f"## {kind}\n\n{about}\n")
        parts += [f"- {escaped(one.text)}" for one in sorted(every, key=lambda one: one.text) if KINDS[one.error] == kind]
        parts.append("")
    return page("Messages", *parts)


def _of_file(file: Path) -> Iterator[Message]:
    where = file.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            text = _text(node.args[0])
            if len(text.replace("{…}", "").strip(" .:;")) > 3:  # more than what is filled in
                yield Message(text, node.func.id, where)


def _text(node: ast.expr) -> str:
    """A literal as it reads; {…} for all else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _unfilled(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else "{…}" for one in node.values)
    if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name) and node.func.id in ("sentence", "words", "self"):
        return _text(node.args[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return "{…}"


def _unfilled(text: str) -> str:
    parts = text.split("{")
    return parts[0] + "".join("{…}" + part.partition("}")[2] for part in parts[1:])
