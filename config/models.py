"""Reading models.toml: which models there are, where their files lie and what they must be."""

from __future__ import annotations

import importlib.util
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class UnknownModel(Exception):
    """No model of that name is in models.toml, or the package that carries it is not installed."""


class ModelEntry(BaseModel):
    """One model of models.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    package: str
    path: str
    sha256: str
    max_tokens: int
    licence: str
    dimension: int = 0
    labels: tuple[str, ...] = ()
    base_package: str = ""
    base_path: str = ""
    base_sha256: str = ""
    files: dict[str, str] = {}  # sha256 of what is read beside the weights

    @property
    def folder(self) -> Path:
        """Where its files lie. Raises UnknownModel when the package is not installed."""
        return self._in(self.package) / self.path

    @property
    def base(self) -> Path | None:
        """The file of weights that it is built on, None when it has all in its own. Raises UnknownModel as above."""
        return self._in(self.base_package) / self.base_path if self.base_package else None

    def _in(self, package: str) -> Path:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise UnknownModel(f"The model {self.name} comes with the package {package}, which is not installed. Run: pip install .")
        return Path(spec.origin).parent


def model_entry(kind: Literal["embedding", "stance"], name: str) -> ModelEntry:
    """The model of that name. Raises UnknownModel, naming those there are."""
    known = _read()[kind]
    if name not in known:
        raise UnknownModel(f"No {kind} model is named {name!r}; there is {', '.join(sorted(known))}.")
    return known[name]


@cache
def _read() -> dict[str, dict[str, ModelEntry]]:
    tables = tomllib.loads((Path(__file__).parent / "models.toml").read_text(encoding="utf-8"))
    return {kind: {name: ModelEntry(name=name, **entry) for name, entry in entries.items()} for kind, entries in tables.items()}
