"""Gather the pages of the site: those of docs/, those made from the code, those at the top: `python -m tests.docs build/docs`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.docs.pages import MADE_PAGES, ROOT, TOP_PAGES, top_page


def main() -> None:
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    made = {name: write() for name, write in MADE_PAGES.items()} | {name: top_page(file) for name, file in TOP_PAGES.items()}
    for name, text in made.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
