"""What the pictures show, as plain values made from comparisons: the claims of a post with their counts, the articles on one claim by date.

Texts are in one line, without what cannot be seen. Nothing here rules on a claim: there are counts, dates and names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import chain, zip_longest

from bot.links import named
from bot.pictures.texts import one_line
from bot.texts import shortened
from retrieval.compare import independent_sources
from retrieval.types import Account, Comparison, Excerpt, Outcome

MAX_ROWS = 12  # claims of an overview: as many as a post is checked for by default
MAX_ARTICLES, MAX_ENTRIES = 12, 16  # of a timeline: appearances, and those with revisions
MAX_PERIODS = 6
MAX_CLAIM, MAX_NAME, MAX_FACT = 400, 80, 60  # characters


class Side(StrEnum):
    """Where an article's words stand towards the claim."""

    AGREE = "agree"
    CONTRADICT = "contradict"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a statement: sources on each side that have not copied from one another."""

    outcome: Outcome
    agreeing: int
    contradicting: int

    @property
    def silent(self) -> bool:
        return not (self.agreeing or self.contradicting)


@dataclass(frozen=True, slots=True)
class Row:
    """A claim of a post. For reported speech `found` is about its having been said, and `said` about the words said."""

    number: int
    claim: str
    found: Found
    said: Found | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The claims of a post in its order."""

    rows: Sequence[Row]  # at most MAX_ROWS
    more: int = 0  # claims that were compared, beyond those
    left_out: int = 0  # claims that were not compared

    @property
    def compared(self) -> int:
        return len(self.rows) + self.more


@dataclass(frozen=True, slots=True)
class Entry:
    """An article's appearance, its last revision, or both where they fall on one day."""

    at: datetime | None  # None where the article has no date
    side: Side
    outlet: str
    published: bool = True  # False: only revised then
    revised: int = 0  # how often it was revised up to `at`
    copies: int = 0  # of the same words elsewhere
    first: bool = False  # the earliest article of all
    newer: bool = False  # than the post


@dataclass(frozen=True, slots=True)
class Period:
    """What was given for one fact of the claim for a while."""

    words: str
    since: datetime
    until: datetime
    sources: int
    last: bool  # nothing else was given after it


@dataclass(frozen=True, slots=True)
class Timeline:
    """One claim: who wrote of it when, and on which side."""

    claim: str
    found: Found
    posted: datetime | None
    entries: Sequence[Entry]  # at most MAX_ENTRIES, by time, those without a date at the end
    periods: Sequence[Period] = ()  # earliest first, at most MAX_PERIODS
    more: int = 0  # entries beyond MAX_ARTICLES and MAX_ENTRIES
    more_periods: int = 0

    @property
    def before_post(self) -> int:
        """How many of the entries come before the post: those that are dated and not newer."""
        return sum(entry.at is not None and not entry.newer for entry in self.entries)


def overview_of(comparisons: Sequence[Comparison], left_out: int = 0) -> Overview:
    """The comparisons of a post's claims, in its order; `left_out` more claims of it were not compared."""
    rows = [
        Row(number, shown_claim(one), _found(one), _found(one.said) if one.said else None)
        for number, one in enumerate(comparisons[:MAX_ROWS], 1)
    ]
    return Overview(rows, len(comparisons) - len(rows), left_out)


def timeline_of(
    comparison: Comparison, posted: datetime | None = None, revisions: Mapping[int, Sequence[datetime]] | None = None
) -> Timeline:
    """The articles that agree or contradict, by date. `revisions` gives by article id when its later revisions were stored.

    Of more than MAX_ARTICLES the best of both sides are kept, and always the earliest.
    """
    every = list(_both_sides(comparison))
    dated = [excerpt for _, excerpt in every if excerpt.article.published_at]
    earliest = min(dated, key=_appeared, default=None)
    kept = sorted(every, key=lambda one: one[1] is not earliest)[:MAX_ARTICLES]
    made = [
        entry
        for side, excerpt in kept
        for entry in _entries(side, excerpt, sorted((revisions or {}).get(excerpt.article.id, ())), first=excerpt is earliest)
    ]
    made.sort(key=lambda one: not one.published)
    dropped = len(every) - len(kept) + max(0, len(made) - MAX_ENTRIES)
    made = made[:MAX_ENTRIES]
    if posted is not None:
        made = [replace(one, newer=one.at is not None and one.at > posted) for one in made]
    periods = [_period(account, last=account is comparison.accounts[-1]) for account in comparison.accounts]
    return Timeline(
        shown_claim(comparison), _found(comparison), posted, sorted(made, key=_place),
        periods[:1] + periods[1:][-(MAX_PERIODS - 1) :],
        dropped, max(0, len(periods) - MAX_PERIODS),
    )  # fmt: skip


def shown_claim(comparison: Comparison) -> str:
    return shortened(one_line(comparison.claim.text), MAX_CLAIM)


def day(when: datetime) -> date:
    """In UTC, as dates are shown (Words.date)."""
    return when.astimezone(UTC).date()


def _found(comparison: Comparison) -> Found:
    return Found(comparison.outcome, independent_sources(comparison.agreeing), independent_sources(comparison.contradicting))


def _both_sides(comparison: Comparison) -> Iterator[tuple[Side, Excerpt]]:
    """The best of one side, the best of the other, the second best, and so on."""
    sides = [[(side, one) for one in some] for side, some in zip(Side, (comparison.agreeing, comparison.contradicting), strict=True)]
    return (one for one in chain.from_iterable(zip_longest(*sides)) if one is not None)


def _entries(side: Side, excerpt: Excerpt, revisions: Sequence[datetime], *, first: bool) -> Iterator[Entry]:
    """One for its appearance and one for its last revision, if that fell on another day."""
    article = excerpt.article
    made = Entry(
        article.published_at,
        side,
        named(shortened(one_line(article.source), MAX_NAME), article.url),
        copies=len(excerpt.copies),
        first=first,
    )
    if not revisions:
        yield made
    elif made.at is not None and day(revisions[-1]) == day(made.at):
        yield replace(made, revised=len(revisions))
    else:
        yield made
        yield replace(made, at=revisions[-1], published=False, revised=len(revisions), copies=0, first=False)


def _appeared(excerpt: Excerpt) -> tuple[datetime, int]:
    return excerpt.article.published_at or datetime.max.replace(tzinfo=UTC), excerpt.article.id


def _place(entry: Entry) -> tuple[bool, datetime, bool, str]:
    """By time, the first appearance before others of the same time, those without a date at the end."""
    return entry.at is None, entry.at or datetime.max.replace(tzinfo=UTC), not entry.first, entry.outlet


def _period(account: Account, *, last: bool) -> Period:
    return Period(shortened(one_line(account.words), MAX_FACT), account.since, account.until, len(account.sources), last)
