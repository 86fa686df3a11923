"""Reading the parts of a payload, as Discord's API takes them: anything that is missing or of another kind reads as empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Part: TypeAlias = Mapping[str, object]


def words(part: Part, key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def number(part: Part, key: str, otherwise: int = 0) -> int:
    value = part.get(key)
    return value if isinstance(value, int) else otherwise


def is_set(part: Part, key: str, otherwise: bool = False) -> bool:
    value = part.get(key)
    return value if isinstance(value, bool) else otherwise


def inner(part: Part, key: str) -> Part:
    value = part.get(key)
    return value if isinstance(value, Mapping) else {}


def several(part: Part, key: str) -> list[Part]:
    """The parts in a list. One that is no mapping comes as an empty one, so that it is drawn as unknown and not left out."""
    value = part.get(key)
    return [each if isinstance(each, Mapping) else {} for each in value] if isinstance(value, list | tuple) else []


def strings(part: Part, key: str) -> list[str]:
    value = part.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []
