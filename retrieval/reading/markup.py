"""Marks, links and signs of a post, apart from its words: mentions, forum tags, Markdown, quote marks, signatures."""

from __future__ import annotations

import re

# What no reader would call part of the statement. A group stays, the rest of the match goes. Every pattern is linear in the text.
_EMOJI = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")  # and ornaments
_APART = [
    re.compile(r"<(?:@[!&]?|\#)\d+>|<a?:\w+:\d+>|<t:-?\d+(?::[a-z])?>|<id:\w+>|</[\w -]+:\d+>", re.I),  # mentions, emoji, times
    _EMOJI,
    re.compile(r"\[/?(?:quote|b|i|u|s|url|img|code|color|size|font|list|center|spoiler)\b[^\[\]\n]*\]", re.I),  # forum tags
    re.compile(r"^[ \t]*\[[^\[\]\n]{0,80}\b(?:attachment|deleted|removed|edited)\b[^\[\]\n]{0,80}\][ \t]*$", re.I | re.M),
    re.compile(r"^[^\n]{1,120}\.(?:jpe?g|png|gif|webp|bmp|heic|svg|mp[34]|mov|webm|wav|pdf|docx?|zip)[ \t]*$", re.I | re.M),
]
_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"\n]*\")?\)")
_URL = re.compile(  # a bracket only with its other half: ".../Bridge_(Harwick)", but not that of "(see https://...)"
    r"<?(?:https?://|www\.)(?:[^\s<>()]|\([^\s<>()]*\))*(?:[^\s<>().,;:!?'\"\]”’]|\([^\s<>()]*\))>?", re.I
)
_LINE_START = re.compile(r"^(?:[ \t]*(?:>+(?:[ \t]+|(?=[^\W\d]|[\"'“]))|-\#[ \t]+|\#{1,6}[ \t]+|[-*+•–][ \t]+|\d{1,2}[.)][ \t]+))+", re.M)
_EMPHASIS = re.compile(r"`+|~~+|\|\||\*+(?=\S)|(?<=\S)\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.S)
_QUOTE_MARK = re.compile(r"^[ \t]*>+[ \t]+", re.M)
_SIGNATURE = re.compile(r"\n(?:--[ ]?|_{2,}|—)\n(?:[^\n]*\n){0,4}[^\n]*\Z")
WRAPPED = 100  # characters of the longest line of a text that was broken by width
_HARD_WRAP = re.compile(r"(?<=[^\n]{50}[\w,;-])\n[ \t]*(?=(?P<next>[a-z]\S*))")  # a line broken by width, as in e-mail, not by its author


def plain(text: str) -> str:
    """The words alone, in one line."""
    for pattern in _APART:
        text = pattern.sub(" ", text)
    text = _URL.sub(" ", _LINK.sub(r"\1", text))
    return " ".join(_EMPHASIS.sub("", _LINE_START.sub(" ", text)).split())


def blanked(text: str) -> str:
    """The text with spaces for all that is no statement, so that every offset stays as it was."""
    text = _EMOJI.sub(lambda match: "\n" * len(match.group()), text)  # in chat it ends a sentence
    for pattern in (_CODE_BLOCK, _SIGNATURE, *_APART, _LINK, _URL, _QUOTE_MARK):
        text = pattern.sub(_spaces, text)
    width = max(map(len, text.split("\n")))
    if width <= WRAPPED:
        text = _HARD_WRAP.sub(lambda match: _joined(match, width), text)
    return _EMPHASIS.sub(_spaces, _LINE_START.sub(_spaces, text))


def _joined(match: re.Match[str], width: int) -> str:
    """A space for a line break that the next word made necessary, else the break."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    needed = match.start() - start + 1 + len(match["next"]) > width
    return " " * len(match.group()) if needed else match.group()


def _spaces(match: re.Match[str]) -> str:
    kept = match.span(1) if match.re.groups else (match.end(), match.end())
    blank = re.sub(r"[^\n]", " ", match.group())
    return blank[: kept[0] - match.start()] + match.string[slice(*kept)] + blank[kept[1] - match.start() :]


def links(text: str) -> tuple[str, ...]:
    """The addresses that a text links to, in its order, each once."""
    return tuple(dict.fromkeys(match.group().strip("<>") for match in _URL.finditer(text) if "://" in match.group()))
