"""Texts of any kind made short, how long they are, and JSON that gives no orders. Pure."""

from __future__ import annotations

import json
import re

# What JSON leaves as it is and a terminal may obey, or show otherwise than it is: C1 controls, line separators, zero-width, bidi and tag
# characters.
_ACTIVE = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


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


def inert(written: str) -> str:
    """JSON that means the same, with characters as escapes that a terminal may obey: it can be printed whatever is in it."""
    return _ACTIVE.sub(lambda sign: json.dumps(sign.group())[1:-1], written)
