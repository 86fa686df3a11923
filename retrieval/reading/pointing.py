"""What a claim points back to: "this resolution", "it", "the vote", and the earlier words that say what that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from retrieval.reading.tags import tagged
from retrieval.reading.worth import any_of
from retrieval.text import Span, content_words, words

CONTEXT_WORDS = 60  # two sentences of news; more would drown the claim itself in the search
CONTEXT_SENTENCES = 2
CONTEXT_REACH = 4  # clauses looked back for the words that "this resolution" repeats

CONNECTOR = re.compile(
    r"^\W*(?:however|notably|moreover|furthermore|meanwhile|instead|still|also|then|later|but|and|yet|so|indeed|as a result)\b[\s,]*", re.I
)
_SOON = "(?:week|month|year|morning|afternoon|evening|summer|winter|spring|autumn|time|days|who)"  # "this week" points to the calendar
_ALONE = re.compile(rf"(?:it(?: is|['’]s| was| has been) (?:\w+ ){{1,2}}(?:that|to)|th(?:is|ese) {_SOON})\b", re.I)
_PRONOUN = any_of(
    "it he she they its his her their this these those such both that_(is|was|has|had|would|means|led)",
    "(it|he|she|they|that)['’](s|d|ll|re|ve) the_(two|latter|former|pair|same)",
)
_THING = (
    "(?:vote|move|decision|resolution|measure|bill|law|ruling|verdict|plan|proposal|deal|agreement|treaty|talks|offer|idea|policy|shift|change|ban"
    "|attack|strike|raid|incident|accident|crash|fire|protest|rally|election|report|study|survey|statement|announcement|claim|allegation"
    "|company|firm|group|agency|project|program(?:me)?|meeting|summit|document|letter|video|suspect|victim|increase|cut)s?"
)
_BACK = re.compile(
    rf"\b(?:this|these|those)(?! {_SOON}\b| (?:of|in)\b) [\w.’'-]+(?: [\w-]+)?"
    rf"|\bthe {_THING}\b(?!['’]|[ ,]*(?:of|on|to|for|that|in|by|at|against|between|with|over|about|from|called|which|who)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Referent:
    """What a claim's first words stand for, in the post's own words."""

    pointer: str  # "It", "This resolution"
    words: str  # "the American text"


def context(shown: str, spans: Sequence[Span], at: int) -> str:
    """The nearest earlier clause that the one at `at` points back to, and the one that this points back to; "" if it does not."""
    found: list[str] = []
    while len(found) < CONTEXT_SENTENCES and (before := _antecedent(shown, spans, at)) is not None:
        said = shown[slice(*spans[before])].split()
        if found and len(said) + len(" ".join(found).split()) > CONTEXT_WORDS:
            break
        found.insert(0, " ".join(said[:CONTEXT_WORDS]))
        at = before
    return " ".join(found)


def referent(shown: str, spans: Sequence[Span], at: int, depth: int = 2) -> Referent | None:
    """What the subject of a clause stands for, where that is safe: a pronoun that the subject of the clause before agrees with.

    None in every other case: the context then goes to the search, and is shown.
    """
    clause = shown[slice(*spans[at])]
    tokens = tagged(CONNECTOR.sub("", clause))
    if not at or not tokens or tokens[0].word not in _STANDS_FOR:
        return None
    wanted = _STANDS_FOR[tokens[0].word]
    before = shown[slice(*spans[at - 1])]
    if _UNLIKE[tokens[0].word].intersection(words(before)):
        return None
    found = _subject(before)
    if found is None and depth:
        earlier = referent(shown, spans, at - 1, depth - 1)
        found = (earlier.words, _kind(earlier.words)) if earlier else None
    if found is None or found[1] not in wanted:
        return None
    pointer = CONNECTOR.sub("", clause)
    return Referent(pointer[tokens[0].start : tokens[0].end], found[0])


_THING_, _PERSON, _MANY = "thing", "person", "many"
# "This" alone is not among them: in "The yard was closed. This cost 400 jobs." it is the closing.
_STANDS_FOR = {"it": {_THING_}, "he": {_PERSON}, "she": {_PERSON}, "they": {_MANY}}
# What the clause before cannot say of its subject where the pronoun stands for that: of "Oren Steel sold its yard" no "he".
_UNLIKE = {
    "he": frozenset("she her hers herself its itself".split()),
    "she": frozenset("he his himself its itself".split()),
    "it": frozenset("he his himself she her hers herself".split()),
    "they": frozenset[str](),
}
_ROLES = frozenset(
    "president minister mayor chairman chairwoman chair king queen pope judge captain coach director secretary governor senator "
    "spokesman spokeswoman spokesperson ambassador chief officer player chancellor commissioner engineer professor doctor".split()
)


def _subject(clause: str) -> tuple[str, str] | None:
    """The words of a clause's subject and their kind, where it is plain: a name or "the ..." at its start, and then its verb."""
    rest = CONNECTOR.sub("", clause)
    tokens = tagged(rest)
    verb = next((i for i, token in enumerate(tokens) if token.finite or token.past), None)
    if (
        not verb
        or verb > 8
        or any(token.tag in {"PUN", "CJC", "CJT", "CJS"} or token.tag.startswith(("PN", "PRP", "DTQ")) for token in tokens[:verb])
    ):
        return None
    words = rest[tokens[0].start : tokens[verb - 1].end]
    while verb and tokens[verb - 1].tag.startswith(("AV", "XX")):
        verb -= 1
        words = rest[tokens[0].start : tokens[verb - 1].end]
    if not verb or tokens[0].word in {"this", "that", "these", "those", "there", "its", "his", "her", "their"}:
        return None
    if sum(token.tag == "AT0" for token in tagged(words)) > 1 and " of " not in words:  # "the same day the council"
        return None
    return words, _kind(words)


def _kind(words: str) -> str:
    tokens = tagged(words)
    last = next((token for token in reversed(tokens) if token.tag.startswith(("NN", "NP"))), None)
    names = re.findall(r"\b[A-Z][a-z’'-]+", words)
    if last is not None and last.tag in {"NN2", "NN0"} and words.split()[-1].islower():  # NN0: "people", "police"
        return _MANY
    if any(token.word in _ROLES for token in tokens) or (len(names) == 2 and tokens[0].tag.startswith("NP") and " " in words):
        return _PERSON
    return _THING_


def _antecedent(shown: str, spans: Sequence[Span], at: int) -> int | None:
    """The place of the sentence that holds what this one points back to: one that shares a word with it, else the nearest."""
    pointer = _pointer(" ".join(shown[slice(*spans[at])].split()))
    if pointer is None:
        return None
    earlier = (place for place in range(at - 1, -1, -1) if len(content_words(shown[slice(*spans[place])])) > 2)
    nearest = list(islice(earlier, CONTEXT_REACH))
    stems = _stems(pointer)
    return next((place for place in nearest if stems & _stems(shown[slice(*spans[place])])), nearest[0] if nearest else None)


def _pointer(sentence: str) -> str | None:
    """The words by which a sentence points back; None when it stands by itself."""
    start = CONNECTOR.sub("", sentence)
    if _ALONE.match(start):
        return None
    match = _BACK.search(sentence) or _PRONOUN.match(start)
    return match.group() if match else None


def _stems(text: str) -> set[str]:
    # Four letters join "vote" to "voted" and "voters"; a false friend costs no more than a sentence of context.
    return {word[:4] for word in content_words(text) if len(word) > 3}
