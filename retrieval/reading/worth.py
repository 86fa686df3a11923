"""Check-worthiness: how much a sentence states something that news could confirm or deny.

A sum of plain signs, not a model: whoever asks why a sentence was left out gets an answer.
"""

from __future__ import annotations

import re

from retrieval.text import STOP_WORDS, words

PLAIN = 0.30  # a sentence starts here, before any sign for or against it
BAR = 0.45  # PLAIN and a verb that states something (0.15), with nothing against it: "The lake is salty."


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
_VERB = any_of(
    "is are was were am has have had do does did can cannot (is|are|was|were|has|have|had|do|does|did|ca)n['’]t",
    r"(it|he|she|that|there|who)['’]s \w{3,}ed made makes? gave gives? took takes? went goes came comes? gets? got left leaves? held",
    "holds? kept knew began led leads? ran runs? owns? uses? works? needs? wants? remains? became becomes? includes? means? lives?",
    r"stands? lies shows? saw sees? won lost wrote writes (?-i:[A-Z]\w+_[a-z]{3,}s)",
)
_NUMBER = any_of(
    r"\d[\d.,]*\w* two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety",
    "hundreds? thousands? millions? billions? trillions? dozens? half twice thirds? quarters? percent majority first second",
)
_DATE = any_of(
    r"(1[89]|20)\d\d (mon|tues|wednes|thurs|fri|satur|sun)day yesterday today tonight last_(night|week|month|year)",
    r"(in|on|since|last)_(march|may) (march|may)_\d+ january february april june july august september october november december",
)
_QUOTED = re.compile(r"[\"“][^\"“”\n]{12,}[\"”]")
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
_STATES = re.compile(f"{_VERB.pattern}|{_EVENT.pattern}", re.I)  # an event is told by a verb too
_FOR = ((0.15, _STATES), (0.20, _EVENT), (0.20, _NUMBER), (0.10, _DATE), (0.10, _QUOTED))
_AGAINST = ((0.35, _OPINION), (0.45, _TALK), (0.25, _PERSONAL))
_NAME, _NAMES = 0.10, 3  # each capitalised word after the first, three at most: a longer list of names says no more
_VAGUE_COST, _VAGUES = 0.25, 2
_FORECAST_COST, _REPORTED_COST = 0.30, 0.10  # "said it would": that it was said can be checked, so the forecast weighs less
_QUESTION, _SHOUT, _BRIEF, _ENDLESS = 0.45, 0.15, 0.30, 0.20


def worth(sentence: str) -> float:
    """How check-worthy a sentence is, 0 to 1, at least BAR when it is worth a search: the sum of its signs, cut at both ends."""
    score = PLAIN + sum(weight for weight, sign in _FOR if sign.search(sentence)) + _NAME * min(_NAMES, _names(sentence))
    score -= sum(weight for weight, sign in _AGAINST if sign.search(sentence))
    if _FORECAST.search(sentence):
        score -= _REPORTED_COST if _EVENT.search(sentence) else _FORECAST_COST
    score -= _VAGUE_COST * min(_VAGUES, len({match.group().lower() for match in _VAGUE.finditer(sentence)}))
    ending = sentence.rstrip("\"'”’)* ")
    score -= _QUESTION * ending.endswith("?") + _SHOUT * ending.endswith("!")
    count = len(words(sentence))
    score -= _BRIEF * (count < 3) + _ENDLESS * (count > 60)  # a fragment; several statements in one
    return round(min(1.0, max(0.0, score)), 2)


def _names(sentence: str) -> int:
    """Capitalised words that are names: not the first word unless it is an acronym, and none in a text of capitals."""
    said = re.findall(r"[^\W\d_][\w.’'-]*", sentence)
    if sum(map(str.isupper, said)) * 2 > len(said):
        return 0
    named = [word for word in said[1:] if word[0].isupper() and word.lower().split("'")[0].split("’")[0] not in STOP_WORDS]
    return len(named) + bool(said and len(said[0]) > 1 and said[0].rstrip("'’s").isupper())
