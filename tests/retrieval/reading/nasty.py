"""Texts that make a careless pattern slow: one unit repeated to the length of the longest post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from retrieval.claims import MAX_POST

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = (
    ",", ", ", '"', "“", "(", " (x", "[", "[x](", "<", ";", "; ", ":", "-", " -", "- ", "-\n", "a-", "_", "*", "`", "> ", "\n", " ", "\t",
    ".", "...", "! ", "?!", "A", "é", "Aa ", "www.", "http://", "1,", "12 ", "a. ", "and ", "and, ", "so ", "so be ", "that ", "when ",
    "it ", "here ", "see ", "lol ", " lol", "said ", "he said, ", "Olsen said ", "according to x ", "I read that ", "The mayor, ",
    "5 votes, ", "It fell and ", "the 5 dead and 6 hurt ", "🙂", "'", "’s ", "\n-- \n",
)  # fmt: skip
NASTY = tuple((unit * MAX_POST)[:MAX_POST] for unit in UNITS) + tuple(f"{(unit * MAX_POST)[: MAX_POST - 7]} fell x" for unit in UNITS)
_BITS = (
    "The bridge was closed",
    " and ",
    ", while ",
    "; ",
    ": ",
    " – ",
    '"',
    "“",
    "”",
    "(",
    ")",
    "Olsen said ",
    "93 votes ",
    ", sorry",
    "\n",
    "> ",
    ". ",
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(_BITS), st.text(max_size=6)), max_size=20).map("".join))


def read_all(read: Callable[[str], object]) -> None:
    """Reads each of the texts to its end. No time is asserted: what grows too fast with the length runs into the suite's timeout."""
    for text in NASTY:
        read(text)
