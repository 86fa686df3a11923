"""What others wrote, in one line. Pure."""

from __future__ import annotations

import re

from retrieval.text import normalise

_SPACE = re.compile(r"[^\S\u00a0\u202f]+")


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen; halves of surrogate pairs become the replacement sign.

    Spaces at which no line may break are kept: French has them before its signs.
    """
    whole = normalise(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _SPACE.sub(" ", whole).strip()
