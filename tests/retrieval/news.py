"""Made-up stored news, without a store: hits, windows and their articles' texts."""

from __future__ import annotations

from datetime import UTC, datetime

from retrieval.types import ArticleRef, Hit, Passage, Stance, Window

AGREES, CONTRADICTS, NEITHER = Stance(0.9, 0.05, 0.05), Stance(0.05, 0.9, 0.05), Stance(0.1, 0.1, 0.8)


def ref(number: int, source: str = "Harwick Echo", title: str = "A title") -> ArticleRef:
    return ArticleRef(number, number * 10, f"https://a.example/{number}", title, source, datetime(2025, 2, number % 27 + 1, tzinfo=UTC))


def hit(article: ArticleRef, text: str, start: int = 0, score: float = 1.0) -> Hit:
    """A hit of the passage text, which stands at `start` of its article."""
    return Hit(Passage(article.id * 1000 + start, text, start, start + len(text), article), score, 1, None)


def window(article: ArticleRef, article_text: str, words: str) -> Window:
    """The window of those words of an article that is one passage."""
    start = article_text.index(words)
    return Window(hit(article, article_text).passage, words, start, start + len(words))
