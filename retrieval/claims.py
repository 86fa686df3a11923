"""From what a person wrote to what can be checked: one claim given alone, or the check-worthy clauses of a post (reading/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.errors import BadClaim, sentence
from retrieval.reading.clauses import clauses
from retrieval.reading.language import foreign
from retrieval.reading.markup import blanked, links, plain
from retrieval.reading.pointing import CONNECTOR, Referent, context, referent
from retrieval.reading.speech import speech_in
from retrieval.reading.trimming import core
from retrieval.reading.worth import BAR, LEAST, worth
from retrieval.text import Span, content_words, normalise, sentences, words
from retrieval.types import Claim

MAX_CLAIM = 4_000  # characters; the longest message that Discord lets anyone write
MAX_POST = 20_000  # characters; a long forum post or opinion piece, still read in well under a second

_CHATTER = frozenset("lol lmao haha ok okay yes yeah yep no nope nah hi hello hey thanks thx wow omg bro bruh wtf idk hmm".split())

# In chat a sentence may begin with a small letter. "!!" and "..." end one anywhere, "." where hardly any begins with a capital.
_STOP = re.compile(r"(?<![.!?…])(?P<stop>[.!?…]++)\s+(?=[a-z0-9])")
_LOUD_STOP = re.compile(r"(?P<stop>(?<![!?])[!?]++|\.{3}|…)\s+(?=[a-z])")
_ENDING = re.compile(r"\s*(?P<sign>[.!?:]*)")
LOOSE = 0.012  # share of capitals under which a post is written without them
_CAPITAL = re.compile(r"[.!?…]\s+[A-Z]")

_EMPTY = sentence(
    "The text is empty. Send the statement that you want checked, such as “The council voted on Tuesday to close the bridge”."
)
_NO_WORDS = sentence(
    "The text has no words besides links, mentions or symbols. "
    "Send the statement itself, such as “The council voted on Tuesday to close the bridge”."
)
_NO_STATEMENT = sentence(
    "The text makes no statement that could be checked. Send a whole sentence, such as “The council voted on Tuesday to close the bridge”."
)
_NOTHING_FOUND = sentence(
    "No sentence of the post states something that news could confirm or deny. "
    "Send one that does, such as “The council voted on Tuesday to close the bridge”."
)
_FOREIGN = sentence("The models here read English; this text is in {language}. Send the claim in English.")
_TOO_LONG = sentence("The text has {length:,} characters; at most {limit:,} can be read. Send only the part that you want checked.")


@dataclass(frozen=True, slots=True)
class Post:
    """A post and what in it can be checked: for each claim, text[start:end] of its span is claim.text, and no two spans overlap."""

    text: str  # as written, but normalised
    claims: tuple[Claim, ...]  # the most check-worthy, in the order of the post
    left_out: tuple[Claim, ...] = ()  # check-worthy too, but beyond the limit; in the order of the post
    links: tuple[str, ...] = ()  # addresses that it links to, in its order, each once
    ranking: tuple[int, ...] = ()  # places in `left_out`, the most check-worthy first


def parse_claim(text: str) -> Claim:
    """The one claim that a person gave, in one line without mentions, links, emoji and Markdown. A question is taken as a claim.

    Raises BadClaim when it is empty, over MAX_CLAIM characters, without a statement, or not in English.
    """
    whole = _readable(text, MAX_CLAIM)
    said = plain(whole)
    complaint = _complaint(said) if whole.strip() else BadClaim(_EMPTY)
    if complaint:
        raise complaint
    return _with_speech(Claim(said))


def find_claims(post: str, limit: int = 12) -> Post:
    """The check-worthy clauses of a post, at most `limit` (1 or more), each with the earlier words that it points back to.

    The most check-worthy are kept, the earlier of equals; one that repeats an earlier one word for word is skipped. A post of one
    clause gives that clause, one without any that reaches the bar the best that is near it.

    Raises BadClaim when there is none, or the post is over MAX_POST characters.
    """
    if limit < 1:
        raise ValueError("limit must be 1 or more")
    text = _readable(post, MAX_POST)
    shown, spans = _cut(text)
    if not text.strip():
        raise BadClaim(_EMPTY)
    if not words(shown):
        raise BadClaim(_NO_WORDS)
    if language := foreign(shown):
        raise BadClaim(_FOREIGN, language=language)
    if len(spans) == 1:
        if complaint := _complaint(plain(text[slice(*spans[0])])):
            raise complaint
        return Post(text, (_claim(text, shown, spans, 0),), links=links(text))
    ranked = sorted(_worthy(shown, spans), key=lambda found: -found[0])
    if not ranked or ranked[0][0] < LEAST:
        raise BadClaim(_NOTHING_FOUND)
    ranked = [found for found in ranked if found[0] >= BAR] or ranked[:1]
    kept, left = ([_claim(text, shown, spans, at) for at in sorted(at for _, at in part)] for part in (ranked[:limit], ranked[limit:]))
    places = sorted(at for _, at in ranked[limit:])
    return Post(text, tuple(kept), tuple(left), links(text), tuple(places.index(at) for _, at in ranked[limit:]))


def statement(claim: Claim) -> str:
    """What is judged: the claim's own words without the "However," that tied it to its post, and with what its pronoun stands for."""
    return _as_sentence(claim.text, claim)


def said_by(claim: Claim) -> Claim | None:
    """Of reported speech, the words said as a claim of their own; None of others."""
    return Claim(claim.said, context=claim.context) if claim.said else None


def _as_sentence(text: str, claim: Claim) -> str:
    rest = CONNECTOR.sub("", plain(text), count=1)
    if claim.pointer and rest.lower().startswith(claim.pointer.lower()):
        rest = claim.referent + rest[len(claim.pointer) :]
    return rest[:1].upper() + rest[1:] if rest else text


def _readable(text: str, limit: int) -> str:
    """The normalised text. Raises BadClaim above the limit, before any pattern runs over it."""
    # Half of a surrogate pair, as JSON can carry it, is no text and would break the sentence splitter.
    whole = normalise(text.encode("utf-8", "replace").decode("utf-8"))
    if len(whole) > limit:
        raise BadClaim(_TOO_LONG, length=len(whole), limit=limit)
    return whole


def _complaint(said: str) -> BadClaim | None:
    """What keeps this text from being checked, as an error to raise; None when nothing does."""
    if not any(letter.isalnum() for letter in said):
        return BadClaim(_NO_WORDS)
    if len(said) > MAX_CLAIM:
        return BadClaim(_TOO_LONG, length=len(said), limit=MAX_CLAIM)
    if language := foreign(said):
        return BadClaim(_FOREIGN, language=language)
    if sum(word not in _CHATTER for word in content_words(said)) < 2:
        return BadClaim(_NO_STATEMENT)
    return None


def spans_of(post: str) -> tuple[str, list[Span]]:
    """A post with spaces for what is no statement, and the spans of all its clauses. Raises BadClaim when it is too long."""
    return _cut(_readable(post, MAX_POST))


def _cut(text: str) -> tuple[str, list[Span]]:
    shown = blanked(text)
    return shown, list(_clauses(shown))


def _clauses(shown: str) -> Iterator[Span]:
    """Spans of all clauses that have words."""
    for start, end in _sentences(shown):
        for first, last in clauses(shown[start:end]):
            begin, stop = core(shown[start + first : start + last])
            if words(shown[start + first + begin : start + first + stop]):
                yield start + first + begin, start + first + stop


def _sentences(shown: str) -> Iterator[Span]:
    """Spans of the sentences, also of those that nobody began with a capital letter."""
    loose = len(_CAPITAL.findall(shown)) < len(_STOP.findall(shown)) / 2
    for start, end in sentences(shown):
        at = start
        for match in (_STOP if loose else _LOUD_STOP).finditer(shown, start, end):
            if match.end() < end:
                yield at, match.start("stop") + len(match["stop"])
                at = match.end()
        yield at, end


def _worthy(shown: str, spans: Sequence[Span]) -> Iterator[tuple[float, int]]:
    """(worth, place) of each clause that is worth LEAST or more."""
    seen: set[tuple[str, ...]] = set()
    for at, (clause, score) in enumerate(weighed(shown, spans)):
        said = tuple(words(clause))
        if score >= LEAST and said not in seen and not _complaint(clause):
            seen.add(said)
            yield score, at


def weighed(shown: str, spans: Sequence[Span]) -> Iterator[tuple[str, float]]:
    """Each clause in one line, and how check-worthy it is."""
    for surrounded in settings_of(shown, spans):
        yield surrounded.clause, worth(surrounded.clause, surrounded.ending, loose=surrounded.loose, alone=surrounded.alone)


@dataclass(frozen=True, slots=True)
class Setting:
    """A clause in one line, and what its place in the post tells: see `worth`."""

    clause: str
    ending: str
    loose: bool
    alone: bool


def settings_of(shown: str, spans: Sequence[Span]) -> Iterator[Setting]:
    """The setting of each clause."""
    loose = sum(map(str.isupper, shown)) < LOOSE * len(shown)
    for start, end in spans:
        line = shown[shown.rfind("\n", 0, start) + 1 : (shown.find("\n", end) + 1 or len(shown) + 1) - 1]
        after = _ENDING.match(shown, end)
        ending = shown[end - 1] if shown[end - 1] in "?!:" else after.group("sign")[-1:] if after else ""
        alone = line.strip() == shown[start:end].strip() and line.rstrip()[-1:] not in {".", "!", "?"}
        yield Setting(" ".join(shown[start:end].split()), ending, loose, alone)


def _claim(text: str, shown: str, spans: Sequence[Span], at: int) -> Claim:
    found: Referent | None = referent(shown, spans, at)
    pointer, stands_for = (found.pointer, found.words) if found else ("", "")
    return _with_speech(Claim(text[slice(*spans[at])], spans[at], context(shown, spans, at), pointer=pointer, referent=stands_for))


def _with_speech(claim: Claim) -> Claim:
    found = speech_in(claim.text)
    return replace(claim, speaker=claim.text[slice(*found.speaker)], said=claim.text[slice(*found.said)]) if found else claim
