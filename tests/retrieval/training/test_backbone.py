"""The backbone is put together from its parts, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from retrieval.training.backbone import unpack

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
