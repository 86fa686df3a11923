"""A story told by several outlets as words for people: pure, the same for Discord and the terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render import TERMINAL, Card, excerpt_card
from bot.words import Words, words_for
from retrieval.gathering import Told
from retrieval.points import Point
from retrieval.stories import StoryComparison

SHARED, DIFFERING, CHANGED, ONLY = "=", "≠", "→", "·"


@dataclass(frozen=True, slots=True)
class Teller:
    """An article of the story."""

    outlet: str
    date: str
    title: str
    url: str
    copies: str  # "and 2 copies elsewhere"; whose words it has, where these are an agency's


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter in the words of one outlet or more, side by side. `note` says what differs, "" where no plain fact does."""

    cards: Sequence[Card]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Matters of one kind, under a sign and a title."""

    symbol: str
    title: str
    matters: Sequence[Matter]


@dataclass(frozen=True, slots=True)
class StoryAnswer:
    """A story's comparison, ready to be laid out. Sections without a matter are left out."""

    asked: str
    headline: str
    tellers: Sequence[Teller]
    sections: Sequence[Section]
    footer: str


def story_answer(comparison: StoryComparison, words: Words | None = None) -> StoryAnswer:
    """Words for a comparison. Nothing in them judges who is right; every quote is the stored article's own."""
    words = words or words_for(TERMINAL)
    points = comparison.points
    sections = [
        Section(SHARED, words("What several outlets have"), [_matter(point, words) for point in points.shared]),
        Section(DIFFERING, words("Where they differ"), [_matter(point, words) for point in points.differing]),
        Section(CHANGED, words("What changed: first so, later otherwise"), [_matter(point, words) for point in points.changed]),
        Section(ONLY, words("What only one of them has"), [Matter([excerpt_card(one, words)]) for one in points.only]),
    ]
    return StoryAnswer(
        comparison.asked, _headline(comparison, words), [_teller(one, words) for one in comparison.told],
        [section for section in sections if section.matters],
        words("Quoted word for word; a program finds what belongs together, and overlooks much that is said in other words."),
    )  # fmt: skip


def _headline(comparison: StoryComparison, words: Words) -> str:
    if comparison.voices < 2:
        return words("Only one independent outlet tells this story here, so there is nothing to compare it with.")
    count = words.plural("{n} independent outlet tells this story.", "{n} independent outlets tell this story.", comparison.voices)
    points = comparison.points
    if points.shared or points.differing or points.changed:
        return count
    return count + " " + words("No statement of one was found again in another.")


def _matter(point: Point, words: Words) -> Matter:
    return Matter([excerpt_card(one, words) for one in point.excerpts], point.difference)


def _teller(one: Told, words: Words) -> Teller:
    article, count = one.article, len(one.copies)
    copies = words.plural("and {n} copy elsewhere", "and {n} copies elsewhere", count) if count else ""
    credit = words("credited to {agency}", agency=one.voice) if one.voice != article.source else ""
    return Teller(article.source, words.date(article.published_at), article.title, article.url, "; ".join(filter(None, (copies, credit))))
