"""Dockerfile, compose.yaml and units: what can be said of them without Docker and systemd. Settings that they name are settings."""

from __future__ import annotations

import configparser
import fnmatch
import re
import tomllib
from pathlib import Path
from typing import cast

import pytest
import yaml

from config.settings import Settings
from tests.standins.processes import ROOT

DEPLOY = ROOT / "config" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
COPY = re.compile(r"^COPY (?P<paths>(?!--from).*)$", re.MULTILINE)


def _files() -> list[Path]:
    return [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(DEPLOY.iterdir())]


def _unit(file: Path) -> configparser.ConfigParser:
    """A unit's sections; of a key that is there several times, the values are lines of one."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign]
    lines: dict[str, list[str]] = {}
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            parser.add_section(section)
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            lines.setdefault(f"{section} {key}", []).append(value)
    for name, values in lines.items():
        section, _, key = name.partition(" ")
        parser.set(section, key, "\n".join(values))
    return parser


@pytest.mark.parametrize("file", _files(), ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    known = {variable for variable, _ in Settings.described()}
    text = file.read_text(encoding="utf-8")
    named = set(re.findall(r"\bCROSSCHECK_[A-Z_]+\b|\bDISCORD_TOKEN\b", text))
    secrets = {name.upper() for name in re.findall(r"\b(?:discord_token|crosscheck_[a-z]+_[a-z]+)\b", text)}
    assert named | secrets <= known


def test_the_image_is_built_from_files_that_are_there_and_sent() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = [path for match in COPY.finditer((ROOT / "Dockerfile").read_text(encoding="utf-8")) for path in match["paths"].split()[:-1]]
    assert set(copied) == sent
    assert all((ROOT / path).exists() for path in copied)
    assert not any(fnmatch.fnmatch(path, "*.env") for path in copied)


def test_the_image_has_every_package_of_the_distribution() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    include = re.search(r"^include = \[(.*)\]$", text, re.MULTILINE)
    assert include is not None
    packages = {name.strip('"* ') for name in include[1].split(",")}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert all(f"COPY {package} {package}\n" in dockerfile for package in packages)


def test_the_image_installs_what_the_tests_ran_with_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert all("-c constraints.txt" in line for line in installs)
    assert "==" not in text  # versions stand in constraints.txt alone
    assert re.search(r"^USER (?!0\b|root)\d+:\d+$", text, re.MULTILINE)
    assert len(set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))) == 1
    assert "python:3.11" in text  # constraints.txt is of this Python
    assert "127.0.0.1:9464/healthz" in text
    assert "CROSSCHECK_MONITOR=9464" in text


def test_constraints_pin_every_dependency_that_is_named() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("dependencies = [") : text.index("[project.optional-dependencies]")]
    named = {_canonical(name) for name in re.findall(r'^    "([A-Za-z0-9._-]+)', section, re.MULTILINE)}
    pinned = {
        _canonical(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    assert named - pinned == set()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_services_of_the_composition_are_shut_in() -> None:
    document = cast("dict[str, dict[str, dict[str, object]]]", yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert set(document["services"]) == {"crosscheck", "database"}
    for name, service in document["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "ports" not in service, name
        assert service["tmpfs"], name
        assert set(cast("list[str]", service["secrets"])) <= set(document["secrets"])
        assert {volume.split(":")[0] for volume in cast("list[str]", service["volumes"])} <= set(document["volumes"])
    assert document["services"]["database"]["image"] == "pgvector/pgvector:pg17"
    assert document["services"]["database"]["networks"] == ["inside"]
    assert document["networks"]["inside"] == {"internal": True}
    assert "postgresql-client-17" in (ROOT / "Dockerfile").read_text(encoding="utf-8")  # pg_dump of the server's version


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_units_run_as_a_user_of_their_own_and_see_little(file: Path) -> None:
    service = _unit(file)["Service"]
    assert service["User"] == "crosscheck"
    assert service["ExecStart"].startswith("/opt/crosscheck/bin/crosscheck ")
    for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces", "LockPersonality"):
        assert service[key] == "true", key
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["UMask"] == "0077"
    assert service.get("ProcSubset", "all") == "all" or "crosscheck run" not in service["ExecStart"]  # torch reads /proc/cpuinfo
    # systemd makes the folder of credentials only where there are some.
    assert ("CROSSCHECK_SECRETS_DIR=%d" in service.get("Environment", "")) == ("LoadCredential" in service)


def test_what_the_units_run_are_commands() -> None:
    from typer.testing import CliRunner

    from bot.cli import cli

    for file in UNITS:
        words = _unit(file)["Service"]["ExecStart"].split()[1:]
        result = CliRunner().invoke(cli, [*words, "--help"])
        assert result.exit_code == 0, result.output
    assert [file.name for file in UNITS] == ["crosscheck-backup.service", "crosscheck.service"]
    assert _unit(DEPLOY / "crosscheck-backup.timer")["Timer"]["Persistent"] == "true"


def test_the_distribution_has_every_file_that_is_read_at_run_time() -> None:
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    needed = {
        "bot": ["locales/de/LC_MESSAGES/crosscheck.mo"],
        "config": ["models.toml", "sources.toml", "sample/articles.jsonl", "sample/pages/martial-law-lifted.html"],
        "db": ["migrations/versions/0006_search_in_postgresql.py"],
        "retrieval": ["weights/stance-small/README.md", "weights/stance-large/README.md"],
    }
    for package, files in needed.items():
        matched = {found for pattern in chosen[package] for found in (ROOT / package).glob(pattern)}
        assert {ROOT / package / file for file in files} <= matched


def test_backups_and_secrets_beside_the_source_are_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/secrets/", "/backups/"} <= set(ignored)
