"""Numbers that are part of a name: "Resolution 2758", "G20", "Covid-19"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NAMED = re.compile(
    r"\b(Resolution|Flight|Article|Section|Chapter|Route|Highway|Boeing|Airbus|Apollo|Formula|Falcon|Room|Page|Case|Directive|Protocol"
    r"|Phase|Level|Channel|Gate|Line|Number|No\.?|Nos\.?|Unit|District|Amendment|Proposition|Bill|Chapter|Interstate|World\s+War)"
    r"\s+((?:[A-Z]{1,3}[-/]?)?[0-9][0-9/.-]*[A-Z]?(?<![.-]))(?![\w%]|[./-]?[0-9]|\s+(?:hundred|thousand|million|billion|trillion)\b)"
)  # not "the firm Kaspar Line 2.4 million euros"
_FUSED = re.compile(r"\b([A-Z][A-Za-z]*)-?([0-9]+)(?:[A-Z]\b|\b)(?![.,][0-9])")  # G20, Covid-19, MH370, F-16, A320


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that is part of a name, as text[start:end]: "Resolution 2758" is ("resolution", "2758")."""

    name: str
    number: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def identifiers(text: str) -> tuple[Identifier, ...]:
    """The numbers of `text` that are part of a name, in order."""
    named = [Identifier(" ".join(m[1].lower().split()), m[2], m.start(), m.end()) for m in _NAMED.finditer(text)]
    taken = [(found.start, found.end) for found in named]
    fused = [
        Identifier(m[1].lower(), m[2], m.start(), m.end())
        for m in _FUSED.finditer(text)
        if not any(start < m.end() and m.start() < end for start, end in taken)
    ]
    return tuple(sorted(named + fused, key=lambda found: found.start))
