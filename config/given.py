"""What is set, as it is written and not yet judged, read by the standard library alone: settings.py takes longer than a served check.

A running service compares it with its own settings, so that nobody gets an answer that other settings have made.
"""

from __future__ import annotations

import os
from collections.abc import Collection

PREFIX = "crosscheck_"
SECRETS = frozenset({"discord_token", "database_url", "embeddings_key"})  # never handed on
OFF = frozenset({"0", "off", "f", "false", "n", "no"})  # how pydantic reads False


def given_settings() -> dict[str, object]:
    """Settings by name, as in Settings: environment before files of CROSSCHECK_SECRETS_DIR before .env before crosscheck.toml; but no
    secrets. `data_dir` is always there, as a real path, and `database` names the database without telling its address.

    Raises OSError, ValueError where a file cannot be read.
    """
    environment = _prefixed(dict(os.environ))
    files = _prefixed(_of_folder(environment.get("secrets_dir", "")))
    found: dict[str, object] = {**_of_toml("crosscheck.toml"), **_prefixed(_of_dotenv(".env")), **files, **environment}
    address = found.get("database_url")
    kept = {name: value for name, value in found.items() if name not in SECRETS}
    kept["data_dir"] = os.path.realpath(str(found["data_dir"]) if "data_dir" in found else _default_folder())
    kept["database"] = database_name(None if address is None else str(address))
    return kept


def unknown_names(known: Collection[str]) -> list[tuple[str, str]]:
    """(name, where it stands) of what looks like a setting and is none of `known`, which are lower-cased without the prefix.

    Raises OSError, ValueError where a file cannot be read.
    """
    places = {
        "the environment": {name for name in os.environ if name.lower().startswith(PREFIX)},
        ".env": {name for name in _of_dotenv(".env") if name.lower().startswith(PREFIX)},
        "crosscheck.toml": set(_of_toml("crosscheck.toml")),
    }
    return [
        (name, place) for place, names in places.items() for name in sorted(names) if name.lower().removeprefix(PREFIX) not in known
    ]  # fmt: skip


def database_name(address: str | None) -> str:
    """What tells databases apart without telling where one is; "" for the one in the data folder. A relative path is one of this folder."""
    if address is None:
        return ""
    import hashlib

    place = os.getcwd() if address.startswith("sqlite") else ""
    return hashlib.sha256(f"{place}\0{address}".encode()).hexdigest()


def serves(settings: dict[str, object]) -> bool:
    """Whether a running service may be asked."""
    return str(settings.get("service", "on")).strip().lower() not in OFF


def _prefixed(variables: dict[str, str]) -> dict[str, str]:
    lowered = {name.lower(): value for name, value in variables.items()}
    return {name.removeprefix(PREFIX): value for name, value in lowered.items() if name.startswith(PREFIX)}


def _of_dotenv(file: str) -> dict[str, str]:
    if not os.path.isfile(file):
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(file, encoding="utf-8").items() if value is not None}


def _of_folder(folder: str) -> dict[str, str]:
    """A setting a file, as systemd's credentials and Docker's secrets are."""
    if not folder:
        return {}
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file() and entry.name.lower().startswith(PREFIX):
                with open(entry.path, encoding="utf-8") as stream:
                    found[entry.name] = stream.read().strip()
    return found


def _of_toml(file: str) -> dict[str, object]:
    if not os.path.isfile(file):
        return {}
    import tomllib

    with open(file, "rb") as stream:
        return tomllib.load(stream)


def _default_folder() -> str:
    import platformdirs

    return platformdirs.user_data_dir("crosscheck")
