"""A classic message's embeds as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from tests.pictures.components import picture
from tests.pictures.markdown import Scope, inline, to_html
from tests.pictures.parts import Part, inner, is_set, several, words
from tests.pictures.stamps import stamp


def embeds(parts: Sequence[Part], scope: Scope) -> str:
    return "".join(_embed(part, replace(scope, embed=True)) for part in parts)


def _embed(part: Part, scope: Scope) -> str:
    color = part.get("color")
    style = f' style="--accent:#{color & 0xFFFFFF:06x}"' if isinstance(color, int) else ""
    thumbnail, image = words(inner(part, "thumbnail"), "url"), words(inner(part, "image"), "url")
    text = "".join((_author(part), _title(part, scope), _description(part, scope), _fields(several(part, "fields"), scope)))
    side = picture({}, thumbnail, "thumbnail") if thumbnail else ""
    below = picture({}, image, "tile") if image else ""
    return f'<div class="embed"{style}><div class="section"><div class="texts">{text}</div>{side}</div>{below}{_footer(part, scope)}</div>'


def _author(part: Part) -> str:
    name = words(inner(part, "author"), "name")
    return f'<div class="by">{escape(name)}</div>' if name else ""


def _title(part: Part, scope: Scope) -> str:
    title, url = words(part, "title"), words(part, "url")
    if not title:
        return ""
    shown = inline(title, scope)
    return f'<div class="title">{f"<a>{shown}</a>" if url else shown}</div>'


def _description(part: Part, scope: Scope) -> str:
    description = words(part, "description")
    return f'<div class="markdown">{to_html(description, scope)}</div>' if description else ""


def _fields(parts: Sequence[Part], scope: Scope) -> str:
    """Up to three fields that are inline share a line; on a phone each has its own."""
    made = []
    for part in parts:
        name, value = inline(words(part, "name"), scope), to_html(words(part, "value"), scope)
        whole = "" if is_set(part, "inline") else " whole"
        made.append(f'<div class="embed-field{whole}"><div class="name">{name}</div><div class="markdown">{value}</div></div>')
    return f'<div class="fields">{"".join(made)}</div>' if made else ""


def _footer(part: Part, scope: Scope) -> str:
    shown = [words(inner(part, "footer"), "text"), _date(words(part, "timestamp"), scope.now)]
    text = " • ".join(escape(each) for each in shown if each)
    return f'<div class="footer">{text}</div>' if text else ""


def _date(written: str, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return stamp(int(at.timestamp()), "f", now)
