"""The SBOM of what a release runs: of all that is installed here, the packages that Crosscheck needs without its tools.

    python .ci/sbom.py EVERYTHING.json OUT.json

reads what cyclonedx-py has found in an environment, follows the dependencies that pyproject.toml names for the product and for PostgreSQL,
and writes those components with their relations. Exits with 1 where one of them is not installed.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
EXTRAS = ("postgres",)


def named(requirement: str) -> str:
    """The package of a requirement, as registries compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]).lower()


def wanted(project: dict[str, Any]) -> list[str]:
    """The requirements of the product itself."""
    return [*project["dependencies"], *(line for extra in EXTRAS for line in project["optional-dependencies"][extra])]


def closure(requirements: list[str]) -> set[str]:
    """The packages that these need on this machine, by what is installed; with an extra only what asks for it."""
    found: set[tuple[str, str]] = set()
    ahead = [Requirement(line) for line in requirements]
    while ahead:
        one = ahead.pop()
        for extra in {"", *one.extras} - {extra for name, extra in found if name == named(one.name)}:
            found.add((named(one.name), extra))
            try:
                needs = [Requirement(line) for line in requires(one.name) or ()]
            except PackageNotFoundError:
                continue
            ahead += [each for each in needs if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def reduced(document: dict[str, Any], names: set[str], first: set[str]) -> dict[str, Any]:
    """The document with the components of these names, of which the product names `first`. Raises KeyError for one that is missing."""
    refs = {named(one["name"]): one["bom-ref"] for one in document["components"]}
    kept = {refs[name] for name in names}
    root = document["metadata"]["component"]["bom-ref"]
    needs = {one["ref"]: [ref for ref in one.get("dependsOn", []) if ref in kept] for one in document["dependencies"]}
    needs[root] = sorted(refs[name] for name in first)
    return {
        **document,
        "components": [one for one in document["components"] if one["bom-ref"] in kept],
        "dependencies": [{"ref": ref, "dependsOn": needs.get(ref, [])} for ref in (root, *sorted(kept))],
    }


def main() -> None:
    everything, out = map(Path, sys.argv[1:3])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        lines = wanted(project)
        made = reduced(json.loads(everything.read_text(encoding="utf-8")), closure(lines), {named(line) for line in lines})
    except KeyError as error:
        sys.exit(f"{error} is needed and not installed: the SBOM would not be whole")
    out.write_text(json.dumps(made, indent=1, sort_keys=True), encoding="utf-8")
    print(f"{len(made['components'])} components in {out}")  # noqa: T201


if __name__ == "__main__":
    main()
