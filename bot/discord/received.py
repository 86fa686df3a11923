"""What comes back from components and forms, read from Discord's JSON: our views are not kept, so discord.py does not read it for us."""

from __future__ import annotations

from typing import Any, cast

import discord


def custom_id_of(interaction: discord.Interaction) -> str:
    return str(_data(interaction).get("custom_id", ""))


def values_of(interaction: discord.Interaction) -> list[str]:
    """What was chosen in a select; empty for a button."""
    return [str(value) for value in _data(interaction).get("values") or ()]


def fields_of(interaction: discord.Interaction) -> dict[str, str]:
    """Custom id -> text of a form, whatever components hold its fields."""
    found: dict[str, str] = {}
    waiting = list(_data(interaction).get("components") or ())
    while waiting:
        one = waiting.pop()
        if "custom_id" in one and isinstance(one.get("value"), str):
            found[str(one["custom_id"])] = one["value"]
        waiting.extend(one.get("components") or ())
        if "component" in one:
            waiting.append(one["component"])
    return found


def chosen_in(interaction: discord.Interaction, custom_id: str) -> list[str]:
    """What was chosen in a select of a form."""
    waiting = list(_data(interaction).get("components") or ())
    while waiting:
        one = waiting.pop()
        if one.get("custom_id") == custom_id:
            return [str(value) for value in one.get("values") or ()]
        waiting.extend(one.get("components") or ())
        if "component" in one:
            waiting.append(one["component"])
    return []


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    return cast("dict[str, Any]", interaction.data or {})
