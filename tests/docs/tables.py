"""Markdown, made."""

from __future__ import annotations

from collections.abc import Sequence

MADE = "<!-- Made from the code by tests/docs. Changes belong there. -->\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are ready Markdown, of any number of lines."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines) + "\n"


def code(text: object) -> str:
    """As code within a line."""
    shown = str(text)
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def escaped(text: str) -> str:
    """Words of the code as they are: what would be markup or HTML in them is none."""
    for mark in "\\*_[]<>{}#":
        text = text.replace(mark, f"\\{mark}" if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return text


def page(title: str, *parts: str, wide: bool = False) -> str:
    """A page; a `wide` one has no list of its parts beside it."""
    return "\n".join([*(["---\nhide: [toc]\n---\n"] if wide else []), MADE, f"# {title}\n", *parts])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n\n", "<br>").replace("\n", " ").strip()
