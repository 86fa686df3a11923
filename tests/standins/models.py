"""Fakes of the two models: plain rules, so that results depend on the text alone and a reader can foretell them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from retrieval.anchors import numbers
from retrieval.nearest import overlap_scores
from retrieval.ports import Vectors
from retrieval.text import content_words
from retrieval.types import Stance, StanceBars

DIMENSION = 64
_NOT = re.compile(r"\b(?:not|no|never|nobody|denied|denies|cannot)\b|n['’]t\b", re.IGNORECASE)


class HashEmbedder:
    """A bag of words: each content word adds 1 to one of 64 places; a text without words points to the first."""

    model_id = "hash-embedder@64"
    dimension = DIMENSION

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in content_words(text):
                row[_place(word)] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return rows


class WordStance:
    """Less than half of the claim's words: neutral. Otherwise other numbers or the opposite negation contradict, and the rest agrees.

    The more words are shared, the surer.
    """

    model_id = "word-stance"
    bars = StanceBars(agree=0.65, contradict=0.7)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        return [_stance(evidence, claim) for evidence, claim in pairs]


def _stance(evidence: str, claim: str) -> Stance:
    shared = overlap_scores(claim, [evidence])[0]
    if shared < 0.5:
        return Stance(0.05, 0.05, 0.9)
    sure = round(0.8 + 0.15 * shared, 4)
    rest = round(0.99 - sure, 4)
    there, wanted = numbers(evidence), numbers(claim)
    if (there and wanted - there) or bool(_NOT.search(evidence)) != bool(_NOT.search(claim)):
        return Stance(0.01, sure, rest)
    return Stance(sure, 0.01, rest)


def _place(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % DIMENSION
