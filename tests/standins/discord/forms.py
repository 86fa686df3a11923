"""Components as a person uses them: which button or select is meant, and a form filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.standins.discord.component_rules import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    walk,
)
from tests.standins.discord.options import Resolved
from tests.standins.discord.world import Json


def find_button(components: Sequence[Json], key: str) -> Json:
    """The button with this custom id, else this label or emoji.

    Raises:
        LookupError: there is none that can be pressed.
    """
    buttons = [one for one in walk(components) if one["type"] == BUTTON]
    for name in ("custom_id", "label", "emoji"):
        for one in buttons:
            shown = (one.get("emoji") or {}).get("name") if name == "emoji" else one.get(name)
            if shown == key:
                return _usable(one, key)
    raise LookupError(f"no button {key!r}; there are {[one.get('label') or one.get('emoji') for one in buttons]}")


def find_select(components: Sequence[Json], key: str) -> Json:
    """The select with this custom id, else this placeholder.

    Raises:
        LookupError: there is none that can be used.
    """
    selects = [one for one in walk(components) if one["type"] in SELECTS]
    for name in ("custom_id", "placeholder"):
        for one in selects:
            if one.get(name) == key:
                return _usable(one, key)
    raise LookupError(f"no select {key!r}; there are {[one.get('placeholder') or one['custom_id'] for one in selects]}")


def _usable(component: Json, key: str) -> Json:
    if component.get("disabled"):
        raise LookupError(f"{key!r} is disabled")
    if not component.get("custom_id"):
        raise LookupError(f"{key!r} is a link: pressing it tells the bot nothing")
    return component


def chosen(component: Json, values: Sequence[Any], resolved: Resolved) -> list[str]:
    """Values of a select or group as the client sends them.

    Raises:
        ValueError: they are not on offer, or too few or too many.
    """
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    if component.get("required") is False and not values:
        least = 0
    if not least <= len(values) <= most:
        raise ValueError(f"{component['custom_id']!r} takes {least} to {most} values, not {len(values)}")
    if component["type"] not in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
        return [resolved.add(value) for value in values]
    offered = [one["value"] for one in component["options"]]
    if strange := [value for value in values if value not in offered]:
        raise ValueError(f"{component['custom_id']!r} does not offer {strange}, only {offered}")
    return list(values)


def submitted(modal: Mapping[str, Any], fields: Mapping[str, Any], resolved: Resolved) -> list[Json]:
    """A form's components as they come back; fields are named by custom id or label, and keep what they showed if not named.

    Raises:
        LookupError: the form has no such field.
        ValueError: the client would not let the person send that.
    """
    left = dict(fields)
    made: list[Json] = []
    ids = iter(range(1, 100))
    for one in modal["components"]:
        about: Json = {"type": one["type"], "id": one.get("id") or next(ids)}
        if one["type"] == LABEL:
            about["component"] = _field(one["component"], one["label"], left, resolved) | {"id": one["component"].get("id") or next(ids)}
        elif one["type"] == ROW:
            about["components"] = [_field(inner, inner.get("label"), left, resolved) | {"id": next(ids)} for inner in one["components"]]
        made.append(about)
    if left:
        raise LookupError(f"the form has no field {sorted(left)}")
    return made


def _field(component: Json, label: str | None, left: dict[str, Any], resolved: Resolved) -> Json:
    made: Json = {"type": component["type"], "custom_id": component["custom_id"]}
    given = left.pop(component["custom_id"], left.pop(label, None) if label else None)
    if component["type"] == TEXT_INPUT:
        return made | {"value": _text(component, component.get("value") or "" if given is None else given)}
    if component["type"] == CHECKBOX:
        return made | {"value": bool(component.get("default")) if given is None else bool(given)}
    if component["type"] == FILE_UPLOAD:
        return made | {"values": [resolved.add(one) for one in given or []]}
    values = _preset(component) if given is None else [given] if isinstance(given, str) else list(given)
    values = chosen({"required": True, **component}, values, resolved)
    if component["type"] == RADIO_GROUP:
        return made | {"value": values[0] if values else None}
    return made | {"values": values}


def _text(component: Json, text: str) -> str:
    least, most = component.get("min_length") or 0, component.get("max_length") or 4_000
    if component.get("required", True):
        least = max(least, 1)
    if (text or component.get("required", True)) and not least <= len(text) <= most:
        raise ValueError(f"{component['custom_id']!r} takes {least} to {most} characters, not {len(text)}")
    return text


def _preset(component: Json) -> list[Any]:
    presets = [one["value"] for one in component.get("options") or [] if one.get("default")]
    return presets or [one["id"] for one in component.get("default_values") or []]
