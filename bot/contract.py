"""The machine-readable output of the command line: others script against it, so names and shapes here do not change."""

from __future__ import annotations

import json
from datetime import datetime

from bot.hindsight import is_newer
from bot.texts import inert
from db.opinions import Opinion
from retrieval.points import Point
from retrieval.stories import StoryComparison
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Hit, OwnSource, Part, Stance


def comparison_line(comparison: Comparison, posted_at: datetime | None = None) -> str:
    """One comparison as a line of JSON."""
    claim = comparison.claim
    return _line({
        **_compared(comparison, posted_at),
        "span": claim.span,
        "models": dict(comparison.models),
        "took_ms": dict(comparison.took_ms),
        "posted_at": _time(posted_at),
        "context": claim.context,
        "pointer": claim.pointer,
        "referent": claim.referent,
        "speaker": claim.speaker,
        "said": {**_compared(comparison.said, posted_at), **_plain(comparison.said)} if comparison.said else None,
        **_plain(comparison),
        "own": [_own(own, posted_at) for own in comparison.own],
    })  # fmt: skip


def _compared(comparison: Comparison, posted_at: datetime | None) -> dict[str, object]:
    """The outcome for one statement: the claim, or the words that it says somebody said."""
    return {
        "claim": comparison.claim.text,
        "outcome": comparison.outcome.value,
        "agreeing": [_evidence(excerpt, posted_at) for excerpt in comparison.agreeing],
        "contradicting": [_evidence(excerpt, posted_at) for excerpt in comparison.contradicting],
        "considered": comparison.considered,
        "independent_sources": comparison.independent_sources,
        "newest_article_at": _time(comparison.newest_article_at),
    }


def story_line(comparison: StoryComparison) -> str:
    """The outlets of one story against one another, as a line of JSON."""
    points = comparison.points
    return _line({
        "story": comparison.asked,
        "independent_sources": comparison.voices,
        "articles": [{**_article(one.article), "voice": one.voice, "copies": list(one.copies)} for one in comparison.told],
        "shared": [_point(point) for point in points.shared],
        "differing": [_point(point) for point in points.differing],
        "changed": [_point(point) for point in points.changed],
        "only": [_excerpt(excerpt) for excerpt in points.only],
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


def _point(point: Point) -> dict[str, object]:
    return {"difference": point.difference, "excerpts": [_excerpt(excerpt) for excerpt in point.excerpts]}


def _plain(comparison: Comparison) -> dict[str, object]:
    """The plain facts of a statement apart, and how one changed over time."""
    parts = [_part(comparison.claim, part) for part in comparison.parts]
    return {"parts": parts, "accounts": [_account(account) for account in comparison.accounts]}


def _evidence(excerpt: Excerpt, posted_at: datetime | None) -> dict[str, object]:
    """An excerpt, with what plainly differs and whether it is newer than the post; None where it is not known when that was written."""
    newer = None if posted_at is None else is_newer(excerpt, posted_at)
    return {**_excerpt(excerpt), "difference": excerpt.difference, "newer_than_post": newer}


def _part(claim: Claim, part: Part) -> dict[str, object]:
    article = _article(part.article) if part.article else None
    text = claim.text[slice(*part.span)]
    return {"span": part.span, "text": text, "standing": part.standing.value, "words": part.words, "article": article}


def _account(account: Account) -> dict[str, object]:
    return {
        "words": account.words, "value": account.value, "since": _time(account.since), "until": _time(account.until),
        "sources": list(account.sources), "article": _article(account.article), "start": account.start, "end": account.end,
    }  # fmt: skip


def _own(own: OwnSource, posted_at: datetime | None) -> dict[str, object]:
    return {"url": own.url, "outcome": own.outcome.value, "excerpt": _evidence(own.excerpt, posted_at) if own.excerpt else None}


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
    return inert(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
