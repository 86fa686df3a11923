"""Made pairs with another sense: the direction turned, negated, the roles exchanged, put into somebody's mouth, only planned.

The house rule for attribution (DECISIONS 12): what officials, agencies and witnesses state agrees with the bare fact; what somebody
denies contradicts it; what nobody confirms, what is planned and what is merely alleged is neutral.
"""

from __future__ import annotations

import random
import re

from retrieval.training.data import Pair, relabelled
from retrieval.training.phrases import (
    ASSERTED,
    AUXILIARIES,
    DENIED,
    DIRECTIONS,
    OPENERS,
    PLANNED,
    REPORTED,
    SPEAKERS,
    TRANSITIVE,
    UNCONFIRMED,
)

_NEGATION = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|without|only|less|fewer|under)\b|n't|n’t")
_AUXILIARY = re.compile(rf"\b({'|'.join(AUXILIARIES)})\b(?! (?:the|a|an) \w+ of\b)")
_PAST = ("was", "were", "has", "have", "had")
_NAME = r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2}"
_EXCHANGE = re.compile(rf"^({_NAME}) ({'|'.join(TRANSITIVE)}) ({_NAME})(?=[\s.,]|$)")


def changed_direction(pair: Pair, rng: random.Random) -> Pair | None:
    """The opposite of a word of the evidence, "rose" for "fell", "before" for "after": contradicts."""
    there = set(re.findall(r"[a-z]+", pair.evidence))
    shared = [word for word in re.findall(r"[a-z]+", pair.claim) if word in DIRECTIONS and word in there and DIRECTIONS[word] not in there]
    if not shared:
        return None
    word = rng.choice(shared)
    return relabelled(pair, re.sub(rf"\b{word}\b", DIRECTIONS[word], pair.claim, count=1), "contradict", "direction")


def negated(pair: Pair, rng: random.Random) -> Pair | None:
    """A "not" after the claim's auxiliary: contradicts. None where the claim has a negation already."""
    if _NEGATION.search(pair.claim):
        return None
    match = _AUXILIARY.search(pair.claim)
    if match is None or match.start() == 0:
        return None
    word = rng.choice(("not", "not", "never")) if match.group() in _PAST else "not"
    return relabelled(pair, f"{pair.claim[: match.end()]} {word}{pair.claim[match.end() :]}", "contradict", "negation")


def exchanged(pair: Pair, _: random.Random) -> Pair | None:
    """Who did it to whom the other way round: "Lyon beat Nice" for "Nice beat Lyon" contradicts."""
    match = _EXCHANGE.match(pair.claim)
    if match is None or match[1] == match[3] or match[1] in OPENERS or not all(name in pair.evidence for name in (match[1], match[3])):
        return None
    return relabelled(pair, f"{match[3]} {match[2]} {match[1]}{pair.claim[match.end() :]}", "contradict", "roles")


def attributed(pair: Pair, rng: random.Random) -> Pair | None:
    """The claim put into somebody's mouth as the evidence: asserted, denied, unconfirmed or merely alleged."""
    inner = _as_clause(pair.claim)
    if inner is None:
        return None
    phrases, label = rng.choice(((ASSERTED, "agree"), (DENIED, "contradict"), (UNCONFIRMED, "neutral"), (REPORTED, "neutral")))
    evidence = rng.choice(phrases).format(who=rng.choice(SPEAKERS), clause=inner)
    return Pair(evidence[0].upper() + evidence[1:], pair.claim, label, "made-attribution")


def who_said(pair: Pair, rng: random.Random) -> Pair | None:
    """A claim about who said something: the same speaker agrees, a denial by the same contradicts, another speaker is neutral."""
    inner = _as_clause(pair.claim)
    if inner is None:
        return None
    speaker, another = rng.sample(SPEAKERS, 2)
    said, phrases, label = rng.choice((
        (speaker, ASSERTED, "agree"), (speaker, DENIED, "contradict"), (another, ASSERTED, "neutral"), (another, DENIED, "neutral"),
    ))  # fmt: skip
    evidence = rng.choice(phrases).format(who=said, clause=inner)
    claim = f"{speaker} {rng.choice(('said', 'stated', 'announced'))} that {inner}."
    return Pair(evidence[0].upper() + evidence[1:], claim[0].upper() + claim[1:], label, "made-speaker")


def planned(pair: Pair, rng: random.Random) -> Pair | None:
    """The evidence only considers or predicts what the claim says is so: neutral."""
    inner = _as_clause(pair.claim)
    if inner is None:
        return None
    evidence = rng.choice(PLANNED).format(who=rng.choice(SPEAKERS), clause=inner)
    return Pair(evidence[0].upper() + evidence[1:], pair.claim, "neutral", "made-hedge")


def _as_clause(claim: str) -> str | None:
    """A declarative claim as it stands after "that"; None for questions, fragments and long ones."""
    text = claim.strip()
    if not text.endswith(".") or not 5 <= len(text.split()) <= 22 or "?" in text or '"' in text or ". " in text or not text[0].isupper():
        return None
    text = text[:-1]
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first in OPENERS else text
