"""Which sentences of a long text are nearest to a claim, by shared words. Cheap: no model is run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from retrieval.text import sentences, terms


def overlap_scores(claim: str, texts: Sequence[str]) -> list[float]:
    """Share of the claim's words that each text has, weighted by rarity among `texts`; 0 to 1, in the order given.

    A word that stands in every text tells nothing apart, so its weight is ln(1 + n / df), as in the idf of BM25 without its bound.
    """
    wanted = set(terms(claim))
    found = [wanted.intersection(terms(text)) for text in texts]
    frequency = Counter(word for hit in found for word in hit)
    weight = {word: math.log1p(len(texts) / (frequency[word] or 1)) for word in wanted}
    total = sum(weight.values()) or 1.0
    return [sum(weight[word] for word in sorted(hit)) / total for hit in found]


def nearest_sentences(claim: str, text: str, max_words: int) -> str:
    """The sentences of `text` nearest to `claim`, at most about `max_words` words, in their order; short texts come back unchanged.

    The best sentence always stays, with the sentence before it when there is room, since that often holds the subject.
    """
    if len(text.split()) <= max_words:
        return text
    spans = sentences(text)
    pieces = [text[start:end] for start, end in spans]
    lengths = [len(piece.split()) for piece in pieces]
    scores = overlap_scores(claim, pieces)
    ranked = sorted(range(len(pieces)), key=lambda i: (-scores[i], i))
    chosen: set[int] = set()
    room = max_words
    for i in ranked:
        for j in (i, i - 1):
            if j >= 0 and j not in chosen and (lengths[j] <= room or not chosen):
                chosen.add(j)
                room -= lengths[j]
    return " ".join(pieces[i] for i in sorted(chosen))
