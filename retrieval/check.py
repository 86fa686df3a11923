"""The story: a claim in, agreeing and contradicting excerpts out."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from retrieval.bearing import EVEN, Bearing, Scales, Seen, signs, stronger_side, with_count, with_voice
from retrieval.claims import parse_claim, said_by, statement
from retrieval.compare import BARS, compare
from retrieval.nearest import overlap_scores
from retrieval.own import OwnArticle, hits_in, own_source, speaks_of
from retrieval.ports import PassageStore, StanceModel
from retrieval.search import Search
from retrieval.types import Claim, Comparison, Hit, OwnSource, Stance, Window
from retrieval.windows import choose_windows

# A deciding window of a claim of half a of the gold posts is among those judged in 121 of 130 cases when the scout reads 12 windows and
# 4 are judged, in 125 with 6, in 114 with 3; the scout reading 24 gives 118 with 4, and without this weight 112.
WORDS = 2.0
SCOUTED = 12
PLAINLY = 0.5  # the scout's chance of neutral under which a window leans to a side


@dataclass(frozen=True, slots=True)
class Looked:
    """The windows that were looked at for a claim."""

    judged: list[tuple[Window, Stance | None]]  # None: left to the scout's eye alone
    seen: list[Seen]  # of those that were judged, what is weighed; none without a scout


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is looked at and shown for one claim."""

    passages: int = 50
    per_article: int = 3
    excerpts: int = 5
    judged: int = 4  # windows that the stance model judges where a scout has cleared the field; one more where these lean one way


class Checker:
    """Checks claims against the stored sources. Synchronous; use it from one thread at a time.

    With a `scout`, a quicker stance model, that one reads all windows first, and `stance` only the most telling; with `scales` too, the
    side of a window is not the stance model's word alone (retrieval/bearing.py).
    """

    def __init__(
        self,
        search: Search,
        stance: StanceModel,
        store: PassageStore,
        models: Mapping[str, str],
        limits: Limits | None = None,
        scout: StanceModel | None = None,
        scales: Scales | None = None,
    ) -> None:
        self._search = search
        self._stance = stance
        self._scout = scout
        self._scales = scales
        self._store = store
        self._models = models
        self._limits = limits or Limits()

    def check_text(self, text: str, hidden: Collection[int] = ()) -> Comparison:
        """One claim as a person typed it. Raises BadClaim."""
        return self.check([parse_claim(text)], hidden)[0]

    def check(self, claims: Sequence[Claim], hidden: Collection[int] = ()) -> list[Comparison]:
        """One comparison a claim, in their order; all claims share one batch of each model. The same claim gives the same answer.

        Reported speech has two: of the claim, did they say it; and in `said`, of their words, is it so.

        Articles that sources of the ids `hidden` brought are as if they were not stored.
        """
        said = {at: words for at, claim in enumerate(claims) if (words := said_by(claim))}
        found = self._compared([*claims, *said.values()], hidden)
        of_said = dict(zip(said, found[len(claims) :], strict=True))
        return [replace(comparison, said=of_said.get(at)) for at, comparison in enumerate(found[: len(claims)])]

    def _compared(self, claims: Sequence[Claim], hidden: Collection[int]) -> list[Comparison]:
        clock = _Clock()
        with clock.step("search"):
            hits = self._search.find([claim.query for claim in claims], self._limits.passages, self._limits.per_article, hidden)
        with clock.step("stance"):
            looked = self._look(claims, hits)
        with clock.step("compare"):
            bars = replace(BARS, agree=self._stance.bars.agree, contradict=self._stance.bars.contradict)
            quotable = {window.passage.article.revision_id for each in looked for window, stance in each.judged if stance}
            texts = self._store.article_text(sorted(quotable))
            comparisons = [
                compare(claim, each.judged, texts, self._limits.excerpts, self._models, bars, self._bearings(claim, each))
                for claim, each in zip(claims, looked, strict=True)
            ]
        return [replace(comparison, took_ms=clock.took_ms) for comparison in comparisons]

    def beside_own(self, comparisons: Sequence[Comparison], own: Sequence[OwnArticle]) -> list[Comparison]:
        """The comparisons, with what the post's own articles say of each claim as `own`; all claims share one batch of each model."""
        pairs = [(at, article) for at, each in enumerate(comparisons) for article in own if speaks_of(article, each.claim)]
        claims = [comparisons[at].claim for at, _ in pairs]
        bars = replace(BARS, agree=self._stance.bars.agree, contradict=self._stance.bars.contradict)
        sources: list[list[OwnSource]] = [[] for _ in comparisons]
        looked = self._look(claims, [hits_in(article) for _, article in pairs])
        for (at, article), claim, each in zip(pairs, claims, looked, strict=True):
            texts = {article.article.revision_id: article.text}
            found = compare(claim, each.judged, texts, 1, self._models, bars, self._bearings(claim, each))
            sources[at].append(own_source(article, found))
        return [replace(comparison, own=tuple(beside)) for comparison, beside in zip(comparisons, sources, strict=True)]

    def look(self, claims: Sequence[Claim]) -> list[list[Seen]]:
        """Of each claim the windows that the stance model judged, with all that is weighed; for fitting the weights. Needs a scout."""
        hits = self._search.find([claim.query for claim in claims], self._limits.passages, self._limits.per_article)
        return [each.seen for each in self._look(claims, hits)]

    def _look(self, claims: Sequence[Claim], hits: Sequence[Sequence[Hit]]) -> list[Looked]:
        """The most promising windows of each claim's hits, with the stances of those that the scout leaves, or of all."""
        windows = [choose_windows(claim.query, found) for claim, found in zip(claims, hits, strict=True)]
        shares = [overlap_scores(claim.text, [window.text for window in each]) for claim, each in zip(claims, windows, strict=True)]
        chosen = [list(range(len(each))) for each in windows]
        seen: list[list[Stance]] = []
        if self._scout:
            first = [each[:SCOUTED] for each in windows]
            seen = _stances(self._scout, claims, first)
            chosen = [
                _most_telling(each, stances, some[:SCOUTED], self._limits.judged)
                for each, stances, some in zip(first, seen, shares, strict=True)
            ]
        stances = _stances(self._stance, claims, [[each[i] for i in rows] for each, rows in zip(windows, chosen, strict=True)])
        looked = []
        for place, (each, rows) in enumerate(zip(windows, chosen, strict=True)):
            known = dict(zip(rows, stances[place], strict=True))
            scores = {hit.passage.id: hit.score for hit in hits[place]}
            best = max(shares[place], default=0.0)
            looked.append(Looked(
                [(window, known.get(i)) for i, window in enumerate(each)],
                [Seen(each[i], known[i], seen[place][i], shares[place][i], best, scores[each[i].passage.id]) for i in rows if seen],
            ))  # fmt: skip
        return looked

    def _bearings(self, claim: Claim, looked: Looked) -> dict[Window, Bearing] | None:
        if self._scales is None or self._scout is None:
            return None
        found = {each.window: self._scales.weigh(signs(claim, each)) for each in looked.seen}
        return stronger_side(with_voice(claim, with_count(claim, found)), self._scales.beside)


def _stances(model: StanceModel, claims: Sequence[Claim], windows: Sequence[Sequence[Window]]) -> list[list[Stance]]:
    """The stances of each claim's windows, all in one batch of the model; the same words, as in copies of one story, are judged once."""
    pairs = [[(window.text, statement(claim)) for window in each] for claim, each in zip(claims, windows, strict=True)]
    distinct = list(dict.fromkeys(pair for each in pairs for pair in each))
    found = dict(zip(distinct, model.judge(distinct), strict=True))
    return [[found[pair] for pair in each] for each in pairs]


def _most_telling(windows: Sequence[Window], stances: Sequence[Stance], shares: Sequence[float], count: int) -> list[int]:
    """The places, in order, of the windows with the `count` most telling wordings: copies of one story take one place of them.

    A window tells much that the scout finds far from neutral, and that has more of the claim's words than the claim's other windows. Where
    all of these lean one way, the most telling wording that leans the other comes beside them (DECISIONS 67).
    """
    best = max(shares, default=0.0) or 1.0
    telling = [
        math.log((1 - stance.neutral + EVEN) / (stance.neutral + EVEN)) + WORDS * share / best
        for stance, share in zip(stances, shares, strict=True)
    ]
    ranked = sorted(range(len(windows)), key=lambda i: (-telling[i], i))
    first: dict[str, int] = {}
    for i in ranked:
        first.setdefault(windows[i].text, i)
    chosen, left = list(first.values())[:count], list(first.values())[count:]
    sides = {_agrees(stances[i]) for i in chosen}
    if len(sides) == 1:
        chosen += [i for i in left if stances[i].neutral < PLAINLY and _agrees(stances[i]) not in sides][:1]
    wordings = {windows[i].text for i in chosen}
    return [i for i in range(len(windows)) if windows[i].text in wordings]


def _agrees(stance: Stance) -> bool:
    return stance.agree >= stance.contradict


@dataclass(slots=True)
class _Clock:
    """Milliseconds a step, for the whole batch."""

    took_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.took_ms[name] = round((time.perf_counter() - started) * 1000, 1)
