"""Files and folders -> Articles, one at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import BadItem
from retrieval.ingest.feeds import read_feed
from retrieval.ingest.page import read_page
from retrieval.ingest.records import MAX_LINE_BYTES, read_record
from retrieval.types import Article

MAX_FILE_BYTES = 20_000_000  # of one page or feed; a .jsonl may have any size, its lines at most MAX_LINE_BYTES
RECORDS = frozenset({".jsonl", ".ndjson"})
PAGES = frozenset({".html", ".htm"})
FEEDS = frozenset({".xml", ".rss", ".atom"})
_KNOWN = RECORDS | PAGES | FEEDS
_ITEM = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_BLOCK = 1 << 20


def read_target(path: Path) -> Iterator[Article | BadItem]:
    """The articles of a file, or of every known file of a folder and its folders, in sorted order; lazily, one line at a time.

    What cannot be read is yielded as a BadItem, and the reading goes on. Hidden files are skipped, links out of the folder named.

    Raises BadItem at once, when there is no such path or it is of no known kind.
    """
    # os.path's questions, unlike Path's, answer no where a folder may not be searched or links go round.
    if os.path.isdir(path):
        return _read_folder(path)
    if not os.path.exists(path):
        raise BadItem(_name(path), "there is no such file or folder, or it may not be looked at")
    if not os.path.isfile(path):
        raise BadItem(_name(path), "neither a file nor a folder")
    if not _is_known(path):
        raise BadItem(_name(path), f"not a kind of file that can be read; those are {', '.join(sorted(_KNOWN))}")
    return _read_file(path)


def count_items(path: Path) -> int | None:
    """About how many items read_target will yield, found without parsing any; None for what read_target refuses."""
    if os.path.isdir(path):
        return sum(1 if isinstance(file, BadItem) else _count(file) for file in _walk(path))
    return _count(path) if os.path.isfile(path) and _is_known(path) else None


def _read_folder(root: Path) -> Iterator[Article | BadItem]:
    for file in _walk(root):
        if isinstance(file, BadItem):
            yield file
        else:
            yield from _read_file(file)


def _walk(root: Path) -> Iterator[Path | BadItem]:
    """The known files below `root`, depth first, names in order; BadItems for folders that cannot be listed and links that lead out."""
    waiting = [root]  # a stack instead of recursion: folders may nest deeper than Python's calls
    while waiting:
        path = waiting.pop()
        if os.path.islink(path) and path != root:
            yield from _follow(path, root)
        elif os.path.isdir(path):
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                yield _unreadable(path, error)
            else:
                waiting.extend(path / name for name in names if not name.startswith("."))
        elif os.path.isfile(path) and _is_known(path):
            yield path


def _follow(link: Path, root: Path) -> Iterator[Path | BadItem]:
    """The link, when it stands for a known file inside. One for a folder inside is passed over: its files are read where they lie."""
    is_folder = os.path.isdir(link)
    if not (is_folder or _is_known(link)):
        return
    if not Path(os.path.realpath(link)).is_relative_to(os.path.realpath(root)):
        yield BadItem(_name(link), "a link that leads out of the folder is not followed")
    elif not os.path.exists(link):
        yield BadItem(_name(link), "a link that leads nowhere")
    elif os.path.isfile(link):
        yield link


def _read_file(path: Path) -> Iterator[Article | BadItem]:
    try:
        if path.suffix.lower() in RECORDS:
            yield from _read_lines(path)
            return
        data = _read_whole(path)
        if path.suffix.lower() in FEEDS:
            yield from read_feed(data, _name(path))
        else:
            yield read_page(data, _name(path))
    except BadItem as error:
        yield error
    except OSError as error:
        yield _unreadable(path, error)


def _read_lines(path: Path) -> Iterator[Article | BadItem]:
    for number, line in enumerate(_bounded_lines(path), start=1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            yield read_record(line, f"{_name(path)}, line {number}")
        except BadItem as error:
            yield error


def _bounded_lines(path: Path) -> Iterator[bytes]:
    """Lines without their ends. Of a line that is too long only as much is kept as shows it."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(_BLOCK)
            yield line.rstrip(b"\r\n")


def _read_whole(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise BadItem(_name(path), f"the file is larger than {MAX_FILE_BYTES:,} bytes")
    return data


def _count(path: Path) -> int:
    suffix = path.suffix.lower()
    try:
        if suffix in RECORDS:
            return _count_lines(path)
        if suffix in FEEDS and path.stat().st_size <= MAX_FILE_BYTES:
            return len(_ITEM.findall(path.read_bytes()))
    except OSError:
        pass  # read_target will say so, as one item
    return 1


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in _KNOWN


def _unreadable(path: Path, error: OSError) -> BadItem:
    return BadItem(_name(path), f"cannot be read ({error.strerror or type(error).__name__})")


def _name(path: Path) -> str:
    """The path as text that can be printed: names on disk need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
