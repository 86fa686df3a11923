"""What a person sees of a message or a modal: the payload that goes to Discord's API, as one HTML page that needs nothing else."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Literal, TypeAlias

from tests.pictures.components import LABEL, TEXT_INPUT, beside_v1, components, error
from tests.pictures.embeds import embeds
from tests.pictures.markdown import Scope, to_html
from tests.pictures.parts import Part, inner, number, several, words

Theme: TypeAlias = Literal["dark", "light"]

NAME = "Crosscheck"
SUPPRESS_EMBEDS, EPHEMERAL, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 15
DEFERRED = 5  # an interaction's answer that only says that one is coming
PHONE = 480  # CSS pixels; what is narrower is laid out as on a phone
_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
# For who draws the page: how high it is, and how wide what is in it.
_MEASURE = (
    "const page = document.documentElement, body = document.body;"
    "page.dataset.height = Math.ceil(body.getBoundingClientRect().height); page.dataset.wide = body.scrollWidth;"
)
_HASH = b64encode(sha256(_MEASURE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'"  # no network, and no script but ours
_EYE = '<svg viewBox="0 0 24 24"><path d="M2 12q10-14 20 0q-10 14-20 0z"/><circle cx="12" cy="12" r="3"/></svg>'


def page(
    payload: Part, *, width: int = 700, theme: Theme = "dark", private: bool = False, used: str = "", now: datetime | None = None
) -> str:
    """An HTML page `width` CSS pixels wide.

    The payload is a message, a modal (it has a title) or an interaction's answer around one of the two ("type" and "data").
    A message is private by its flags or by `private`. `used` is the line above it: "Ada used /check". `now` is UTC's by default.
    """
    now = now or datetime.now(UTC)
    data = inner(payload, "data") if "data" in payload else payload
    scope = Scope(now)
    if "title" in data:
        shown = _modal(data, scope)
    else:
        private = private or bool(number(data, "flags") & EPHEMERAL)
        shown = _message(data, scope, private, used, waiting=number(payload, "type") == DEFERRED)
    size = "phone" if width <= PHONE else "desktop"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{NAME}</title><style>{_STYLE}</style></head>'
        f'<body class="{theme} {size}" style="width:{width}px">{shown}<script>{_MEASURE}</script></body></html>'
    )


def _message(data: Part, scope: Scope, private: bool, used: str, waiting: bool) -> str:
    body = '<div class="markdown waiting"><i></i><i></i><i></i> Crosscheck is thinking…</div>' if waiting else _body(data, scope)
    above = f'<div class="used"><span class="spine"></span>{_used(used)}</div>' if used else ""
    below = f'<div class="private">{_EYE}Only you can see this • <a>Dismiss message</a></div>' if private else ""
    return (
        f'<div class="message{" only-you" * private}">{above}<div class="avatar">{NAME[0]}</div>'
        f'<div class="head"><b>{NAME}</b><span class="app">APP</span><time>{scope.now:%H:%M}</time></div>'
        f'<div class="body">{body}</div>{below}</div>'
    )


def _used(used: str) -> str:
    who, does, what = used.partition(" used ")
    return f'<span class="dot">{escape(who[:1])}</span><span><b>{escape(who)}</b>{does}<a>{escape(what)}</a></span>'


def _body(data: Part, scope: Scope) -> str:
    flags, parts = number(data, "flags"), several(data, "components")
    content, cards = words(data, "content"), several(data, "embeds")
    if flags & COMPONENTS_V2:
        refused = {key: data[key] for key in ("content", "embeds", "poll", "sticker_ids") if data.get(key)}
        shown = error("Discord refuses this beside Components V2", refused) if refused else ""
        shown += components(parts, scope)
    else:
        shown = f'<div class="markdown">{to_html(content, scope)}</div>' if content else ""
        shown += (embeds(cards, scope) if not flags & SUPPRESS_EMBEDS else "") + beside_v1(parts, scope)
    return shown or error("Discord refuses an empty message", data)


def _modal(data: Part, scope: Scope) -> str:
    fields = "".join(_field(part, scope) for part in several(data, "components"))
    return (
        f'<div class="behind"><div class="modal"><div class="modal-head"><span class="avatar">{NAME[0]}</span>'
        f'<b>{escape(words(data, "title"))}</b><span class="close">✕</span></div><div class="fields-of">{fields}'
        f'<div class="notice">This form will be submitted to {NAME}. Do not share passwords or other sensitive information.</div></div>'
        '<div class="modal-foot"><div class="button secondary"><span>Cancel</span></div>'
        '<div class="button primary"><span>Submit</span></div></div></div></div>'
    )


def _field(part: Part, scope: Scope) -> str:
    shown = components([part], scope)
    inputs = [each for each in several(part, "components") if number(each, "type") == TEXT_INPUT]
    return f'<div class="field">{shown}</div>' if inputs or number(part, "type") != LABEL else shown
