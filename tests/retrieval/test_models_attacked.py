"""Whoever alters a model's files, or puts others beside or in place of them, gets nothing loaded or run by it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from config.models import model_entry
from retrieval.calibration import LABELS
from retrieval.errors import ModelError
from retrieval.models import ModelFiles, verified
from retrieval.stance import CrossEncoderStance

PAIR = [("evidence", "claim")]


class Bomb:
    """A pickle that leaves a mark where it is read."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self._mark),)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _model(folder: Path) -> ModelFiles:
    """A small folder with all of its files written down."""
    folder.mkdir(parents=True)
    save_file({"a": torch.ones(2)}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    others = tuple((name, _sha256(folder / name)) for name in ("config.json", "tokenizer.json"))
    return ModelFiles("tiny", folder, _sha256(folder / "model.safetensors"), 8, LABELS, others=others)


def test_what_is_loaded_is_what_was_written_down_and_lies_in_a_folder_of_our_own(tmp_path: Path) -> None:
    files = _model(tmp_path / "model")
    for name in ("pytorch_model.bin", "modeling_evil.py", "evil.json", "adapter_config.json"):
        (files.folder / name).write_text("{}", encoding="utf-8")
    with verified(files) as found:
        assert {file.name for file in found.folder.rglob("*")} == {"model.safetensors", "config.json", "tokenizer.json"}
        assert found.folder.stat().st_mode & 0o777 == 0o700
        assert found.folder != files.folder
    assert not found.folder.exists()


def test_of_a_model_without_written_hashes_no_code_and_no_pickle_is_there(tmp_path: Path) -> None:
    given = _model(tmp_path / "model")
    files = ModelFiles("tiny", given.folder, given.sha256, 8, LABELS)
    for name in ("pytorch_model.bin", "modeling_evil.py", "model.pkl", "model.pt", "training_args.bin"):
        (files.folder / name).write_bytes(b"x")
    with verified(files) as found:
        assert {file.name for file in found.folder.rglob("*")} == {"model.safetensors", "config.json", "tokenizer.json"}


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("how", ["altered", "missing", "a folder", "a link to another"])
def test_a_file_that_is_another_is_refused_in_a_sentence(tmp_path: Path, name: str, how: str) -> None:
    files = _model(tmp_path / "model")
    file, other = files.folder / name, tmp_path / "other"
    other.write_bytes(file.read_bytes() + b" ")
    file.unlink()
    match how:
        case "altered":
            file.write_bytes(other.read_bytes())
        case "a folder":
            file.mkdir()
        case "a link to another":
            file.symlink_to(other)
    with pytest.raises(ModelError, match=r"not the file it should be|cannot be read"), verified(files):
        pass


def test_a_link_to_the_very_file_is_as_good_as_the_file(tmp_path: Path) -> None:
    files = _model(tmp_path / "model")
    (files.folder / "model.safetensors").rename(tmp_path / "blob")
    (files.folder / "model.safetensors").symlink_to(tmp_path / "blob")
    with verified(files) as found:
        assert _sha256(found.weights[0]) == files.sha256


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="weights are held open by way of /proc")
def test_a_file_that_is_swapped_after_it_was_verified_is_not_what_is_loaded(tmp_path: Path) -> None:
    files = _model(tmp_path / "model")
    with verified(files) as found:
        for name in ("model.safetensors", "config.json", "tokenizer.json"):
            (tmp_path / "evil").write_bytes(b"evil")
            os.replace(tmp_path / "evil", files.folder / name)
        assert _sha256(found.weights[0]) == files.sha256
        assert [_sha256(found.folder / name) for name, _ in files.others] == [expected for _, expected in files.others]


@pytest.mark.parametrize("written_down", [True, False])
def test_a_pickle_under_the_name_of_weights_is_never_read_as_one(tmp_path: Path, written_down: bool) -> None:
    files, mark = _model(tmp_path / "model"), tmp_path / "mark"
    weights = files.folder / "model.safetensors"
    weights.write_bytes(pickle.dumps(Bomb(mark)))
    torch.save({"a": torch.ones(1)}, files.folder / "pytorch_model.bin")
    if written_down:  # even whoever wrote its hash into models.toml
        files = ModelFiles("tiny", files.folder, _sha256(weights), 8, LABELS, others=files.others)
        (files.folder / "tokenizer.json").write_text(_tokenizer(), encoding="utf-8")
        files = ModelFiles(
            "tiny", files.folder, files.sha256, 8, LABELS, others=tuple((name, _sha256(files.folder / name)) for name, _ in files.others)
        )
    with pytest.raises(ModelError, match="cannot be understood" if written_down else "not the file it should be"):
        CrossEncoderStance(files).judge(PAIR)
    assert not mark.exists()


def test_weights_that_lie_elsewhere_are_not_made_up_for_by_a_pickle(tmp_path: Path) -> None:
    files, mark = _model(tmp_path / "model"), tmp_path / "mark"
    (files.folder / "model.safetensors").unlink()
    (files.folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises(ModelError, match="cannot be read"):
        CrossEncoderStance(files).judge(PAIR)
    assert not mark.exists()


@pytest.mark.parametrize(("kind", "name"), [("embedding", "all-minilm-l6-v2"), ("stance", "stance-small"), ("stance", "stance-large")])
def test_every_file_that_a_model_of_ours_reads_is_written_down_and_is_the_one(kind: str, name: str) -> None:
    entry = model_entry(kind, name)  # type: ignore[arg-type]
    assert {"config.json", "tokenizer.json"} <= set(entry.files)
    assert {file: _sha256(entry.folder / file) for file in entry.files} == entry.files
    for file in entry.files:
        if file.endswith(".json"):
            text = (entry.folder / file).read_text(encoding="utf-8")
            assert "auto_map" not in text and "trust_remote_code" not in text and "custom_code" not in text


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["modules", "auto_map", "pickle"])
def test_no_code_beside_an_embedding_model_is_run(tmp_path: Path, attack: str) -> None:
    """Also where its files are not written down, as while models are made."""
    from retrieval.embed import SentenceEmbedder

    entry, mark = model_entry("embedding", "all-minilm-l6-v2"), tmp_path / "mark"
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    for file in entry.files:
        (folder / file).write_bytes((entry.folder / file).read_bytes())
    weights = folder / "model.safetensors"
    weights.symlink_to(entry.folder / "model.safetensors")
    (folder / "evil.py").write_text(f"import os\nos.mkdir({str(mark)!r})\nclass Evil: pass\n", encoding="utf-8")
    sha256 = entry.sha256
    match attack:
        case "modules":
            (folder / "modules.json").write_text(
                '[{"idx": 0, "name": "0", "path": "", "type": "evil.Evil"}]', encoding="utf-8"
            )  # fmt: skip
        case "auto_map":
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}}
            (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        case "pickle":
            weights.unlink()
            weights.write_bytes(pickle.dumps(Bomb(mark)))
            sha256 = _sha256(weights)
    with pytest.raises(Exception):  # noqa: B017, PT011 - the libraries' own, each another
        SentenceEmbedder(ModelFiles("tiny", folder, sha256, 8), 384).embed(["text"])
    assert not mark.exists()


def _tokenizer() -> str:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    return str(Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]")).to_str())
