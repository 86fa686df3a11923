"""A clause without what its writer says beside the matter: "Oh, and ...", "I read that ...", "..., which is rough, sorry"."""

from __future__ import annotations

import re
from itertools import islice

from retrieval.reading.tags import tagged
from retrieval.text import Span

_BESIDE = (
    "oh|well|anyways?|morning folks|morning all|hi all|subject|re|ok|okay|yes|yep|no|nah|look|hey|lol|haha|btw|by the way"
    "|closer to home|on the other hand|also|plus|besides|firstly|secondly|thirdly|first|second|third|finally|lastly|edit|update"
    "|ps|p\\.s\\.|note|fun fact|in other news|for the record|fwiw|fyi|apparently|it turns out(?: that)?|turns out|however|moreover"
    "|furthermore|notably|meanwhile|on top of that|in the end|in the meantime|and yet|as for the rest|sadly|luckily|thankfully"
    "|unfortunately"
)
_LEARNT = "see|read|hear|heard|saw|note|noticed|gather|gathered|understand|understood|learned|learnt"
_OPENINGS = re.compile(
    rf"(?:(?:{_BESIDE})\s*(?:[,:;–—]|-(?!\w))\s*(?:and\s+|but\s+)?"
    r"|in the (?:end|meantime)\s+|(?:it turns out|turns out|apparently|word is|rumou?r has it)\s+(?:that\s+)?"
    r"|(?:and|but|so(?! (?:far|long|many|much|few|little)\b))\s+"
    rf"|i(?:[’']ve| have)?\s+(?:(?:also|even|just|now|only)\s+)?(?:{_LEARNT})\s+(?:(?:today|yesterday|somewhere|here)\s+)?that\s+"
    r"|(?:remember|don[’']t forget|keep in mind|note|mind you),?\s+that\s+)",
    re.I,
)
# What may stand at many places of a long clause begins where a run of its signs begins and gives nothing back: linear in the text.
_TAIL = re.compile(
    r"(?<!\s)\s*(?:,|\s[-–—]|\()\s*(?=[^,()]{0,200}+(?:\([^()]{0,200}+\))?+[^,()]{0,200}+$)"
)  # what is longer than that is no comment
_SEE = re.compile(
    r"(?<![\s,;:–—(\[-])[\s,;:–—(\[-]*+(?:\b(?:see|source|sources|via|link|here|full story|more|read)\b[\s:]*+){0,6}+[\s)\].!]*+$", re.I
)
_APART = re.compile(r"[,;:–—(\[-]")
_HANGS = re.compile(
    r"(?:which|who|whom|whose|that|where|when|because|after|before|as|since|if|until|though|although|despite|with|without)\b", re.I
)
_COMMENT = re.compile(  # words of whoever comments, not of news
    r"\b(?:i|i[’'](?:m|ve|d|ll)|me|my|mine|we|us|our|you|your|u|ur|lol|lmao|tbh|imo|imho|ngl|smh|sorry|god|please|thanks|haha|wow"
    r"|at least|not nothing|of all (?:things|people)|something|nothing|nice|great|sad|sadly|rough|terrible|awful|horrible|shame"
    r"|disgrace|disgraceful|courage|must have|honestly|frankly|ridiculous|pathetic|unbelievable|insane|crazy|weird|funny|ironic"
    r"|telling|odd|strange|surpris\w+|no (?:wonder|surprise|doubt|less)|as usual|as always|of course|believe it or not"
    r"|go figure|obviously|typical|rightly|wrongly|good|bad|ha|hm+|huh|right|anyway|hopefully|fingers crossed)\b",
    re.I,
)
_SLANG_END = re.compile(
    r"(?<!\s)(?:\s++(?:lol|lmao|tbh|imo|imho|ngl|smh|haha|sorry|ha|xd|btw|apparently|though|tho|anyway|too)\b){1,6}+\W*+$", re.I
)
_SURE = re.compile(r"\d|(?<![.!?]\s)(?<!^)\b[A-Z][a-z]{2,}")
_SO = re.compile(
    r"(?<!\s)\s+so (?:take|read|watch|wait|think|check|go|be|don[’']t|please|who|much|at least|there|yeah|that[’']?s)\b[^,.;]*+\W*+$", re.I
)
_WORD = re.compile(r"[^\W_]\S*")  # a lone dash is none
_LISTED = re.compile(r"(?:and|or|including|among|such as)\b", re.I)
BLANK = " " * 6  # what stands for a link
BRIEF = 5  # words of "those poor families", "quite a sight"
FEWEST = 3  # words that stay
MOST = 16  # words of a comment; a longer tail says something
ROUNDS = 4  # comments cut from one clause; nobody writes more


def core(clause: str) -> Span:
    """The span of the clause that states its matter; at least three words stay."""
    start, end = 0, len(clause)
    while match := _OPENINGS.match(clause, start):
        if not _enough(clause[match.end() :]):
            break
        start = match.end()
    for _ in range(ROUNDS):
        seen = _SEE.search(clause, start, end)
        if seen and _points(seen.group()) and _enough(clause[start : seen.start()]):
            end = seen.start()
        cut = _without_tail(clause[start:end])
        if cut == end - start:
            break
        end = start + len(clause[start : start + cut].rstrip(" ,;:–—-("))
    return start, end


def _points(seen: str) -> bool:
    """Whether the last words are "(source)", ", see here" or stand by a link; "to read more" is of the matter."""
    return BLANK in seen or (any(map(str.isalpha, seen)) and bool(_APART.search(seen)))


def _without_tail(text: str) -> int:
    """Where the text ends without its last comment."""
    match = next(reversed(list(_TAIL.finditer(text))), None)
    if match is not None and _enough(text[: match.start()]) and _is_comment(text, match.start(), match.end()):
        return match.start()
    so = _SO.search(text)
    if so and _enough(text[: so.start()]) and not _SURE.search(so.group()):
        return so.start()
    slang = _SLANG_END.search(text)
    return slang.start() if slang and _enough(text[: slang.start()]) else len(text)


def _enough(text: str) -> bool:
    return len(list(islice(_WORD.finditer(text), FEWEST))) == FEWEST


def _is_comment(text: str, at: int, after: int) -> bool:
    """Whether what follows the last comma (at:after) tells nothing of the matter: no number, no name, no clause of its own, no verb."""
    tail = text[after:]
    quoted = text[:at].count("“") > text[:at].count("”") or text[:at].count('"') % 2
    if quoted or len(tail.split()) > MOST or _SURE.search(tail) or _HANGS.match(tail):
        return False
    if tail.lower().startswith("so "):
        return True
    tokens = [token for token in tagged(text) if token.start >= after]  # of the whole: alone, a verb is easily taken for a noun
    verbless = not any(token.finite or token.past or token.tag.endswith(("I", "VVG")) for token in tokens)
    plain = not any(token.tag in {"PRP", "PRF", "CRD", "ORD", "CJC"} for token in tokens)
    return (verbless and plain and len(tokens) <= BRIEF) or bool(_COMMENT.search(tail) and not _LISTED.match(tail))
