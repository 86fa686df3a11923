"""From what a person wrote to what can be checked: one claim given alone, or the check-worthy sentences of a post (worth.py)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from retrieval.errors import BadClaim, sentence
from retrieval.text import Span, content_words, normalise, sentences, words
from retrieval.types import Claim
from retrieval.worth import BAR, any_of, worth

MAX_CLAIM = 4_000  # characters; the longest message that Discord lets anyone write
MAX_POST = 20_000  # characters; a long forum post or opinion piece, still read in well under a second
LANGUAGE_WORDS = 12  # words a text needs before its language is judged: shorter ones are too often names and titles
CONTEXT_WORDS = 60  # two sentences of news; more would drown the claim itself in the search
CONTEXT_SENTENCES = 2
CONTEXT_REACH = 4  # sentences looked back for the words that "this resolution" repeats

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

# What no reader would call part of the statement. A group stays, the rest of the match goes. Every pattern is linear in the text.
_APART = [
    re.compile(r"<(?:@[!&]?|\#)\d+>|<a?:\w+:\d+>|<t:-?\d+(?::[a-z])?>|<id:\w+>|</[\w -]+:\d+>", re.I),  # mentions, emoji, times
    re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+"),  # emoji and ornaments
    re.compile(r"\[/?(?:quote|b|i|u|s|url|img|code|color|size|font|list|center|spoiler)\b[^\[\]\n]*\]", re.I),  # forum tags
    re.compile(r"^[ \t]*\[[^\[\]\n]{0,80}\b(?:attachment|deleted|removed|edited)\b[^\[\]\n]{0,80}\][ \t]*$", re.I | re.M),
    re.compile(r"^[^\n]{1,120}\.(?:jpe?g|png|gif|webp|bmp|heic|svg|mp[34]|mov|webm|wav|pdf|docx?|zip)[ \t]*$", re.I | re.M),
]
_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"\n]*\")?\)")
_URL = re.compile(r"<?(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?'\")\]”’]>?", re.I)
_LINE_START = re.compile(r"^(?:[ \t]*(?:>+(?:[ \t]+|(?=[^\W\d]|[\"'“]))|-\#[ \t]+|\#{1,6}[ \t]+|[-*+•–][ \t]+|\d{1,2}[.)][ \t]+))+", re.M)
_EMPHASIS = re.compile(r"`+|~~+|\|\||\*+(?=\S)|(?<=\S)\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.S)
_QUOTE_MARK = re.compile(r"^[ \t]*>+[ \t]+", re.M)
_SIGNATURE = re.compile(r"\n--[ ]?\n(?:[^\n]*\n){0,4}[^\n]*\Z")
_HARD_WRAP = re.compile(r"(?<=[^\n]{50}[\w,;-])\n[ \t]*(?=[a-z])")  # a line broken by width, as in e-mail, not by its author

_LATIN = re.compile("[a-zªºß-\u024f\u1e00-\u1eff]", re.I)
_CHATTER = frozenset("lol lmao haha ok okay yes yeah yep no nope nah hi hello hey thanks thx wow omg bro bruh wtf idk hmm".split())
_ENGLISH = frozenset("the and of to that for with by from this are were it has have been its their at not they which".split())
_OTHERS = {  # common words that English lacks; one or two may be part of a name ("van", "la"), so _language asks for three
    "German": frozenset("der das und nicht ist ein eine einen dem den des von mit auf sich für wird auch zu im dass sind hat".split()),
    "French": frozenset("le la les des et est une dans que qui sur pas du au aux ce cette par sont ont été c'est qu'il n'est".split()),
    "Spanish": frozenset("el la los las que y del en una por con para se es un lo su al más como pero".split()),
    "Italian": frozenset("il che di la una con del della dei non è gli sono alla nel si da un anche ha".split()),
    "Portuguese": frozenset("que de da em um uma para com não os dos das ao é na se por mais foi".split()),
    "Dutch": frozenset("de het een van en niet dat zijn voor aan ook wordt naar bij maar uit nog werd heeft".split()),
}


_CONNECTOR = re.compile(
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
class Post:
    """A post and what in it can be checked: for each claim, text[start:end] of its span is claim.text, and no two spans overlap."""

    text: str  # as written, but normalised
    claims: tuple[Claim, ...]  # the most check-worthy, in the order of the post
    left_out: tuple[Claim, ...] = ()  # check-worthy too, but beyond the limit; in the order of the post


def parse_claim(text: str) -> Claim:
    """The one claim that a person gave, in one line without mentions, links, emoji and Markdown. A question is taken as a claim.

    Raises BadClaim when it is empty, over MAX_CLAIM characters, without a statement, or not in English.
    """
    whole = _readable(text, MAX_CLAIM)
    plain = _plain(whole)
    complaint = _complaint(plain) if whole.strip() else BadClaim(_EMPTY)
    if complaint:
        raise complaint
    return Claim(plain)


def find_claims(post: str, limit: int = 12) -> Post:
    """The check-worthy sentences of a post, at most `limit` (1 or more), each with the earlier words that it points back to.

    The most check-worthy are kept, the earlier of equals; a sentence that repeats an earlier one word for word is skipped.
    A post of one sentence gives that sentence. Raises BadClaim when there is none, or the post is over MAX_POST characters.
    """
    if limit < 1:
        raise ValueError("limit must be 1 or more")
    text = _readable(post, MAX_POST)
    shown = _blanked(text)
    if not text.strip():
        raise BadClaim(_EMPTY)
    if not words(shown):
        raise BadClaim(_NO_WORDS)
    if language := _language(shown):
        raise BadClaim(_FOREIGN, language=language)
    spans = [span for span in sentences(shown) if words(shown[slice(*span)])]
    if len(spans) == 1:
        if complaint := _complaint(_plain(text[slice(*spans[0])])):
            raise complaint
        return Post(text, (Claim(text[slice(*spans[0])], spans[0]),))
    ranked = sorted(_worthy(shown, spans), key=lambda found: -found[0])
    if not ranked:
        raise BadClaim(_NOTHING_FOUND)
    kept, left = ([_claim(text, shown, spans, at) for at in sorted(at for _, at in part)] for part in (ranked[:limit], ranked[limit:]))
    return Post(text, tuple(kept), tuple(left))


def statement(claim: Claim) -> str:
    """What is judged: the claim's own words without the "However," that tied it to its post. Its context is for search and anchors."""
    rest = _CONNECTOR.sub("", _plain(claim.text), count=1)
    return rest[:1].upper() + rest[1:] if rest else claim.text


def _readable(text: str, limit: int) -> str:
    """The normalised text. Raises BadClaim above the limit, before any pattern runs over it."""
    # Half of a surrogate pair, as JSON can carry it, is no text and would break the sentence splitter.
    whole = normalise(text.encode("utf-8", "replace").decode("utf-8"))
    if len(whole) > limit:
        raise BadClaim(_TOO_LONG, length=len(whole), limit=limit)
    return whole


def _plain(text: str) -> str:
    """The words alone, in one line."""
    for pattern in _APART:
        text = pattern.sub(" ", text)
    text = _URL.sub(" ", _LINK.sub(r"\1", text))
    return " ".join(_EMPHASIS.sub("", _LINE_START.sub(" ", text)).split())


def _blanked(text: str) -> str:
    """The text with spaces for all that is no statement, so that every offset stays as it was."""
    for pattern in (_CODE_BLOCK, _SIGNATURE, *_APART, _LINK, _URL, _QUOTE_MARK):
        text = pattern.sub(_spaces, text)
    text = _HARD_WRAP.sub(lambda match: " " * len(match.group()), text)
    return _EMPHASIS.sub(_spaces, _LINE_START.sub(_spaces, text))


def _spaces(match: re.Match[str]) -> str:
    kept = match.span(1) if match.re.groups else (match.end(), match.end())
    blank = re.sub(r"[^\n]", " ", match.group())
    return blank[: kept[0] - match.start()] + match.string[slice(*kept)] + blank[kept[1] - match.start() :]


def _complaint(plain: str) -> BadClaim | None:
    """What keeps this text from being checked, as an error to raise; None when nothing does."""
    if not any(letter.isalnum() for letter in plain):
        return BadClaim(_NO_WORDS)
    if len(plain) > MAX_CLAIM:
        return BadClaim(_TOO_LONG, length=len(plain), limit=MAX_CLAIM)
    if language := _language(plain):
        return BadClaim(_FOREIGN, language=language)
    if sum(word not in _CHATTER for word in content_words(plain)) < 2:
        return BadClaim(_NO_STATEMENT)
    return None


def _language(text: str) -> str:
    """The language or script that keeps the models from reading the text; "" for English and whenever in doubt."""
    letters = [letter for letter in unicodedata.normalize("NFKC", text) if letter.isalpha()]  # NFKC: fancy letters are Latin ones
    if sum(not _LATIN.match(letter) for letter in letters) * 2 > len(letters):
        return "another script"
    said = words(text)
    if len(said) < LANGUAGE_WORDS or sum(word in _ENGLISH for word in said) > 0.05 * len(said):
        return ""
    # Three different function words, a fifth of the text: names such as "Rio de la Plata" alone do not reach that.
    share = {name: sum(word in common for word in said) for name, common in _OTHERS.items() if len(common.intersection(said)) >= 3}
    best = max(share, key=lambda name: share[name], default="")
    return best if best and share[best] >= 0.2 * len(said) else ""


def _worthy(shown: str, spans: Sequence[Span]) -> Iterator[tuple[float, int]]:
    """(worth, place) of each sentence at or above the bar."""
    seen: set[tuple[str, ...]] = set()
    for at, span in enumerate(spans):
        sentence = " ".join(shown[slice(*span)].split())
        said, score = tuple(words(sentence)), worth(sentence)
        if score >= BAR and said not in seen and not _complaint(sentence):
            seen.add(said)
            yield score, at


def _claim(text: str, shown: str, spans: Sequence[Span], at: int) -> Claim:
    return Claim(text[slice(*spans[at])], spans[at], _context(text, shown, spans, at))


def _context(text: str, shown: str, spans: Sequence[Span], at: int) -> str:
    """The nearest earlier sentence that the one at `at` points back to, and the one that this points back to; "" if it does not."""
    found: list[str] = []
    while len(found) < CONTEXT_SENTENCES and (before := _antecedent(shown, spans, at)) is not None:
        plain = _plain(text[slice(*spans[before])]).split()
        if found and len(plain) + len(" ".join(found).split()) > CONTEXT_WORDS:
            break
        found.insert(0, " ".join(plain[:CONTEXT_WORDS]))
        at = before
    return " ".join(found)


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
    start = _CONNECTOR.sub("", sentence)
    if _ALONE.match(start):
        return None
    match = _BACK.search(sentence) or _PRONOUN.match(start)
    return match.group() if match else None


def _stems(text: str) -> set[str]:
    # Four letters join "vote" to "voted" and "voters"; a false friend costs no more than a sentence of context.
    return {word[:4] for word in content_words(text) if len(word) > 3}
