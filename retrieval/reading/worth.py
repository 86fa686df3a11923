"""Check-worthiness: how much a clause states something that news could confirm or deny.

A weighted sum of plain signs, fitted on posts with gold claims (`python -m tests.bench.worth`; logistic regression, as in ClaimBuster,
Hassan et al., 2017, on far fewer and readable features): whoever asks why a clause was left out gets an answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from retrieval.reading.speech import speech_in
from retrieval.reading.tags import tagged
from retrieval.text import STOP_WORDS, words

BAR = 0.45  # best F1 on the posts that the weights were fitted on, each left out in turn (.40 to .50 differ by less than .01)

LEAST = 0.35  # where no clause of a post reaches the bar, its best may be searched for from here on


def any_of(*listed: str, case: bool = False) -> re.Pattern[str]:
    """Any of the words in the lists, each of them a pattern, "_" for a space."""
    choice = "|".join(" ".join(listed).split()).replace("_", " ")
    return re.compile(rf"\b(?:{choice})\b", re.NOFLAG if case else re.I)


_EVENT = any_of(  # a deed, a saying, a change: what news writes down
    "said says told tells claim(s|ed) stat(es|ed|ing) den(y|ies|ied) announc(es|ed) report(s|ed) confirm(s|ed) argu(es|ed) warn(s|ed)",
    "accus(es|ed) admit(s|ted) call(s|ed)_for vot(es|ed) abstain(s|ed) won wins lost loses elect(s|ed) appoint(s|ed) resign(s|ed)",
    "fired arrest(s|ed) charged convicted sentenced jailed kill(s|ed)? died dies dead injured wounded shot attacked invaded bombed",
    "launched signed passed approved rejected vetoed bann?(s|ed) sued ruled fined bought sold paid costs? spent spends earn(s|ed)",
    "rose rises fell falls grew increased decreased declined dropped doubled tripled halved born founded invented built opened closed",
    "shut released published proposed presented adopted supported backed opposed withdrew sent met visited caus(e|es|ed)",
    "contain(s|ed) produc(es|ed)",
)
_DATE = any_of(
    r"(1[89]|20)\d\d (mon|tues|wednes|thurs|fri|satur|sun)day yesterday today tonight last_(night|week|month|year)",
    r"(in|on|since|last)_(march|may) (march|may)_\d+ january february april june july august september october november december",
)
_OPINION = any_of(
    r"(i|we)_(\w+_)?(think|believe|feel|hope|guess|suppose|doubt|wish|love|hate|want|wonder) in_my imo imho personally hopefully sadly",
    "thankfully unfortunately frankly obviously honestly beautiful wonderful amazing awesome lovely disgrace(ful)? shame(ful)?",
    "terrible horrible awful disgusting ridiculous pathetic stupid idiots? embarrassing insane crazy surprising unexpected",
)
_FORECAST = any_of(  # in its own case: Will and May are names
    "will won['’]t would could may might should must shall ought [Pp]robably [Pp]erhaps [Mm]aybe likely [Gg]oing_to [Ii]magine If",
    case=True,
)
_VAGUE = any_of(
    "only_time remains?_(to_be|crucial|uncertain|vital) watchful continues?_to_(evolve|unfold|shape) far[-_]reaching implications",
    r"marks?_(an?|the) notable complexit(y|ies) dynamics landscape testament raised?_(\w+_)?(questions|concerns) express(es|ed)_concerns?",
    r"rooted_in commitment_to underscor\w+ highlight(s|ing) reflect(s|ing) prompting rift debates? tensions international_relations",
    "pav(es|ing)_the_way (global|international)_community in_the_face_of a_reminder turning_point",
)
_TALK = re.compile(  # greetings, thanks, orders, signatures, and summaries, which say again what was said
    r"^(?:hi|hello|hey|dear|greetings|thanks|thank you|cheers|regards|(?:best|kind) (?:regards|wishes)|sincerely|welcome|please|see|read"
    r"|good (?:morning|evening)|let['’]?s|let (?:me|us)|check|click|look|watch|share|subscribe|follow|sent from|wake up|stop|remember"
    r"|source|edit|in (?:summary|conclusion|short|essence)|to sum up|overall|all in all|ultimately|at the end of the day)\b",
    re.I,
)
_PERSONAL = any_of(
    "[Ii] [Ii]['’](m|ve|d|ll) me [Mm]y mine [Ww]e [Ww]e['’](re|ve|d|ll) [Oo]ur us [Yy]ou [Yy]ou['’](re|ve|d|ll) [Yy]our",
    case=True,
)
_SELF = any_of("i im i['’]m my me mine ive i['’](ve|d|ll) we our us")
_YOU = any_of("you u ur your yours youre you['’](re|ve|d|ll) yall")
_GENERIC = any_of("(nobody|somebody|everybody|everyone|someone|anyone|anybody|people|one|always|never|those|they|things?|lot|life|words)")
_THREAD = any_of(  # of the post and those who read it, not of the news
    "thread post upthread here this_is that['’]s corrections? summary round-?up link story report read readers? headlines? morning evening",
    "cheers folks friends aunt uncle lol hearsay",
)
_QUOTE = re.compile(r"[\"“][^\"“”\n]*[\"”]")
_WILL = re.compile(r"\b(?:will|going to)\b|['’]ll\b", re.I)

# What each sign is worth, in units of log odds; made by tests/bench/worth.py.
WEIGHTS: Mapping[str, float] = {
    "verb": 0.46,
    "past tense": 0.95,
    "participle": 0.94,
    "perfect": 0.66,
    "event": 1.16,
    "one number": 1.27,
    "more numbers": 0.61,
    "date": 0.10,
    "reported speech": 0.70,
    "opinion": -0.06,
    "personal": -1.26,
    "of the writer": -1.45,
    "of the reader": -0.52,
    "forecast": 0.08,
    "plan": 0.55,
    "modal": -0.62,
    "vague": -0.12,
    "talk": -0.79,
    "of the thread": -0.82,
    "generic": -0.67,
    "question": -0.78,
    "announces": -0.74,
    "under five words": -0.93,
    "under four words": -0.45,
    "phrase": -1.23,
    "pronoun first": -0.13,
    "pointing first": -0.56,
    "order first": -0.52,
    "the first": 0.61,
    "only is": 0.09,
    "loose": 0.68,
    "loose without number": -0.43,
    "alone": 0.29,
    "names": 0.05,
    "proper nouns": 1.12,
    "common nouns": 1.27,
    "words": 0.52,
}
START = -2.28  # the log odds of a clause without any sign
# Signs that those posts hardly have, weighed by hand: an essay's generalities and open opinions are nothing to search for.
BY_HAND: Mapping[str, float] = {"opinion": -1.0, "vague": -1.6}


def worth(clause: str, ending: str = "", *, loose: bool = False, alone: bool = False) -> float:
    """How check-worthy a clause is, 0 to 1, at least BAR when it is worth a search.

    `ending` is the sign that ends it in its post; `loose`: the post hardly uses capitals, so names do not show; `alone`: it is a line by
    itself that no stop ends, as a headline is.
    """
    found = signs(clause, ending, loose=loose, alone=alone)
    odds = START + sum({**WEIGHTS, **BY_HAND}[name] * value for name, value in found.items())
    return round(1 / (1 + math.exp(-odds)), 3)


def signs(clause: str, ending: str = "", *, loose: bool = False, alone: bool = False) -> dict[str, float]:
    """The signs for and against, by name: 0 or 1, or a share of their most; see `worth`."""
    tokens, said = tagged(clause), words(clause)
    own = _QUOTE.sub(" ", clause)  # "we" in a quotation is not the writer
    finite = [token for token in tokens if token.finite]
    participle = any(token.past for token in tokens)
    numbers = sum(token.number for token in tokens)
    first = tokens[0] if tokens else None
    tells = numbers or _EVENT.search(clause)  # "NATO has 32 members." is brief, but no fragment
    found = {
        "verb": finite,
        "past tense": any(token.tag in {"VVD", "VBD", "VHD", "VDD"} for token in tokens),
        "participle": participle,
        "perfect": participle and any(token.tag in {"VHZ", "VHB"} for token in tokens),
        "event": _EVENT.search(clause),
        "one number": numbers,
        "more numbers": numbers > 1,
        "date": _DATE.search(clause),
        "reported speech": speech_in(clause),
        "opinion": _OPINION.search(own),
        "personal": _PERSONAL.search(own),
        "of the writer": _SELF.search(own),
        "of the reader": _YOU.search(own),
        "forecast": _FORECAST.search(clause),
        "plan": _WILL.search(clause),
        "modal": any(token.tag == "VM0" for token in tokens),
        "vague": _VAGUE.search(clause),
        "talk": _TALK.search(clause),
        "of the thread": _THREAD.search(clause),
        "generic": _GENERIC.search(clause),
        "question": ending == "?",
        "announces": ending == ":" or clause.rstrip().endswith(":"),
        "under five words": len(said) < 5 and not tells,
        "under four words": len(said) < 4 and not tells,
        "phrase": not finite and not participle,
        "pronoun first": first is not None and first.tag == "PNP",
        "pointing first": first is not None and first.word in {"this", "that", "these", "those", "there", "here"},
        "order first": first is not None and first.tag in {"VVI", "VVB", "VBB", "VDB"},
        "the first": first is not None and first.tag == "AT0",
        "only is": bool(finite) and all(token.tag in {"VBZ", "VBB"} for token in finite),
        "loose": loose,
        "loose without number": loose and not numbers,
        "alone": alone,
    }
    shares = {
        "names": min(MANY, _names(clause)) / MANY,
        "proper nouns": min(MANY, sum(token.tag == "NP0" for token in tokens)) / MANY,
        "common nouns": min(MANY, sum(token.tag.startswith("NN") for token in tokens)) / MANY,
        "words": min(len(said), 25) / 25,
    }
    return {**{name: float(bool(value)) for name, value in found.items()}, **shares}


MANY = 4  # names or nouns; more say no more


def _names(clause: str) -> int:
    """Capitalised words that are names: not the first word unless it is an acronym, and none in a text of capitals."""
    said = re.findall(r"[^\W\d_][\w.’'-]*", clause)
    if sum(map(str.isupper, said)) * 2 > len(said):
        return 0
    named = [word for word in said[1:] if word[0].isupper() and word.lower().split("'")[0].split("’")[0] not in STOP_WORDS]
    return len(named) + bool(said and len(said[0]) > 1 and said[0].rstrip("'’s").isupper())
