"""Made news: short invented reports with claims whose label is known, because both are written from the same facts.

Sets of judged pairs hardly ever tell a tally's roles, an earlier figure from the present one, or a comparison from its parts. A scene
draws the facts (names, numbers, dates), writes them as a report in one of several wordings, and as claims that agree, contradict or go
beyond it. Wordings are ours; names are drawn from syllables, so that nothing can be known about them. The idea is that of synthetic
pairs for numbers (Geva et al., ACL 2020, "Injecting numerical reasoning skills into language models").
"""

from __future__ import annotations

import random
from collections.abc import Callable

from retrieval.calibration import LABELS
from retrieval.training.data import Pair
from retrieval.training.scenes.draw import Draw, Scene
from retrieval.training.scenes.events import EVENTS
from retrieval.training.scenes.figures import FIGURES

SCENES: tuple[Callable[[Draw], Scene], ...] = (*FIGURES, *EVENTS)


def scene_pairs(count: int, seed: int) -> list[Pair]:
    """`count` made pairs, scenes and labels in turn; the same for the same seed."""
    rng = random.Random(seed)
    return [scene_pair(SCENES[number % len(SCENES)], LABELS[number // len(SCENES) % len(LABELS)], rng) for number in range(count)]


def scene_pair(make: Callable[[Draw], Scene], label: str, rng: random.Random) -> Pair:
    scene = make(Draw(rng))
    claims = {"agree": scene.agree, "contradict": scene.contradict, "neutral": scene.neutral}[label]
    evidence, claim = rng.choice(scene.reports), rng.choice(claims)
    return Pair(evidence[0].upper() + evidence[1:], claim[0].upper() + claim[1:], label, f"made-{make.__name__}")
