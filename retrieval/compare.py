"""Judged windows to a comparison: which are shown, on which side, in which order, and what they say together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from retrieval.accounts import accounts_of
from retrieval.anchors import shares_quantities, supports_agreement
from retrieval.attribution import Voice, voice
from retrieval.bearing import Bearing
from retrieval.excerpt import make_excerpt
from retrieval.facts.contrast import contrast
from retrieval.nearest import overlap_scores
from retrieval.parts import parts_of
from retrieval.types import Claim, Comparison, Excerpt, Outcome, Passage, Stance, Window


@dataclass(frozen=True, slots=True)
class Bars:
    """When an excerpt is shown. The two first are the stance model's own where it has some (see its card)."""

    agree: float = 0.65
    agree_with_quantities: float = 0.40  # when the excerpt has all of at least two quantities that the claim names
    contradict: float = 0.70
    topic: float = 0.30  # share of the claim's words that the excerpt must have at least
    near: float = 0.45  # from this share on, an excerpt without a clear stance makes the outcome "unclear" instead of "no match"


BARS = Bars()


@dataclass(frozen=True, slots=True)
class _Shown:
    """An excerpt with its side, and how far above its bar it is; 0 is the bar."""

    side: Outcome
    strength: float
    excerpt: Excerpt


def compare(
    claim: Claim,
    judged: Sequence[tuple[Window, Stance | None]],
    texts: Mapping[int, str],
    limit: int,
    models: Mapping[str, str],
    bars: Bars = BARS,
    bearings: Mapping[Window, Bearing] | None = None,
) -> Comparison:
    """The comparison for one claim. `texts` holds the whole text of each revision that a window is of; at most `limit` excerpts a side.

    A window without a stance was looked at and left: it is counted, and can make the outcome "unclear", but is never shown. With
    `bearings` of the others, these say which side a window is on; without, the stance and the bars do.
    """
    overlap = overlap_scores(claim.text, [window.text for window, _ in judged])
    on_topic = [
        (window, stance, share)
        for (window, stance), share in zip(judged, overlap, strict=True)
        if share >= bars.topic or shares_quantities(claim, window.text)
    ]
    if bearings is None:
        placed = [(window, stance, _by_stance(claim, window, stance, bars)) for window, stance, _ in on_topic if stance]
    else:
        placed = [(window, stance, _by_bearing(bearings[window])) for window, stance in judged if stance and window in bearings]
    shown: list[_Shown] = []
    for window, stance, (side, strength) in placed:
        text = texts.get(window.passage.article.revision_id, "")
        excerpt = make_excerpt(window, stance, text, claim.text) if side else None
        if side is None or excerpt is None:
            continue
        if side is Outcome.CONTRADICT:
            excerpt = replace(excerpt, difference=_difference(claim, excerpt))
        elif bearings is None and not supports_agreement(claim, excerpt.text, f"{excerpt.article.title} {excerpt.before}"):
            continue
        shown.append(_Shown(side, strength, excerpt))
    shown = _one_side_an_article(shown)
    agreeing, contradicting = (_ordered([one for one in shown if one.side is side], limit) for side in (Outcome.AGREE, Outcome.CONTRADICT))
    windows = [window for window, _ in judged]
    passages = {window.passage.id: window.passage for window in windows}.values()
    return Comparison(
        claim=claim, outcome=outcome_of(agreeing, contradicting, near=any(share >= bars.near for _, _, share in on_topic)),
        agreeing=agreeing, contradicting=contradicting, considered=len(passages),
        independent_sources=independent_sources((*agreeing, *contradicting)),
        newest_article_at=_newest(passages), models=models, parts=parts_of(claim.text, windows), accounts=accounts_of(claim, windows),
    )  # fmt: skip


def _by_stance(claim: Claim, window: Window, stance: Stance, bars: Bars) -> tuple[Outcome | None, float]:
    side = side_of(stance, bars, quantities=shares_quantities(claim, window.text))
    whose = voice(claim, window) if side else Voice.OPEN
    if whose is Voice.ELSE or (whose is Voice.REFUSED and side is Outcome.AGREE):
        side = None
    given, bar = (stance.contradict, bars.contradict) if side is Outcome.CONTRADICT else (stance.agree, bars.agree)
    return side, (given - bar) / (1 - bar)


def _by_bearing(bearing: Bearing) -> tuple[Outcome | None, float]:
    strength = max(bearing.agree, bearing.contradict)
    side = Outcome.AGREE if bearing.agree >= bearing.contradict else Outcome.CONTRADICT
    return (side if strength >= 0 else None), strength


def side_of(stance: Stance, bars: Bars = BARS, *, quantities: bool = False) -> Outcome | None:
    """AGREE, CONTRADICT, or None where the probability is below the side's bar. `quantities`: see Bars.agree_with_quantities."""
    if stance.contradict >= bars.contradict:
        return Outcome.CONTRADICT
    bar = bars.agree_with_quantities if quantities else bars.agree
    return Outcome.AGREE if stance.agree >= bar and stance.agree > stance.contradict else None


def outcome_of(agreeing: Sequence[Excerpt], contradicting: Sequence[Excerpt], *, near: bool) -> Outcome:
    """What the excerpts say together."""
    if agreeing and contradicting:
        return Outcome.MIXED
    if agreeing or contradicting:
        return Outcome.AGREE if agreeing else Outcome.CONTRADICT
    return Outcome.UNCLEAR if near else Outcome.NO_MATCH


def independent_sources(excerpts: Iterable[Excerpt]) -> int:
    """How many sources speak that have not copied from one another: outlets, those that carry one story counted once."""
    outlets: dict[object, str] = {}
    for excerpt in excerpts:
        outlets.setdefault(_story(excerpt), excerpt.credit or excerpt.article.source)
    return len(set(outlets.values()))


def _story(excerpt: Excerpt) -> object:
    """What the excerpts of one story share: its number, or the article for one that has no copies."""
    return ("story", excerpt.article.story_id) if excerpt.article.story_id is not None else excerpt.article.id


def _difference(claim: Claim, excerpt: Excerpt) -> str:
    published = excerpt.article.published_at
    return contrast(claim.text, excerpt.text, published.date() if published else None).explain()


def _one_side_an_article(shown: Sequence[_Shown]) -> list[_Shown]:
    """An article that came out on both sides keeps the side that clears its bar by more: it hardly disagrees with itself."""
    best: dict[tuple[int, Outcome], float] = {}
    for one in shown:
        key = (one.excerpt.article.id, one.side)
        best[key] = max(best.get(key, -math.inf), one.strength)

    def leads(one: _Shown) -> bool:
        agree, contradict = (best.get((one.excerpt.article.id, side), -math.inf) for side in (Outcome.AGREE, Outcome.CONTRADICT))
        return one.side is (Outcome.AGREE if agree >= contradict else Outcome.CONTRADICT)

    return [one for one in shown if leads(one)]


def _ordered(shown: Sequence[_Shown], limit: int) -> list[Excerpt]:
    """Best first, one of each story, the same words once with their copies, several outlets before several of one."""
    best = [one.excerpt for one in sorted(shown, key=lambda one: (-one.strength, one.excerpt.article.id, one.excerpt.start))]
    kept: dict[str, Excerpt] = {}
    shown_by: dict[object, str] = {}
    for excerpt in best:
        words, story = " ".join(excerpt.text.casefold().split()), _story(excerpt)
        place = shown_by.get(story, words)
        if place in kept:
            if excerpt.article.id != kept[place].article.id:
                kept[place] = _with_copies(kept[place], (excerpt.article.url, *excerpt.copies))
        else:
            kept[words] = excerpt
        shown_by.setdefault(story, place)
    turn: Counter[str] = Counter()
    placed = []
    for rank, excerpt in enumerate(kept.values()):
        placed.append((turn[excerpt.article.source], rank, excerpt))
        turn[excerpt.article.source] += 1
    return [excerpt for _, _, excerpt in sorted(placed, key=lambda item: item[:2])][:limit]


def _with_copies(excerpt: Excerpt, urls: Iterable[str]) -> Excerpt:
    known = dict.fromkeys((*excerpt.copies, *urls))
    known.pop(excerpt.article.url, None)
    return replace(excerpt, copies=tuple(known))


def _newest(passages: Iterable[Passage]) -> datetime | None:
    return max((passage.article.published_at for passage in passages if passage.article.published_at), default=None)
