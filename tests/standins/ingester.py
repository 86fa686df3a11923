"""An ingest to be killed: `python -m tests.standins.ingester FOLDER FILE.jsonl` store the file, the index following."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from retrieval.ingest.files import read_target
from retrieval.ingest.pipeline import ingest
from tests.standins.store import EMBEDDER, Store


def main(folder: Path, file: Path) -> None:
    with Store(folder) as store:
        sys.stdout.write("started\n")
        sys.stdout.flush()
        items = read_target(file)
        while batch := list(itertools.islice(items, 6)):
            ingest(batch, store.articles, EMBEDDER)
            store.index.follow()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
