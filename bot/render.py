"""A comparison as words for people: pure, the same for Discord and the terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.links import fragment_link
from bot.words import Words, words_for
from retrieval.compare import independent_sources
from retrieval.text import Span
from retrieval.types import Comparison, Excerpt, Outcome

# A word and a symbol for each side: colour never carries the meaning alone.
AGREE, CONTRADICT, SILENT = "✓", "✗", "·"
TERMINAL = "en_GB"


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
    copies: str  # "and 2 copies elsewhere", "" when there is none
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


def answer(comparison: Comparison, words: Words | None = None, minimum: int = 1) -> Answer:
    """Words for a comparison. Nothing in them judges the claim; every quote is the stored article's own.

    A side of fewer than `minimum` independent sources is shown, but its headline says that they are few.
    """
    words = words or words_for(TERMINAL)
    return Answer(
        claim=comparison.claim.text, symbol=symbol(comparison), headline=headline(comparison, words, minimum),
        agreeing=[_card(excerpt, words) for excerpt in comparison.agreeing],
        contradicting=[_card(excerpt, words) for excerpt in comparison.contradicting], footer=_footer(comparison, words),
    )  # fmt: skip


def headline(comparison: Comparison, words: Words | None = None, minimum: int = 1) -> str:
    """The outcome in one plain sentence, counting sources that have not copied from one another."""
    words = words or words_for(TERMINAL)
    agree, contradict = independent_sources(comparison.agreeing), independent_sources(comparison.contradicting)
    match comparison.outcome:
        case Outcome.UNCLEAR:
            return words("Stored sources speak of this, but none clearly agrees or contradicts.")
        case Outcome.NO_MATCH:
            return words("No stored source speaks to this.")
    match comparison.outcome:
        case Outcome.AGREE:
            sentence = words.plural(
                "{n} source agrees; none found that contradicts.", "{n} independent sources agree; none found that contradicts.", agree
            )
        case Outcome.CONTRADICT:
            sentence = words.plural(
                "{n} source contradicts this; none found that agrees.",
                "{n} independent sources contradict this; none found that agrees.",
                contradict,
            )
        case _:
            agrees = words.plural("{n} agrees", "{n} agree", agree)
            contradicts = words.plural("{n} contradicts", "{n} contradict", contradict)
            sentence = words("Sources differ: {agrees}, {contradicts}.", agrees=agrees, contradicts=contradicts)
    if max(agree, contradict) < minimum:
        sentence += " " + words("This server asks for {n} independent sources.", n=minimum)
    return sentence


def symbol(comparison: Comparison) -> str:
    """The sign of the outcome."""
    return _SYMBOLS[comparison.outcome]


_SYMBOLS = {
    Outcome.AGREE: AGREE,
    Outcome.CONTRADICT: CONTRADICT,
    Outcome.MIXED: AGREE + CONTRADICT,
    Outcome.UNCLEAR: SILENT,
    Outcome.NO_MATCH: SILENT,
}


def _card(excerpt: Excerpt, words: Words) -> Card:
    return Card(
        outlet=excerpt.article.source, date=_date(excerpt, words), title=excerpt.article.title,
        before=excerpt.before, quote=excerpt.text, after=excerpt.after, decisive=excerpt.decisive,
        url=excerpt.article.url, link=fragment_link(excerpt.article.url, excerpt.text),
        copies=_copies(excerpt, words), difference=excerpt.difference,
    )  # fmt: skip


def _date(excerpt: Excerpt, words: Words) -> str:
    date = words.date(excerpt.article.published_at)
    return words("{date}, page since removed", date=date) if excerpt.article.gone else date


def _copies(excerpt: Excerpt, words: Words) -> str:
    """Where else the story stands, and whose it is: copies, and the agency that the article credits."""
    count = len(excerpt.copies)
    copies = words.plural("and {n} copy elsewhere", "and {n} copies elsewhere", count) if count else ""
    credit = words("credited to {agency}", agency=excerpt.credit) if excerpt.credit else ""
    return "; ".join(part for part in (copies, credit) if part)


def _footer(comparison: Comparison, words: Words) -> str:
    if not comparison.considered:
        return words("Nothing stored is near this claim.")
    considered = words.plural("{n} passage considered", "{n} passages considered", comparison.considered)
    if comparison.newest_article_at is None:
        return f"{considered}."
    return words("{considered}; newest article {date}.", considered=considered, date=words.date(comparison.newest_article_at))
