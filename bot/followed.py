"""Followed claims: which of them newly stored articles may speak of, and what is news of one that was checked again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app import App
from retrieval.followed import Arrived
from retrieval.types import Comparison, Excerpt, Outcome

PAGE = 1000  # rows of the change log that are compared at once
ANEW = 500  # claims that are embedded at once after the model was changed: some seconds
SILENT = frozenset({Outcome.UNCLEAR, Outcome.NO_MATCH})


def embed_anew(app: App) -> bool:
    """Embed ANEW of the claims whose vectors are of another model; whether none is left. Raises ModelError, StoreError."""
    stale = app.follows.stale(app.embedder.model_id, ANEW)
    if stale:
        vectors = app.ingest_embedder.embed([query for _, query in stale])
        app.follows.set_vectors([id_ for id_, _ in stale], vectors, app.embedder.model_id)
    return len(stale) < ANEW


def compare_stored(app: App) -> bool:
    """Compare PAGE rows of what was stored since the last time with all followed claims, and mark those that are to be checked again.

    Whether there were any rows: then there may be more. A kill leaves them all to be compared again. Raises StoreError.
    """
    reached = app.follows.reached()
    rows = app.changes.changes(reached, PAGE)
    if not rows:
        return False
    due = _spoken_of(app, sorted({row.passage_id for row in rows if row.present}))
    app.follows.mark_due(due, reached, rows[-1].seq)
    return True


def _spoken_of(app: App, passage_ids: Sequence[int]) -> list[int]:
    """Ids of the follows whose claims some of these passages may speak of."""
    model_id = app.embedder.model_id
    found: list[int] = []
    arrived = None
    for claims in app.follows.claims(model_id):
        if arrived is None:
            passages = app.changes.indexable(passage_ids, model_id)
            if not passages:
                break
            arrived = Arrived(passages)
        spoken = arrived.speak_of(claims.texts, claims.vectors)
        found.extend(id_ for id_, is_spoken_of in zip(claims.ids, spoken, strict=True) if is_spoken_of)
    return found


def is_news(seen: Comparison, now: Comparison, strong: float) -> bool:
    """Whether somebody who knows `seen` is to be told of `now`: there is something new to show, and with it the outcome is another, or it
    contradicts with a probability of `strong` or more.

    Silence that became longer is no news, nor is that an excerpt is not found any more.
    """
    agreeing, contradicting = fresh(seen, now)
    changed = seen.outcome is not now.outcome and not {seen.outcome, now.outcome} <= SILENT
    return bool(agreeing or contradicting) and (changed or any(one.stance.contradict >= strong for one in contradicting))


def fresh(seen: Comparison, now: Comparison) -> tuple[list[Excerpt], list[Excerpt]]:
    """(agreeing, contradicting) excerpts of `now`, best first, of stories that `seen` does not show on that side."""
    return _fresh(seen.agreeing, now.agreeing), _fresh(seen.contradicting, now.contradicting)


def _fresh(seen: Sequence[Excerpt], now: Sequence[Excerpt]) -> list[Excerpt]:
    """An article is of a known story by its number, or by its address: a story gets its number with its first copy."""
    stories = {one.article.story_id for one in seen if one.article.story_id is not None}
    urls = {url for one in seen for url in (one.article.url, *one.copies)}
    return [one for one in now if one.article.story_id not in stories and urls.isdisjoint((one.article.url, *one.copies))]
