"""Texts of any kind made short, and how long they are. Pure."""

from __future__ import annotations


def shortened(text: str, limit: int) -> str:
    """The text with "…" for what is over `limit` characters, cut at a word where one ends in the last third."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    space = cut.rfind(" ")
    return f"{(cut[:space] if space > limit * 2 // 3 else cut).rstrip()}…"


def units(text: str) -> int:
    """Characters as Discord counts them: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
