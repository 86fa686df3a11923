"""A sentence to the clauses that each state a thing of their own: those with a subject and a verb, joined by "and", "while", a semicolon.

Clauses that depend on another ("after", "because", "which", "that") stay with it, and so do two verbs of one subject, and all counts of one
vote or toll. Works on tags of words, without a parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.reading.counting import same_count
from retrieval.reading.tags import MAX_TOKENS, Token, tagged
from retrieval.text import Span

_JOINS = frozenset("and but while whereas although though yet so plus".split())
_SIGNS = frozenset(";:–—")
_FRONTED = frozenset("while whereas although though".split())
_PARTS = frozenset(",()[]")
# What opens a clause that depends on the one before.
_DEPENDENT = frozenset(
    "after before when because since if unless until till as that who which whom whose where whether how why what once".split()
)
_ADVERBIAL = frozenset("after before when because since if unless until till once as".split())
_NOUNS = ("NN", "NP", "PN", "DT", "EX", "CRD", "DP")
_SUBJECT = ("NN", "NP", "PN", "DT", "AT", "DP", "CRD", "ORD", "EX", "AJ")
_MODIFIERS = ("AV", "XX")
_OPEN, _CLOSE, _EITHER = "“«", "”»", '"'


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int  # of its tokens
    last: int


def clauses(sentence: str) -> list[Span]:
    """Spans of the clauses of one sentence, in order, without what joins them; the last keeps its stop. One at least for words that
    are more than "and" and the like.

    Beyond MAX_TOKENS nothing is split.
    """
    tokens = tagged(sentence)
    *whole, rest = [*_pieces(sentence, tokens[:MAX_TOKENS])] or [_Piece(0, -1)]
    pieces = [_trimmed(tokens, piece) for piece in (*whole, _Piece(rest.first, len(tokens) - 1))]
    spans = [(tokens[piece.first].start, tokens[piece.last].end) for piece in pieces if piece.first <= piece.last]
    return [*spans[:-1], (spans[-1][0], len(sentence.rstrip()))] if spans else []


def _pieces(sentence: str, tokens: Sequence[Token]) -> Iterator[_Piece]:
    begin = 0
    for at, after in _breaks(tokens):
        if at <= begin:
            continue
        left, right = _Piece(begin, at - 1), _Piece(after, len(tokens) - 1)
        stands = tokens[at].word == ":" or _stands(tokens, left)
        if stands and _own_subject(tokens, right) and not _one_matter(sentence, tokens, left, at, right):
            yield left
            begin = after
    if begin < len(tokens):
        yield _Piece(begin, len(tokens) - 1)


def _breaks(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """(first token after the clause before, first token of the clause that follows), wherever a clause might end; none inside quotes."""
    quoted, nested = False, 0
    for at, token in enumerate(tokens):
        # A quotation may have begun in an earlier sentence: only straight marks, which are alike, are taken to open and close in turn.
        quoted = token.word in _OPEN or (quoted and token.word not in _CLOSE) if token.word != _EITHER else not quoted
        nested = max(0, nested + (token.word in "([") - (token.word in ")]"))  # "a)" and ":)" close nothing
        if quoted or nested:
            continue
        after = at + 1
        if token.word in _SIGNS:
            while after < len(tokens) and tokens[after].word in _JOINS:
                after += 1
            yield at, after
        elif token.word in _JOINS and at and tokens[at - 1].word not in _SIGNS:
            yield (at - 1 if tokens[at - 1].word == "," else at), after
        elif token.word == "," and after < len(tokens) and tokens[after].word not in _JOINS:
            yield at, after


def _stands(tokens: Sequence[Token], piece: _Piece) -> bool:
    """Whether the clause has a subject and a verb."""
    verb = _verb(tokens, piece.first, piece.last + 1)
    return verb is not None and any(tokens[i].tag.startswith(_SUBJECT) for i in range(piece.first, verb))


def _own_subject(tokens: Sequence[Token], piece: _Piece) -> bool:
    """Whether the clause begins with a subject of its own, then its verb."""
    start, end = piece.first, piece.last + 1
    if start < end and tokens[start].word in _ADVERBIAL:  # "and when the dam broke, the town was flooded"
        start = next((i + 1 for i in range(start, end) if tokens[i].word == ","), end)
    if start >= end or _depends(tokens[start]):
        return False
    end = min(end, _end(tokens, start, end))
    verb = _verb(tokens, start, end)
    if verb is None:
        return False
    before = [token for token in tokens[start:verb] if not token.tag.startswith(_MODIFIERS) and token.word not in _PARTS]
    return any(token.tag.startswith(_NOUNS) for token in before)


def _end(tokens: Sequence[Token], start: int, end: int) -> int:
    """Before where the clause that begins there must have had its verb: a sign or comma with a joining word, "because" and the like."""
    for at in range(start + 1, end):
        if tokens[at].word in _SIGNS or (tokens[at].word in _ADVERBIAL and tokens[at].tag.startswith("CJ")):
            return at
        if tokens[at].word in _JOINS and tokens[at - 1].word == ",":
            return at
    return end


def _verb(tokens: Sequence[Token], start: int, end: int) -> int | None:
    """The place of the first verb that carries the clause, not one of a clause that depends on it."""
    hanging = False
    for at in range(start, end):
        token = tokens[at]
        if at > start and _depends(token):
            hanging = tokens[at - 1].word not in {"after", "before", "since", "of", "in", "for"}  # "after that" is a time
        elif token.word == ",":
            hanging = False
        carries = token.finite or (token.past and at > start and _active(tokens, at))
        if carries and not hanging:
            return at
        hanging = hanging and not carries
    return None


def _depends(token: Token) -> bool:
    """Whether a word opens a clause that depends on another."""
    return token.word in _DEPENDENT and token.tag.startswith(("CJS", "CJT", "PNQ", "DTQ", "AVQ"))


def _active(tokens: Sequence[Token], at: int) -> bool:
    """Whether an -ed form that was taken for a participle may be the past tense: a noun before it, no "by" after it."""
    before = at - 1
    while before >= 0 and tokens[before].tag.startswith(_MODIFIERS):
        before -= 1
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if before < 0 or after == "by":
        return False
    if tokens[before].word == ",":  # "Olsen, the mayor, resigned": the comma closes an apposition
        return any(token.word == "," for token in tokens[max(0, before - 12) : before])
    return tokens[before].tag.startswith(("NN", "NP", "PN", "CRD", "PUN"))


def _one_matter(sentence: str, tokens: Sequence[Token], left: _Piece, at: int, right: _Piece) -> bool:
    """Whether what follows belongs to the clause before: said by the same person, waiting on the same "because", or counting on."""
    joined = tokens[right.first - 1].word
    before, after = sentence[tokens[left.first].start : tokens[left.last].end], sentence[tokens[right.first].start :]
    if joined != ":" and same_count(before, after):
        return True
    if joined == ":":
        return tokens[left.last].word in _SPEECH
    if joined == ",":
        return _needs_more(tokens, left) or not _is_sentence(tokens, right) or _is_source(tokens, right)
    if tokens[at].word == "," or joined in _SIGNS or joined in _FRONTED:
        return False
    verb = _verb(tokens, left.first, left.last + 1)
    return any(_depends(tokens[i]) and tokens[i].word != "as" for i in range((verb or left.first) + 1, left.last + 1))


def _needs_more(tokens: Sequence[Token], left: _Piece) -> bool:
    """Whether the clause before a comma waits for its main clause: "When the dam broke, ...", not "Although ...", which is one of two."""
    return tokens[left.first].word in _DEPENDENT


def _is_sentence(tokens: Sequence[Token], right: _Piece) -> bool:
    """Whether what follows a mere comma could stand alone: a short subject, not "a man called Averill", and its verb."""
    start = right.first
    while start <= right.last and tokens[start].tag.startswith(_MODIFIERS):
        start += 1
    verb = next((i for i in range(start, right.last + 1) if tokens[i].finite), None)
    if verb is None or verb == start or verb - start > _SUBJECT_WORDS or tokens[start].word in {"a", "an", "some", "half", "more", "most"}:
        return False
    subject = tokens[start:verb]
    if tokens[verb].tag == "VVB" and not any(token.tag.startswith(("PN", "NN2")) for token in subject):
        return False
    plain = not any(token.tag in {"PUN", "PRP", "CJS", "CJT"} or token.tag.startswith(("PNQ", "DTQ", "AVQ")) for token in subject)
    return plain and any(token.tag.startswith(_NOUNS) for token in subject)


_SUBJECT_WORDS = 6


def _is_source(tokens: Sequence[Token], right: _Piece) -> bool:
    """Whether what follows a comma only names who says it: "..., the mayor said on Monday"."""
    verb = _verb(tokens, right.first, right.last + 1)
    return verb is not None and tokens[verb].word in _SPEECH and right.last - verb < _SHORT


_SHORT = 8  # words after "said": when and to whom
_SPEECH = frozenset(
    "said says saying added adds wrote writes told tells asked reads declared stated replied reported reports found announced estimates "
    "think thinks believe believes show shows".split()
)


def _trimmed(tokens: Sequence[Token], piece: _Piece) -> _Piece:
    """Without joining words before it and stops after it."""
    first, last = piece.first, piece.last
    while first <= last and (tokens[first].word in _JOINS or tokens[first].word in ",;:–—-.!?"):
        first += 1
    while last >= first and tokens[last].word in ",;:–—-.!?…":
        last -= 1
    return _Piece(first, last)
