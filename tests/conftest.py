"""Every test starts in an empty folder, without the settings of whoever runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.standins.databases import SERVER, on_postgres, url_of
from tests.standins.postgres import Postgres
from tests.standins.store import Store

# The same examples each time, so that what passed here passes elsewhere; HYPOTHESIS_PROFILE=search looks for new ones. None has limits
# of time: a busy machine fails no test and kills no mutant.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", patient, derandomize=True, database=None)
settings.register_profile("search", patient, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

SHAKEN = os.environ.get("CROSSCHECK_TEST_SHAKEN")  # a seed of delays


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a run, or of a process of it."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _store_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where stores are to lie in PostgreSQL, the server that they lie in."""
    if not on_postgres:
        yield
        return
    server: Postgres = request.getfixturevalue("postgres")
    os.environ[SERVER] = server.address
    yield
    del os.environ[SERVER]


@pytest.fixture(autouse=True)
def hermetic(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No CROSSCHECK_* of the shell, no .env or crosscheck.toml of the working folder, no downloads."""
    for variable in [*os.environ]:
        if variable.startswith("CROSSCHECK_") or variable in {"DISCORD_TOKEN", "COLUMNS", "FORCE_COLOR", "NO_COLOR"}:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("CROSSCHECK_DATA_DIR", str(tmp_path / "data"))
    if on_postgres and "bot" in request.path.parts:
        monkeypatch.setenv("CROSSCHECK_DATABASE_URL", url_of(tmp_path / "data"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _shaken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if SHAKEN:
        from tests.standins.shaking import shake  # which loads the stand-in of Discord: only where it is wanted

        shake(f"{SHAKEN} {request.node.nodeid}", monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A real store and its index in an empty folder."""
    with Store(tmp_path / "store") as opened:
        yield opened
