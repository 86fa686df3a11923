"""The starter list of news sources (sources.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Starter:
    """A public feed to start with."""

    name: str
    place: str
    url: str


def starters() -> list[Starter]:
    """All of the list, in its order."""
    with (Path(__file__).parent / "sources.toml").open("rb") as file:
        return [Starter(**row) for row in tomllib.load(file)["source"]]
