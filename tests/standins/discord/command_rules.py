"""What Discord refuses in application commands and in the choices of autocompletion.

https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.standins.discord.problems import Path, Problem, length
from tests.standins.discord.world import Json

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
MAX_COMMANDS = {CHAT: 100, USER: 15, MESSAGE: 15}
MAX_NAME, MAX_DESCRIPTION, MAX_OPTIONS, MAX_CHOICES, MAX_CHOICE, MAX_TOTAL = 32, 100, 25, 25, 100, 8_000

LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko".split()
)


def commands_problems(commands: Sequence[Json]) -> Iterator[Problem]:
    """Those of all commands of an application together."""
    counts = Counter(one.get("type", CHAT) for one in commands)
    for kind, most in MAX_COMMANDS.items():
        if counts[kind] > most:
            yield Problem((), "commands", f"{counts[kind]} commands of type {kind}, more than {most}")
    names = Counter((one.get("type", CHAT), one.get("name")) for one in commands)
    for (_, name), count in names.items():
        if count > 1:
            yield Problem((), "unique", f"Application command names must be unique: {name!r}")
    for place, one in enumerate(commands):
        yield from _command_problems(one, (place,))


def choices_problems(choices: Sequence[Json], path: Path) -> Iterator[Problem]:
    if len(choices) > MAX_CHOICES:
        yield Problem(path, "choices", f"Must be {MAX_CHOICES} or fewer in length.")
    for place, one in enumerate(choices):
        yield from length(one.get("name"), 1, MAX_CHOICE, (*path, place, "name"), "choices")
        yield from _localized(one, "name", 1, MAX_CHOICE, (*path, place))
        if isinstance(one.get("value"), str):
            yield from length(one["value"], 0, MAX_CHOICE, (*path, place, "value"), "choices")


def _command_problems(command: Json, path: Path) -> Iterator[Problem]:
    kind = command.get("type", CHAT)
    if kind == CHAT:
        yield from _named(command, path)
        yield from _options_problems(command.get("options") or [], 0, (*path, "options"))
    else:
        yield from length(command.get("name"), 1, MAX_NAME, (*path, "name"), "name")
        yield from _localized(command, "name", 1, MAX_NAME, path)
        if command.get("description") or command.get("options"):
            yield Problem(path, "description", "Context menu commands cannot have description or options")
    for key, known in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        given = command.get(key)
        if given is not None and (not given or not set(given) <= known):
            yield Problem((*path, key), key, f"Must be some of {sorted(known)}, and is {given!r}.")
    if (total := _characters(command)) > MAX_TOTAL:
        yield Problem(path, "length", f"Command exceeds maximum size ({MAX_TOTAL}), having {total} characters")


def _options_problems(options: Sequence[Json], depth: int, path: Path) -> Iterator[Problem]:
    if len(options) > MAX_OPTIONS:
        yield Problem(path, "options", f"Must be {MAX_OPTIONS} or fewer in length.")
    nests = [one.get("type") in (SUBCOMMAND, GROUP) for one in options]
    if any(nests) and not all(nests):
        yield Problem(path, "options", "Sub-command and sub-command group option types are mutually exclusive to all other types")
    if len({one.get("name") for one in options}) < len(options):
        yield Problem(path, "unique", "Option name already used")
    needed = [bool(one.get("required")) for one in options]
    if needed != sorted(needed, reverse=True):
        yield Problem(path, "options", "Required options must be placed before non-required options")
    for place, one in enumerate(options):
        yield from _option_problems(one, depth, (*path, place))


def _option_problems(option: Json, depth: int, path: Path) -> Iterator[Problem]:
    kind = option.get("type")
    yield from _named(option, path)
    if kind in (SUBCOMMAND, GROUP):
        if depth > (1 if kind == SUBCOMMAND else 0):
            yield Problem((*path, "type"), "options", "nested too deeply")
        if kind == GROUP and any(one.get("type") != SUBCOMMAND for one in option.get("options") or []):
            yield Problem((*path, "options"), "options", "a group holds sub-commands only")
        yield from _options_problems(option.get("options") or [], depth + 1, (*path, "options"))
        return
    if kind not in range(STRING, 12):
        yield Problem((*path, "type"), "options", f"{kind!r} is no type of an option")
    if option.get("choices"):
        yield from choices_problems(option["choices"], (*path, "choices"))
        if option.get("autocomplete"):
            yield Problem((*path, "autocomplete"), "options", "Cannot have both autocomplete and choices")
    if (option.get("choices") or option.get("autocomplete")) and kind not in (STRING, INTEGER, NUMBER):
        yield Problem((*path, "type"), "options", "choices and autocompletion are for texts and numbers")
    for key, least in (("min_length", 0), ("max_length", 1)):
        if option.get(key) is not None and (kind != STRING or not least <= option[key] <= 6_000):
            yield Problem((*path, key), "number", f"Must be from {least} to 6000, of a text.")


def _named(holder: Json, path: Path) -> Iterator[Problem]:
    """Name and description of what is typed after a slash."""
    names = {
        "name": holder.get("name"),
        **{f"name_localizations.{key}": one for key, one in (holder.get("name_localizations") or {}).items()},
    }
    for where, name in names.items():
        if not isinstance(name, str) or not _is_typed_name(name):
            yield Problem((*path, *where.split(".")), "name", f"Command name is invalid: {name!r}")
    yield from length(holder.get("description"), 1, MAX_DESCRIPTION, (*path, "description"), "description")
    yield from _localized(holder, "name", 1, MAX_NAME, path)
    yield from _localized(holder, "description", 1, MAX_DESCRIPTION, path)


def _is_typed_name(name: str) -> bool:
    r"""As ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$, in lower case where there is one."""
    return 1 <= len(name) <= MAX_NAME and name == name.lower() and all(_is_typed(character) for character in name)


def _is_typed(character: str) -> bool:
    kind = unicodedata.category(character)[0]
    combining = kind == "M" and unicodedata.name(character, "").startswith(("DEVANAGARI", "THAI"))
    return character in "-_'" or kind in "LN" or combining


def _localized(holder: Json, key: str, least: int, most: int, path: Path) -> Iterator[Problem]:
    for locale, text in (holder.get(f"{key}_localizations") or {}).items():
        where = (*path, f"{key}_localizations", locale)
        if locale not in LOCALES:
            yield Problem(where, "locale", f"{locale!r} is no locale of Discord's")
        yield from length(text, least, most, where)


def _characters(holder: Json) -> int:
    """Names, descriptions and values of a command; of each text, the longest of its languages counts."""
    total = 0
    for key in ("name", "description"):
        every = [holder.get(key) or "", *(holder.get(f"{key}_localizations") or {}).values()]
        total += max(map(len, every))
    if isinstance(holder.get("value"), str):
        total += len(holder["value"])
    return total + sum(map(_characters, [*(holder.get("options") or []), *(holder.get("choices") or [])]))
