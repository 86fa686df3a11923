"""A model's file is the very file expected, or it is not loaded."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from retrieval.calibration import LABELS, softmax
from retrieval.embed import SentenceEmbedder
from retrieval.errors import ModelError
from retrieval.models import ModelFiles, read_now, verified
from retrieval.stance import CrossEncoderStance, as_stance


def _files(folder: Path, sha256: str, labels: tuple[str, ...] = LABELS) -> ModelFiles:
    return ModelFiles("tiny", folder, sha256, 8, labels)


def test_the_very_file_passes_and_names_the_model(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    with verified(_files(tmp_path, sha256)) as found:
        assert found.weights[0].read_bytes() == b"weights"
    assert _files(tmp_path, sha256).model_id == f"tiny@{sha256[:12]}"


def test_an_altered_or_missing_file_is_refused_by_both_models_in_a_sentence(tmp_path: Path) -> None:
    missing = _files(tmp_path / "none", "0" * 64)
    (tmp_path / "model.safetensors").write_bytes(b"weights, altered")
    altered = _files(tmp_path, "0" * 64)
    for files, told in ((missing, "cannot be read"), (altered, "not the file it should be")):
        with pytest.raises(ModelError, match=told):
            SentenceEmbedder(files, 4).embed(["text"])
        with pytest.raises(ModelError, match=told):
            CrossEncoderStance(files).judge([("evidence", "claim")])


def test_nothing_to_do_loads_nothing(tmp_path: Path) -> None:
    missing = _files(tmp_path / "none", "0" * 64)
    assert SentenceEmbedder(missing, 4).embed([]).shape == (0, 4)
    assert CrossEncoderStance(missing).judge([]) == []


def test_other_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="labels"):
        CrossEncoderStance(_files(tmp_path, "", ("yes", "no", "maybe")))


def test_probabilities_go_to_their_labels_and_sum_to_1() -> None:
    rows = softmax(np.array([[0.0, 9.0, 0.0], [1e4, -1e4, 0.0], [1.0, 1.0, 1.0]], dtype=np.float32))
    assert np.allclose(rows.sum(axis=1), 1)
    contradict, agree, even = (as_stance(row) for row in rows)
    assert contradict.contradict > 0.99
    assert (agree.agree, agree.contradict, agree.neutral) == (1, 0, 0)
    assert even.agree + even.contradict + even.neutral == pytest.approx(1, abs=1e-12)
    assert softmax(np.zeros((0, 3), dtype=np.float32)).shape == (0, 3)


LOADED = """
from bot.parts import model_files
from retrieval.stance import CrossEncoderStance
CrossEncoderStance(model_files("stance", "stance-small")[0]).load()
"""


@pytest.mark.parametrize(("given", "sleep"), [({}, True), ({"OMP_WAIT_POLICY": "active"}, False)])
def test_threads_that_wait_sleep_unless_the_environment_says_otherwise(given: dict[str, str], sleep: bool) -> None:
    """As each libgomp itself tells when it is loaded, torch's and that of usearch: how often it looks again before it sleeps."""
    around = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], env=around | given | {"OMP_DISPLAY_ENV": "verbose"}, capture_output=True, text=True, check=True
    )
    turns = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", done.stderr)
    assert turns and all((number == "0") == sleep for number in turns), turns


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what of a file is in memory")
def test_weights_of_a_mapped_file_are_in_memory_before_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    save_file({"words": torch.ones(3_000, 1_000)}, file)
    weights = load_file(file)
    before = _in_memory(file)
    read_now(weights.values())
    assert before < _in_memory(file) >= file.stat().st_size // 1024


def _in_memory(file: Path) -> int:
    """KB of it that this process has mapped and in memory."""
    parts = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return sum(int(kb) for part in parts if str(file) in part for kb in re.findall(r"^Rss: +(\d+)", part, re.MULTILINE))
