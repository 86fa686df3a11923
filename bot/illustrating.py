"""The pictures of answers: which one an answer has, drawn from what was compared and what is stored of its articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.app import App
from bot.pictures.facts import overview_of, timeline_of
from bot.pictures.overview import overview
from bot.pictures.sheet import Picture
from bot.pictures.theme import Theme as Ground
from bot.pictures.timeline import timeline
from bot.words import Words
from retrieval.types import Comparison

__all__ = ["Ground", "draw_overview", "draw_timeline", "has_timeline"]

DATED = 2  # excerpts with a date from which their order says something


def has_timeline(comparison: Comparison) -> bool:
    """Whether there are dates enough for one."""
    return sum(excerpt.article.published_at is not None for excerpt in (*comparison.agreeing, *comparison.contradicting)) >= DATED


def draw_overview(comparisons: Sequence[Comparison], left_out: int, words: Words, ground: Ground) -> Picture:
    """A post's claims with their counts."""
    return overview(overview_of(comparisons, left_out), words, ground)


def draw_timeline(app: App, comparison: Comparison, posted_at: datetime | None, words: Words, ground: Ground) -> Picture:
    """One claim's sources by date, with their revisions. Raises StoreError."""
    articles = {excerpt.article.id: excerpt.article for excerpt in (*comparison.agreeing, *comparison.contradicting)}
    revisions = {id_: [row.created_at for row in app.articles.revisions(article.url)[1:]] for id_, article in articles.items()}
    return timeline(timeline_of(comparison, posted_at, revisions), words, ground)
