"""The stance of a whole text, not only of a window: long evidence is cut down to what speaks to the claim, as a check does it."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.nearest import nearest_sentences
from retrieval.ports import StanceModel
from retrieval.types import Stance

# Words up to which evidence is judged whole: about a passage, and what the model saw in training (retrieval/training/data.py).
WHOLE_UP_TO = 70


def judge_evidence(model: StanceModel, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
    """One Stance a pair of (evidence of any length, claim), in the order given; all in one batch of the model."""
    return model.judge([(nearest_sentences(claim, evidence, WHOLE_UP_TO), claim) for evidence, claim in pairs])
