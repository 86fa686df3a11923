"""Comparisons as JSON with all their words: evidence that stays as it stood, whatever becomes of checks and articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from retrieval.types import Claim, Comparison, Excerpt


@dataclass(frozen=True, slots=True)
class Document:
    """What is stored. `salt`: with it, the document's hash tells nothing of its words once they are erased."""

    salt: str
    comparisons: list[Comparison]


_DOCUMENT = TypeAdapter(Document)


def dump(comparisons: Sequence[Comparison], salt: str = "") -> str:
    """The comparisons as a JSON document."""
    return _DOCUMENT.dump_json(Document(salt, list(comparisons))).decode()


def load(document: str) -> list[Comparison]:
    """The comparisons of a document that `dump` wrote. Their sequences are lists. Raises ValueError where it is none."""
    return _DOCUMENT.validate_json(document).comparisons


def without_claims(document: str) -> str:
    """The document with the claims' words erased: the claims, what they point to and report, parts, own links, and plain differences."""
    return dump([_without_claim(comparison) for comparison in load(document)])


def _without_claim(comparison: Comparison) -> Comparison:
    said = _without_claim(comparison.said) if comparison.said else None
    return replace(
        comparison, claim=Claim(""), said=said, parts=(), own=(), agreeing=[_without_difference(one) for one in comparison.agreeing],
        contradicting=[_without_difference(one) for one in comparison.contradicting],
    )  # fmt: skip


def _without_difference(excerpt: Excerpt) -> Excerpt:
    return replace(excerpt, difference="")
