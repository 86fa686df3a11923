"""The cases of disputed posts: their evidence is kept as it stands, and the moderators' channel shows each as it is stored.

What a kill leaves undone of that is done by `catch_up`. Flags are in flagging.py, decisions in case_presses.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord
import numpy as np

from bot.bare import bare
from bot.desk import Asker, Closing, Full
from bot.discord.answering import Answered, LikeCase, Read, read_claim, read_post
from bot.discord.case_views import case_view
from bot.discord.replies import FAILURES, NOBODY, View, name_of, sent, steadily
from bot.discord.views import formed
from bot.monitor.tracing import bound
from bot.words import Words, words_for
from db.cases import RESOLVED, Dispute
from db.guilds import Guild
from retrieval.errors import BadClaim, CrosscheckError
from retrieval.ports import Vectors
from retrieval.types import Claim

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.cases")

REPEATED = timedelta(seconds=5)  # age of a message from which Discord gave back one that was sent before
CATCH_UP = 60.0  # seconds between two looks for what was left undone
CLOSED = 600.0  # seconds after which a channel is tried again that could not be written to
UNKNOWN_MESSAGE = 10008


class Cases:
    """Keeps the evidence of cases, and the moderators' channel in step with them. One for the whole program."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._app = client.app
        self._answering = client.answering
        self._closed: dict[int, float] = {}  # servers whose channel of moderators could not be written to, and when
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def look(self, dispute_id: int) -> bool:
        """Keep the evidence of a case that wants it, withdraw a note that is to go, bring its message up to date; whether it is shown."""
        async with self._turns.setdefault(dispute_id, asyncio.Lock()):
            case = await asyncio.to_thread(self._app.disputes.get, dispute_id)
            if case is None:
                return False
            try:
                if case.state not in RESOLVED or not case.post.text:  # reopened, or its author had the words erased that are in it
                    await self._withdraw_note(case)
                if await asyncio.to_thread(self._app.disputes.wants_evidence, dispute_id):
                    with bound(case=dispute_id):
                        await self._keep_evidence(case)
            except (Full, Closing, CrosscheckError) as error:
                log.warning("case %d: its evidence waits (%s)", dispute_id, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - what breaks a check must not hide the case
                log.error("case %d: %s", dispute_id, type(error).__name__, exc_info=bare(error))
            return await self._show(dispute_id)

    async def _keep_evidence(self, case: Dispute) -> None:
        """Compare the post's claims, or take the answer that was flagged; store it, with like cases. Raises Full, Closing and so on."""
        anew = bool(await asyncio.to_thread(self._app.disputes.snapshots, case.id))  # or the answer that was flagged would be taken again
        answers = await self._answers(case, anew=anew)
        vectors = _stacked([await asyncio.to_thread(self._app.checks.vector, one.check_id) for one in answers])
        comparisons = [one.comparison for one in answers]
        if vectors is not None:  # first: once there is a snapshot, a case that a kill left here would look as if all were done
            await asyncio.to_thread(self._follow, case, answers, vectors)
        await asyncio.to_thread(self._app.disputes.add_snapshot, case.id, comparisons, vectors, self._app.models["embedding"])
        if vectors is not None:
            claims = [one.claim.text for one in comparisons]
            likes = await self._answering.like_cases(case.post.guild_id, claims, vectors, without=[case.id])
            await asyncio.to_thread(self._app.disputes.set_likes, case.id, [(like.dispute.id, like.same) for like in likes])

    async def _answers(self, case: Dispute, *, anew: bool) -> Sequence[Answered]:
        if case.check_id is not None and not anew:
            stored = await asyncio.to_thread(self._app.checks.load, case.check_id)
            if stored is not None:
                return [Answered(case.check_id, stored)]
        read = await asyncio.to_thread(self._read, case)
        if not read:  # nothing in it can be compared: the case is kept for the moderators all the same
            return []
        hidden = await asyncio.to_thread(self._app.addresses.hidden_from, case.post.guild_id)
        return await self._answering.answer(Asker(case.post.guild_id, "cases"), read, hidden)

    def _follow(self, case: Dispute, answers: Sequence[Answered], vectors: Vectors) -> None:
        """Tell the moderators when later news changes what the evidence says."""
        settings = self._app.guilds.settings(case.post.guild_id)
        model_id = self._app.models["embedding"]
        for one, vector in zip(answers, vectors, strict=True):
            locale = settings.language or ""
            self._app.follows.follow(None, case.post.guild_id, case.id, locale, one.comparison, vector, model_id, one.check_id)

    def _read(self, case: Dispute) -> Sequence[Claim]:
        """The claims of a post; of an answer, and of a post that has no sentence worth checking, the text as one."""
        post: Callable[[str], Read] = partial(read_post, limit=self._app.settings.max_claims)
        ways = [read_claim] if case.check_id is not None else [post, read_claim]
        for way in ways:
            try:
                return way(case.post.text).claims
            except BadClaim:
                continue
        return []

    async def _show(self, dispute_id: int) -> bool:
        """Bring the case's message up to date: again and again until it shows what is stored."""
        while True:
            case = await asyncio.to_thread(self._app.disputes.get, dispute_id)
            if case is None:
                return False
            settings = await self._client.server_settings.of(case.post.guild_id)
            channel_id = settings.moderator_channel
            if channel_id is None:
                await self._unshow(case)
                return False
            view = await self.view_of(case, settings, self.words_of(case.post.guild_id, settings))
            try:
                message_id = await self._written(case, channel_id, *formed(view, settings))
            except FAILURES as error:
                log.warning("case %d could not be shown: %s", dispute_id, name_of(error))
                self._closed[case.post.guild_id] = time.monotonic()
                return False
            await asyncio.to_thread(self._app.disputes.shown, dispute_id, channel_id, message_id, case.version)
            now = await asyncio.to_thread(self._app.disputes.get, dispute_id)
            if now is None or now.version == case.version:
                return True

    async def _written(self, case: Dispute, channel_id: int, content: str | None, view: View) -> int:
        place = self._client.get_partial_messageable(channel_id, guild_id=case.post.guild_id)
        nonce = f"case{case.id}"
        if case.card is not None and case.card[0] == channel_id:
            message = place.get_partial_message(case.card[1])
            try:
                # The layout of a message stays, so where plain text is wanted now another takes its place; as where somebody deleted it.
                if content is None or not (await steadily(message.fetch)).flags.components_v2:
                    await steadily(lambda: message.edit(content=content, view=view, allowed_mentions=NOBODY))
                    return message.id
            except discord.NotFound as error:
                if error.code != UNKNOWN_MESSAGE:
                    raise
            nonce += f"v{case.version}"
        message = await sent(place, content, view, nonce)
        if discord.utils.utcnow() - message.created_at > REPEATED:  # sent before a kill, with what was known then
            await steadily(lambda: message.edit(content=content, view=view, allowed_mentions=NOBODY))
        if case.card is not None and case.card[1] != message.id:
            await self._delete(*case.card)
        return message.id

    async def _unshow(self, case: Dispute) -> None:
        """The server has no channel for its moderators any more: what was shown in one is taken away."""
        if case.card is not None and await self._delete(*case.card):
            await asyncio.to_thread(self._app.disputes.unshown, case.id)

    async def _delete(self, channel_id: int, message_id: int) -> bool:
        """Delete a message of ours; False where that is worth another try."""
        try:
            await steadily(self._client.get_partial_messageable(channel_id).get_partial_message(message_id).delete)
        except FAILURES as error:
            return isinstance(error, discord.Forbidden | discord.NotFound)
        return True

    async def _withdraw_note(self, case: Dispute) -> None:
        """Delete the public note under a post, if there is one."""
        if case.note_message_id is None or case.post.channel_id is None:
            return
        place = self._client.get_partial_messageable(case.post.channel_id, guild_id=case.post.guild_id)
        try:
            await steadily(place.get_partial_message(case.note_message_id).delete)
        except FAILURES as error:
            log.info("case %d: its note could not be deleted: %s", case.id, name_of(error))
            if not isinstance(error, discord.Forbidden | discord.NotFound):
                return  # likely to pass: the next look tries again
        await asyncio.to_thread(self._app.disputes.notes_gone, [case.note_message_id])

    async def view_of(self, case: Dispute, settings: Guild, words: Words) -> discord.ui.LayoutView:
        """The case as moderators see it."""
        snapshots = await asyncio.to_thread(self._app.disputes.snapshots, case.id)
        likes = [LikeCase(other, same) for other, same in await asyncio.to_thread(self._app.disputes.likes, case.id)]
        return case_view(case, snapshots, words, likes, publishable=settings.public_notes)

    def words_of(self, guild_id: int, settings: Guild) -> Words:
        """The language of what is written for all moderators of a server."""
        guild = self._client.get_guild(guild_id)
        return words_for(settings.language or (str(guild.preferred_locale) if guild else None))

    async def catch_up(self) -> None:
        """Do what was left undone: after a kill, or while Discord or the models could not be reached. In the end, none is behind."""
        last = 0
        while found := await asyncio.to_thread(self._app.disputes.behind, last):
            last = found[-1].id
            for case in found:
                await self._catch_up(case)

    async def _catch_up(self, case: Dispute) -> None:
        if self._client.get_guild(case.post.guild_id) is None:
            return  # of another process's shard, or the bot is not there any more
        if time.monotonic() - self._closed.get(case.post.guild_id, -CLOSED) < CLOSED:
            return
        try:
            await self.look(case.id)
        except Exception as error:  # noqa: BLE001 - the next look tries again, and others must not wait for this one
            log.error("case %d: %s", case.id, type(error).__name__, exc_info=bare(error))

    async def keep_up(self) -> None:
        """`catch_up`, again and again."""
        await self._client.wait_until_ready()
        while True:
            try:
                await self.catch_up()
            except Exception as error:  # noqa: BLE001 - the next look tries again
                log.error("cases: %s", type(error).__name__, exc_info=bare(error))
            await asyncio.sleep(CATCH_UP)


def _stacked(found: Sequence[Vectors | None]) -> Vectors | None:
    """(n, dimension), if there is one for each."""
    known = [vector for vector in found if vector is not None]
    return np.stack(known) if known and len(known) == len(found) else None
