"""Followed claims against new passages: those that may be spoken of are found, whatever their number, and others are left."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval import followed
from retrieval.followed import BAR, DENSE_SHARE, Arrived
from retrieval.nearest import overlap_scores
from retrieval.ports import Indexable, Vectors
from tests.standins.models import HashEmbedder

CLAIMS = [
    "The council of Harwick voted 14 to 3 to close the old bridge.",
    "The mill in Oren burned down on Sunday.",
    "A new railway line to the coast opens in May.",
    "The harbour of Selby freezes over for the first time in a century.",
]
NEWS = [
    ("Bridge", "Nobody spoke. The council of Harwick voted 12 to 5 to close the old bridge. Buses go elsewhere."),
    ("Weather", "Fog lay over the whole valley until noon, and the ferries stayed in port."),
    ("Mill", "Firemen fought the flames until morning. Nobody was hurt. The mill in Oren burned down."),
]


def _arrived(news: list[tuple[str, str]]) -> Arrived:
    vectors = HashEmbedder().embed([f"{title}\n{text}" for title, text in news])
    return Arrived(
        [Indexable(number, title, text, vector) for number, ((title, text), vector) in enumerate(zip(news, vectors, strict=True))]
    )


def _spoken_of(news: list[tuple[str, str]], claims: list[str] = CLAIMS) -> list[bool]:
    return [bool(one) for one in _arrived(news).speak_of(claims, HashEmbedder().embed(claims))]


def test_claims_are_found_that_some_passage_speaks_of() -> None:
    assert _spoken_of(NEWS) == [True, True, False, False]
    assert _spoken_of(NEWS[1:2]) == [False] * 4


def test_each_claim_is_compared_with_each_passage_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    many = CLAIMS * 7
    whole = _spoken_of(NEWS, many)
    monkeypatch.setattr(followed, "CHUNK", 3)
    assert _spoken_of(NEWS, many) == whole == [True, True, False, False] * 7


def test_the_score_is_of_the_cosine_and_of_the_share_of_words_that_a_check_looks_at() -> None:
    """Around the bar, by vectors with a given cosine and words with a given share."""
    news, claim = [text for _, text in NEWS], CLAIMS[0]
    shares = overlap_scores(claim, news)
    needed = (BAR - (1 - DENSE_SHARE) * shares[0]) / DENSE_SHARE
    assert 0 < needed < 1
    far = np.array([0, 0, 1], dtype=np.float32)
    for cosine, expected in ((needed + 0.01, True), (needed - 0.01, False)):
        near = np.array([cosine, np.sqrt(1 - cosine**2), 0], dtype=np.float32)
        passages = [Indexable(number, "", text, vector) for number, (text, vector) in enumerate(zip(news, (near, far, far), strict=True))]
        asked: Vectors = np.array([[1, 0, 0]], dtype=np.float32)
        assert Arrived(passages).speak_of([claim], asked).tolist() == [expected]


def test_a_title_counts_as_words_of_its_passages_and_a_claim_without_words_is_found_by_its_vector_alone() -> None:
    vector = np.array([0.5, np.sqrt(0.75)], dtype=np.float32)
    asked = np.array([[1, 0]], dtype=np.float32)
    text = "It was said on Monday."
    assert Arrived([Indexable(1, "Oren mill fire", text, vector)]).speak_of(["Fire in the mill of Oren."], asked).tolist() == [True]
    assert Arrived([Indexable(1, "", text, vector)]).speak_of(["Fire in the mill of Oren."], asked).tolist() == [False]
    assert Arrived([Indexable(1, "", text, vector)]).speak_of(["It is so."], asked).tolist() == [False]
    assert Arrived([Indexable(1, "", text, asked[0])]).speak_of(["It is so."], asked).tolist() == [True]
