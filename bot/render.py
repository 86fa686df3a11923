"""A comparison as words for people: pure, the same for Discord and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.links import fragment_link
from retrieval.text import Span
from retrieval.types import Comparison, Excerpt, Outcome

# A word and a symbol for each side: colour never carries the meaning alone.
AGREE, CONTRADICT, SILENT = "✓", "✗", "·"


@dataclass(frozen=True, slots=True)
class Card:
    """One excerpt, ready to be laid out."""

    outlet: str
    date: str
    title: str
    before: str
    quote: str
    after: str
    decisive: Sequence[Span]  # in `quote`
    url: str
    link: str  # the url with a text fragment: lands on the quoted words
    copies: str  # "and 2 copies", "" when there is none
    difference: str  # "93 against 120 votes", "" where no plain fact differs


@dataclass(frozen=True, slots=True)
class Answer:
    """A comparison, ready to be laid out."""

    claim: str
    symbol: str
    headline: str
    agreeing: Sequence[Card]
    contradicting: Sequence[Card]
    footer: str


def answer(comparison: Comparison) -> Answer:
    """Words for a comparison. Nothing in them judges the claim; every quote is the stored article's own."""
    return Answer(
        claim=comparison.claim.text, symbol=_SYMBOLS[comparison.outcome], headline=headline(comparison),
        agreeing=[_card(excerpt) for excerpt in comparison.agreeing],
        contradicting=[_card(excerpt) for excerpt in comparison.contradicting], footer=_footer(comparison),
    )  # fmt: skip


def headline(comparison: Comparison) -> str:
    """The outcome in one plain sentence, counting outlets."""
    agree = len({excerpt.article.source for excerpt in comparison.agreeing})
    contradict = len({excerpt.article.source for excerpt in comparison.contradicting})
    agrees, contradicts = ("agrees" if agree == 1 else "agree"), ("contradicts" if contradict == 1 else "contradict")
    match comparison.outcome:
        case Outcome.AGREE:
            return f"{_sources(agree)} {agrees}; none found that contradicts."
        case Outcome.CONTRADICT:
            return f"{_sources(contradict)} {contradicts} this; none found that agrees."
        case Outcome.MIXED:
            return f"Sources differ: {agree} {agrees}, {contradict} {contradicts}."
        case Outcome.UNCLEAR:
            return "Stored sources speak of this, but none clearly agrees or contradicts."
        case Outcome.NO_MATCH:
            return "No stored source speaks to this."


def shown_date(when: datetime | None) -> str:
    """24 Feb 2025, or that the source gives none."""
    return f"{when.day} {when:%b %Y}" if when else "no date given"


_SYMBOLS = {
    Outcome.AGREE: AGREE,
    Outcome.CONTRADICT: CONTRADICT,
    Outcome.MIXED: AGREE + CONTRADICT,
    Outcome.UNCLEAR: SILENT,
    Outcome.NO_MATCH: SILENT,
}


def _sources(count: int) -> str:
    return "1 source" if count == 1 else f"{count} independent sources"


def _card(excerpt: Excerpt) -> Card:
    return Card(
        outlet=excerpt.article.source, date=_date(excerpt), title=excerpt.article.title,
        before=excerpt.before, quote=excerpt.text, after=excerpt.after, decisive=excerpt.decisive,
        url=excerpt.article.url, link=fragment_link(excerpt.article.url, excerpt.text),
        copies=_copies(excerpt), difference=excerpt.difference,
    )  # fmt: skip


def _date(excerpt: Excerpt) -> str:
    return f"{shown_date(excerpt.article.published_at)}{', page since removed' if excerpt.article.gone else ''}"


def _copies(excerpt: Excerpt) -> str:
    """Where else the story stands, and whose it is: copies, and the agency that the article credits."""
    count = len(excerpt.copies)
    copies = f"and {count} {'copy' if count == 1 else 'copies'} elsewhere" if count else ""
    return "; ".join(part for part in (copies, f"credited to {excerpt.credit}" if excerpt.credit else "") if part)


def _footer(comparison: Comparison) -> str:
    if not comparison.considered:
        return "Nothing stored is near this claim."
    newest = f"; newest article {shown_date(comparison.newest_article_at)}" if comparison.newest_article_at else ""
    return f"{comparison.considered} passages considered{newest}."
