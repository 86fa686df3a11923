"""What others wrote, in one line and not too long. Pure."""

from __future__ import annotations

import re

from retrieval.text import normalise

_SPACE = re.compile(r"[^\S\u00a0\u202f]+")


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen; halves of surrogate pairs become the replacement sign.

    Spaces at which no line may break are kept: French has them before its signs.
    """
    whole = normalise(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _SPACE.sub(" ", whole).strip()


def shortened(text: str, limit: int) -> str:
    """The text with "…" for what is over `limit` characters, cut at a word where one ends in the last third."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    space = cut.rfind(" ")
    return f"{(cut[:space] if space > limit * 2 // 3 else cut).rstrip()}…"


def units(text: str) -> int:
    """Characters as Discord counts them at most: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
