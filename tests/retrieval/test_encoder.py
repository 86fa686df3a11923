"""Our inference network computes what the library's models compute, from whole and from packed weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from retrieval.encoder import Encoder
from retrieval.training import pack

LENGTHS = [200, 7, 150, 1]


def _saved(kind: str, folder: Path, hidden: int = 48) -> PreTrainedModel:
    """A small model with random weights, saved as the library does it."""
    torch.manual_seed(1)
    shape = {
        "vocab_size": 120, "hidden_size": hidden, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 2 * hidden,
        "max_position_embeddings": 300, "num_labels": 3,
    }  # fmt: skip
    config = AutoConfig.for_model(kind, **shape)
    model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]
    for weights in model.parameters():
        weights.data = torch.randn_like(weights) * 0.3
    model.save_pretrained(folder)
    model.train(False)
    return model


def _inputs(pad: int) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(2)
    lengths = torch.tensor(LENGTHS)
    ids = torch.randint(5, 120, (len(LENGTHS), max(LENGTHS)))
    ids[torch.arange(max(LENGTHS))[None] >= lengths[:, None]] = pad
    return ids, torch.randint(0, 2, ids.shape), lengths


def _expected(model: PreTrainedModel, ids: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
    mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()
    segments = {"token_type_ids": types} if model.config.model_type == "bert" else {}
    with torch.inference_mode():
        logits: Tensor = model(input_ids=ids, attention_mask=mask, **segments).logits
    return logits


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_whole_weights_give_the_library_s_logits(kind: str, tmp_path: Path) -> None:
    model = _saved(kind, tmp_path)
    given = _inputs(model.config.pad_token_id)
    encoder = Encoder(tmp_path / "config.json", [tmp_path / "model.safetensors"], torch.float32)
    assert torch.allclose(encoder.logits(*given), _expected(model, *given), atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_packed_weights_over_a_base_give_nearly_the_same(kind: str, tmp_path: Path) -> None:
    model = _saved(kind, tmp_path, hidden=72)
    given = _inputs(model.config.pad_token_id)
    trained = load_file(tmp_path / "model.safetensors")
    original = {name: x + 1 if "layer.2" in name or "classifier" in name or "pooler" in name else x for name, x in trained.items()}
    own = pack.changed(trained, original)
    assert own and all("layer.2" in name or "classifier" in name or "pooler" in name for name in own)
    # The base's file calls its tensors as the bare encoder does, without the architecture's prefix.
    save_file({name.removeprefix(f"{kind}."): tensor for name, tensor in original.items()}, tmp_path / "base.safetensors")
    pack.write(own, tmp_path / "own.safetensors")
    encoder = Encoder(tmp_path / "config.json", [tmp_path / "base.safetensors", tmp_path / "own.safetensors"], torch.float32)
    assert torch.allclose(encoder.logits(*given), _expected(model, *given), atol=0.05)
    pack.write(trained, tmp_path / "whole.safetensors")
    packed = Encoder(tmp_path / "config.json", [tmp_path / "whole.safetensors"], torch.float32)
    assert torch.allclose(packed.logits(*given), _expected(model, *given), atol=0.05)


def test_only_matrices_become_int8_with_a_scale_a_row(tmp_path: Path) -> None:
    state = {"dense.weight": torch.randn(100, 80), "dense.bias": torch.randn(100), "empty.weight": torch.zeros(70, 70)}
    found = pack.packed(state)
    assert {name: tensor.dtype for name, tensor in found.items()} == {
        "dense.weight": torch.int8, "dense.weight.scale": torch.float32, "dense.bias": torch.float16,
        "empty.weight": torch.int8, "empty.weight.scale": torch.float32,
    }  # fmt: skip
    widened = found["dense.weight"].float() * found["dense.weight.scale"][:, None]
    assert (widened - state["dense.weight"]).abs().max() <= found["dense.weight.scale"].max() / 2 + 1e-6
    assert not found["empty.weight"].any()


def test_a_file_that_lacks_a_part_is_refused_by_the_part_s_name(tmp_path: Path) -> None:
    _saved("bert", tmp_path)
    lacking = load_file(tmp_path / "model.safetensors")
    del lacking["classifier.weight"]
    save_file(lacking, tmp_path / "model.safetensors")
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "bert"
    with pytest.raises(KeyError, match="classifier.weight"):
        Encoder(tmp_path / "config.json", [tmp_path / "model.safetensors"], torch.float32)
