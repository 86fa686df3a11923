"""A trained model goes into the product packed, and comes out of it again to be trained further."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from retrieval.calibration import LABELS
from retrieval.models import sha256_of
from retrieval.training import release
from retrieval.training.release import BASE, FACTS, model_files, trained_before, unpack, write

RUN = {"pairs": 1200, "seed": 7, "epochs": 2.0, "max_tokens": 128, "losses": [0.5, 0.4]}
SHAPES = {"bert.encoder.layer.0.dense.weight": (80, 80), "bert.encoder.layer.1.dense.weight": (80, 80), "classifier.bias": (3,)}


def _trained(folder: Path) -> tuple[Path, Path]:
    """A run, and the weights that it began with: the first layer is still as it was."""
    torch.manual_seed(1)
    run, original = folder / "run", folder / "original"
    state = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    for place, tensors in ((original, state), (run, state | {name: tensor + 1 for name, tensor in state.items() if "layer.0" not in name})):
        place.mkdir()
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, place / "model.safetensors")
    (run / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    (run / "tokenizer.json").write_text("{}", encoding="utf-8")
    (run / "run.json").write_text(json.dumps(RUN), encoding="utf-8")
    return run, original


def test_what_training_left_as_it_was_is_released_apart(tmp_path: Path) -> None:
    run, original = _trained(tmp_path)
    out = tmp_path / "made" / "stance-tiny"
    write(run, original, out)
    assert {file.name for file in out.iterdir()} == {"config.json", "tokenizer.json", "model.safetensors", BASE, FACTS}
    assert [name for name in load_file(out / BASE) if "layer" in name and not name.endswith("scale")] == [
        "bert.encoder.layer.0.dense.weight"
    ]
    assert json.loads((out / FACTS).read_text(encoding="utf-8")) == {key: RUN[key] for key in ("pairs", "seed", "epochs", "max_tokens")}
    assert (trained_before(out), trained_before(run)) == (1200, 0)
    files = model_files(out)
    assert (files.name, files.labels) == ("stance-tiny", LABELS)
    assert files.weights == [(out / BASE, sha256_of(out / BASE)), (out / "model.safetensors", sha256_of(out / "model.safetensors"))]


def test_a_released_model_comes_out_nearly_as_it_was_trained(tmp_path: Path) -> None:
    run, original = _trained(tmp_path)
    write(run, original, tmp_path / "out")
    unpack(tmp_path / "out", tmp_path / "again")
    trained, found = load_file(run / "model.safetensors"), load_file(tmp_path / "again" / "model.safetensors")
    assert set(found) == set(trained)
    assert all(tensor.dtype == torch.float32 for tensor in found.values())
    assert max(float((found[name] - tensor).abs().max()) for name, tensor in trained.items()) < 0.05
    assert (tmp_path / "again" / "tokenizer.json").is_file()


def test_what_a_package_carries_is_not_released_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, original = _trained(tmp_path)
    monkeypatch.setattr(release, "PACKAGED", original)
    out = tmp_path / "out"
    write(run, original, out)
    assert not (out / BASE).exists()
    assert [file for file, _ in model_files(out).weights] == [original / "model.safetensors", out / "model.safetensors"]
    assert [file for file, _ in model_files(run).weights] == [run / "model.safetensors"]  # a run is whole


def test_the_command_names_the_hashes_for_the_list_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, original = _trained(tmp_path)
    out = tmp_path / "out"
    monkeypatch.setattr("sys.argv", ["release", "--run", str(run), "--out", str(out), "--original", str(original)])
    release.main()
    said = capsys.readouterr().out
    assert f'{out / "model.safetensors"}\nsha256 = "{sha256_of(out / "model.safetensors")}"' in said
    assert sha256_of(out / BASE) in said
