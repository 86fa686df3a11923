"""Draw what a person sees of a message: `python -m tests.pictures payload.json out.png --width 320 --theme light`.

Exit codes: 0 drawn, 1 drawn too wide or not drawn, 2 usage, 69 no Chromium is installed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.pictures.draw import NoBrowser, PictureError, draw


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Draw what a person sees of a Discord message.")
    parser.add_argument("payload", type=Path, help="JSON as it goes to Discord's API: a message, a modal or an interaction's answer")
    parser.add_argument("out", type=Path, help="the picture, a PNG")
    parser.add_argument("--width", type=int, default=700, help="CSS pixels: 700 as on a desktop, 320 as on the smallest phone")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    parser.add_argument("--private", action="store_true", help="only the asker can see it, whatever its flags say")
    parser.add_argument("--used", default="", metavar="WORDS", help='the line above it: "Ada used /check"')
    given = parser.parse_args()
    try:
        payload = json.loads(given.payload.read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:
        parser.error(f"{given.payload}: {failure}")
    if not isinstance(payload, dict):
        parser.error(f"{given.payload}: a payload is a JSON object")
    try:
        draw(payload, given.out, width=given.width, theme=given.theme, private=given.private, used=given.used)
    except NoBrowser as missing:
        parser.exit(69, f"{missing}\n")
    except PictureError as failure:
        parser.exit(1, f"{failure}\n")


if __name__ == "__main__":
    main()
