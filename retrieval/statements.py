"""The statements of a story's articles, compared by twos: which say the same, and which cannot both be so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from retrieval.anchors import shares_quantities, supports_agreement
from retrieval.compare import BARS
from retrieval.gathering import Told
from retrieval.nearest import overlap_scores
from retrieval.ports import StanceModel, Vectors
from retrieval.text import content_words, sentences
from retrieval.types import Claim, Stance, StanceBars


@dataclass(frozen=True, slots=True)
class PairBars:
    """Which pairs are judged, and what is taken for the same and for opposed, besides the stance model's own bars.

    Chosen by reading all points of 26 stories (the bundled sample and a1 to a3 of tests/bench/data/posts; tests/bench/stories.py): of what
    is shown as shared 32 of 36 points are right, as differing 1 of 1, as changed 6 of 6. Single sentences alone gave 18 of 19 right on the
    first 20 of them, and nothing shared for 11. With the sentence before it 11 of 17 pairs more are right; with the bar `unopposed`, 10 of
    12. Of pairs that clear the model's bar of "contradict" alone, 4 of 17 are opposed: most tell of two events of one story.
    """

    statements: int = 24  # of an article: the first ones, where news has its facts
    near: float = 0.45  # cosine from which two statements may speak of the same
    scouted: int = 150  # pairs that the quick model reads, both ways round
    judged: int = 24  # pairs that the other one reads then
    both_agree: float = 0.45  # probability of "agree" both ways round that makes two the same where neither way clears the model's bar
    unopposed: float = 0.25  # probability of "contradict" that they may have then
    opposed_alike: float = 0.68  # cosine of two that are opposed
    both_oppose: float = 0.30  # probability of "contradict" that the weaker way round must have then
    wider: int = 15  # pairs that are read again, with the sentence before


PAIR_BARS = PairBars()
SILENT = Stance(0.0, 0.0, 1.0)  # where no model was asked
MIN_WORDS = 5  # content words of a statement: shorter ones say little without what is around them


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an article, or two: told[number].text[start:end]."""

    number: int
    voice: str
    text: str
    start: int
    end: int
    wider: str  # the same with the sentence before: told[number].text[wider_start:end]
    wider_start: int
    about: str  # the article's title and the sentence before: where its "he" and "the minister" are named
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements of different voices, the earlier article's first; stances of the first towards the second, and back."""

    one: Statement
    other: Statement
    likeness: float  # cosine
    there: Stance = SILENT
    back: Stance = SILENT

    @property
    def agree(self) -> float:
        return max(self.there.agree, self.back.agree)

    @property
    def contradict(self) -> float:
        return max(self.there.contradict, self.back.contradict)

    @property
    def neutral(self) -> float:
        return min(self.there.neutral, self.back.neutral)


def statements_of(told: Sequence[Told], count: int = PAIR_BARS.statements) -> list[Statement]:
    """Of each article the first `count` sentences that say something, questions left out, in the order of the articles."""
    return [one for number, article in enumerate(told) for one in _statements(number, article)[:count]]


def likeness_of(statements: Sequence[Statement], vectors: Vectors) -> Vectors:
    """(n, n) cosines of the statements, whose unit rows `vectors` are; -1 for two of one voice."""
    likeness: Vectors = vectors @ vectors.T
    voices = np.array([one.voice for one in statements])
    likeness[voices[:, None] == voices[None, :]] = -1.0
    return likeness


def nearest_pairs(statements: Sequence[Statement], likeness: Vectors, bars: PairBars = PAIR_BARS) -> list[Pair]:
    """The most alike pairs, not judged yet, best first, ties by place."""
    rows, columns = np.nonzero(np.triu(likeness, 1) >= bars.near)
    nearest = sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda at: (-float(likeness[at]), at))[: bars.scouted]
    return [Pair(statements[row], statements[column], float(likeness[row, column])) for row, column in nearest]


def judged_pairs(pairs: Sequence[Pair], stance: StanceModel, scout: StanceModel | None, bars: PairBars = PAIR_BARS) -> list[Pair]:
    """The pairs, judged both ways round. A `scout` reads all of them, and `stance` those that it finds least neutral."""
    if scout is not None:
        pairs = sorted(_judged(pairs, scout), key=lambda pair: pair.neutral)[: bars.judged]
    return _judged(pairs, stance)


def same_in_context(pairs: Sequence[Pair], stance: StanceModel, scout: StanceModel | None, bars: PairBars = PAIR_BARS) -> list[Pair]:
    """Those of the pairs where one statement, with the sentence before it, says what the other says: that one comes back so widened.

    Only where nothing speaks against it either way round: two sentences hold more that may be of something else.
    """
    if scout is not None:
        pairs = sorted(_judged(pairs, scout, wider=True), key=lambda pair: -pair.agree)
    found = []
    for pair in _judged(pairs[: bars.wider], stance, wider=True):
        forth = pair.there.agree >= pair.back.agree
        evidence, claim = (pair.one, pair.other) if forth else (pair.other, pair.one)
        clear = pair.agree >= stance.bars.agree and pair.contradict < bars.unopposed
        if clear and supports_agreement(Claim(claim.text), evidence.wider, evidence.about):
            found.append(replace(pair, one=_widened(pair.one)) if forth else replace(pair, other=_widened(pair.other)))
    return found


def says_the_same(pair: Pair, model: StanceBars, bars: PairBars = PAIR_BARS) -> bool:
    """Whether one of the two says what the other says, with all its numbers and half its names: by the bars of a check, or both ways."""
    if pair.agree <= pair.contradict:
        return False
    mutual = min(pair.there.agree, pair.back.agree) >= bars.both_agree and pair.contradict < bars.unopposed
    for evidence, claim, stance in ((pair.one, pair.other, pair.there), (pair.other, pair.one, pair.back)):
        said = Claim(claim.text)
        bar = BARS.agree_with_quantities if shares_quantities(said, evidence.text) else model.agree
        if (stance.agree >= bar or mutual) and supports_agreement(said, evidence.text, evidence.about):
            return True
    return False


def is_opposed(pair: Pair, model: StanceBars, bars: PairBars = PAIR_BARS) -> bool:
    """Whether the two cannot both be so: by the bar of a check one way round, borne out by the other, of two that are much alike."""
    weaker = min(pair.there.contradict, pair.back.contradict)
    if pair.contradict < model.contradict or weaker < bars.both_oppose or pair.likeness < bars.opposed_alike:
        return False
    return max(overlap_scores(pair.one.text, [pair.other.text])[0], overlap_scores(pair.other.text, [pair.one.text])[0]) >= BARS.topic


def _statements(number: int, told: Told) -> list[Statement]:
    spans = sentences(told.text)
    made = []
    for place, (start, end) in enumerate(spans):
        first, text = spans[max(0, place - 1)][0], told.text[start:end]
        if len(content_words(text)) >= MIN_WORDS and not text.endswith("?"):
            wider, about = told.text[first:end], f"{told.article.title} {told.text[first:start]}"
            made.append(Statement(number, told.voice, text, start, end, wider, first, about, told.article.published_at))
    return made


def _widened(one: Statement) -> Statement:
    return replace(one, text=one.wider, start=one.wider_start)


def _judged(pairs: Sequence[Pair], model: StanceModel, *, wider: bool = False) -> list[Pair]:
    """The pairs with the model's stances; `wider`: of each statement with the sentence before it towards the other alone."""

    def evidence(one: Statement) -> str:
        return one.wider if wider else one.text

    ways = [way for pair in pairs for way in ((evidence(pair.one), pair.other.text), (evidence(pair.other), pair.one.text))]
    stances = model.judge(ways)
    return [replace(pair, there=there, back=back) for pair, there, back in zip(pairs, stances[::2], stances[1::2], strict=True)]
