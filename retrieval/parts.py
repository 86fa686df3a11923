"""The plain facts of a claim compared apart: which stands in the report that speaks of it, and which belongs to another event.

"The American text was adopted by 93 votes to 18": of the report on the American text 93 is right and 18 differs; 18 stands in the report on
the other vote. No model is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from retrieval.anchors import names
from retrieval.facts.quantities import quantities
from retrieval.facts.quantity import Quantity
from retrieval.facts.sameness import same_thing, same_value, satisfies
from retrieval.nearest import overlap_scores
from retrieval.reading.clauses import clauses
from retrieval.text import Span, sentences, words
from retrieval.types import ArticleRef, Part, Standing, Window

FEWEST = 2  # quantities that a claim must have before they are told apart
# Share of the claim's other words that a sentence must have to be what the claim speaks of (weighted by rarity among the candidates).
ABOUT = 0.34
NAMED = 0.2  # the same of a sentence that has a name of the claim
SAME_WORDS = 0.8  # the same share of a report of the same vote with other numbers: of another vote, one says what it was on
SAME_VOTE = timedelta(days=3)  # between two reports that give one count otherwise; later, it may be another vote on the same


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    start: int  # in its article
    article: ArticleRef


@dataclass(frozen=True, slots=True)
class _Near:
    sentence: _Sentence
    called: int  # names of the claim
    score: float  # share of the claim's words beside its quantities, weighted by rarity among the candidates; to one place


def parts_of(claim: str, windows: Sequence[Window]) -> tuple[Part, ...]:
    """The quantities of a claim with what the windows' sentences say of each, in its order; none where all stand alike.

    The sentence that has most of the claim's other words is what the claim speaks of. A fact that this gives otherwise differs; where
    another sentence has it that in turn gives something else for what the first confirms, it is of that other event.
    """
    wanted = _facts(claim)
    if len(wanted) < FEWEST:
        return ()
    near = _about(claim, wanted, _sentences(windows))
    if not near:
        return ()
    first, *others = (each.sentence for each in near)
    parts = tuple(_part(one, wanted, first, others) for one in wanted)
    told = {part.standing for part in parts} - {Standing.OPEN}
    return parts if len({part.standing for part in parts}) > 1 and told & {Standing.DIFFERS, Standing.ELSEWHERE} else ()


@dataclass(frozen=True, slots=True)
class Count:
    """What the sentence that a claim of several numbers speaks of says to them."""

    right: bool  # all that it has are the claim's; else at least one is given otherwise
    windows: frozenset[Window]  # those that hold the sentence
    otherwise: frozenset[Window]  # other reports of these days that say what the claim says, with another number


def count_of(claim: str, windows: Sequence[Window]) -> Count | None:
    """Whether the claim's count of one vote, toll or score is the one of the report that speaks of it; None where that is not plain.

    Plain is what has FEWEST numbers to compare, of which one at least is the claim's: then the sentence tells of the same count.
    """
    wanted = _facts(claim)
    near = _about(claim, wanted, _sentences(windows)) if len(wanted) >= FEWEST else []
    if not near:
        return None
    first, *others = near
    told = [found for one in wanted if (found := compared(one, first.sentence.text))]
    agreeing = sum(right for right, _ in told)
    if len(told) < FEWEST or not agreeing:
        return None
    same = [each for each in others if _is_of_the_same(claim, first, each)]
    otherwise = [each for each in same if any(_differs(one, each.sentence.text) for one in wanted)]
    return Count(agreeing == len(told), _holding(windows, [first]), _holding(windows, otherwise))


def _holding(windows: Sequence[Window], some: Sequence[_Near]) -> frozenset[Window]:
    return frozenset(window for window in windows if any(each.sentence.text in window.text for each in some))


def _is_of_the_same(claim: str, first: _Near, other: _Near) -> bool:
    """Whether another article's sentence has the claim's names and nearly all that it says beside its numbers, and is of the same days."""
    one, two = first.sentence.article, other.sentence.article
    if one.id == two.id or other.called < len(names(claim)) or other.score < SAME_WORDS:
        return False
    return one.published_at is None or two.published_at is None or abs(one.published_at - two.published_at) <= SAME_VOTE


def _facts(claim: str) -> list[Quantity]:
    """The quantities of a claim that say what they count or measure."""
    return [one for one in quantities(claim) if not one.ordinal and (one.noun or one.role or one.unit)]


def _part(one: Quantity, wanted: Sequence[Quantity], first: _Sentence, others: Sequence[_Sentence]) -> Part:
    span = (one.start, one.end)
    here = compared(one, first.text)
    if here is not None and here[0]:
        return _found(span, Standing.AGREES, here[1], first)
    for other in others:
        there = compared(one, other.text)
        if there is not None and there[0]:
            if here is not None or _another_event(one, wanted, first, other):
                return _found(span, Standing.ELSEWHERE, there[1], other)
            return _found(span, Standing.AGREES, there[1], other)
    return _found(span, Standing.DIFFERS, here[1], first) if here is not None else Part(span, Standing.OPEN)


def _another_event(one: Quantity, wanted: Sequence[Quantity], first: _Sentence, other: _Sentence) -> bool:
    """Whether the other sentence gives something else for a fact that the first confirms: it tells of another vote, another day."""
    for fact in wanted:
        here, there = compared(fact, first.text), compared(fact, other.text)
        if fact is not one and here is not None and here[0] and there is not None and not there[0]:
            return True
    return False


def compared(wanted: Quantity, text: str) -> tuple[bool, Quantity] | None:
    """Whether a text's quantity of the same thing is the wanted one, and that quantity; None where it has none to compare."""
    offered = quantities(text)
    comparable = [one for one in offered if same_thing(wanted, one, alone=False)]
    meeting = [one for one in comparable if satisfies(one, wanted)] or [one for one in offered if _named_alike(wanted, one)]
    if meeting:
        return True, min(meeting, key=lambda one: abs(one.low - wanted.low))
    if comparable and not wanted.partial and not any(one.partial for one in comparable):
        return False, min(comparable, key=lambda one: abs(one.low - wanted.low))
    return None


def _named_alike(wanted: Quantity, one: Quantity) -> bool:
    """An equal number of what has the same name or role, or none: "33" of "33 votes", not "three" of "three experts"."""
    alike = wanted.noun == one.noun or wanted.role == one.role != ""
    return alike and same_value(wanted, one)


def _found(span: Span, standing: Standing, quantity: Quantity, where: _Sentence) -> Part:
    return Part(span, standing, where.text[quantity.start : quantity.end], where.article)


def _about(claim: str, wanted: Sequence[Quantity], found: Sequence[_Sentence]) -> list[_Near]:
    """The sentences that can be compared, those with most of the claim's other words first, then with most of its quantities."""
    rest = claim
    for one in wanted:
        rest = rest[: one.start] + " " * (one.end - one.start) + rest[one.end :]
    scores = overlap_scores(rest, [each.text for each in found])
    able = [(score, each) for score, each in zip(scores, found, strict=True) if any(compared(one, each.text) for one in wanted)]
    called = names(claim)
    near = [_Near(each, len(called & frozenset(words(each.text))), round(score, 1)) for score, each in able]
    meeting = [sum(_meets(one, each.text) for one in wanted) for _, each in able]
    best, most = max((score for score, _ in able), default=0.0), max((each.called for each in near), default=0)
    if not able or (best < (NAMED if most else ABOUT) and max(meeting) < FEWEST):
        return []

    def rank(at: int) -> tuple[float, float, float]:
        # Without a name to tell by, the sentence that has most of the numbers is the one; with one, a mixed-up number must not decide.
        return (-near[at].called, -near[at].score, -meeting[at]) if most else (0, -meeting[at], -near[at].score)

    return [near[at] for at in sorted(range(len(near)), key=rank)]


def _meets(one: Quantity, text: str) -> bool:
    found = compared(one, text)
    return found is not None and found[0]


def _differs(one: Quantity, text: str) -> bool:
    found = compared(one, text)
    return found is not None and not found[0]


def _sentences(windows: Sequence[Window]) -> list[_Sentence]:
    """The clauses of the windows' sentences, each once."""
    found: dict[tuple[int, int], _Sentence] = {}
    for window in windows:
        for start, end in pieces(window.text):
            key = (window.passage.article.revision_id, window.start + start)
            found.setdefault(key, _Sentence(window.text[start:end], window.start + start, window.passage.article))
    return list(found.values())


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[Span, ...]:
    """Spans of the clauses of a text's sentences."""
    return tuple((start + first, start + last) for start, end in sentences(text) for first, last in clauses(text[start:end]))
