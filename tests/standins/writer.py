"""A second process that writes: `python -m tests.standins.writer FOLDER hold|save NAME COUNT`.

hold: open a write transaction, say "held", commit when a line comes in.  save: store COUNT articles NAME-0, NAME-1 ...
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from db.schema import SourceRow
from tests.standins.store import Store, article, sentences_about


def main(folder: Path, what: str, name: str, count: int) -> None:
    with Store(folder) as store:
        if what == "hold":
            with store.database.writing() as session:
                session.add(SourceRow(name=name, created_at=datetime.now(UTC)))
                session.flush()
                sys.stdout.write("held\n")
                sys.stdout.flush()
                sys.stdin.readline()
        else:
            for number in range(count):
                store.add(article(f"{name}-{number}", sentences_about([f"{name} number {number}"])))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
