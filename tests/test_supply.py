"""Everything that is installed is pinned; a release's files are pinned by hash; what it is made of can be listed."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ALONE = frozenset({"torch"})  # pinned and not locked: its CPU build is another file than PyPI's


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _pinned(file: str) -> dict[str, str]:
    found = re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    return {_name(match[1]): match[2] for match in found}


def _ours(names: set[str]) -> set[str]:
    """Without what torch brings where its build for graphics cards was installed: that goes by torch's version."""
    return {name for name in names if not name.startswith(("nvidia-", "cuda-", "triton"))}


@pytest.fixture
def sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / ".ci" / "sbom.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_that_any_extra_brings_is_pinned(sbom: ModuleType) -> None:
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    assert sorted(_ours(sbom.closure([*PROJECT["dependencies"], *extras])) - set(_pinned("constraints.txt"))) == []


def test_the_lock_has_the_pinned_version_of_all_that_a_release_needs_with_hashes(sbom: ModuleType) -> None:
    needed = _ours(sbom.closure([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]])) - ALONE
    pinned, locked = _pinned("constraints.txt"), _pinned("requirements.lock")
    assert sorted(needed - set(locked)) == [], "run: make lock"
    assert {name: version for name, version in locked.items() if pinned.get(name) != version} == {}, "run: make lock"
    assert not ALONE & set(locked)
    assert not any(name.startswith("nvidia") for name in locked)
    entries = re.split(r"^(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_the_tools_of_a_release_are_pinned_by_hash() -> None:
    wanted = _pinned(".ci/tools.in")
    assert wanted and wanted.items() <= _pinned(".ci/tools.lock").items()
    entries = re.split(r"^(?=[A-Za-z0-9])", (ROOT / ".ci/tools.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_an_sbom_holds_what_the_product_needs_and_no_tool(sbom: ModuleType) -> None:
    def component(name: str) -> dict[str, str]:
        return {"bom-ref": f"{name}==1", "name": name, "type": "library", "version": "1"}

    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "root-component", "name": "crosscheck"}},
        "components": [component(name) for name in ("Torch", "filelock", "pytest", "pluggy")],
        "dependencies": [
            {"ref": "root-component", "dependsOn": ["Torch==1", "pytest==1"]}, {"ref": "Torch==1", "dependsOn": ["filelock==1"]},
            {"ref": "filelock==1"}, {"ref": "pytest==1", "dependsOn": ["pluggy==1"]},
        ],
    }  # fmt: skip
    made = sbom.reduced(document, {"torch", "filelock"}, {"torch"})
    assert [one["name"] for one in made["components"]] == ["Torch", "filelock"]
    assert made["dependencies"][0] == {"ref": "root-component", "dependsOn": ["Torch==1"]}
    assert "pytest" not in json.dumps(made)
    with pytest.raises(KeyError, match="usearch"):
        sbom.reduced(document, {"torch", "usearch"}, {"torch"})


def test_an_sbom_is_asked_for_all_that_the_product_names(sbom: ModuleType) -> None:
    names = {sbom.named(line) for line in sbom.wanted(PROJECT)}
    assert {"discord-py", "torch", "lxml-html-clean", "httpx", "psycopg"} <= names
    assert not {"pytest", "mypy", "accelerate"} & names
