"""What README and docs show of the command line, typed into a shell over the bundled sample: it prints what they say."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import SkipTest

import pytest
from sybil.example import SybilFailure

from tests.docs.console import PROGRAMS, Shell, document, fits, program, steps

pytestmark = pytest.mark.timeout(600)  # on a machine that is busy with other things too; alone it takes seconds
ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]
QUICK = [ROOT / name for name in ("README.md", *(f"docs/operator/{name}.md" for name in ("running", "sources", "troubleshooting")))]
SAMPLE = ["config/sample/articles.jsonl", "config/sample/continental.xml", "config/sample/pages"]
PORT = "8000"  # of the little web server in the pages; here whichever is free


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder into which the command line has stored the sample, with the models loaded for those who ask."""
    folder = tmp_path_factory.mktemp("docs") / "data"
    variables = _variables(folder)
    bot = [sys.executable, "-m", "bot"]
    with subprocess.Popen(
        [*bot, "serve"], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        subprocess.run([*bot, "ingest", *SAMPLE], cwd=ROOT, env=variables, check=True, capture_output=True)
        assert any(line.startswith("Ready") for line in process.stderr)
        yield folder
        process.terminate()


@pytest.mark.parametrize("page", QUICK, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_what_its_commands_print(page: Path, service: Path, tmp_path: Path) -> None:
    _run_page(page, service, tmp_path, fast=True)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_what_all_of_its_commands_print(page: Path, service: Path, tmp_path: Path) -> None:
    _run_page(page, service, tmp_path, fast=False)


def _run_page(page: Path, data: Path, tmp_path: Path, *, fast: bool) -> None:
    port = _free_port()
    text = page.read_text(encoding="utf-8").replace(f":{PORT}", f":{port}").replace(f"http.server {PORT}", f"http.server {port}")
    copy = tmp_path / page.name
    copy.write_text(text, encoding="utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "config").symlink_to(ROOT / "config")
    with Shell(folder, _variables(data)) as shell:
        for example in document(copy, shell, fast=fast):
            try:
                example.evaluate()
            except SkipTest:
                continue


def _variables(data: Path) -> dict[str, str]:
    """As somebody has them who sat down in the program's folder."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(data.parent), "LANG": "C.UTF-8",
        "CROSSCHECK_DATA_DIR": str(data), "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "COLUMNS": "100",
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_block_is_read_as_what_is_typed_and_what_is_printed() -> None:
    first, second = steps("$ echo a \\\n> b\na b\n\n$ true\n")
    assert (first.typed, first.printed) == ("echo a \\\nb", ("a b",))
    assert (second.typed, second.printed) == ("true", ())


@pytest.mark.parametrize(
    ("printed", "really", "fit"),
    [
        (("a",), ["a"], True),
        (("a",), ["a", "b"], False),
        (("a", "..."), ["a", "b", "c"], True),
        (("...", "c"), ["a", "b", "c"], True),
        (("a", "...", "c"), ["a", "c"], True),
        (("a ... c",), ["a b c"], True),
        (("a ... c",), ["a b", " c"], False),
        (("a.c",), ["abc"], False),
    ],
)
def test_dots_stand_for_anything(printed: tuple[str, ...], really: list[str], fit: bool) -> None:
    assert fits(printed, really) is fit


def test_no_example_changes_the_machine_that_tests_it(tmp_path: Path) -> None:
    assert program("CROSSCHECK_THREADS=1 python -m bot doctor") == "python"
    assert program("rm -rf /") not in PROGRAMS
    page = tmp_path / "page.md"
    page.write_text("```console\n$ touch made\n```\n", encoding="utf-8")
    with Shell(tmp_path, {"PATH": os.environ["PATH"]}) as shell:
        with pytest.raises(SybilFailure, match="no command that examples may run"):
            for example in document(page, shell):
                example.evaluate()
    assert not (tmp_path / "made").exists()


def test_a_shell_goes_on_where_it_was(tmp_path: Path) -> None:
    assert shutil.which("bash")
    with Shell(tmp_path, {"PATH": os.environ["PATH"]}) as shell:
        assert shell.run("export ONE=1; cd /") == []
        assert shell.run("echo $ONE; pwd; echo oops >&2") == ["1", "/", "oops"]
