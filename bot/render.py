"""A comparison as words for people: pure, the same for Discord and the terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.beside import AGREE, CONTRADICT, SILENT, Fact, OwnLink, changes, facts, own_link, reading
from bot.hindsight import is_newer, later_contradicting
from bot.links import fragment_link
from bot.words import Words, words_for
from retrieval.compare import independent_sources
from retrieval.text import Span
from retrieval.types import Comparison, Excerpt, Outcome

__all__ = ["AGREE", "CONTRADICT", "SILENT", "Answer", "Card", "Own", "Said", "answer", "excerpt_card", "headline", "symbol"]

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
    newer: str = ""  # "newer than the post", "" where it is not or nobody knows


@dataclass(frozen=True, slots=True)
class Said:
    """Of reported speech, what the sources say of the words said."""

    title: str
    symbol: str
    headline: str
    agreeing: Sequence[Card]
    contradicting: Sequence[Card]
    facts: Sequence[Fact] = ()
    changes: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """What an address in the post says of the claim, in its words where it says something."""

    link: OwnLink
    card: Card | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A comparison, ready to be laid out."""

    claim: str
    symbol: str
    headline: str
    agreeing: Sequence[Card]
    contradicting: Sequence[Card]
    footer: str
    question: str = ""  # "Did Olsen say it?": of reported speech, what the headline and the two sides answer
    said: Said | None = None
    reading: str = ""  # how the claim was read; "" where it stands by itself
    facts: Sequence[Fact] = ()  # those of words that were said stand with these
    changes: str = ""  # what was reported when; "" where nothing changed
    own: Sequence[Own] = ()


def answer(comparison: Comparison, words: Words | None = None, minimum: int = 1, posted_at: datetime | None = None) -> Answer:
    """Words for a comparison. Nothing in them judges the claim; every quote is the stored article's own.

    A side of fewer than `minimum` independent sources is shown, but its headline says that they are few. What is newer than the post,
    where it is known when that was written, says so.
    """
    words = words or words_for(TERMINAL)
    agreeing, contradicting = _cards(comparison, words, posted_at)
    speaker = comparison.claim.speaker if comparison.said else ""
    return Answer(
        claim=comparison.claim.text, symbol=symbol(comparison, posted_at), headline=headline(comparison, words, minimum, posted_at),
        agreeing=agreeing, contradicting=contradicting, footer=_footer(comparison, words),
        question=words("Did {speaker} say it?", speaker=speaker) if speaker else "",
        said=_said(comparison.said, words, minimum, posted_at) if comparison.said else None,
        reading=reading(comparison.claim, words), facts=() if comparison.said else facts(comparison, words),
        changes="" if comparison.said else changes(comparison.accounts, words),
        own=[Own(own_link(one, words), excerpt_card(one.excerpt, words, posted_at) if one.excerpt else None) for one in comparison.own],
    )  # fmt: skip


def headline(comparison: Comparison, words: Words | None = None, minimum: int = 1, posted_at: datetime | None = None) -> str:
    """The outcome in one plain sentence, counting sources that have not copied from one another."""
    words = words or words_for(TERMINAL)
    agree, contradict = independent_sources(comparison.agreeing), independent_sources(comparison.contradicting)
    later = later_contradicting(comparison, posted_at)
    match comparison.outcome:
        case Outcome.UNCLEAR:
            return words("Stored sources speak of this, but none clearly agrees or contradicts.")
        case Outcome.NO_MATCH:
            return words("No stored source speaks to this.")
    match comparison.outcome:
        case Outcome.MIXED | Outcome.CONTRADICT if later:
            sentence = words.plural(
                "It agreed with the news of its time; {n} later source contradicts it.",
                "It agreed with the news of its time; {n} later independent sources contradict it.",
                independent_sources(later),
            )
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


def symbol(comparison: Comparison, posted_at: datetime | None = None) -> str:
    """The sign of the outcome."""
    return _SYMBOLS[Outcome.MIXED if later_contradicting(comparison, posted_at) else comparison.outcome]


_SYMBOLS = {
    Outcome.AGREE: AGREE,
    Outcome.CONTRADICT: CONTRADICT,
    Outcome.MIXED: AGREE + CONTRADICT,
    Outcome.UNCLEAR: SILENT,
    Outcome.NO_MATCH: SILENT,
}


def _cards(comparison: Comparison, words: Words, posted_at: datetime | None) -> tuple[list[Card], list[Card]]:
    """Those that agree, those that contradict."""
    agreeing = [excerpt_card(excerpt, words, posted_at) for excerpt in comparison.agreeing]
    return agreeing, [excerpt_card(excerpt, words, posted_at) for excerpt in comparison.contradicting]


def _said(comparison: Comparison, words: Words, minimum: int, posted_at: datetime | None) -> Said:
    title = words("What was said: “{words}”", words=comparison.claim.text)
    sentence = headline(comparison, words, minimum, posted_at)
    sides = _cards(comparison, words, posted_at)
    about = facts(comparison, words), changes(comparison.accounts, words)
    return Said(title, symbol(comparison, posted_at), sentence, *sides, *about)


def excerpt_card(excerpt: Excerpt, words: Words, posted_at: datetime | None = None) -> Card:
    """One excerpt in words."""
    return Card(
        outlet=excerpt.article.source, date=_date(excerpt, words), title=excerpt.article.title,
        before=excerpt.before, quote=excerpt.text, after=excerpt.after, decisive=excerpt.decisive,
        url=excerpt.article.url, link=fragment_link(excerpt.article.url, excerpt.text),
        copies=_copies(excerpt, words), difference=excerpt.difference,
        newer=words("newer than the post") if is_newer(excerpt, posted_at) else "",
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
