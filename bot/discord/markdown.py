"""What others wrote, made harmless in Discord's Markdown: it looks as it was written, and neither formats, links nor mentions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.links import MAX_HOST, MAX_LINK, host, safe_url
from retrieval.text import Span, normalise

__all__ = ["MAX_HOST", "MAX_LINK", "escaped", "host", "isolated", "linked", "one_line", "quoted", "safe_url", "whole"]

# A backslash in front of a sign shows the sign itself. Signs that open a heading, list, quote or small print do so at a line's start only.
_SIGNS = re.compile(r"[\\`*_~|\[\]<>@]|:(?=//)")
_AT_START = re.compile(r"^(\s*)(?:([#+-])|(\d+)([.)]))")
_NOT_IN_LABELS = re.compile(r"[\\`*_~|\[\]<>@#]|://|[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO"})
ISOLATE, POP = "\u2068", "\u2069"  # what lies between is laid out by itself: Arabic or Hebrew words leave their surroundings alone
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no character, and nothing that could be sent


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen or sent; not escaped."""
    return " ".join(whole(normalise(text)).split())


def whole(text: str) -> str:
    """The text with a replacement sign for each half of a surrogate pair."""
    return _HALF.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text in one line, as words alone; empty for an empty text."""
    line = one_line(text)
    return isolated(_AT_START.sub(_start, _SIGNS.sub(lambda sign: f"\\{sign.group()}", line)), line)


def quoted(text: str, bold: Sequence[Span] = ()) -> str:
    """The text in one line with the spans in bold. Spans are offsets into `text`."""
    parts: list[str] = []
    at = 0
    for start, end in _joined(text, bold):
        parts += [_inner(text[at:start]), f"**{_inner(text[start:end])}**"]
        at = end
    parts.append(_inner(text[at:]))
    line = " ".join("".join(parts).split())
    return isolated(_AT_START.sub(_start, line), text)


def linked(label: str, url: str) -> str:
    """A masked link; the label alone where the address is none that can be followed, or too long.

    Discord shows backslashes in labels, and makes no link of one with an emoji or an address in it, so such signs are left out.
    """
    safe, plain = safe_url(url), " ".join(_NOT_IN_LABELS.sub(" ", one_line(label)).split())
    return f"[{isolated(plain, plain)}](<{safe}>)" if safe and plain else escaped(label)


def isolated(shown: str, text: str) -> str:
    """`shown`, kept from turning its surroundings round when `text` has right-to-left letters."""
    return f"{ISOLATE}{shown}{POP}" if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text) else shown


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans that hold words, without white space at their ends; those with nothing to see between as one; of two that overlap one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if start < (made[-1][1] if made else 0) or end > len(text) or not one_line(text[start:end]):
            continue
        start, end = start + len(text[start:end]) - len(text[start:end].lstrip()), start + len(text[start:end].rstrip())
        if made and not one_line(text[made[-1][1] : start]):
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made


def _inner(text: str) -> str:
    return re.sub(r"\s+", " ", _SIGNS.sub(lambda sign: f"\\{sign.group()}", whole(normalise(text))))


def _start(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\{found[4]}"
