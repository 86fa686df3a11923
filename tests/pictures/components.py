"""Message components as HTML, by their type numbers in Discord's API. A type that is not known here is drawn as an error, not left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from tests.pictures.markdown import Scope, to_html
from tests.pictures.parts import Part, inner, is_set, number, several, strings, words

Drawer: TypeAlias = Callable[[Part, Scope], str]

LABEL, TEXT_INPUT = 18, 4
_V2 = frozenset({9, 10, 11, 12, 13, 14, 17})  # only where a message's flags say Components V2, or in a modal
_CHEVRON = '<svg class="chevron" viewBox="0 0 24 24"><path d="M5 9l7 7 7-7"/></svg>'
_LEAVES = '<svg class="leaves" viewBox="0 0 24 24"><path d="M14 4h6v6M20 4l-9 9M10 5H5v14h14v-5"/></svg>'
_BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary link", 6: "secondary premium"}
_SELECTS = {3: "Make a selection", 5: "Select a user", 6: "Select a role", 7: "Select a user or role", 8: "Select a channel"}


def components(parts: Sequence[Part], scope: Scope) -> str:
    return "".join(component(part, scope) for part in parts)


def component(part: Part, scope: Scope) -> str:
    draw = DRAWERS.get(number(part, "type"))
    return draw(part, scope) if draw else error(f"Unknown component type {part.get('type')!r}", part)


def beside_v1(parts: Sequence[Part], scope: Scope) -> str:
    """The components of a message without the flag for Components V2, which allows rows alone."""
    return "".join(
        error("Discord refuses this: the flag for Components V2 (32768) is not set", part)
        if number(part, "type") in _V2
        else component(part, scope)
        for part in parts
    )


def error(sentence: str, part: Part) -> str:
    shown = json.dumps(part, ensure_ascii=False, default=str)
    return f'<div class="error"><b>{escape(sentence)}</b>{escape(shown[:300])}{"…" * (len(shown) > 300)}</div>'


def emoji(part: Part) -> str:
    """A partial emoji: Unicode as it is, a server's own as a box with its first letters. "" for none."""
    name = words(part, "name")
    if not name:
        return ""
    return f'<span class="emoji">{escape(name[:2])}</span>' if part.get("id") else f'<span class="sign">{escape(name)}</span>'


def disabled(part: Part) -> str:
    return " disabled" * is_set(part, "disabled")


def _row(part: Part, scope: Scope) -> str:
    return f'<div class="row">{components(several(part, "components"), scope)}</div>'


def _button(part: Part, _: Scope) -> str:
    style = _BUTTONS.get(number(part, "style"))
    if style is None:
        return error(f"Unknown button style {part.get('style')!r}", part)
    label = f"<span>{escape(words(part, 'label'))}</span>" if words(part, "label") else ""
    return f'<div class="button {style}{disabled(part)}">{emoji(inner(part, "emoji"))}{label}{_LEAVES * style.endswith("link")}</div>'


def _select(part: Part, _: Scope) -> str:
    chosen = [option for option in several(part, "options") if is_set(option, "default")]
    shown = ", ".join(f"{emoji(inner(option, 'emoji'))}{escape(words(option, 'label'))}" for option in chosen)
    if not shown:
        placeholder = words(part, "placeholder") or _SELECTS[number(part, "type")]
        shown = f'<span class="placeholder">{escape(placeholder)}</span>'
    return f'<div class="select{disabled(part)}"><div>{shown}</div>{_CHEVRON}</div>'


def _text_input(part: Part, _: Scope) -> str:
    kind = "paragraph" if number(part, "style") == 2 else "short"
    value, most = words(part, "value"), number(part, "max_length")
    shown = escape(value) or f'<span class="placeholder">{escape(words(part, "placeholder"))}</span>'
    count = f'<div class="count">{len(value)}/{most}</div>' if most and kind == "paragraph" else ""
    label = heading(part) if words(part, "label") else ""
    return f'<div class="entry">{label}<div class="input {kind}"><div>{shown}</div>{count}</div></div>'


def heading(part: Part, required: bool | None = None) -> str:
    """The label over a field, with a star where it has to be filled in, and its description."""
    star = '<span class="star">*</span>' if (is_set(part, "required", True) if required is None else required) else ""
    description = f'<div class="description">{escape(words(part, "description"))}</div>' if words(part, "description") else ""
    return f'<div class="label">{escape(words(part, "label"))}{star}</div>{description}'


def _label(part: Part, scope: Scope) -> str:
    field = inner(part, "component")
    required = number(field, "type") != 23 and is_set(field, "required", True)
    return f'<div class="field">{heading(part, required)}{component(field, scope)}</div>'


def _section(part: Part, scope: Scope) -> str:
    accessory = component(inner(part, "accessory"), scope)
    return f'<div class="section"><div class="texts">{components(several(part, "components"), scope)}</div>{accessory}</div>'


def _text(part: Part, scope: Scope) -> str:
    return f'<div class="markdown">{to_html(words(part, "content"), scope)}</div>'


def _thumbnail(part: Part, _: Scope) -> str:
    return picture(part, words(inner(part, "media"), "url"), "thumbnail")


def picture(part: Part, url: str, kind: str) -> str:
    """A place for a picture, with its description: nothing is fetched."""
    shown = words(part, "description") or unquote(urlsplit(url).path.rpartition("/")[2] or urlsplit(url).netloc)
    return f'<div class="picture {kind}{" covered" * is_set(part, "spoiler")}"><span>{escape(shown)}</span></div>'


def _gallery(part: Part, _: Scope) -> str:
    items = several(part, "items")
    tiles = "".join(picture(item, words(inner(item, "media"), "url"), "tile") for item in items)
    return f'<div class="gallery{" alone" * (len(items) == 1)}">{tiles}</div>'


def _file(part: Part, _: Scope) -> str:
    url = words(inner(part, "file"), "url")
    name = words(part, "name") or unquote(url.removeprefix("attachment://").rpartition("/")[2])
    size = f"{number(part, 'size'):,} bytes" if number(part, "size") else "attached file"
    covered = " covered" * is_set(part, "spoiler")
    return f'<div class="file{covered}"><span class="paper"></span><div><a>{escape(name)}</a><small>{size}</small></div></div>'


def _separator(part: Part, _: Scope) -> str:
    spacing = "large" if number(part, "spacing", 1) == 2 else "small"
    return f'<div class="separator {spacing}{" line" * is_set(part, "divider", True)}"></div>'


def _container(part: Part, scope: Scope) -> str:
    accent = part.get("accent_color")
    style = f' style="--accent:#{accent & 0xFFFFFF:06x}"' if isinstance(accent, int) else ""
    classes = f"container{' accented' * bool(style)}{' covered' * is_set(part, 'spoiler')}"
    return f'<div class="{classes}"{style}>{components(several(part, "components"), scope)}</div>'


def _upload(part: Part, _: Scope) -> str:
    return f'<div class="upload{disabled(part)}">Drop file here or <a>browse</a></div>'


def _choices(part: Part, _: Scope) -> str:
    kind = "radio" if number(part, "type") == 21 else "box"
    values = {words(part, "value"), *strings(part, "values")} - {""}
    made = []
    for option in several(part, "options"):
        on = is_set(option, "default") or words(option, "value") in values
        description = f"<small>{escape(words(option, 'description'))}</small>" if words(option, "description") else ""
        made.append(_choice(kind, on, f"{escape(words(option, 'label'))}{description}"))
    return f'<div class="choices">{"".join(made)}</div>'


def _checkbox(part: Part, _: Scope) -> str:
    return _choice("box", is_set(part, "default"), "")


def _choice(kind: str, on: bool, shown: str) -> str:
    return f'<div class="choice"><span class="{kind}{" on" * on}"></span><div>{shown}</div></div>'


DRAWERS: Mapping[int, Drawer] = {
    1: _row, 2: _button, 3: _select, TEXT_INPUT: _text_input, 5: _select, 6: _select, 7: _select, 8: _select,
    9: _section, 10: _text, 11: _thumbnail, 12: _gallery, 13: _file, 14: _separator, 17: _container, LABEL: _label,
    19: _upload, 21: _choices, 22: _choices, 23: _checkbox,
}  # fmt: skip
