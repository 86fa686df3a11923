"""Rounds over model files: one is altered, cut short or gone. It must be refused with a sentence, and the others go on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.parts import model_files
from retrieval.errors import ModelError
from retrieval.models import ModelFiles, verify
from tests.faults.damage import alter, cut
from tests.faults.kinds import Kind
from tests.faults.lane import Done, Lane

READ = ("model.safetensors", "model.safetensors", "tokenizer.json", "config.json", "calibration.json")
PAIR = ("The council voted 14 to 3 to close the bridge.", "The council voted 12 to 5 to close the bridge.")


def _refused(files: ModelFiles, file: Path) -> str:
    """What is wrong with how a model with one bad file is refused; "" where it is as it must be."""
    from retrieval.stance import CrossEncoderStance

    try:
        if file.name == "model.safetensors":
            verify(files)
        else:
            CrossEncoderStance(files).judge([PAIR])
    except ModelError as error:
        return "" if "Install" in str(error) and len(str(error)) < 400 else f"it says nothing of what to do: {error}"
    except Exception as error:  # noqa: BLE001 - it should be a ModelError
        return f"{file.name}: an error that is none of the product's own: {type(error).__name__}: {str(error)[:120]}"
    return f"{file.name} is taken as it is"


def _taken(files: ModelFiles) -> str:
    try:
        verify(files)
    except ModelError as error:
        return f"installed again, it is refused still: {error}"
    return ""


@contextmanager
def prepared(lane: Lane) -> Iterator[Callable[[Kind, int], Sequence[Done]]]:
    import torch  # noqa: F401 - once, before anything is forked
    from tokenizers import Tokenizer  # noqa: F401

    from retrieval.encoder import Encoder  # noqa: F401

    original, _ = model_files("stance", "stance-small")

    def play(kind: Kind, _count: int) -> Sequence[Done]:
        folder = lane.disk / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(original.folder, folder)
        files = replace(original, folder=folder)
        file = folder / lane.chance.choice(READ)
        how = lane.chance.choice(("alter", "alter", "cut", "gone"))
        note = alter(file, lane.chance) if how == "alter" else cut(file, lane.chance) if how == "cut" else "is gone"
        if how == "gone":
            os.remove(file)
        broken = [problem] if (problem := lane.aside(lambda: _refused(files, file))) else []
        shutil.copy(original.folder / file.name, file)  # as installing again does
        broken += [problem] if (problem := lane.aside(lambda: _taken(files))) else []
        return [Done(kind.name, 1, "no" if broken else "command", (), broken, 0.0, "pip install, again", f"{file.name} {note}")]

    yield play
