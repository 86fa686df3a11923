"""Links: such as can be followed safely, the host that is shown beside them, and text fragments that land on the quoted words
(https://wicg.github.io/scroll-to-text-fragment/).
"""

from __future__ import annotations

import re
from urllib.parse import quote, urldefrag, urlsplit

from retrieval.hosts import ascii_url, site

# Long quotes are named by their first and last words: a fragment must match the page's text, and pages differ in white space.
EDGE_WORDS = 5
MAX_LINK = 700  # characters; a longer address would crowd out the words that it leads to
MAX_HOST = 60  # characters of a host's name; of a longer one the end, which says whose it is


def fragment_link(url: str, text: str) -> str:
    """The url with a `#:~:text=` directive for `text`; a fragment that the url had stays in front of it."""
    words = re.sub(r"\s+", " ", text).strip().split(" ")
    if len(words) <= 2 * EDGE_WORDS:
        directive = _encoded(" ".join(words))
    else:
        directive = f"{_encoded(' '.join(words[:EDGE_WORDS]))},{_encoded(' '.join(words[-EDGE_WORDS:]))}"
    base, fragment = urldefrag(url)
    return f"{base}#{fragment}:~:text={directive}"


def safe_url(url: str, limit: int = MAX_LINK) -> str:
    """The address in ASCII, as it can stand in a link; "" where it cannot, is longer than `limit`, or seems to lead elsewhere
    ("bbc.example@evil.example"). Its host is the one that `host` shows.
    """
    try:
        url = ascii_url(url.strip())
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not site(url) or "@" in parts.netloc:
            return ""
        made = quote(url, safe="%/:=&?~#+!$,;'*[]-._")
    except ValueError:  # no address, or with half of a surrogate pair
        return ""
    opening = f"{parts.scheme}://"
    if made[: len(opening)].lower() != opening or len(made) > limit:  # urlsplit overlooks line breaks, even in "https"
        return ""
    return opening + made[len(opening) :]


def host(url: str) -> str:
    """Where a link leads, to be shown: the host in ASCII without "www."; the end of a long one; "" where the address has none."""
    name = site(url)
    return name if len(name) <= MAX_HOST else f"…{name[-MAX_HOST:]}"


def named(outlet: str, url: str) -> str:
    """The outlet and whose site the address is of, side by side: a feed can call itself what it likes."""
    place = host(url)
    return f"{outlet} · {place}" if outlet and place and outlet != place else outlet or place or "?"


def _encoded(text: str) -> str:
    # The directive's own separators (dash, comma, ampersand) must be percent-encoded as well.
    return quote(text, safe="", errors="replace").replace("-", "%2D")
