"""What the stance model learns from: how many pairs of each source, how many made ones, and in which forms they come."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from retrieval.training.augment import augment, restyle, surround
from retrieval.training.data import Pair, choose, shorten
from retrieval.training.scenes import scene_pairs

# Pairs a source gives at most. Fact checks with edited numbers and names, general inference and news come (nearly) whole; sets of image
# captions, of opinions and of machine-made logic are thinned, since they teach little about news (shares by reading the sets).
LIMITS = {
    "vitaminc-real": 26000, "fever-dev": 8400, "vitaminc-synthetic": 6000, "fnc1-train": 6500, "mnli-dev": 15400, "mined-fever-dev": 3200,
    "counterfactual-nli": 3500, "conjnli": 3000, "snli-dev": 3000, "sick": 1500, "healthver": 3300, "fool-me-twice": 2500,
    "covidfact": 2700, "scitail-dev": 1500, "breaking-nli": 800, "med": 600, "help": 300, "monli": 500, "perspectrum": 800, "arc": 800,
}  # fmt: skip
DEFAULT_LIMIT = 1500
MADE = 15000  # pairs made by augment.py
SCENES = 12000  # pairs made by scenes.py
# Sources whose agreeing pairs are changed: those that judge a claim against a text, and whose sentences are plain and whole.
CHANGED = frozenset({
    "vitaminc-real", "fever-dev", "fool-me-twice", "healthver", "rte", "liar-plus", "politihop", "covidfact", "scifact-train", "mnli-dev",
})  # fmt: skip
# What Crosscheck is for: sources that judge a claim about the world against a text. Calibration and bars are fitted on these alone.
FACTUAL = frozenset({
    "vitaminc-real", "fever-dev", "fever-symmetric", "fever-adversarial", "fnc1-train", "emergent-headlines", "politihop", "liar-plus",
    "cliff", "rte", "healthver", "covidfact", "scifact-train", "fool-me-twice", "wice", "dialfact", "mnli-dev", "mined-fever-dev",
    "mined-fool-me-twice", "mined-covidfact", "mined-liar-plus",
})  # fmt: skip
RESTYLED = 0.10  # share of claims that come as typed in a chat or as a headline
SURROUNDED = 0.10  # share of evidence that comes with a sentence of another article


def training_pairs(pairs: Sequence[Pair], seed: int, without: Collection[str] = (), *, factual: bool = False) -> list[Pair]:
    """The pairs to learn from, shuffled; the same for the same seed. Sources in `without` are left out, and what is made from them.
    `factual`: of FACTUAL and what is made from it alone, for a last pass over what the model is for.
    """
    rng = random.Random(seed)
    left_out = set(without) | ({pair.source for pair in pairs} - FACTUAL if factual else set())
    wanted = (pair for pair in pairs if pair.source not in left_out and pair.source.removeprefix("mined-") not in left_out)
    kept = choose(shorten(wanted), LIMITS, DEFAULT_LIMIT, seed)
    made = augment([pair for pair in kept if pair.source in CHANGED], MADE, seed)
    everything = kept + made + scene_pairs(SCENES, seed)
    rng.shuffle(everything)
    return [_in_form(pair, kept, rng) for pair in everything]


def _in_form(pair: Pair, others: Sequence[Pair], rng: random.Random) -> Pair:
    chance = rng.random()
    if chance < RESTYLED:
        return restyle(pair, rng)
    return surround(pair, others, rng) if chance < RESTYLED + SURROUNDED else pair
