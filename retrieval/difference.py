"""What changed from one wording of an article to the next, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from retrieval.text import sentences


def changed_sentences(old: str, new: str) -> Iterator[tuple[str, str]]:
    """("-", sentence) for each that went and ("+", sentence) for each that came, in the order of the texts."""
    before, after = ([text[start:end] for start, end in sentences(text)] for text in (old, new))
    for kind, low, high, other_low, other_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (("-", sentence) for sentence in before[low:high])
            yield from (("+", sentence) for sentence in after[other_low:other_high])
