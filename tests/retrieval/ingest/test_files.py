"""Targets on disk: files of each kind, folders, links, limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.errors import BadItem
from retrieval.ingest.files import MAX_FILE_BYTES, count_items, read_target
from retrieval.ingest.records import MAX_LINE_BYTES
from retrieval.types import Article

SAID = "The council of Harwick voted on Tuesday to close its old bridge, for good."


def _record(number: int) -> bytes:
    return json.dumps({"url": f"https://echo.example/{number}", "source": "Echo", "text": SAID}).encode()


def _feed(*numbers: int) -> bytes:
    items = "".join(f"<item><link>https://echo.example/{n}</link><description>{SAID}</description></item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>Echo</title>{items}</channel></rss>".encode()


def _page(number: int) -> bytes:
    head = f"<link rel='canonical' href='https://echo.example/{number}'>"
    return f"<html><head>{head}</head><body><article><p>{SAID} {SAID}</p></article></body></html>".encode()


def _numbers(target: Path) -> list[int]:
    """The last part of each article's url; -1 for a BadItem."""
    return [int(item.url.rsplit("/", 1)[1]) if isinstance(item, Article) else -1 for item in read_target(target)]


def _bad(target: Path) -> list[BadItem]:
    return [item for item in read_target(target) if isinstance(item, BadItem)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", _record(1) + b"\n" + _record(2)),
        ("a.NDJSON", b"\xef\xbb\xbf" + _record(1) + b"\r\n\r\n" + _record(2) + b"\r\n"),
        ("a.xml", _feed(1, 2)),
        ("a.rss", _feed(1, 2)),
        ("a.atom", _feed(1, 2)),
    ],
)
def test_a_file_of_each_kind_gives_its_articles_in_order(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert _numbers(tmp_path / name) == [1, 2]


@pytest.mark.parametrize("name", ["a.html", "a.HTM"])
def test_a_page_is_one_article(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(_page(7))
    assert _numbers(tmp_path / name) == [7]
    assert count_items(tmp_path / name) == 1


def test_a_folder_is_walked_in_sorted_order_without_hidden_and_unknown_files(tmp_path: Path) -> None:
    for name, data in {
        "b.jsonl": _record(3),
        "a/z.xml": _feed(1, 2),
        "c/deep/er.html": _page(4),
        ".hidden.jsonl": _record(5),
        ".git/x.jsonl": _record(6),
        "notes.txt": b"hello",
        "d.jsonl": _record(8),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert _numbers(tmp_path) == [1, 2, 3, 4, 8]
    assert count_items(tmp_path) == 5


def test_bad_lines_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join([_record(1), b"{broken", b"", b"\xff", _record(2), b"[]"]))
    assert _numbers(file) == [1, -1, -1, 2, -1]
    assert [bad.where for bad in _bad(file)] == [f"{file}, line {number}" for number in (2, 4, 6)]


def test_an_endless_line_is_refused_without_being_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "' + b"x" * (3 * MAX_LINE_BYTES) + b'"}\n' + _record(2))
    assert _numbers(file) == [-1, 2]
    assert "longer than" in _bad(file)[0].reason


def test_lines_stream(tmp_path: Path) -> None:
    pipe = tmp_path / "a.jsonl"
    pipe.write_bytes(_record(0) + b"\n")
    items: Iterator[Article | BadItem] = read_target(pipe)
    next(items)
    with pipe.open("ab") as file:
        file.write(b"".join(_record(number) + b"\n" for number in range(1, 4)))
    assert len(list(islice(items, 3))) == 3


@pytest.mark.parametrize("name", ["a.html", "a.xml"])
def test_a_page_or_feed_beyond_the_limit_is_refused(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    (bad,) = _bad(tmp_path)
    assert bad.where == str(tmp_path / name)
    assert "larger than 20,000,000 bytes" in bad.reason
    assert count_items(tmp_path) == 1


@pytest.mark.parametrize("name", ["a.html", "a.xml", "a.rss"])
def test_an_unreadable_kind_of_content_is_one_bad_item(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01\x02")
    assert len(_bad(tmp_path)) == 1


def test_a_path_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadItem, match="there is no such file or folder"):
        read_target(tmp_path / "a.jsonl")
    assert count_items(tmp_path / "a.jsonl") is None


@pytest.mark.parametrize("name", ["a.txt", "a", "a.pdf", ".jsonl"])
def test_an_unknown_kind_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(_record(1))
    with pytest.raises(BadItem, match=r"not a kind of file that can be read; those are \.atom, \.htm"):
        read_target(tmp_path / name)
    assert count_items(tmp_path / name) is None


def test_a_name_that_no_system_allows_is_refused() -> None:
    with pytest.raises(BadItem, match="there is no such file"):
        read_target(Path("a\0.jsonl"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(BadItem, match="neither a file nor a folder"):
        read_target(tmp_path / "a.jsonl")
    assert _numbers(tmp_path) == []


def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "x.jsonl").write_bytes(_record(9))
    (folder / "a.jsonl").write_bytes(_record(1))
    (folder / "b.jsonl").symlink_to("a.jsonl")
    (folder / "c.jsonl").symlink_to(outside / "x.jsonl")
    (folder / "d").symlink_to(outside)
    (folder / "e").symlink_to(folder)
    (folder / "f.jsonl").symlink_to("nowhere.jsonl")
    (folder / "g.jsonl").symlink_to("g.jsonl")
    items = list(read_target(folder))
    assert [item.url for item in items if isinstance(item, Article)] == ["https://echo.example/1"] * 2
    assert [(Path(item.where).name, item.reason) for item in items if isinstance(item, BadItem)] == [
        ("c.jsonl", "a link that leads out of the folder is not followed"),
        ("d", "a link that leads out of the folder is not followed"),
        ("f.jsonl", "a link that leads nowhere"),
        ("g.jsonl", "a link that leads nowhere"),
    ]
    assert count_items(folder) == len(items)


def test_a_name_that_is_not_utf8_can_be_printed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.jsonl"
    with open(name, "wb") as file:
        file.write(b"{")
    (bad,) = _bad(tmp_path)
    bad.where.encode()


@pytest.mark.parametrize(
    ("name", "data", "count"),
    [
        ("a.jsonl", b"", 0),
        ("a.jsonl", b"{}\n{}\n", 2),
        ("a.jsonl", b"{}\n{}", 2),
        ("a.xml", _feed(1, 2, 3), 3),
        ("a.atom", b"<feed><entry/><atom:entry a='b'></atom:entry><entries/></feed>", 2),
    ],
)
def test_items_are_counted_without_parsing(tmp_path: Path, name: str, data: bytes, count: int) -> None:
    (tmp_path / name).write_bytes(data)
    assert count_items(tmp_path / name) == count


def test_importing_the_readers_does_not_load_the_parsers() -> None:
    code = "import sys, retrieval.ingest.files; print({'feedparser', 'trafilatura', 'lxml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["a.jsonl", "a.xml", "a.html"]), st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert all(isinstance(item, BadItem) for item in read_target(tmp_path / name))
    assert count_items(tmp_path / name) is not None


def test_a_link_to_a_file_of_no_known_kind_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.bin").write_bytes(b"x")
    (tmp_path / "link.bin").symlink_to(tmp_path / "notes.bin")
    assert [*read_target(tmp_path)] == []
