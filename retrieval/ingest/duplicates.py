"""Which articles are one story told again: canonical addresses, sketches to find near copies by, and the comparison that decides.

Sketches are MinHash signatures over three-word shingles (Broder, 1997), cut into bands for locality-sensitive hashing (Leskovec et al.,
"Mining of Massive Datasets", ch. 3). A shared band makes two articles candidates; their shingles decide. Containment counts besides
likeness, since an outlet often prints the first half of an agency's story.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS = 3  # of a band: two texts that share 0.5 of their shingles meet in one of the bands in 996 of 1,000 cases, 0.02 in 3 of 10,000
BANDS = 42
CONTAINED = 0.55  # share of the shorter text's shingles that the longer one has, from which they are one story
LIKE = 0.25  # and the share of the shingles of both together that both have
FEW_SHINGLES = 25  # a text of fewer is too short to say

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CREDIT = re.compile(
    r"^\W{0,3}(?:[A-Z][\w'’.-]*(?:[ ,/]+[A-Z]?[\w'’.-]+){0,6}\s*)?\(\s*(?P<agency>[A-Z][\w&'’.-]*(?: [\w&'’.()-]+){0,4}?)\s*\)\s*[-–—:]",
)
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|\.amp)$|^/amp(?=/)", re.IGNORECASE)
_AMP_QUERY = re.compile(r"(?:^|&)(?:amp(?:=[^&]*)?|outputType=amp|output=amp|_amp=[^&]*|ampmode=[^&]*)(?=&|$)", re.IGNORECASE)

_AMP_CACHE = re.compile(r"^https://[\w-]+\.cdn\.ampproject\.org/(?:[a-z]/)(s/)?", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)

Shingles = frozenset[int]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What candidates are found by: a key for each band, below 2**63, which holds the band's number too."""

    bands: Sequence[int]


def canonical_url(url: str) -> str:
    """The address without what only says how the reader came to it: tracking parameters, session, fragment, AMP forms, default port.

    An address that cannot be understood stays as it is. Mobile hosts stay too, since nothing says that "www." has the page: of a page that
    was fetched, its canonical link does.
    """
    from urllib.parse import urlsplit, urlunsplit

    from courlan import normalize_url

    try:
        parts = urlsplit(_SESSION.sub("", _AMP_CACHE.sub(lambda found: f"http{'s' if found[1] else ''}://", url)))
        query = _AMP_QUERY.sub("", parts.query).strip("&")
        bare = urlunsplit((parts.scheme, parts.netloc, _AMP_PATH.sub("", parts.path) or "/", query, ""))
        return normalize_url(bare) or url
    except (ValueError, UnicodeError):
        return url


def shingles(text: str) -> Shingles:
    """Hashes of each three words in a row, case and punctuation aside."""
    found = [match.casefold() for match in _WORD.findall(text)]
    return frozenset(zlib.crc32(" ".join(found[at : at + ROWS]).encode("utf-8", "replace")) for at in range(len(found) - 2))


def sketch(text_shingles: Shingles) -> Sketch:
    """The bands of a text; none for one that is too short to say."""
    if len(text_shingles) < FEW_SHINGLES:
        return Sketch(())
    from datasketch import MinHash

    signature = MinHash(num_perm=ROWS * BANDS, seed=1, hashfunc=_as_it_is)
    signature.update_batch(text_shingles)
    rows = np.asarray(signature.hashvalues, dtype="<u8").reshape(BANDS, ROWS)
    return Sketch([_key(band, row) for band, row in enumerate(rows)])


def same_story(first: Shingles, second: Shingles) -> bool:
    """Whether one text is a copy of the other, edited, shortened or with something added."""
    short = min(len(first), len(second))
    if short < FEW_SHINGLES:
        return False
    common = len(first & second)
    return common >= CONTAINED * short and common >= LIKE * (len(first) + len(second) - common)


def likeness(first: Shingles, second: Shingles) -> float:
    """Jaccard: the share of all shingles of both that both have, 0 to 1."""
    common = len(first & second)
    return common / max(1, len(first) + len(second) - common)


def credited_agency(text: str) -> str:
    """The agency that a credit line names, as in "LONDON (Example News) - The ..."; "" where there is none."""
    found = _CREDIT.match(text[:200])
    return found["agency"] if found else ""


def _key(band: int, row: NDArray[np.uint64]) -> int:
    return int.from_bytes(hashlib.blake2b(bytes([band]) + row.tobytes(), digest_size=8).digest(), "little") >> 1


def _as_it_is(value: int) -> int:
    return value
