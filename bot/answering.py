"""From words to answers that are remembered: claims are found, looked up or checked, and kept with what was shown for them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.app import App
from bot.desk import Asker, Desk, Hidden, OnPlace
from db.checks import Earlier
from retrieval.claims import find_claims, parse_claim
from retrieval.types import Claim, Comparison

# Cosine of two claims from which they ask about the same. Measured on the sample's claims and their rewordings, see DECISIONS 26.
LIKE = 0.86
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answered:
    """A check that is stored, and what it found."""

    check_id: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Read:
    """What of a text can be checked: its claims, and how many more it makes."""

    claims: Sequence[Claim]
    left_out: int = 0


def read_claim(text: str) -> Read:
    """One claim as a person typed it. Raises BadClaim."""
    return Read([parse_claim(text)])


def read_post(text: str, limit: int) -> Read:
    """The check-worthy claims of a text. Raises BadClaim."""
    found = find_claims(text, limit)
    return Read(found.claims, len(found.left_out))


class Answering:
    """Checks claims once: what is being checked is waited for, and what was checked since the last article came is looked up."""

    def __init__(self, app: App, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def answer(self, asker: Asker, claims: Sequence[Claim], hidden: Hidden, on_place: OnPlace | None = None) -> list[Answered]:
        """One stored check a claim, in their order. Raises Full, Closing, ModelError, StoreError, IndexFault."""
        distinct = list(dict.fromkeys(claims))
        seq = await asyncio.to_thread(self._app.changes.last_seq)  # before the search, which may see more than this
        found = await asyncio.to_thread(self._stored, distinct, hidden, seq)
        missing = [claim for claim in distinct if claim not in found]
        if missing:
            comparisons = await self._desk.check(asker, missing, hidden, on_place)
            found |= await asyncio.to_thread(self._keep, missing, comparisons, hidden, seq)
        return [found[claim] for claim in claims]

    async def earlier(self, guild_id: int, answered: Answered, now: datetime | None = None) -> list[Earlier]:
        """Checks of like claims that were shown publicly in this server before; most alike first."""
        since = (now or datetime.now(UTC)) - LOOK_BACK
        return await asyncio.to_thread(self._earlier, guild_id, answered, since)

    def _earlier(self, guild_id: int, answered: Answered, since: datetime) -> list[Earlier]:
        with self._app.turns.claim():
            vector = self._app.embedder.embed([answered.comparison.claim.query])[0]
        model_id = self._app.embedder.model_id
        return self._app.checks.earlier(guild_id, vector, model_id, since, LIKE, without={answered.check_id})

    def _stored(self, claims: Sequence[Claim], hidden: Hidden, seq: int) -> dict[Claim, Answered]:
        models = self._app.models
        ids = {claim: self._app.checks.same(claim_key(claim, hidden), seq, models) for claim in claims}
        stored = self._app.checks.load_many([id_ for id_ in ids.values() if id_ is not None])
        return {claim: Answered(id_, stored[id_]) for claim, id_ in ids.items() if id_ is not None and id_ in stored}

    def _keep(self, claims: Sequence[Claim], comparisons: Sequence[Comparison], hidden: Hidden, seq: int) -> dict[Claim, Answered]:
        with self._app.turns.claim():
            vectors = self._app.embedder.embed([claim.query for claim in claims])
        kept = {}
        for claim, comparison, vector in zip(claims, comparisons, vectors, strict=True):
            kept[claim] = Answered(self._app.checks.save(comparison, claim_key(claim, hidden), seq, vector), comparison)
        return kept


def claim_key(claim: Claim, hidden: Hidden) -> str:
    """What two askings share that have one answer: the words that are searched for, and what may be seen."""
    audience = ",".join(map(str, sorted(hidden)))
    return hashlib.sha256(f"{' '.join(claim.query.split())}\0{audience}".encode()).hexdigest()
