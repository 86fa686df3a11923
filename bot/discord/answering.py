"""From words to answers that are remembered: claims are found, looked up or checked, and kept with what was shown for them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.app import App, Checked
from bot.desk import Asker, Desk, Hidden, OnPlace
from db.cases import Dispute, Like
from db.checks import Earlier
from retrieval.claims import find_claims, parse_claim
from retrieval.own import OwnArticle
from retrieval.ports import Vectors
from retrieval.types import Claim, Comparison

# Which earlier claims ask about the same (tests/bench/likeness.py, 112 pairs of rewordings and near misses about the sample's stories).
# The cosine alone tells too little: other numbers and opposites are more alike (up to .99) than rewordings, and no bar from .70 to .95 is
# right in more than 49 % of what it lets through. So it only finds candidates, and the stance model must say "agree" both ways round.
NEAR = 0.50  # cosine of a candidate
# The lower of the two probabilities. Large model: from .20 on 39 of 40 and more are right, .30 is clear of the highest near miss (.20) and
# finds 65 %, all right; 18 of 24 on 48 pairs of other stories that were written afterwards, all right. The small model alone cannot tell
# (.80: 1 of 3 right there): its bar is above what it says of any near miss (.87), and lets through little but the same words.
LIKE = {"large": 0.30, "small": 0.90}
JUDGED = 4  # candidates that the stance model looks at
# Cosine from which a claim is similar to another: the same matter, perhaps with other numbers or the opposite. On the same pairs, 81 % of
# rewordings and near misses have it, and 1 % of pairs of other claims, most of these about one story.
SIMILAR = 0.65
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answered:
    """A check that is stored, and what it found."""

    check_id: int
    comparison: Comparison


OnSome = Callable[[Mapping[Claim, Answered]], None]


@dataclass(frozen=True, slots=True)
class Read:
    """What of a text can be checked: its claims, how many more it makes, and what it links to."""

    claims: Sequence[Claim]
    left_out: int = 0
    links: Sequence[str] = ()
    left: Sequence[str] = ()  # the claims that were left out, the most check-worthy first


def read_claim(text: str) -> Read:
    """One claim as a person typed it. Raises BadClaim."""
    return Read([parse_claim(text)])


def read_post(text: str, limit: int) -> Read:
    """The check-worthy claims of a text. Raises BadClaim."""
    found = find_claims(text, limit)
    return Read(found.claims, len(found.left_out), found.links, [found.left_out[place].text for place in found.ranking])


@dataclass(frozen=True, slots=True)
class LikeCase:
    """Another case of a claim. `same`: it asks the same; else it is only near."""

    dispute: Dispute
    same: bool


class Answering:
    """Checks claims once: what is being checked is waited for, and what was checked since the last article came is looked up."""

    def __init__(self, app: App, desk: Desk[Checked]) -> None:
        self._app = app
        self._desk = desk

    async def answer(
        self,
        asker: Asker,
        claims: Sequence[Claim],
        hidden: Hidden,
        on_place: OnPlace | None = None,
        own: Sequence[OwnArticle] = (),
        on_some: OnSome | None = None,
    ) -> list[Answered]:
        """One stored check a claim, in their order; `own`: the articles that their post links to, which each is compared with too.

        `on_some` is told what is there so far whenever more of it is and some still is not.

        Raises Full, Closing, ModelError, StoreError, IndexFault.
        """
        distinct = list(dict.fromkeys(claims))
        seq = await asyncio.to_thread(self._app.changes.last_seq)  # before the search, which may see more than this
        found = await asyncio.to_thread(self._stored, distinct, hidden, seq, own)
        missing = [claim for claim in distinct if claim not in found]
        self._app.monitor.reused(len(found))
        waiting = self._desk.take(asker, missing, hidden, on_place) if missing else []
        left = set(waiting)
        while left:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            checked = [one.result() for one in waiting if one in done]
            if own:
                checked = await self._desk.in_models(self._app.beside_own, checked, own)
            found |= await asyncio.to_thread(self._keep, checked, hidden, seq, own)
            if left and on_some is not None:
                on_some(dict(found))
        return [found[claim] for claim in claims]

    async def earlier(self, guild_id: int, answered: Answered, now: datetime | None = None) -> list[Earlier]:
        """Checks of claims that ask the same and were shown publicly in this server before; nearest first."""
        since = (now or datetime.now(UTC)) - LOOK_BACK
        near = await asyncio.to_thread(self._near, guild_id, answered, since)
        claim = answered.comparison.claim.text
        others = [one for one in near if one.claim != claim]  # the very same words need no model
        sure = await self._desk.in_models(self._app.same_question, [(one.claim, claim) for one in others[:JUDGED]]) if others else []
        same = {one.check_id for one, agree in zip(others, sure, strict=False) if agree >= LIKE[self._app.settings.stance]}
        return [one for one in near if one.claim == claim or one.check_id in same]

    async def like_cases(self, guild_id: int, claims: Sequence[str], vectors: Vectors, without: Collection[int] = ()) -> list[LikeCase]:
        """Cases of this server about the same claims, then those about similar ones; `vectors` (n, dimension) are the claims'."""
        model_id = self._app.embedder.model_id
        near: dict[int, tuple[Like, str]] = {}  # by case: its claim that is nearest, and to which of ours
        for claim, vector in zip(claims, vectors, strict=True):
            for one in await asyncio.to_thread(self._app.disputes.like, guild_id, vector, model_id, NEAR, JUDGED, without):
                known = near.get(one.dispute.id)
                if known is None or one.likeness > known[0].likeness:
                    near[one.dispute.id] = (one, claim)
        found = sorted(near.values(), key=lambda pair: -pair[0].likeness)[:JUDGED]
        pairs = [(one.claim, claim) for one, claim in found if one.claim != claim]
        sure = iter(await self._desk.in_models(self._app.same_question, pairs) if pairs else ())
        judged = [LikeCase(one.dispute, one.claim == claim or next(sure) >= LIKE[self._app.settings.stance]) for one, claim in found]
        likeness = {one.dispute.id: one.likeness for one, _ in found}
        kept = [like for like in judged if like.same or likeness[like.dispute.id] >= SIMILAR]
        return sorted(kept, key=lambda like: not like.same)

    async def cases_like(self, guild_id: int, answered: Answered) -> list[LikeCase]:
        """As `like_cases`, of an answer's claim."""
        vector = await asyncio.to_thread(self._app.checks.vector, answered.check_id)
        if vector is None:
            return []
        return await self.like_cases(guild_id, [answered.comparison.claim.text], vector[None, :])

    def _near(self, guild_id: int, answered: Answered, since: datetime) -> list[Earlier]:
        vector = self._app.checks.vector(answered.check_id)
        if vector is None:
            return []
        return self._app.checks.earlier(guild_id, vector, self._app.embedder.model_id, since, NEAR)

    def _stored(self, claims: Sequence[Claim], hidden: Hidden, seq: int, own: Sequence[OwnArticle]) -> dict[Claim, Answered]:
        models = self._app.models
        ids = {claim: self._app.checks.same(claim_key(claim, hidden, own), seq, models) for claim in claims}
        stored = self._app.checks.load_many([id_ for id_ in ids.values() if id_ is not None])
        return {claim: Answered(id_, stored[id_]) for claim, id_ in ids.items() if id_ is not None and id_ in stored}

    def _keep(self, checked: Sequence[Checked], hidden: Hidden, seq: int, own: Sequence[OwnArticle]) -> dict[Claim, Answered]:
        kept = {}
        for one in checked:
            claim = one.comparison.claim
            key = claim_key(claim, hidden, own)
            kept[claim] = Answered(self._app.checks.save(one.comparison, key, seq, one.vector), one.comparison)
        return kept


def claim_key(claim: Claim, hidden: Hidden, own: Sequence[OwnArticle] = ()) -> str:
    """What two askings share that have one answer: the words that are searched for, what may be seen, and what their post links to."""
    audience = ",".join(map(str, sorted(hidden)))
    beside = "".join(f"\0{article.digest}" for article in own)
    taken = f"\0{claim.pointer}\0{claim.referent}" if claim.referent else ""  # "It" of another post may be another thing
    return hashlib.sha256(f"{' '.join(claim.query.split())}\0{audience}{beside}{taken}".encode()).hexdigest()
