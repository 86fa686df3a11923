"""How much of the house its tests hold: `make coverage` (branches of retrieval and db, by their own tests) and `make mutants` (mutmut,
in five files).

    python -m tests.bench.house coverage    of the report that `make coverage` wrote; 1 where a package is under its bar
    python -m tests.bench.house mutants     copies the code, makes the mutants, runs the tests on each; 1 where a file is under its bar

Figures go to tests/bench/results/house.json, each with the commit that it is of. What survives is explained in tests/MUTANTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping

from tests.bench.report import RESULTS, ROOT, Value, commit, save, show

RESULT = RESULTS / "house.json"
REPORT = ROOT / ".cache" / "coverage" / "report.json"
COPY = ROOT / ".cache" / "mutants"
MUTATED = ("retrieval/fuse.py", "retrieval/compare.py", "retrieval/excerpt.py", "db/disputes.py", "db/case_reading.py")
BRANCHES, SCORE = 95.0, 85.0  # in 100, of each package and of each file

# mutmut 3 leaves decorated functions alone, which would leave out all that changes a case. So in the copy, "@retried" becomes an assignment
# after the method, which is the same to Python.
_RETRIED = re.compile(r"^    @retried\n((?:    def (\w+)\(.*\n)(?:(?:     .*|    \).*)?\n)*)", re.MULTILINE)
# How pytest ended on a mutant, as mutmut keeps it.
_KILLED, _SURVIVED, _UNTESTED = frozenset({1, 3}), 0, frozenset({5, 33})


def coverage() -> bool:
    """The figures of coverage.py's report, by package; whether each is at its bar."""
    files = json.loads(REPORT.read_text(encoding="utf-8"))["files"]
    packages = {
        "retrieval": [name for name in files if name.startswith("retrieval/")],
        "retrieval without training": [name for name in files if name.startswith("retrieval/") and "/training/" not in name],
        "db": [name for name in files if name.startswith("db/")],
    }
    figures = {name: _covered([files[file]["summary"] for file in of]) for name, of in packages.items()}
    rows = [[name, f"{one['branches']:.1f}", f"{one['lines']:.1f}", f"{one['missing']:.0f}"] for name, one in figures.items()]
    show("What the fast tests reach, in 100", ["package", "branches", "lines", "branches missed"], [rows])
    _remember("coverage", figures)
    return all(one["branches"] >= BRANCHES for one in figures.values())


def _covered(of: list[dict[str, int]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for summary in of:
        total.update(summary)
    return {
        "branches": round(100 * total["covered_branches"] / total["num_branches"], 2),
        "lines": round(100 * total["covered_lines"] / total["num_statements"], 2),
        "missing": total["missing_branches"],
    }


def mutants(names: list[str]) -> bool:
    """Run mutmut over the copy, on `names` alone (patterns) where there are any; whether each file is at its bar."""
    _copy()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    cores = str(len(os.sched_getaffinity(0)))
    # It ends with 0 whatever survives; other ends are its own failures.
    subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", cores, *names], cwd=COPY, env=environment, check=True)  # noqa: S603
    figures = {file: _scored(file) for file in MUTATED}
    rows = [
        [file, f"{one['score']:.1f}", *(str(one[key]) for key in ("mutants", "survived", "untested", "timeouts"))]
        for file, one in figures.items()
    ]
    show("Mutants that the tests kill, in 100", ["file", "killed", "mutants", "survived", "without a test", "too slow"], [rows])
    subprocess.run([sys.executable, "-m", "mutmut", "results"], cwd=COPY, env=environment, check=True)
    if not names:
        _remember("mutants", figures)
    return all(one["score"] >= SCORE for one in figures.values())


def _copy() -> None:
    """The code and the tests, anew."""
    shutil.rmtree(COPY, ignore_errors=True)
    unneeded = shutil.ignore_patterns("__pycache__", "weights", "bench", "results")
    for folder in ("bot", "config", "db", "retrieval", "tests"):
        shutil.copytree(ROOT / folder, COPY / folder, ignore=unneeded)
    shutil.copy(ROOT / "pyproject.toml", COPY)
    disputes = COPY / "db" / "disputes.py"
    code = disputes.read_text(encoding="utf-8")
    undecorated, count = _RETRIED.subn(r"\1    \2 = retried(\2)\n\n", code)
    if count != code.count("    @retried\n"):
        raise SystemExit("a method of db/disputes.py could not be undecorated")
    disputes.write_text(undecorated, encoding="utf-8")


def _scored(file: str) -> dict[str, float]:
    """Killed among all mutants of a file; one that no test reaches has survived, one that ran on and on is not counted as killed."""
    ends: Mapping[str, int | None] = json.loads((COPY / "mutants" / f"{file}.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    ran = [end for end in ends.values() if end is not None]
    killed, untested, survived = sum(end in _KILLED for end in ran), sum(end in _UNTESTED for end in ran), ran.count(_SURVIVED)
    return {
        "score": round(100 * killed / max(1, len(ran)), 2),
        "mutants": len(ran),
        "survived": survived,
        "untested": untested,
        "timeouts": len(ran) - killed - untested - survived,
    }


def _remember(part: str, figures: Mapping[str, Value]) -> None:
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    parts = {name: known[name] for name in ("coverage", "mutants") if name in known}
    save(RESULT, {**parts, part: {"of": commit(), **figures}})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["coverage", "mutants"])
    parser.add_argument("names", nargs="*", help='mutants to run alone, as "retrieval.fuse*"')
    chosen = parser.parse_args()
    return 0 if (coverage() if chosen.part == "coverage" else mutants(chosen.names)) else 1


if __name__ == "__main__":
    sys.exit(main())
