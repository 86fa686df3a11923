"""`search` on the command line: the passages nearest to a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot import contract, terminal
from bot.screen import Screen
from retrieval.claims import parse_claim
from retrieval.types import Hit

Find = Callable[[str, int], Sequence[Hit]]


def search_text(find: Find, screen: Screen, text: str, count: int, *, as_json: bool) -> None:
    """Print at most `count` hits, best first. Raises BadClaim, and what `find` raises."""
    hits = find(parse_claim(text).query, count)
    if as_json:
        for rank, hit in enumerate(hits, 1):
            screen.line(contract.hit_line(rank, hit))
    else:
        screen.show(lambda out: terminal.show_hits(out, hits))
