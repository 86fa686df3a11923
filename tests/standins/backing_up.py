"""A process that backs up or restores, to be killed: `python -m tests.standins.backing_up FOLDER back-up|restore [ARCHIVE]`.

It says "ready" before it begins.
"""

from __future__ import annotations

import sys
from pathlib import Path

from db import backup, restoring
from db.backup import Place, Plan
from tests.standins.databases import url_of


def main(folder: Path, what: str, *archive: str) -> None:
    place = Place(url_of(folder), folder, folder / "pseudonym.key", folder / "index")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if what == "back-up":
        backup.back_up(place, folder / "backups")
    else:
        restoring.restore(place, Path(archive[0]), Plan(folder / "backups", (), 3), replace=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
