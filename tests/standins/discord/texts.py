"""What a person sees of a message or a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def texts(shown: Mapping[str, Any]) -> Iterator[str]:
    """Every visible text of a message's or modal's JSON, in order. Buttons give their labels, selects their placeholder and options."""
    yield from _given(shown, "title", "content")
    for embed in shown.get("embeds") or []:
        yield from _given(embed.get("author") or {}, "name")
        yield from _given(embed, "title", "description")
        for field in embed.get("fields") or []:
            yield from _given(field, "name", "value")
        yield from _given(embed.get("footer") or {}, "text")
    for component in shown.get("components") or []:
        yield from _of_component(component)


def _of_component(component: Mapping[str, Any]) -> Iterator[str]:
    yield from _given(component, "label", "description", "content", "placeholder", "value")
    for option in component.get("options") or []:
        yield from _given(option, "label", "description")
    for item in component.get("items") or []:
        yield from _given(item, "description")
    for child in [*(component.get("components") or []), *(component[key] for key in ("accessory", "component") if component.get(key))]:
        yield from _of_component(child)


def _given(holder: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if isinstance(holder.get(key), str) and holder[key]:
            yield holder[key]
