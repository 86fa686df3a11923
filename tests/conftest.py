"""Every test starts in an empty folder, without the settings of whoever runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.standins.store import Store

# The same examples each time, so that what passed here passes elsewhere; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("gate", derandomize=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(autouse=True)
def hermetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No CROSSCHECK_* of the shell, no .env or crosscheck.toml of the working folder, no downloads."""
    for variable in [*os.environ]:
        if variable.startswith("CROSSCHECK_") or variable in {"DISCORD_TOKEN", "COLUMNS", "FORCE_COLOR", "NO_COLOR"}:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("CROSSCHECK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A real SQLite store and its index in an empty folder."""
    with Store(tmp_path / "store") as opened:
        yield opened
