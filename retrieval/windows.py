"""What the stance model judges: one or two neighbouring sentences, and which of very many are worth judging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from retrieval.nearest import overlap_scores
from retrieval.text import sentences
from retrieval.types import Hit, Window

# Judged for one claim at most. At about 70 pairs/s on two small cores this is most of the half second that an answer may take.
MAX_WINDOWS = 24
PER_ARTICLE = 3
# How the hit's rank and the window's own words share in choosing.
HIT_SHARE = 0.4


def windows_of(hit: Hit) -> list[Window]:
    """Each sentence of the passage with the one before it, and the first alone; exact slices of the article."""
    passage = hit.passage
    spans = sentences(passage.text)
    pairs = [(spans[max(0, i - 1)][0], spans[i][1]) for i in range(len(spans))]
    return [Window(passage, passage.text[start:end], passage.start + start, passage.start + end) for start, end in pairs]


def choose_windows(claim: str, hits: Sequence[Hit], count: int = MAX_WINDOWS, per_article: int = PER_ARTICLE) -> list[Window]:
    """The windows of the hits worth judging, most promising first, ties by place. Passages overlap; no window comes twice."""
    candidates: dict[tuple[int, int, int], tuple[Window, float]] = {}
    for hit in hits:
        for window in windows_of(hit):
            candidates.setdefault((window.passage.article.revision_id, window.start, window.end), (window, hit.score))
    windows = [window for window, _ in candidates.values()]
    overlap = overlap_scores(claim, [window.text for window in windows])
    scored = [
        (HIT_SHARE * score + (1 - HIT_SHARE) * shared, window) for (window, score), shared in zip(candidates.values(), overlap, strict=True)
    ]
    scored.sort(key=lambda item: (-item[0], item[1].passage.article.revision_id, item[1].start))
    chosen: list[Window] = []
    taken: Counter[int] = Counter()
    for _, window in scored:
        if taken[window.passage.article.id] < per_article:
            taken[window.passage.article.id] += 1
            chosen.append(window)
        if len(chosen) == count:
            break
    return chosen
