"""The articles that a post links to, beside its claims: does the post's own link say this?

They are compared as stored articles are; one that was only fetched for this is never in search.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.anchors import names
from retrieval.ingest.split import split
from retrieval.text import terms, words
from retrieval.types import ArticleRef, Claim, Comparison, Excerpt, Hit, Outcome, OwnSource, Passage

READ = 30_000  # characters of an article; a long report has 10,000, and each claim's words are looked for in all of it
NAMES_SHARED = 0.5  # share of a claim's names from which an article that has them is about the same
WORDS_SHARED = 0.5  # the same for all its words, where it has no names


@dataclass(frozen=True, slots=True)
class OwnArticle:
    """An article that a post links to, as it was read. `article.id` and `article.revision_id` are 0 where it is not stored."""

    url: str  # as the post gives it
    article: ArticleRef
    text: str

    @property
    def digest(self) -> str:
        """64 characters that another address or another text does not have: what was compared with it cannot stand for those."""
        return hashlib.sha256(f"{self.url}\0{self.article.revision_id}\0{self.text}".encode()).hexdigest()


def hits_in(own: OwnArticle) -> list[Hit]:
    """The passages of the article's first READ characters, as if the search had found them all equally well."""
    spans = split(own.text[:READ])
    passages = [Passage(place, own.text[start:end], start, end, own.article) for place, (start, end) in enumerate(spans)]
    return [Hit(passage, 1.0, None, None) for passage in passages]


def speaks_of(own: OwnArticle, claim: Claim) -> bool:
    """Whether the article is about what the claim is about: it has half of its names, or half of its words where it has no names.

    Of an article about other things nobody expects that it says this.
    """
    whole = f"{own.article.title}\n{own.text[:READ]}"
    if wanted := names(f"{claim.query} {claim.referent}"):
        there = {word.removesuffix("'s").removesuffix("’s") for word in words(whole)}
        return len(wanted & there) >= NAMES_SHARED * len(wanted)
    asked = set(terms(claim.query))
    return len(asked & set(terms(whole))) >= WORDS_SHARED * len(asked)


def own_source(own: OwnArticle, comparison: Comparison) -> OwnSource:
    """What the article says of a claim, from the comparison of the claim with this article alone."""
    sides: Sequence[tuple[Outcome, Sequence[Excerpt]]] = (
        (Outcome.AGREE, comparison.agreeing), (Outcome.CONTRADICT, comparison.contradicting),
    )  # fmt: skip
    for side, excerpts in sides:
        if excerpts:
            return OwnSource(own.url, side, excerpts[0])
    return OwnSource(own.url, Outcome.NO_MATCH)
