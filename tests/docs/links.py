"""The links of a built site that lead out of it, with the pages that have them: `python -m tests.docs.links build/site`."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from lxml import html

FOREIGN = ("http://", "https://", "//")
LOADED = ("//script/@src", "//img/@src", "//iframe/@src", "//link[not(@rel='canonical')]/@href", "//source/@srcset")


def leading_out(site: Path) -> dict[str, list[str]]:
    """Address -> the pages that link to it, both in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for file, page in _pages(site):
        for address in dict.fromkeys(map(str, page.xpath("//a/@href"))):
            if address.startswith(FOREIGN):
                found[address].append(file)
    return dict(sorted(found.items()))


def loaded_from_elsewhere(site: Path) -> list[str]:
    """What a browser would fetch from other hosts by itself: there is to be nothing."""
    return [
        f"{file}: {address}"
        for file, page in _pages(site)
        for path in LOADED
        for address in map(str, page.xpath(path))
        if address.startswith(FOREIGN)
    ]


def _pages(site: Path) -> list[tuple[str, html.HtmlElement]]:
    files = sorted(site.rglob("*.html"))
    return [(file.relative_to(site).as_posix(), html.fromstring(file.read_bytes())) for file in files]


def main() -> None:
    site = Path(sys.argv[1])
    if strange := loaded_from_elsewhere(site):
        sys.exit("These pages load something from elsewhere:\n" + "\n".join(strange))
    for address, pages in leading_out(site).items():
        sys.stdout.write(f"{address}  in {', '.join(pages)}\n")


if __name__ == "__main__":
    main()
