"""Links that land on the quoted words: text fragments (https://wicg.github.io/scroll-to-text-fragment/)."""

from __future__ import annotations

import re
from urllib.parse import quote, urldefrag

# Long quotes are named by their first and last words: a fragment must match the page's text, and pages differ in white space.
EDGE_WORDS = 5


def fragment_link(url: str, text: str) -> str:
    """The url with a `#:~:text=` directive for `text`; a fragment that the url had stays in front of it."""
    words = re.sub(r"\s+", " ", text).strip().split(" ")
    if len(words) <= 2 * EDGE_WORDS:
        directive = _encoded(" ".join(words))
    else:
        directive = f"{_encoded(' '.join(words[:EDGE_WORDS]))},{_encoded(' '.join(words[-EDGE_WORDS:]))}"
    base, fragment = urldefrag(url)
    return f"{base}#{fragment}:~:text={directive}"


def _encoded(text: str) -> str:
    # The directive's own separators (dash, comma, ampersand) must be percent-encoded as well.
    return quote(text, safe="", errors="replace").replace("-", "%2D")
