"""Pairs a second of the stance models against the library's own prediction with the same weights, in one run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.torch import save_file
from sentence_transformers import CrossEncoder
from torch.nn import Identity

from retrieval.calibration import Rows
from retrieval.models import quiet_loading
from retrieval.stance import CrossEncoderStance
from retrieval.training.challenge import CHALLENGE, read_challenge
from retrieval.training.pack import widened
from retrieval.training.release import FILES, WEIGHTS, model_files

EVERY = 3  # of the challenge set's pairs
ROUNDS = 3


def judging_speed() -> dict[str, float]:
    """Of each model: pairs a second, the ratio to plain CrossEncoder.predict in float32, and the share of pairs with the same label."""
    pairs = [(pair.evidence, pair.claim) for pair in read_challenge(CHALLENGE)[::EVERY]]
    figures: dict[str, float] = {"pairs": len(pairs)}
    for name in ("small", "large"):
        ours = CrossEncoderStance(model_files(WEIGHTS / f"stance-{name}"))
        with tempfile.TemporaryDirectory() as folder:
            plain = _plain(WEIGHTS / f"stance-{name}", Path(folder))
        took, logits = _best_in_turn(partial(ours.logits, pairs), partial(_predicted, plain, pairs))
        figures |= {
            f"{name}_pairs_per_s": len(pairs) / took[0],
            f"{name}_ratio_to_plain": took[1] / took[0],
            f"{name}_same_label": float((logits[0].argmax(axis=1) == logits[1].argmax(axis=1)).mean()),
        }
    return figures


def _plain(released: Path, folder: Path) -> CrossEncoder:
    for name in FILES:
        shutil.copy(released / name, folder / name)
    files = [file for file, _ in model_files(released).weights]
    save_file(widened(files, released / "config.json"), folder / "model.safetensors", metadata={"format": "pt"})
    with quiet_loading():
        model: CrossEncoder = CrossEncoder(str(folder), device="cpu", max_length=128, activation_fn=Identity(), local_files_only=True)
    return model


def _predicted(model: CrossEncoder, pairs: list[tuple[str, str]]) -> Rows:
    return np.asarray(model.predict(pairs, convert_to_numpy=True, show_progress_bar=False))


def _best_in_turn(*calls: Callable[[], Rows]) -> tuple[list[float], list[Rows]]:
    """The least seconds of ROUNDS of each call, taken in turn, and what each gave; the first round warms up and is not counted."""
    took = [float("inf")] * len(calls)
    for number in range(ROUNDS + 1):
        results = []
        for place, call in enumerate(calls):
            started = time.perf_counter()
            results.append(call())
            if number:
                took[place] = min(took[place], time.perf_counter() - started)
    return took, results
