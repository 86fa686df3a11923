"""The machine-readable output of the command line: others script against it, so names and shapes here do not change."""

from __future__ import annotations

import json
from datetime import datetime

from db.opinions import Opinion
from retrieval.types import ArticleRef, Comparison, Excerpt, Hit, Stance


def comparison_line(comparison: Comparison) -> str:
    """One comparison as a line of JSON."""
    return _line({
        "claim": comparison.claim.text,
        "span": comparison.claim.span,
        "outcome": comparison.outcome.value,
        "agreeing": [_excerpt(excerpt) for excerpt in comparison.agreeing],
        "contradicting": [_excerpt(excerpt) for excerpt in comparison.contradicting],
        "considered": comparison.considered,
        "independent_sources": comparison.independent_sources,
        "newest_article_at": _time(comparison.newest_article_at),
        "models": dict(comparison.models),
        "took_ms": dict(comparison.took_ms),
    })  # fmt: skip


def hit_line(rank: int, hit: Hit) -> str:
    """One hit as a line of JSON."""
    return _line({
        "rank": rank,
        "score": round(hit.score, 6),
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "text": hit.passage.text,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "article": _article(hit.passage.article),
    })  # fmt: skip


def opinion_line(opinion: Opinion) -> str:
    """One opinion on an answer as a line of JSON."""
    return _line({
        "check": opinion.check_id, "claim": opinion.claim, "outcome": opinion.outcome.value, "helpful": opinion.helpful,
        "at": _time(opinion.at),
    })  # fmt: skip


def stance_line(stance: Stance) -> str:
    """One stance as a line of JSON."""
    return _line(_stance(stance))


def _excerpt(excerpt: Excerpt) -> dict[str, object]:
    return {
        "text": excerpt.text,
        "start": excerpt.start,
        "end": excerpt.end,
        "article": _article(excerpt.article),
        "stance": _stance(excerpt.stance),
        "copies": list(excerpt.copies),
        "context": excerpt.before + excerpt.text + excerpt.after,
    }


def _article(article: ArticleRef) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published_at": _time(article.published_at),
        "external_id": article.external_id,
    }


def _stance(stance: Stance) -> dict[str, object]:
    return {"agree": stance.agree, "contradict": stance.contradict, "neutral": stance.neutral}


def _time(when: datetime | None) -> str | None:
    return when.isoformat().replace("+00:00", "Z") if when else None


def _line(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
