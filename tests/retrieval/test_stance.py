"""The stance model over a small network of random weights: rows and labels stay where they belong, however it batches."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import AutoConfig, AutoModelForSequenceClassification

from retrieval.calibration import FILE, LABELS, softmax
from retrieval.models import ModelFiles
from retrieval.stance import CrossEncoderStance, as_stance

WORDS = [f"w{number}" for number in range(60)]
# Most are short; the long ones fill batches of their own.
PAIRS = [(" ".join(WORDS[at : at + at % 7 + 1]), " ".join(WORDS[at : at + 3])) for at in range(12)] + [
    (" ".join(WORDS * 4), WORDS[n]) for n in range(5)
]


def _model(folder: Path, labels: tuple[str, ...] = LABELS, seed: int = 1, max_tokens: int = 280) -> ModelFiles:
    """A small network of random weights with its tokeniser, as a released model lies on disk."""
    torch.manual_seed(seed)
    shape = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = AutoConfig.for_model("bert", **shape, max_position_embeddings=300, num_labels=3)
    model = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]
    for weights in model.parameters():
        weights.data = torch.randn_like(weights) * 0.3
    model.save_pretrained(folder)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate([*special, *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    return ModelFiles("tiny", folder, sha256, max_tokens, labels)


def test_a_pair_has_its_stance_whatever_is_judged_beside_it(tmp_path: Path) -> None:
    model = CrossEncoderStance(_model(tmp_path), threads=1)
    together = model.logits(PAIRS)
    assert together.shape == (len(PAIRS), 3)
    alone = np.concatenate([model.logits([pair]) for pair in PAIRS])
    assert np.abs(together - alone).max() < 0.05  # bfloat16, where the processor has it
    assert len({tuple(row) for row in together.round(2)}) > len(PAIRS) / 2  # the pairs are told apart
    assert model.logits([]).shape == (0, 3)


def test_what_a_model_calls_its_outputs_says_which_is_which(tmp_path: Path) -> None:
    files = _model(tmp_path)
    turned = ModelFiles("tiny", tmp_path, files.sha256, files.max_tokens, ("neutral", "agree", "contradict"))
    plain, moved = (CrossEncoderStance(one, threads=1).logits(PAIRS[:5]) for one in (files, turned))
    assert np.array_equal(moved, plain[:, [1, 2, 0]])


def test_pairs_longer_than_the_model_reads_are_cut(tmp_path: Path) -> None:
    short = CrossEncoderStance(_model(tmp_path, max_tokens=20), threads=1)
    one, other = (" ".join(WORDS[:40]), "w5"), (" ".join([*WORDS[:30], *["w59"] * 400]), "w5")
    assert np.allclose(short.logits([one]), short.logits([other]), atol=1e-6)


def test_two_models_are_mixed_as_their_calibration_says(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    partner = CrossEncoderStance(_model(tmp_path / "other", seed=2), threads=1)
    files = _model(tmp_path / "one")
    model = CrossEncoderStance(files, threads=1, partner=partner)
    assert model.model_id == f"{files.model_id}+{partner.model_id}"
    (tmp_path / "one" / FILE).write_text(
        json.dumps({"weights": [0.5, 2.0], "shift": [0.1, 0, 0], "facts": {}, "bars": {"agree": 0.6, "contradict": 0.8}})
    )
    mixed = 0.5 * model.logits(PAIRS) + 2 * partner.logits(PAIRS) + np.array([0.1, 0, 0], dtype=np.float32)
    assert model.judge(PAIRS) == [as_stance(row) for row in softmax(mixed.astype(np.float32))]
    assert (model.bars.agree, model.bars.contradict) == (0.6, 0.8)


def test_the_network_is_read_once(tmp_path: Path) -> None:
    model = CrossEncoderStance(_model(tmp_path), threads=1)
    first = model.judge(PAIRS[:2])
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "tokenizer.json").unlink()
    assert model.judge(PAIRS[:2]) == first
    assert [one.agree + one.contradict + one.neutral for one in first] == pytest.approx([1, 1], abs=1e-9)
