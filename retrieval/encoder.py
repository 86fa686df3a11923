"""The stance model's network, for judging alone: a BERT or MPNet encoder with three outputs, on packed weights.

The weights stay in memory as stored (int8 with a scale a row, where packed so) and are widened a layer at a time, which takes a quarter
of the memory of float32 for a few hundredths of the time; the last layer is worked out for the first token alone, since only that is
read. The same sums as the library's model otherwise: tests/retrieval/test_encoder.py compares both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as nnf
from safetensors.torch import load_file
from torch import Tensor

from retrieval.models import read_now

Weights = dict[str, Tensor]
SCALE = ".scale"  # beside an int8 tensor of shape (rows, n): its (rows,) scales


@dataclass(frozen=True, slots=True)
class Names:
    """How an architecture calls its parts, as in the library's files."""

    prefix: str
    attention: tuple[str, str, str]  # query, key, value
    mixed: str
    attention_norm: str
    head: tuple[str, str]  # the dense layer over the first token, and the outputs
    first_position: int


BERT = Names(
    "bert.", ("attention.self.query", "attention.self.key", "attention.self.value"), "attention.output.dense",
    "attention.output.LayerNorm", ("bert.pooler.dense", "classifier"), 0,
)  # fmt: skip
MPNET = Names(
    "mpnet.", ("attention.attn.q", "attention.attn.k", "attention.attn.v"), "attention.attn.o", "attention.LayerNorm",
    ("classifier.dense", "classifier.out_proj"), 2,
)  # fmt: skip
ARCHITECTURES = {"bert": BERT, "mpnet": MPNET}


@dataclass(frozen=True, slots=True)
class Linear:
    """x to x W^T + b. `weight` is (out, in), in the computing dtype or int8 with `scale` (out, 1)."""

    weight: Tensor
    bias: Tensor
    scale: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        weight = self.weight if self.scale is None else self.weight.to(x.dtype).mul_(self.scale)
        return nnf.linear(x, weight, self.bias)


@dataclass(frozen=True, slots=True)
class Norm:
    weight: Tensor
    bias: Tensor
    eps: float

    def __call__(self, x: Tensor) -> Tensor:
        return nnf.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)


@dataclass(frozen=True, slots=True)
class Layer:
    query: Linear
    keys_values: tuple[Linear, Linear]
    mixed: Linear
    attention_norm: Norm
    up: Linear
    down: Linear
    norm: Norm

    def __call__(self, x: Tensor, bias: Tensor, heads: int, *, first_only: bool) -> Tensor:
        """(b, n, d) to (b, n, d), or to (b, 1, d). `bias` is (b or 1, heads or 1, n, n or 1 query), added to the attention scores."""
        asking = x[:, :1] if first_only else x
        query = _split(self.query(asking), heads)
        key, value = (_split(part(x), heads) for part in self.keys_values)
        bias = (bias[:, :, :1] if first_only else bias).expand(len(x), heads, asking.shape[1], x.shape[1])
        seen = nnf.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        mixed = self.attention_norm(self.mixed(seen.transpose(1, 2).flatten(2)) + asking)
        return self.norm(self.down(nnf.gelu(self.up(mixed))) + mixed)


class Encoder:
    """Token ids to three logits. Raises KeyError when the files lack a part, OSError when they cannot be read."""

    def __init__(self, config: Path, files: Sequence[Path], dtype: torch.dtype) -> None:
        """`config` is the library's config.json; of `files`, a later one's tensors take the place of an earlier one's."""
        shape = json.loads(config.read_text(encoding="utf-8"))
        self._names = ARCHITECTURES[shape["model_type"]]
        self._heads: int = shape["num_attention_heads"]
        self._eps: float = shape["layer_norm_eps"]
        self._dtype = dtype
        weights = read_weights(files, config)
        inside = f"{self._names.prefix}embeddings."
        self._words = weights[f"{inside}word_embeddings.weight"]
        self._word_scale = weights.get(f"{inside}word_embeddings.weight{SCALE}")
        self._positions = self._table(weights, f"{inside}position_embeddings.weight")[self._names.first_position :]
        types = f"{inside}token_type_embeddings.weight"
        self._types = self._table(weights, types) if types in weights else None
        self._embedding_norm = self._norm(weights, f"{inside}LayerNorm")
        self._layers = [self._layer(weights, f"{self._names.prefix}encoder.layer.{i}.") for i in range(shape["num_hidden_layers"])]
        self._distances = _distance_bias(weights, self._names, len(self._positions))
        self._dense, self._outputs = (self._linear(weights, name) for name in self._names.head)
        read_now([self._words])

    @torch.inference_mode()
    def logits(self, ids: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
        """(b, 3) float32 of (b, n) token ids padded on the right, their (b, n) segment and (b,) lengths; n as the longest."""
        n = ids.shape[1]
        x = self._words[ids].to(self._dtype)
        if self._word_scale is not None:
            x = x * self._word_scale[ids].unsqueeze(-1).to(self._dtype)
        x = x + self._positions[:n]
        if self._types is not None:
            x = x + self._types[types]
        x = self._embedding_norm(x)
        hidden = torch.arange(n)[None] >= lengths[:, None]
        bias = torch.zeros(len(ids), 1, n, n, dtype=self._dtype).masked_fill(hidden[:, None, None], float("-inf"))
        if self._distances is not None:
            middle = self._distances.shape[1] // 2
            steps = torch.arange(n)[None] - torch.arange(n)[:, None] + middle
            bias = bias + self._distances[:, steps].to(self._dtype)
        for layer in self._layers:
            x = layer(x, bias, self._heads, first_only=layer is self._layers[-1])
        return self._outputs(torch.tanh(self._dense(x[:, 0]))).float()

    def _layer(self, weights: Weights, at: str) -> Layer:
        query, key, value = (self._linear(weights, at + name) for name in self._names.attention)
        return Layer(
            query, (key, value), self._linear(weights, at + self._names.mixed), self._norm(weights, at + self._names.attention_norm),
            self._linear(weights, f"{at}intermediate.dense"), self._linear(weights, f"{at}output.dense"),
            self._norm(weights, f"{at}output.LayerNorm"),
        )  # fmt: skip

    def _linear(self, weights: Weights, name: str) -> Linear:
        weight, scale = weights[f"{name}.weight"], weights.get(f"{name}.weight{SCALE}")
        bias = weights[f"{name}.bias"].to(self._dtype)
        if scale is None:
            return Linear(weight.to(self._dtype), bias)
        return Linear(weight, bias, scale.to(self._dtype).unsqueeze(1))

    def _norm(self, weights: Weights, name: str) -> Norm:
        return Norm(weights[f"{name}.weight"].to(self._dtype), weights[f"{name}.bias"].to(self._dtype), self._eps)

    def _table(self, weights: Weights, name: str) -> Tensor:
        table, scale = weights[name].to(self._dtype), weights.get(name + SCALE)
        return table if scale is None else table * scale.to(self._dtype).unsqueeze(1)


def read_weights(files: Sequence[Path], config: Path) -> Weights:
    """All tensors by their full name (a file of the bare encoder leaves out the prefix). A tensor and its scale come from one file."""
    names = ARCHITECTURES[json.loads(config.read_text(encoding="utf-8"))["model_type"]]
    weights: Weights = {}
    for file in files:
        found = {name if name.startswith((names.prefix, "classifier.")) else names.prefix + name: x for name, x in load_file(file).items()}
        for name in found:
            weights.pop(name + SCALE, None)
        weights |= found
    return weights


def _split(x: Tensor, heads: int) -> Tensor:
    """(b, n, d) to (b, heads, n, d / heads)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def _distance_bias(weights: Weights, names: Names, longest: int) -> Tensor | None:
    """MPNet's attention bias by distance, (heads, 2 longest - 1) for distances from -(longest - 1) up; None for BERT.

    Buckets as in T5 (Raffel et al., JMLR 2020): half for each direction, one a distance up to a quarter of all, then logarithmic to 128.
    """
    table = weights.get(f"{names.prefix}encoder.relative_attention_bias.weight")
    if table is None:
        return None
    half = len(table) // 2
    exact = half // 2
    distance = torch.arange(-(longest - 1), longest)
    far = exact + (torch.log(distance.abs().clamp(min=1) / exact) / torch.log(torch.tensor(128 / exact)) * (half - exact)).long()
    bucket = torch.where(distance.abs() < exact, distance.abs(), far.clamp(max=half - 1)) + half * (distance > 0)
    return table.float()[bucket].T
