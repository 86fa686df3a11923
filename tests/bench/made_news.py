"""Made news of any size: words with natural frequencies, vectors spread as those of real passages are. No model is needed for a million.

A made vector lies somewhere between that of a real passage and that of one of its nearest (SMOTE: Chawla et al., JAIR 2002), moved a little
along the difference of two others. So made ones vary in the directions in which real ones do, and are as crowded in one place and as thin
in another. (Balls of noise about centres are far harder for any index of neighbours: HNSW finds .91 of them and IVF .86.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.parts import model_files
from config.settings import Settings
from retrieval.ports import Vectors
from retrieval.text import STOP_WORDS, Span

WORDS_EACH, SENTENCE, EACH, TITLE = 60, 20, 10, 8  # words a passage and a sentence, passages an article, words a title
NEAREST = 8  # real passages, towards one of which a made one lies
MOVED = 0.2  # of the difference of two others
VOCABULARY, ZIPF, SHIFT = 60_000, 1.05, 2.7  # of Zipf and Mandelbrot's law: a word of rank r has a share of (r + SHIFT) ** -ZIPF
SEED = 20_261_127
BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class MadeArticle:
    """Its text, where its passages lie, and their vectors, (n, dimension) float32 unit rows."""

    title: str
    text: str
    spans: Sequence[Span]
    vectors: Vectors


class MadeNews:
    """Draws articles and queries about the same matters, from `real`, (n, dimension) float32 unit rows; as often, the same."""

    def __init__(self, real: Vectors, seed: int = SEED) -> None:
        self._real = real
        self._near = _nearest(real)
        self._rng = np.random.default_rng(seed)
        self._words = np.array(_vocabulary(), dtype=object)
        shares = (np.arange(VOCABULARY) + 1 + SHIFT) ** -ZIPF
        self._chance = np.cumsum(shares / shares.sum())

    def articles(self, passages: int) -> Iterator[MadeArticle]:
        """Articles of EACH passages, until there are as many passages as wanted."""
        for at in range(0, passages, EACH):
            count = min(EACH, passages - at)
            texts = [_in_sentences(words) for words in self._drawn(count, WORDS_EACH)]
            starts = np.cumsum([0] + [len(text) + 1 for text in texts]).tolist()
            spans = [(start, start + len(text)) for start, text in zip(starts, texts, strict=False)]
            yield MadeArticle(" ".join(self._drawn(1, TITLE)[0].tolist()), "\n".join(texts), spans, self.vectors(count))

    def queries(self, count: int, words: int = 12) -> list[tuple[Vectors, str]]:
        """Vectors with words, as a claim has them."""
        return list(zip(self.vectors(count), (_in_sentences(drawn) for drawn in self._drawn(count, words)), strict=True))

    def vectors(self, count: int) -> Vectors:
        """(count, dimension) float32 unit rows."""
        at, one, other = self._rng.integers(0, len(self._real), (3, count))
        near = self._real[self._near[at, self._rng.integers(0, self._near.shape[1], count)]]
        rows = self._real[at] + self._rng.random((count, 1), dtype=np.float32) * (near - self._real[at])
        rows += np.float32(MOVED) * (self._real[one] - self._real[other])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def _drawn(self, rows: int, each: int) -> NDArray[np.object_]:
        ranks = np.searchsorted(self._chance, self._rng.random((rows, each)))
        drawn: NDArray[np.object_] = self._words[np.minimum(ranks, VOCABULARY - 1)]
        return drawn


def _in_sentences(words: NDArray[np.object_]) -> str:
    return " ".join(" ".join(words[at : at + SENTENCE]).capitalize() + "." for at in range(0, len(words), SENTENCE))


def _nearest(real: Vectors) -> NDArray[np.intp]:
    """(n, NEAREST) places of the nearest others of each."""
    found = np.empty((len(real), NEAREST), dtype=np.intp)
    for at in range(0, len(real), BLOCK):
        scores = real[at : at + BLOCK] @ real.T
        scores[np.arange(len(scores)), np.arange(at, at + len(scores))] = -1
        found[at : at + BLOCK] = np.argpartition(-scores, NEAREST, axis=1)[:, :NEAREST]
    return found


def _vocabulary() -> list[str]:
    """The words that the embedding model's tokeniser has whole, commonest first, then made ones: as many tokens a word as in news."""
    folder = model_files("embedding", Settings().embedding_model)[0].folder
    vocabulary: dict[str, int] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    whole = [word for word in sorted(vocabulary, key=vocabulary.__getitem__) if word.isascii() and word.isalpha() and len(word) > 1]
    common = [word for word in whole if word in STOP_WORDS]
    rest = [word for word in whole if word not in STOP_WORDS]
    return [*common, *rest, *(_spelt(number) for number in range(VOCABULARY))][:VOCABULARY]


def _spelt(number: int) -> str:
    """A different pronounceable word for each number; syllables, so that the stemmer has little to cut."""
    syllables: list[str] = []
    while number or not syllables:
        number, rest = divmod(number, 70)
        syllables.append("bcdfgklmnprstv"[rest // 5] + "aeiou"[rest % 5])
    return "x" + "".join(syllables) + "k"
