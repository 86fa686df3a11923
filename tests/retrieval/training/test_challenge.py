"""The challenge set: its form, and that it tests what its names say."""

from __future__ import annotations

from collections import Counter, defaultdict

from retrieval.training.challenge import CHALLENGE, read_challenge


def test_it_has_twenty_pairs_of_each_of_twenty_phenomena_and_more() -> None:
    pairs = read_challenge(CHALLENGE)
    counts = Counter(pair.source for pair in pairs)
    assert len(pairs) >= 400
    assert len(counts) >= 20
    assert min(counts.values()) >= 20


def test_no_pair_comes_twice_and_every_phenomenon_has_every_label() -> None:
    pairs = read_challenge(CHALLENGE)
    assert len({(pair.evidence, pair.claim) for pair in pairs}) == len(pairs)
    labels = defaultdict(set)
    for pair in pairs:
        labels[pair.source].add(pair.label)
    assert all(len(found) == 3 for found in labels.values())


def test_the_claim_alone_does_not_give_the_label_away() -> None:
    """Negations stand in claims that agree at least as often as in those that contradict."""
    negations = Counter(pair.label for pair in read_challenge(CHALLENGE) if {"not", "no", "never"} & set(pair.claim.lower().split()))
    assert negations["agree"] >= negations["contradict"]
