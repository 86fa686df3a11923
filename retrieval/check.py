"""The story: a claim in, agreeing and contradicting excerpts out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from retrieval.claims import find_claims, parse_claim, said_by, statement
from retrieval.compare import BARS, compare
from retrieval.ports import PassageStore, StanceModel
from retrieval.search import Search
from retrieval.types import Claim, Comparison, Hit, Stance, Window
from retrieval.windows import choose_windows

Judged = list[tuple[Window, Stance | None]]  # None: left to a scout's eye alone


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is looked at and shown for one claim."""

    passages: int = 50
    per_article: int = 3
    excerpts: int = 5
    claims: int = 12
    judged: int = 4  # windows that the stance model judges where another has cleared the field


class Checker:
    """Checks claims against the stored sources. Synchronous; use it from one thread at a time.

    With a `scout`, a quicker stance model, that one reads all windows first, and `stance` only those that it finds least neutral.
    """

    def __init__(
        self,
        search: Search,
        stance: StanceModel,
        store: PassageStore,
        models: Mapping[str, str],
        limits: Limits | None = None,
        scout: StanceModel | None = None,
    ) -> None:
        self._search = search
        self._stance = stance
        self._scout = scout
        self._store = store
        self._models = models
        self._limits = limits or Limits()

    def check_text(self, text: str, hidden: Collection[int] = ()) -> Comparison:
        """One claim as a person typed it. Raises BadClaim."""
        return self.check([parse_claim(text)], hidden)[0]

    def check_post(self, post: str, hidden: Collection[int] = ()) -> list[Comparison]:
        """A whole post: one comparison a check-worthy claim, in the post's order. Raises BadClaim when it has none."""
        return self.check(find_claims(post, self._limits.claims).claims, hidden)

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
            judged = self._judge(claims, hits)
        with clock.step("compare"):
            bars = replace(BARS, agree=self._stance.bars.agree, contradict=self._stance.bars.contradict)
            quotable = {window.passage.article.revision_id for each in judged for window, stance in each if stance}
            texts = self._store.article_text(sorted(quotable))
            comparisons = [
                compare(claim, each, texts, self._limits.excerpts, self._models, bars) for claim, each in zip(claims, judged, strict=True)
            ]
        return [replace(comparison, took_ms=clock.took_ms) for comparison in comparisons]

    def _judge(self, claims: Sequence[Claim], hits: Sequence[Sequence[Hit]]) -> list[Judged]:
        """The most promising windows of each claim's hits, with the stances of those that the scout leaves, or of all."""
        windows = [choose_windows(claim.query, found) for claim, found in zip(claims, hits, strict=True)]
        chosen = [list(range(len(each))) for each in windows]
        if self._scout:
            seen = _stances(self._scout, claims, windows)
            chosen = [_least_neutral(each, stances, self._limits.judged) for each, stances in zip(windows, seen, strict=True)]
        stances = _stances(self._stance, claims, [[each[i] for i in rows] for each, rows in zip(windows, chosen, strict=True)])
        known = [dict(zip(rows, each, strict=True)) for rows, each in zip(chosen, stances, strict=True)]
        return [[(window, found.get(i)) for i, window in enumerate(each)] for each, found in zip(windows, known, strict=True)]


def _stances(model: StanceModel, claims: Sequence[Claim], windows: Sequence[Sequence[Window]]) -> list[list[Stance]]:
    """The stances of each claim's windows, all in one batch of the model; the same words, as in copies of one story, are judged once."""
    pairs = [[(window.text, statement(claim)) for window in each] for claim, each in zip(claims, windows, strict=True)]
    distinct = list(dict.fromkeys(pair for each in pairs for pair in each))
    found = dict(zip(distinct, model.judge(distinct), strict=True))
    return [[found[pair] for pair in each] for each in pairs]


def _least_neutral(windows: Sequence[Window], stances: Sequence[Stance], count: int) -> list[int]:
    """The places, in order, of the windows with the `count` least neutral wordings: copies of one story take one place of them."""
    ranked = sorted(range(len(windows)), key=lambda i: (stances[i].neutral, i))
    wordings = set(list(dict.fromkeys(windows[i].text for i in ranked))[:count])
    return [i for i in range(len(windows)) if windows[i].text in wordings]


@dataclass(slots=True)
class _Clock:
    """Milliseconds a step, for the whole batch."""

    took_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.took_ms[name] = round((time.perf_counter() - started) * 1000, 1)
