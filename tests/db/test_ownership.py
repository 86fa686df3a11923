"""What the program writes is for its owner alone, whatever the shell's umask is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import open_database
from db.keys import load_key
from db.ownership import OTHERS, is_open
from tests.standins.databases import of_sqlite


@pytest.fixture
def open_handed() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _open_to_others(folder: Path) -> list[str]:
    """What others could get at: a file in a folder that they cannot enter is not among them."""
    if not is_open(folder):
        return []
    return [str(path) for path in [folder, *folder.rglob("*")] if path.lstat().st_mode & OTHERS and not stat.S_ISLNK(path.lstat().st_mode)]


@pytest.mark.usefixtures("open_handed")
def test_a_new_store_and_its_key_are_for_their_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    load_key(data / "pseudonym.key")
    with open_database(f"sqlite:///{data / 'crosscheck.db'}").writing():
        for name in ("", "pseudonym.key", "crosscheck.db", "crosscheck.db-wal", "crosscheck.db-shm"):
            assert (data / name).exists() and not is_open(data / name), name


@pytest.mark.usefixtures("open_handed")
def test_also_in_a_folder_that_others_can_read_the_store_itself_is_not_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_database(f"sqlite:///{tmp_path / 'crosscheck.db'}").close()
    load_key(tmp_path / "pseudonym.key")
    assert is_open(tmp_path)
    assert not is_open(tmp_path / "crosscheck.db") and not is_open(tmp_path / "pseudonym.key")


@pytest.mark.usefixtures("open_handed")
def test_a_database_in_memory_makes_no_file(tmp_path: Path) -> None:
    open_database("sqlite:///:memory:", migrate=False).close()
    assert not list(Path.cwd().glob("*memory*"))


@of_sqlite
@pytest.mark.parametrize("there", [False, True])
def test_commands_leave_nothing_that_others_can_read(tmp_path: Path, there: bool) -> None:
    """The program itself, in a folder that it makes or in one that everybody can read."""
    data = tmp_path / "data"
    if there:
        data.mkdir()
        data.chmod(0o755)
    variables = {
        **os.environ,
        "CROSSCHECK_DATA_DIR": str(data),
        "CROSSCHECK_SERVICE": "off",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    root = Path(__file__).parents[2]
    command = f"umask 000; exec {sys.executable} -m bot privacy export --user 123456789012345678"
    done = subprocess.run(["bash", "-c", command], cwd=root, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (data / "crosscheck.db").exists()
    assert [path for path in _open_to_others(data) if path != str(data)] == []
    assert is_open(data) is there
