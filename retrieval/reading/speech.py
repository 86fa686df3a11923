"""Who is said to have said what: "Olsen said the bridge is safe", "according to the ministry, ...", "..., the Kremlin denied"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.reading.tags import Token, tagged
from retrieval.text import Span

_VERBS = frozenset(
    "said says say saying told tells stated states claimed claims confirmed confirms announced announces denied denies insisted insists "
    "argued argues warned warns admitted admits promised promises declared declares reported reports explained explains added adds "
    "suggested acknowledged acknowledges noted revealed reveals alleged alleges maintained maintains stressed asserted asserts wrote "
    "writes testified reckons reckon found finds shows show showed estimated estimates believes believed predicted predicts conceded "
    "replied posted tweeted stating claiming".split()
)
_NOT_AFTER = frozenset("to be been being was were is are not it".split())  # "was said to", "it is said"
_NOT_SAID = frozenset("not never nor neither nobody none nothing".split())
_ACCORDING = re.compile(r"\b(?:according to|as per)\s+", re.I)
_END_OF_NAME = re.compile(r"[,.;:!?]|\s[-–—]\s|$|\b(?:who|which|that)\b")
_REFUSED = re.compile(
    r"\b(?:declined to|refused to|(?:did|does|would|will|could|can)(?: not|n['’]t)(?: want to)?|(?:would|could) neither)\s+"
    r"(?:confirm|repeat|say|comment|answer|endorse|mention)\b",
    re.I,
)
_QUOTES = frozenset('"“”')
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
_TIMES = frozenset(f"{_WEEKDAYS} yesterday today tonight morning evening afternoon night week month last this later again".split())
_TELLS = frozenset("told tells telling".split())
_NAMING = ("NN", "NP", "AJ", "AT", "DP", "CRD", "ORD", "UNC", "ZZ", "POS", "PRF", "PNP", "PNI", "DT", "CJC")


@dataclass(frozen=True, slots=True)
class Speech:
    """Spans of the speaker and of what is said, in the claim."""

    speaker: Span
    said: Span


def speech_in(claim: str) -> Speech | None:
    """Whose words a claim reports, None where it reports none or not what they say ("denied the claims")."""
    return next(speeches_in(claim), None)


def speeches_in(sentence: str) -> Iterator[Speech]:
    """All speech that a sentence can be read to report, the likeliest first."""
    for read in (_according, _before, _after):
        for found in read(sentence):
            speaker, said = _tight(sentence, found.speaker), _tight(sentence, found.said)
            if speaker[0] < speaker[1] and _states(sentence[slice(*said)]):
                yield Speech(speaker, said)


def refuser_in(sentence: str) -> Span | None:
    """Who would not say something: "the Kremlin declined to confirm", "Olsen did not repeat"; None where nobody is told of."""
    for match in _REFUSED.finditer(sentence):
        tokens = tagged(sentence)
        at = next((i for i, token in enumerate(tokens) if token.start >= match.start()), 0)
        if name := _name_before(tokens, at):
            return _tight(sentence, (tokens[name[0]].start, tokens[name[1] - 1].end))
    return None


def _according(claim: str) -> Iterator[Speech]:
    match = _ACCORDING.search(claim)
    if match is None:
        return
    end = _END_OF_NAME.search(claim, match.end())
    stop = end.start() if end else len(claim)
    if stop == len(claim) and not claim[: match.start()].strip(' ,;–—-"“”*_'):  # "according to Olsen there are six"
        stop = _end_of_name(claim, match.end())
    if claim[: match.start()].strip(' ,;–—-"“”*_'):
        yield Speech((match.end(), stop), (0, match.start()))
    else:
        yield Speech((match.end(), stop), (stop, len(claim)))


def _end_of_name(claim: str, start: int) -> int:
    """Where a name that no comma ends has its last word."""
    tokens = [token for token in tagged(claim) if token.start >= start]
    noun = False
    for token in tokens:
        if token.tag.startswith(("EX", "PN", "CRD")) or token.finite or (noun and token.tag.startswith(("AT", "DP", "DT"))):
            return token.start
        noun = noun or token.tag.startswith(("NN", "NP"))
    return len(claim)


def _before(claim: str) -> Iterator[Speech]:
    """Speaker, verb, what is said."""
    tokens = tagged(claim)
    for at, token in enumerate(tokens):
        if token.word not in _VERBS or claim[token.start].isupper() or _quoted(claim, token.start):
            continue
        if not at or tokens[at - 1].word in _NOT_AFTER:
            continue
        speaker = _name_before(tokens, at)
        said = _content_from(tokens, at + 1)
        if speaker is not None and said is not None:
            yield Speech((tokens[speaker[0]].start, tokens[speaker[1] - 1].end), (tokens[said].start, len(claim)))


def _after(claim: str) -> Iterator[Speech]:
    """What is said, then ", Olsen said" or ", says Olsen"."""
    tokens = tagged(claim)
    for at in range(len(tokens) - 1, 0, -1):
        if tokens[at].word not in _VERBS:
            continue
        inverted = tokens[at - 1].word in {",", *_QUOTES, "–", "—", "-", "!", "?"}
        if inverted and at + 1 < len(tokens):
            end = _END_OF_NAME.search(claim, tokens[at + 1].start)
            yield Speech((tokens[at + 1].start, end.start() if end else len(claim)), (0, tokens[at - 1].start))
        name = _name_before(tokens, at)
        if name is not None and name[0] and tokens[name[0] - 1].word in {",", *_QUOTES, "–", "—"}:
            yield Speech((tokens[name[0]].start, tokens[name[1] - 1].end), (0, tokens[name[0] - 1].start))


def _name_before(tokens: Sequence[Token], verb: int) -> tuple[int, int] | None:
    """(first, one after the last) of the words of a name before the verb, past "has publicly"; None also where it was not said."""
    end = verb
    if end and tokens[end - 1].tag in {"POS", "AT0", "DPS"}:  # "the mayor's claims", "a report": nouns
        return None
    if end > 1 and tokens[end - 1].tag == "CJC":  # "met her in May and said": of the sentence's subject
        first_verb = next((i for i in range(end) if tokens[i].finite or tokens[i].past), None)
        end = first_verb if first_verb else end
    while end and (tokens[end - 1].tag.startswith(("AV", "VH", "VB", "XX")) and tokens[end - 1].tag != "AVQ"):
        end -= 1
    while end > 1 and tokens[end - 1].word in _TIMES:  # "Olsen on Friday evening", "Olsen yesterday"
        end -= 1
        end -= tokens[end - 1].word in {"on", "in", "late", "early"}
    last = end
    if end and tokens[end - 1].word == ",":  # "Olsen, the mayor, said": the name is before the apposition, or is it
        opening = next((i for i in range(end - 2, 0, -1) if tokens[i].word == ","), None)
        if opening is None or end - opening > 14:
            return None
        last = end - 1 if all(token.tag.startswith(_NAMING) for token in tokens[opening + 1 : end - 1]) else opening
        end = opening
    first = end
    while first and (tokens[first - 1].tag.startswith(_NAMING) or tokens[first - 1].word in {"of", "for", "'s", "’s", "-"}):
        first -= 1
    while first < end and (tokens[first].tag == "CJC" or tokens[first].word in {"also", "of", "for"}):
        first += 1
    if _denied(tokens[max(0, first - 1) : verb]):
        return None
    return (first, last) if any(token.tag.startswith(("NN", "NP", "PN", "UNC", "ZZ")) for token in tokens[first:end]) else None


def _denied(tokens: Sequence[Token]) -> bool:
    """Whether the words up to a verb of speech say that nothing was said: "never", "hasn't", "nobody", "no minister", but not "No 10"."""
    bare = any(one.word == "no" and not after.number for one, after in zip(tokens, tokens[1:], strict=False))
    return bare or any(token.word in _NOT_SAID or token.word.endswith(("n't", "n’t")) for token in tokens)


def _content_from(tokens: Sequence[Token], at: int) -> int | None:
    """Where the words said begin, past "on Friday", "reporters" and "that"; None where no clause follows."""
    that = next(
        (i for i in range(at, min(at + 12, len(tokens))) if tokens[i].word == "that" and tokens[i].tag.startswith(("CJ", "DT"))), None
    )
    if that is not None and not any(tokens[i].finite for i in range(at, that)):
        return that + 1 if that + 1 < len(tokens) else None
    start = at
    if tokens[at - 1].word in _TELLS:  # whom: "reporters", "the Harbour Courier", "him"
        while start < len(tokens) and tokens[start].tag.startswith(("AT", "AJ", "DP", "NP", "PNP", "CRD")):
            start += 1
        while start < len(tokens) and tokens[start].tag.startswith("NN"):
            start += 1
    while start < len(tokens) and (
        tokens[start].word in {":", ",", *_QUOTES, *_TIMES} or (tokens[start].word in {"on", "in", "at"} and _time_follows(tokens, start))
    ):
        start += 1
    return start if start < len(tokens) and tokens[start].tag != "TO0" else None


def _time_follows(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].word in _TIMES


def _quoted(claim: str, at: int) -> bool:
    """Whether a place stands inside quotation marks: words said in what is said are no speech of their own."""
    before = claim[:at]
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _states(said: str) -> bool:
    """Whether words said hold a statement: a subject and a verb."""
    tokens = tagged(said)
    verb = next((i for i, token in enumerate(tokens) if token.finite or token.past or token.tag == "VVI"), None)
    return verb is not None and any(tokens[i].tag.startswith(("NN", "NP", "PN", "DT", "EX", "CRD", "VVG", "UNC")) for i in range(verb))


def _tight(text: str, span: Span) -> Span:
    start, end = span
    while start < end and not (text[start].isalnum() or text[start] in "$€£"):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "%)."):
        end -= 1
    return start, end
