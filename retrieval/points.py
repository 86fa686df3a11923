"""What independent outlets share in a story, where they differ, what became otherwise, and what only one of them has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from retrieval.anchors import names, numbers
from retrieval.excerpt import make_excerpt
from retrieval.facts.contrast import contrast
from retrieval.facts.quantities import quantities
from retrieval.facts.vocabulary import BALLOT_ROLES
from retrieval.gathering import UNDATED, Told
from retrieval.nearest import overlap_scores
from retrieval.ports import Embedder, StanceModel, Vectors
from retrieval.statements import (
    SILENT,
    Pair,
    Statement,
    is_opposed,
    judged_pairs,
    likeness_of,
    nearest_pairs,
    same_in_context,
    says_the_same,
    statements_of,
)
from retrieval.text import words
from retrieval.tolls import toll_difference
from retrieval.types import Excerpt, Passage, Stance, Window

SHOWN, ONLY = 6, 4  # points of a kind; statements that only one outlet has
APART = timedelta(hours=10)  # between articles, from which an account may have changed
TOLL_ALIKE = 0.40  # cosine of two statements whose counts of dead, missing and the like are compared
ALONE = 0.45  # cosine with any statement of other outlets below which a statement is one outlet's alone
TOLD = 0.55  # share of its words from which another article tells it somewhere
POINTING = frozenset("he she it they his her its their this that these those both another others such there".split())
Place = tuple[int, int]  # of a sentence: the article's number and where it ends there


@dataclass(frozen=True, slots=True)
class Point:
    """One matter in the words of several outlets, an excerpt each, side by side: by date, undated last."""

    excerpts: Sequence[Excerpt]
    difference: str = ""  # a plain fact that differs, in the order of the excerpts: "93 against 120 votes"; "" where there is none


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a story: those of most outlets first, then the surest."""

    shared: Sequence[Point] = ()
    differing: Sequence[Point] = ()  # two excerpts each
    changed: Sequence[Point] = ()  # two excerpts each: so it was told, and later so
    only: Sequence[Excerpt] = ()  # what one outlet alone has, at most one an outlet


def find_points(told: Sequence[Told], embedder: Embedder, stance: StanceModel, scout: StanceModel | None = None) -> Points:
    """Compare the statements of each two voices. The same articles give the same points. Raises ModelError."""
    statements = statements_of(told)
    if len({one.voice for one in statements}) < 2:
        return Points()
    vectors = embedder.embed([one.text for one in statements])
    likeness = likeness_of(statements, vectors)
    near = nearest_pairs(statements, likeness)
    every = judged_pairs(near, stance, scout)
    agreeing = sorted((pair for pair in every if says_the_same(pair, stance.bars)), key=lambda pair: -pair.agree)
    opposed = sorted((pair for pair in every if is_opposed(pair, stance.bars)), key=lambda pair: -pair.contradict)
    apart = _distinct([*_tolls(statements, likeness), *_one_side_an_article(opposed, agreeing)])
    changed = [pair for pair in apart if _became_otherwise(pair, agreeing)]
    known = {_places(pair) for pair in (*agreeing, *opposed)}
    in_context = same_in_context([pair for pair in near if _places(pair) not in known], stance, scout)
    taken = {place for pair in apart for place in _places(pair)}
    return Points(
        shared=_shared(_without(agreeing, taken), _without(in_context, taken), told)[:SHOWN],
        differing=[_two_sided(pair, told) for pair in apart if pair not in changed][:SHOWN],
        changed=[_two_sided(pair, told) for pair in changed][:SHOWN],
        only=_alone(statements, likeness, vectors, told),
    )


def _without(pairs: Iterable[Pair], taken: Collection[Place]) -> list[Pair]:
    """The pairs of which no sentence is taken."""
    return [pair for pair in pairs if not set(_places(pair)) & set(taken)]


def _tolls(statements: Sequence[Statement], likeness: Vectors) -> list[Pair]:
    """Pairs that count the dead, missing and the like otherwise; the most alike first. No model is asked: it often overlooks that."""
    rows, columns = np.nonzero(np.triu(likeness, 1) >= TOLL_ALIKE)
    nearest = sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda at: (-float(likeness[at]), at))
    pairs = [Pair(statements[row], statements[column], float(likeness[row, column])) for row, column in nearest]
    return [pair for pair in pairs if toll_difference(pair.one.text, pair.other.text, growing=_is_later(pair))]


def _one_side_an_article(opposed: Iterable[Pair], agreeing: Iterable[Pair]) -> list[Pair]:
    """Those of the opposed where neither article also says what the other's statement says: it hardly opposes what it says itself."""
    says = {(one, other.number) for pair in agreeing for one, other in ((pair.one, pair.other), (pair.other, pair.one))}
    return [pair for pair in opposed if says.isdisjoint(((pair.one, pair.other.number), (pair.other, pair.one.number)))]


def _became_otherwise(pair: Pair, agreeing: Iterable[Pair]) -> bool:
    """Whether the account changed from the first statement to the second: later news has it otherwise, and none as late has it so still.

    What was counted once, as a vote, does not change: who has it otherwise differs, whenever that is.
    """
    if not _is_later(pair) or _is_ballot(pair):
        return False
    same = [two for found in agreeing for one, two in ((found.one, found.other), (found.other, found.one)) if one == pair.one]
    return all(one.at is not None and pair.other.at is not None and one.at < pair.other.at for one in same)


def _is_later(pair: Pair) -> bool:
    return pair.one.at is not None and pair.other.at is not None and pair.other.at - pair.one.at >= APART


def _is_ballot(pair: Pair) -> bool:
    different = {match.claim for match in contrast(pair.one.text, pair.other.text).different if match.kind == "number"}
    counted = [one for one in quantities(pair.one.text) if pair.one.text[one.start : one.end] in different]
    return any(one.role in BALLOT_ROLES or one.noun == "vote" for one in counted)


def _distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs in their order, without those of which a statement stands in an earlier one."""
    kept: list[Pair] = []
    for pair in pairs:
        if not any({pair.one, pair.other} & {known.one, known.other} for known in kept):
            kept.append(pair)
    return kept


def _shared(agreeing: Sequence[Pair], in_context: Sequence[Pair], told: Sequence[Told]) -> list[Point]:
    """Agreeing pairs, the surest first, joined into points: each sentence in one, each voice once in a point; most voices first.

    Those that agree in context come after them and join no point: two sentences say more than the one that is shared, and it would drift.
    """
    points: list[dict[Place, tuple[Statement, Stance]]] = []
    for pair in (*agreeing, *in_context):
        one, other = _places(pair)
        having = [point for point in points if one in point or other in point]
        if not having:
            points.append({one: (pair.one, pair.there), other: (pair.other, pair.back)})
        elif len(having) == 1 and pair in agreeing:
            for place, statement, stance in ((one, pair.one, pair.there), (other, pair.other, pair.back)):
                if statement.voice not in {known.voice for known, _ in having[0].values()}:
                    having[0][place] = (statement, stance)
    points.sort(key=lambda point: -len(point))  # stable: of equals the surest stays first
    made = [Point(_side_by_side(list(point.values()), told)) for point in points]
    return [point for point in made if len(point.excerpts) > 1]


def _side_by_side(statements: Sequence[tuple[Statement, Stance]], told: Sequence[Told]) -> list[Excerpt]:
    """The statements by date, each with what it shares with the others marked."""
    ordered = sorted(statements, key=lambda pair: (pair[0].at or UNDATED, pair[0].number, pair[0].start))
    made = [_excerpt(one, stance, told, [other for other, _ in ordered if other != one]) for one, stance in ordered]
    return [excerpt for excerpt in made if excerpt]


def _places(pair: Pair) -> tuple[Place, Place]:
    """Where the pair's sentences are, with or without those before them."""
    return (pair.one.number, pair.one.end), (pair.other.number, pair.other.end)


def _two_sided(pair: Pair, told: Sequence[Told]) -> Point:
    one, other = _excerpt(pair.one, pair.there, told, [pair.other]), _excerpt(pair.other, pair.back, told, [pair.one])
    toll = toll_difference(pair.one.text, pair.other.text, growing=_is_later(pair))
    plain = contrast(pair.one.text, pair.other.text, pair.other.at.date() if pair.other.at else None).explain()
    return Point([excerpt for excerpt in (one, other) if excerpt], toll or plain)


def _alone(statements: Sequence[Statement], likeness: Vectors, vectors: Vectors, told: Sequence[Told]) -> list[Excerpt]:
    """Statements that no other voice has in any words, those nearest to the midst of the story first, one a voice."""
    central = vectors @ vectors.mean(axis=0)
    found: dict[str, Excerpt] = {}
    for at in np.argsort(-central, kind="stable").tolist():
        one = statements[at]
        if one.voice in found or likeness[at].max() >= ALONE or not _stands_alone(one) or _is_told(one, told):
            continue
        if excerpt := _excerpt(one, SILENT, told, ()):
            found[one.voice] = excerpt
    return list(found.values())[:ONLY]


def _stands_alone(one: Statement) -> bool:
    """Whether a statement names something, and does not begin with a word that points to another sentence."""
    return words(one.text)[0] not in POINTING and bool(numbers(one.text) or names(one.text))


def _is_told(one: Statement, told: Sequence[Told]) -> bool:
    """Whether an article of another voice has most of the statement's words, in whatever sentences."""
    others = [f"{other.article.title} {other.text}" for other in told if other.voice != one.voice]
    return max(overlap_scores(one.text, others), default=0.0) >= TOLD


def _excerpt(one: Statement, stance: Stance, told: Sequence[Told], beside: Sequence[Statement]) -> Excerpt | None:
    """The statement as its article has it, with the words marked that it shares with those beside it; None when they are not there."""
    teller = told[one.number]
    passage = Passage(0, teller.text, 0, len(teller.text), teller.article, teller.copies)  # the whole article, which no index knows
    return make_excerpt(Window(passage, one.text, one.start, one.end), stance, teller.text, " ".join(other.text for other in beside))
