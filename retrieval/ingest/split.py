"""Article text -> passages: what is embedded, searched and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.text import Span, sentences

PASSAGE_WORDS = 90  # a passage takes whole sentences up to about this many words; more only when it holds less than half so far
LONGEST_SENTENCE_WORDS = 150  # a longer sentence is cut: no passage may outgrow what the models read
TINY_WORDS = 15  # a last passage with fewer new words joins the one before

# Scripts without spaces, and walls of characters, have no words to count: there this many characters count as one.
# English has about 6 characters a word with its space, so in spaced scripts the words decide.
_CHARACTERS_A_WORD = 12
_TOKEN = re.compile(r"\S+")
_ENDS_CLAUSE = re.compile(r"[,;:)\u2013\u2014\uff0c\u3001\uff1b\uff1a][\"'\u201d\u2019)]*$")


def split(text: str, language: str = "en") -> list[Span]:
    """Spans of the passages of `text`, in order of start and of end; [] for a text of white space.

    Every character that is not white space lies in a passage, and no passage begins or ends with white space. A passage begins with the
    last sentence of the one before, unless that sentence is over half of a passage or leaves no room for the next one. None is longer
    than LONGEST_SENTENCE_WORDS + TINY_WORDS words. The same text gives the same spans.
    """
    pieces = [piece for sentence in sentences(text, language) for piece in _cut(text, sentence)]
    sizes = [_size(text, piece) for piece in pieces]
    passages: list[Span] = []
    fresh = 0  # the first piece that no passage holds yet
    while fresh < len(pieces):
        if passages and _is_tiny(text, (pieces[fresh][0], pieces[-1][1])):
            passages[-1] = (passages[-1][0], pieces[-1][1])
            break
        first = _start_with_overlap(sizes, fresh)
        end = _end(sizes, first, fresh)
        passages.append((pieces[first][0], pieces[end - 1][1]))
        fresh = end
    return passages


def _cut(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence itself, or its pieces when it is too long; only white space, if anything, lies between them."""
    start, end = sentence
    while _is_too_long(text, start, end):
        stop = _cut_point(text, start, end)
        yield start, stop
        start = stop
        while text[start].isspace():  # a sentence ends with a character that is none, so this stops
            start += 1
    yield start, end


def _is_too_long(text: str, start: int, end: int) -> bool:
    most = LONGEST_SENTENCE_WORDS * _CHARACTERS_A_WORD
    # Looking no further than the limit keeps a sentence of a million characters linear.
    return end - start > most or len(text[start:end].split()) > LONGEST_SENTENCE_WORDS


def _cut_point(text: str, start: int, end: int) -> int:
    """After the last clause in the second half of what fits, else the last word that fits, else wherever the room ends."""
    room = min(end, start + PASSAGE_WORDS * _CHARACTERS_A_WORD)
    tokens = [match for match in _TOKEN.finditer(text, start, room)]
    if tokens[-1].end() == room < end and not text[room].isspace():
        tokens.pop()  # the room's end cuts this word in two
    tokens = tokens[:PASSAGE_WORDS]
    if not tokens:
        return room
    for token in reversed(tokens[len(tokens) // 2 :]):
        if _ENDS_CLAUSE.search(token.group()):
            return token.end()
    return tokens[-1].end()


def _size(text: str, piece: Span) -> int:
    start, end = piece
    return max(len(text[start:end].split()), -((start - end) // _CHARACTERS_A_WORD))


def _is_tiny(text: str, rest: Span) -> bool:
    # Counted over the whole rest: two sentences without a space between them would count a word twice. The length is looked at first,
    # so that a long rest is not counted again for every passage.
    return rest[1] - rest[0] <= TINY_WORDS * _CHARACTERS_A_WORD and _size(text, rest) < TINY_WORDS


def _start_with_overlap(sizes: list[int], fresh: int) -> int:
    if fresh == 0:
        return 0
    overlap = sizes[fresh - 1]
    fits = overlap <= PASSAGE_WORDS // 2 and overlap + sizes[fresh] <= LONGEST_SENTENCE_WORDS
    return fresh - 1 if fits else fresh


def _end(sizes: list[int], first: int, fresh: int) -> int:
    """Exclusive: at least one piece more than the passage before, then as many as fit."""
    total, end = sum(sizes[first : fresh + 1]), fresh + 1
    while end < len(sizes) and total + sizes[end] <= _room(total):
        total += sizes[end]
        end += 1
    return end


def _room(total: int) -> int:
    # Less than half of a passage would say little alone, and the next passage would only repeat it: rather one that is too long.
    return LONGEST_SENTENCE_WORDS if total <= PASSAGE_WORDS // 2 else PASSAGE_WORDS
