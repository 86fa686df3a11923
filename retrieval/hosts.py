"""Whose an address is, as it can be shown: the host in ASCII, as browsers read it, and names of outlets that do not deceive about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from retrieval.confusables import mixes_scripts, poses_as

# A host may have letters, digits, dashes, underscores and dots; of IPv6, colons. What a browser would read otherwise than Python is none.
_HOST = re.compile(r"(?=[^.])[a-z0-9_.-]{1,253}|[0-9a-f:.]{2,45}")
_DOMAIN = re.compile(r"(?<![\w@.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")  # in a name, what looks like a site's


def ascii_host(url: str) -> str:
    """The host, lower case, other letters than ASCII as punycode (UTS 46, as browsers have it); "" where the address has none such."""
    try:
        return _ascii(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def ascii_url(url: str) -> str:
    """The address with its host as `ascii_host` has it, so that what is seen is where it leads; as it is where it has no such host."""
    host = ascii_host(url)
    if not host or url.isascii():
        return url
    parts = urlsplit(url)
    given = parts.netloc.rpartition("@")[2]
    port = f":{parts.port}" if parts.port is not None else ""
    netloc = parts.netloc.removesuffix(given) + (f"[{host}]" if ":" in host else host) + port
    return urlunsplit(parts._replace(netloc=netloc))


def site(url: str) -> str:
    """`ascii_host` without "www."."""
    return ascii_host(url).removeprefix("www.")


def honest_name(name: str, url: str) -> str:
    """The outlet's name; the host in its place where it mixes scripts within a word, or has another site's address in it."""
    return site(url) if mixes_scripts(name) or _names_another(name, url) else name


def unlike(name: str, url: str, others: Sequence[str]) -> str:
    """The outlet's name; the host in its place where it looks like another outlet's of `others` and is written otherwise.

    Of two that look alike, the one in ASCII keeps its name, whichever came first.
    """
    alike = [other for other in others if poses_as(name, other)]
    taken = any(other.isascii() for other in alike) if name.isascii() else bool(alike)
    return site(url) or name if taken else name


def _names_another(name: str, url: str) -> bool:
    """Whether the name holds a domain ("bbc.co.uk") that is not of the site that the address is of."""
    found = [one for one in _DOMAIN.findall(name) if _registered(one)]
    return bool(found) and not any(_registered(one) == _registered(ascii_host(url)) for one in found)


@lru_cache(maxsize=4096)
def _registered(host: str) -> str:
    """The part of a host that somebody has registered: "bbc.co.uk" of "news.bbc.co.uk"; "" where no known registry gives such."""
    from tld import get_fld

    return get_fld(f"https://{_ascii(host)}/", fail_silently=True) or ""


@lru_cache(maxsize=4096)
def _ascii(host: str) -> str:
    host = host.rstrip(".") if host.endswith(".") and not host.endswith("..") else host
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    return host.lower() if _HOST.fullmatch(host.lower()) else ""
