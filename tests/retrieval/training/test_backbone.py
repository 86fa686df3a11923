"""The backbone is put together from its parts, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from retrieval.training.backbone import parts, unpack

WEIGHTS = bytes(range(256)) * 40


def _parts(folder: Path) -> list[Path]:
    with ZipFile(folder / "whole.zip", "w") as archive:
        archive.writestr("some-model/model.safetensors", WEIGHTS)
        archive.writestr("some-model/config.json", "{}")
    whole = (folder / "whole.zip").read_bytes()
    third = len(whole) // 3
    pieces = []
    for number, piece in enumerate((whole[:third], whole[third : 2 * third], whole[2 * third :]), 1):
        pieces.append(folder / f"whole.zip.{number:03}")
        pieces[-1].write_bytes(piece)
    return pieces


def test_parts_give_the_model_s_files_and_leave_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "made" / "backbone"
    unpack(_parts(tmp_path), out, hashlib.sha256(WEIGHTS).hexdigest())
    assert (out / "model.safetensors").read_bytes() == WEIGHTS
    assert {path.name for path in out.iterdir()} == {"model.safetensors", "config.json"}
    assert list(out.parent.iterdir()) == [out]


def test_other_weights_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    out = tmp_path / "made" / "backbone"
    with pytest.raises(ValueError, match="sha256"):
        unpack(_parts(tmp_path), out, "0" * 64)
    assert not list(out.parent.iterdir())


def _package(folder: Path, name: str, *files: str) -> None:
    """An installed package with those files, as pip leaves it."""
    home = folder / f"{name}-1.0.dist-info"
    home.mkdir()
    (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (home / "RECORD").write_text("".join(f"{name}/{file},,\n" for file in files), encoding="utf-8")


def test_the_parts_are_found_in_their_packages_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    _package(tmp_path, "part_one", "model.zip.001", "__init__.py")
    _package(tmp_path, "part_two", "model.zip.002")
    _package(tmp_path, "part_none", "__init__.py", "model.zip.001")
    assert parts(["part_one", "part_two"]) == [tmp_path / "part_one" / "model.zip.001", tmp_path / "part_two" / "model.zip.002"]
    with pytest.raises(ValueError, match="part_none should hold one part"):
        parts(["part_one", "part_none"])
