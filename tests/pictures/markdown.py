"""Discord's Markdown as HTML, as its clients show it.

Patterns and precedence follow simple-markdown, which Discord's web client is built on: the longest of the emphases that open at a place
wins, italics before bold at equal length. The label of a masked link has rules of its own, in the words of Discord's issue tracker
(discord/discord-api-docs): backslashes in it are shown and escape nothing (#6185), mentions in it stay text (#6088), a label with an
address in it makes no link (#7721), and one with an emoji makes none except in an embed (#7673, #6810).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import TypeAlias

from tests.pictures.stamps import stamp


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the text stands."""

    now: datetime  # what "3 days ago" is counted from
    embed: bool = False
    block: bool = True  # headings, small print, quotes and lists may open here
    quote: bool = False
    label: bool = False  # of a masked link
    depth: int = 0  # how many forms it stands in


DEEPEST = 40  # forms in one another; what is deeper is shown as it is written

Drawer: TypeAlias = Callable[[re.Match[str], Scope], "str | None"]  # None: it only looks like this form, and is drawn as it is written
Finder: TypeAlias = Callable[[str, int], "re.Match[str] | None"]


def to_html(text: str, scope: Scope) -> str:
    """The text as HTML for an element that keeps line breaks and spaces (white-space: pre-wrap). All of the text is escaped."""
    if scope.depth > DEEPEST:
        return escape(text)
    made: list[str] = []
    at, scope = 0, replace(scope, depth=scope.depth + 1)
    while at < len(text):
        drawn, at = _next(text, at, scope)
        made.append(drawn)
    return "".join(made)


def inline(text: str, scope: Scope) -> str:
    """The same without headings, small print, quotes and lists."""
    return to_html(text, replace(scope, block=False))


def _next(text: str, at: int, scope: Scope) -> tuple[str, int]:
    for find, draw in _forms(scope, at == 0 or text[at - 1] == "\n"):
        found = find(text, at)
        if found and (drawn := draw(found, scope)) is not None:
            return drawn, found.end()
    plain = _PLAIN.match(text, at)
    end = plain.end() if plain else at + 1
    return escape(text[at:end]), end


_PLAIN = re.compile(r"[0-9A-Za-gi-z,. ]+")  # nothing opens at these: an address would open at an "h"


def _forms(scope: Scope, line_start: bool) -> Sequence[tuple[Finder, Drawer]]:
    if scope.label:
        return _STYLES
    if line_start and scope.block:
        return _IN_QUOTE if scope.quote else _BLOCKS
    return _INLINE


# What opens at the start of a line.


def _heading(found: re.Match[str], scope: Scope) -> str:
    level, at = len(found[1]), " first" * (found.start() == 0) + " last" * (found.end() == len(found.string))
    return f'<h{level} class="heading{at}">{inline(found[2], scope)}</h{level}>'


def _small(found: re.Match[str], scope: Scope) -> str:
    return f"<small>{inline(found[1], scope)}</small>"


def _quote(found: re.Match[str], scope: Scope) -> str:
    quoted = found[1] if found[1] is not None else re.sub(r"(?m)^ *> ", "", found[0].removesuffix("\n"))
    return f"<blockquote><div>{to_html(quoted, replace(scope, quote=True))}</div></blockquote>"


def _list(found: re.Match[str], scope: Scope) -> str:
    items: list[tuple[int, str, str]] = []
    for line in found[0].splitlines():
        if item := _ITEM.fullmatch(line):
            items.append((len(item[1]), item[2], item[3]))
        else:
            indent, sign, written = items[-1]
            items[-1] = (indent, sign, f"{written}\n{line.strip()}")
    return _items(items, scope)


def _items(items: Sequence[tuple[int, str, str]], scope: Scope) -> str:
    indent, sign, _ = items[0]
    starts = [place for place, item in enumerate(items) if item[0] <= indent]
    made = []
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        below = _items(items[start + 1 : end], scope) if end > start + 1 else ""
        made.append(f"<li>{inline(items[start][2], scope)}{below}</li>")
    return f"<ul>{''.join(made)}</ul>" if sign in "*-" else f'<ol start="{int(sign[:-1])}">{"".join(made)}</ol>'


# What opens anywhere.


def _fence(found: re.Match[str], _: Scope) -> str:
    return f"<pre>{escape(found[1])}</pre>"


def _code(found: re.Match[str], _: Scope) -> str:
    return f"<code>{escape(found[2])}</code>"


def _emphasis_at(text: str, at: int) -> re.Match[str] | None:
    matches = [found for pattern in _EMPHASES if (found := pattern.match(text, at))]
    return max(matches, key=lambda found: found.end(), default=None)


def _emphasis(found: re.Match[str], scope: Scope) -> str:
    tag = _EMPHASES[found.re]
    return f"<{tag}>{inline(found[found.lastindex or 0], scope)}</{tag}>"


def _strike(found: re.Match[str], scope: Scope) -> str:
    return f"<s>{inline(found[1], scope)}</s>"


def _spoiler(found: re.Match[str], scope: Scope) -> str:
    return f'<span class="spoiler">{inline(found[1], scope)}</span>'


def _masked(found: re.Match[str], scope: Scope) -> str | None:
    label, target = found[1], found[2]
    refused = _ADDRESS_IN_LABEL.search(label) or (_EMOJI.search(label) and not scope.embed)
    if not label.strip() or refused or not _FOLLOWED.match(target):
        return None
    return f'<a href="{escape(target)}">{inline(label, replace(scope, label=True))}</a>'


def _address(found: re.Match[str], _: Scope) -> str:
    return f'<a href="{escape(found[1])}">{escape(found[1])}</a>'


def _escaped(found: re.Match[str], _: Scope) -> str:
    return escape(found[1])


def _mention(found: re.Match[str], _: Scope) -> str:
    shown = {"@": "@user", "@!": "@user", "@&": "@role", "#": "#channel"}[found[1]]
    return f'<span class="mention" title="{escape(found[0])}">{shown}</span>'


def _command(found: re.Match[str], _: Scope) -> str:
    return f'<span class="mention">{escape(found[1])}</span>'


def _emoji(found: re.Match[str], _: Scope) -> str:
    return f'<span class="emoji" title=":{escape(found[1])}:">{escape(found[1][:2])}</span>'


def _time(found: re.Match[str], scope: Scope) -> str | None:
    shown = stamp(int(found[1]), found[2] or "f", scope.now)
    return f"<time>{escape(shown)}</time>" if shown else None


def _form(pattern: str, draw: Drawer) -> tuple[Finder, Drawer]:
    return re.compile(pattern).match, draw


_MARK = r"(?:[*-]|\d{1,9}\.)"
_ITEM = re.compile(rf"( *)({_MARK}) +(\S.*)")
_EMPHASES = {  # at equal length the first wins
    re.compile(r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"): "em",
    re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"): "strong",
    re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"): "u",
}
_FOLLOWED = re.compile(r"https?://[^\s/]")
_ADDRESS_IN_LABEL = re.compile(r"https?://\w{2}")
# Emoji by default, or made one by a variation selector; Discord's own list is longer by some signs that look like text elsewhere.
_EMOJI = re.compile(
    r"[\U0001F1E6-\U0001F1FF\U0001F300-\U0001FAFF⌚⌛⏩-⏬⏰⏳◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓-❕❗➕-➗➰➿⬛⬜⭐⭕]"
    r"|.\uFE0F|<a?:\w+:\d+>"
)
_LABEL = r"(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*"

_CODE = [
    _form(r"```(?:[A-Za-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```\n?", _fence),
    _form(r"(`+)([\s\S]*?[^`])\1(?!`)", _code),
]
_STYLES: Sequence[tuple[Finder, Drawer]] = [
    *_CODE,
    (_emphasis_at, _emphasis),
    _form(r"~~([\s\S]+?)~~(?!_)", _strike),
    _form(r"\|\|([\s\S]+?)\|\|", _spoiler),
]
_INLINE: Sequence[tuple[Finder, Drawer]] = [
    _form(r"\\([^0-9A-Za-z\s])", _escaped),
    _form(rf"\[({_LABEL})\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)", _masked),
    _form(r"<(https?://[^\s<>]+)>", _address),
    _form(r"(https?://[^\s<]*[^<.,:;\"')\]\s])", _address),
    _form(r"<(@!?|@&|#)\d+>", _mention),
    _form(r"<(/[^:<>]+):\d+>", _command),
    _form(r"(@everyone|@here)\b", _command),
    _form(r"<a?:(\w+):\d+>", _emoji),
    _form(r"<t:(-?\d{1,13})(?::([tTdDfFR]))?>", _time),
    *_STYLES,
]
_IN_QUOTE: Sequence[tuple[Finder, Drawer]] = [
    _form(r" *(#{1,3})[^\S\n]+(\S.*?)#*[^\S\n]*(?:\n|\Z)", _heading),
    _form(r" *-#[^\S\n]+(\S.*)(?:\n|\Z)", _small),
    _form(rf" *{_MARK} +\S.*(?:\n|\Z)(?:(?: *{_MARK} +| {{2,}})\S.*(?:\n|\Z))*", _list),
    *_INLINE,
]
_BLOCKS: Sequence[tuple[Finder, Drawer]] = [
    _form(r" *>>> ([\s\S]*)| *> .*(?:\n *> .*)*\n?", _quote),
    *_IN_QUOTE,
]
