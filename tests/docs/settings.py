"""The page of the settings, from config/settings.py."""

from __future__ import annotations

import inspect
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from config.settings import ENV_PREFIX, OF_ITS_PROCESS, Settings
from tests.docs.tables import code, escaped, page, table

INTRO = """\
Settings come from environment variables, from a file `.env` in the working folder, or from `crosscheck.toml` there, whose names are written
small and without `CROSSCHECK_` (`data_dir = "/var/lib/crosscheck"`). The environment goes before `.env`, and that before `crosscheck.toml`.
`python -m bot doctor` prints this list too. A value that a setting cannot have is refused at the start, with the setting's name.

Secrets are never printed or logged. A service that `check` asks has to have the same settings, but for those that change no answer;
these are marked with *.
"""


def settings_page() -> str:
    described = dict(Settings.described())
    rows = []
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"{ENV_PREFIX}{name.upper()}")
        mark = " \\*" if name in OF_ITS_PROCESS else ""
        marked = f'{code(variable)}{mark}<a id="{variable.lower()}"></a>'
        rows.append((marked, escaped(described[variable]), _values(field), _default(field)))
    return page("Settings", INTRO, table(("setting", "what it sets", "values", "default"), rows), wide=True)


def _values(field: FieldInfo) -> str:
    kinds = [one for one in _alternatives(field.annotation) if one is not type(None)]
    words = " or ".join(_kind(one) for one in kinds)
    lowest = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    highest = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    if lowest is not None and highest is not None:
        return f"{words}, {lowest} to {highest:,}" if isinstance(highest, int) else f"{words}, {lowest} to {highest}"
    return f"{words}, at least {lowest}" if lowest is not None else words


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _kind(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(code(one) for one in get_args(kind))
    if get_origin(kind) is list:
        return "list"
    names = {SecretStr: "secret", bool: "`true`, `false`", int: "number", str: "text", Path: "folder", float: "number"}
    return names.get(kind) or (kind.__name__ if inspect.isclass(kind) else str(kind))


def _default(field: FieldInfo) -> str:
    if isinstance(field.default, Path):  # hangs on the machine and the person
        return "the person's folder for data, as `~/.local/share/crosscheck`"
    if field.default in (None, "", []):
        return "–"
    return code(str(field.default).lower() if isinstance(field.default, bool) else field.default)
