"""A problem of a payload, the small checks that most rules are made of, and Discord's way of nesting them in an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.standins.discord.world import Json

Path = tuple[str | int, ...]
INVALID_FORM = 50035


@dataclass(frozen=True, slots=True)
class Problem:
    path: Path
    rule: str
    message: str
    code: int = INVALID_FORM


def length(text: object, least: int, most: int, path: Path, rule: str = "length") -> Iterator[Problem]:
    """A text of `least` to `most` characters."""
    if not isinstance(text, str):
        yield Problem(path, rule, "Must be a string.")
    elif not least <= len(text) <= most:
        yield Problem(path, rule, f"Must be between {least} and {most} in length, and is {len(text)}.")


def optional(holder: Json, key: str, most: int, path: Path, rule: str = "length") -> Iterator[Problem]:
    """A text that may be missing or null."""
    if holder.get(key) is not None:
        yield from length(holder[key], 0, most, (*path, key), rule)


def required(holder: Json, key: str, path: Path) -> Iterator[Problem]:
    if holder.get(key) in (None, ""):
        yield Problem((*path, key), "required", "This field is required")


def number(value: object, least: int, most: int, path: Path, rule: str = "number") -> Iterator[Problem]:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        yield Problem(path, rule, f"Must be a whole number from {least} to {most}, and is {value!r}.")


def nested(problems: Iterable[Problem]) -> Json:
    """As in the "errors" of Discord's answer."""
    made: Json = {}
    for problem in problems:
        at = made
        for step in problem.path:
            at = at.setdefault(str(step), {})
        at.setdefault("_errors", []).append({"code": problem.rule.upper(), "message": problem.message})
    return made


def reason(problems: Iterable[Problem]) -> str:
    """In one line, for whoever reads a failed test."""
    return "; ".join(f"{'.'.join(map(str, one.path)) or 'message'}: {one.message}" for one in problems)
