"""What comes back from components and forms, read from Discord's JSON: our views are not kept, so discord.py does not read it for us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import discord


def custom_id_of(interaction: discord.Interaction) -> str:
    return str(_data(interaction).get("custom_id", ""))


def values_of(interaction: discord.Interaction) -> list[str]:
    """What was chosen in a select; empty for a button."""
    return [str(value) for value in _data(interaction).get("values") or ()]


def fields_of(interaction: discord.Interaction) -> dict[str, str]:
    """Custom id -> text of a form, whatever components hold its fields."""
    return {str(one["custom_id"]): one["value"] for one in _fields(interaction) if isinstance(one.get("value"), str)}


def chosen_in(interaction: discord.Interaction, custom_id: str) -> list[str]:
    """What was chosen in a select of a form."""
    return next(([str(value) for value in one.get("values") or ()] for one in _fields(interaction) if one["custom_id"] == custom_id), [])


def _fields(interaction: discord.Interaction) -> Iterator[dict[str, Any]]:
    """What a form holds that has a custom id."""
    waiting = list(_data(interaction).get("components") or ())
    while waiting:
        one = waiting.pop()
        if "custom_id" in one:
            yield one
        waiting.extend(one.get("components") or ())
        if "component" in one:
            waiting.append(one["component"])


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    return cast("dict[str, Any]", interaction.data or {})
