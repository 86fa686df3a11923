"""What the core speaks of: claims, articles, passages, hits, stances, excerpts, comparisons. Frozen values, no behaviour beyond views.

Offsets are Python string indices, `end` exclusive. Times are aware and in UTC. Scores say in their own docstring what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from retrieval.text import Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement to check, as its author wrote it."""

    text: str
    span: Span | None = None  # where it stands in the normalised post; None when it was given alone
    context: str = ""  # words before it in the post that it points back to ("this resolution"); "" when it stands by itself
    speaker: str = ""  # who is said to have said it, as the claim names them; "" where it reports no speech
    said: str = ""  # what they are said to have said: an exact piece of `text`; "" with `speaker`
    pointer: str = ""  # a pronoun at its start whose meaning is sure ("It"); "" where there is none
    referent: str = ""  # what that stands for, in earlier words of the post ("the American text")

    @property
    def query(self) -> str:
        """What is searched for and judged: the claim after the context it needs."""
        return f"{self.context} {self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Article:
    """A news article as a reader found it, not yet stored. `url` identifies it: the same url with other words is a new revision."""

    url: str
    title: str
    source: str  # the outlet's name, as shown
    text: str
    published_at: datetime | None = None
    external_id: str | None = None
    language: str | None = None  # ISO 639-1, None when unknown
    feed_id: int | None = None  # the source on the web that brought it (retrieval/sources.py)


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """The stored revision of an article that an excerpt quotes."""

    id: int
    revision_id: int
    url: str
    title: str
    source: str
    published_at: datetime | None
    external_id: str | None = None
    story_id: int | None = None  # articles with the same one are copies of one story
    gone: bool = False  # its page was found removed
    feed_id: int | None = None  # the source on the web that brought it


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of an article; `text` is article.text[start:end]."""

    id: int
    text: str
    start: int
    end: int
    article: ArticleRef
    copies: Sequence[str] = ()  # urls of articles of the same story that have the same words


@dataclass(frozen=True, slots=True)
class Match:
    """A passage id as one index ranks it: higher score first. Cosine (-1 to 1) from the dense side, BM25 (0 and up) from the lexical."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a claim. `score` is the fused score, 0 to 1; a rank is 1-based, None where that side did not find it."""

    passage: Passage
    score: float
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class Stance:
    """Calibrated probabilities of an evidence text's stance towards a claim; they sum to 1."""

    agree: float
    contradict: float
    neutral: float


@dataclass(frozen=True, slots=True)
class StanceBars:
    """Probabilities from which a stance model's "agree" and "contradict" are right often enough to be shown."""

    agree: float
    contradict: float


@dataclass(frozen=True, slots=True)
class Window:
    """One or two neighbouring sentences of a passage: what the stance model judges. Offsets are into the article."""

    passage: Passage
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words shown as evidence: text == the article's stored text[start:end], re-found before it is shown."""

    text: str
    start: int
    end: int
    article: ArticleRef
    stance: Stance
    before: str = ""  # a little of the article before and after, "" at its ends
    after: str = ""
    decisive: Sequence[Span] = ()  # spans within `text` of the words that speak to the claim
    copies: Sequence[str] = ()  # urls of the same story elsewhere
    credit: str = ""  # the agency that the article's credit line names
    difference: str = ""  # where a plain fact differs, claim first, in both texts' words: "93 against 120 votes"


class Standing(StrEnum):
    """How one plain fact of a claim stands beside what was found."""

    AGREES = "agrees"
    DIFFERS = "differs"  # the same fact is given otherwise
    ELSEWHERE = "elsewhere"  # a report of something else has it: another vote, another day
    OPEN = "open"  # nothing that was found has it


@dataclass(frozen=True, slots=True)
class Part:
    """A plain fact of a claim, compared apart from the rest: claim.text[start:end] of its span."""

    span: Span
    standing: Standing
    words: str = ""  # the fact in the article's own words; "" where it is open
    article: ArticleRef | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What articles gave for one plain fact for a while ("2 dead"): first and last time, and who."""

    words: str  # the fact in the earliest article's own words
    value: float  # by which two accounts are the same
    since: datetime
    until: datetime  # of the last article that still says so
    sources: tuple[str, ...]  # outlets, in order of appearance
    article: ArticleRef  # the earliest
    start: int  # of `words` in the article
    end: int


class Outcome(StrEnum):
    """What the stored sources say, together. Never a verdict on the claim."""

    AGREE = "agree"
    CONTRADICT = "contradict"
    MIXED = "mixed"  # some agree, some contradict
    UNCLEAR = "unclear"  # sources speak of it, none clearly for or against
    NO_MATCH = "no_match"  # no stored source speaks to it


@dataclass(frozen=True, slots=True)
class OwnSource:
    """An article that the post itself links to, beside one of its claims."""

    url: str
    outcome: Outcome  # AGREE, CONTRADICT, or NO_MATCH: it does not say this
    excerpt: Excerpt | None = None  # its words, where it says something; `article.id` is 0 where it is not stored


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to one claim: agreeing and contradicting excerpts, best first."""

    claim: Claim
    outcome: Outcome
    agreeing: Sequence[Excerpt]
    contradicting: Sequence[Excerpt]
    considered: int  # passages of which a window was judged
    independent_sources: int  # outlets among the excerpts shown, copies of one story counted once
    newest_article_at: datetime | None  # among the passages considered
    models: Mapping[str, str]  # role -> model id
    took_ms: Mapping[str, float] = field(default_factory=dict)  # step -> milliseconds
    said: Comparison | None = None  # for reported speech: what the sources say of the words said, whoever said them
    parts: tuple[Part, ...] = ()  # its plain facts apart, in its order, where they stand differently; else none
    own: tuple[OwnSource, ...] = ()  # the post's own links that could be read
    accounts: tuple[Account, ...] = ()  # how a fact of it changed over time, earliest first; none where it did not
