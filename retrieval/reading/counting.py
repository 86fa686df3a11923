"""Counts that belong together: those of one vote, one toll, one score, wherever a sentence puts its "while" and "and"."""

from __future__ import annotations

import re

_SPELLED = r"an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|dozens|hundreds|several|another"
_NUMBER = rf"(?:\d[\d,.]*|{_SPELLED}|none|nobody|no one|the (?:rest|others?))"
_BALLOT = r"(?:vot(?:e|es|ed|ing)|back(?:ed|ing)|abst(?:ain|ention)\w*|favou?r|oppos\w+|against|absent|absentees|ballots?)"
_HARMED = r"dead|deaths|died|killed|injured|wounded|hurt|missing|rescued|survived|hospitali[sz]ed|ill|sick|evacuated|unaccounted"
_TOLL = rf"(?:{_HARMED}|arrested|detained)"
_BARELY = r"(?:only|just|about|some|at least|more than|over)"
_GOES_ON = re.compile(rf"^(?:with |there were )?(?:{_BARELY} )?{_NUMBER}\b(?:\W+\w[\w’'-]*+){{0,5}}?\W+(?P<what>{_BALLOT}|{_TOLL})\b", re.I)
# "six didn't want to say", "three said no": a bare number that does something goes on counting whoever was counted before.
_BARE = re.compile(
    rf"^(?:the other |another )?{_NUMBER}(?: (?:others?|more|countries|states|members|nations|people))? "
    r"(?:said|did|didn|didn['’]t|were|was|had|have|stayed|sat|refused|chose|went|walked|could|would|wouldn['’]t)\b",
    re.I,
)
_COUNTED = re.compile(rf"\b{_NUMBER}\b", re.I)


def same_count(before: str, after: str) -> bool:
    """Whether the clause `after` goes on counting the vote or toll that `before` counts: "73 states abstained", "40 more were hurt"."""
    if _BARE.match(after) and re.search(rf"\b(?:{_BALLOT}|{_TOLL})\b", before, re.I) and _COUNTED.search(before):
        return True
    match = _GOES_ON.match(after)
    if match is None:
        return False
    what = _BALLOT if re.fullmatch(_BALLOT, match["what"], re.I) else _TOLL
    return bool(re.search(rf"\b{what}\b", before, re.I) and _COUNTED.search(before))
