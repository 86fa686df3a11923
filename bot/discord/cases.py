"""The path of a disputed post: flagged, a case opened or joined, its evidence kept as it stands, and shown to the moderators.

The flag is stored before anything else; what a kill leaves undone after that (evidence, the message in the moderators' channel) is done by
`catch_up`. Decisions are in bot/discord/case_presses.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord
import numpy as np

from bot.discord.access import is_moderator
from bot.discord.answering import Answered, LikeCase, Read, read_claim, read_post
from bot.discord.asking import bare
from bot.discord.case_views import case_view, state_name
from bot.discord.desk import Asker, Closing, Full
from bot.discord.ids import Act, CaseId, CustomId, Step
from bot.discord.intake import words_in, words_of
from bot.discord.modals import NOTE, REASON, appeal_modal, flag_modal
from bot.discord.received import chosen_in, fields_of
from bot.discord.replies import FAILURES, NOBODY, InteractionReply, View, deferred, name_of, say, sent, steadily, taken
from bot.discord.views import formed, note_view
from bot.words import Words, words_for
from db.asks import Ask
from db.cases import RESOLVED, Dispute, Flag, Opened, Post, State
from db.guilds import Guild
from retrieval.errors import BadClaim, CrosscheckError
from retrieval.ports import Vectors
from retrieval.types import Claim

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.cases")

REPORTS = 10  # of a member who is no moderator, within an hour
APPEALABLE = (State.DISPUTED, State.UNCLEAR)  # else the author would only learn that somebody had flagged their post
REPEATED = timedelta(seconds=5)  # age of a message from which Discord gave back one that was sent before
CATCH_UP = 60.0  # seconds between two looks for what was left undone
CLOSED = 600.0  # seconds after which a channel is tried again that could not be written to
UNKNOWN_MESSAGE = 10008


class Cases:
    """Opens cases, keeps their evidence, and keeps the moderators' channel in step with them. One for the whole program."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._app = client.app
        self._answering = client.answering
        self._closed: dict[int, float] = {}  # servers whose channel of moderators could not be written to, and when
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    # Flags.

    async def by_menu(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form for a post; for its author, the form of an appeal where there is something to appeal against."""
        settings = await self._client.settings_of(interaction.guild_id)
        words = words_of(settings, interaction)
        if interaction.guild_id is None or not interaction.is_guild_integration():
            await say(interaction, words("Posts are flagged in servers that have added Crosscheck."))
            return
        if message.author.id == interaction.user.id and await self._appealed(interaction, message, words):
            return
        text = words_in(message)
        refusal = await self._refusal(interaction, settings, words)
        if refusal is None and self._client.user is not None and message.author.id == self._client.user.id:
            refusal = words("This is an answer of Crosscheck: its own button flags it, or flag the post that it is about.")
        if refusal is None and not text:
            refusal = words("This message has no text that could be checked. Pictures, stickers and files are not read.")
        if refusal is not None:
            await say(interaction, refusal)
            return
        # Discord hands the post's words over with the menu alone, so they wait here for the form.
        post = Post(interaction.guild_id, message.channel.id, message.id, message.author.id, text, message.created_at)
        draft = await asyncio.to_thread(self._app.disputes.draft, post, self._client.pseudonyms.of(interaction.user.id))
        modal = flag_modal(CaseId(Step.FLAG_SENT, draft), reasons_of(settings, words), words)
        await taken(interaction, lambda: interaction.response.send_modal(modal))

    async def _appealed(self, interaction: discord.Interaction, message: discord.Message, words: Words) -> bool:
        """Whether the author of a post was offered to appeal, as they can once after a decision."""
        case = await asyncio.to_thread(self._app.disputes.of_message, interaction.guild_id or 0, message.id)
        if case is None or case.state not in APPEALABLE or case.appealed_at is not None or case.post.author != interaction.user.id:
            return False
        modal = appeal_modal(CaseId(Step.APPEALED, case.id, case.decided), words)
        await taken(interaction, lambda: interaction.response.send_modal(modal))
        return True

    async def by_answer(self, interaction: discord.Interaction, ask: Ask, check: int, settings: Guild, words: Words) -> None:
        """Open the form for an answer."""
        if refusal := await self._refusal(interaction, settings, words):
            await say(interaction, refusal)
            return
        modal = flag_modal(CustomId(Act.FLAG_SENT, ask.id, check), reasons_of(settings, words), words)
        await taken(interaction, lambda: interaction.response.send_modal(modal))

    async def post_flagged(self, interaction: discord.Interaction, pressed: CaseId, settings: Guild, words: Words) -> None:
        """The form of a post came back."""
        if refusal := await self._refusal(interaction, settings, words):
            await say(interaction, refusal)
            return
        if not await deferred(interaction, private=True):
            return
        draft = await asyncio.to_thread(self._app.disputes.take_draft, pressed.id, self._client.pseudonyms.of(interaction.user.id))
        if draft is None or draft.post.guild_id != interaction.guild_id:
            sentence = words("This form was open for too long. Open the message's menu again.")
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))
            return
        await self._flagged(interaction, draft.post, None, settings, words)

    async def answer_flagged(self, interaction: discord.Interaction, ask: Ask, check: int, settings: Guild, words: Words) -> None:
        """The form of an answer came back."""
        if refusal := await self._refusal(interaction, settings, words):
            await say(interaction, refusal)
            return
        if not await deferred(interaction, private=True):
            return
        comparison = await asyncio.to_thread(self._app.checks.load, check) if check in ask.checks else None
        if comparison is None or interaction.guild_id is None or ask.where.guild_id != interaction.guild_id:
            sentence = words("This answer is no longer kept. Ask again to get a new one.")
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))
            return
        about = ask.about_message_id
        author = await self._author_of(ask.where.channel_id, about) if about else None
        shown = about or (ask.message_id if ask.public else None)
        post = Post(interaction.guild_id, ask.where.channel_id, shown, author, comparison.claim.text)
        await self._flagged(interaction, post, check, settings, words)

    async def _flagged(self, interaction: discord.Interaction, post: Post, check: int | None, settings: Guild, words: Words) -> None:
        """Store the flag, say so, then keep the evidence and show the moderators."""
        chosen = chosen_in(interaction, REASON)
        flag = Flag(
            interaction.user.id, is_moderator(settings, interaction.user), chosen[0][:100] if chosen else "",
            fields_of(interaction).get(NOTE, "").strip(),
        )  # fmt: skip
        opened = await asyncio.to_thread(self._app.disputes.open, post, flag, check)
        log.info("case %d was %s", opened.dispute.id, "opened" if opened.new else "flagged again")
        reply = InteractionReply(interaction, private=True)
        told = _told(opened, words) if flag.moderator else [words("Thank you. The moderators of this server see your report.")]
        await reply.show(None, note_view(*told))
        shown = await self.look(opened.dispute.id)
        if flag.moderator and not shown:
            where = (
                words("No channel for moderators is set yet; /settings does that.")
                if settings.moderator_channel is None
                else words("The moderators' channel could not be written to.")
            )
            await reply.show(None, note_view(*told, where))

    async def _refusal(self, interaction: discord.Interaction, settings: Guild, words: Words) -> str | None:
        """None, or the sentence that says why somebody may not flag."""
        if interaction.guild_id is None or not interaction.is_guild_integration():
            return words("Posts are flagged in servers that have added Crosscheck.")
        if is_moderator(settings, interaction.user):
            return None
        if not settings.reports:
            return words("Flags are set by the moderators of this server.")
        since = datetime.now(UTC) - timedelta(hours=1)
        if await asyncio.to_thread(self._app.disputes.flags_since, interaction.user.id, since) >= REPORTS:
            return words("You have reported often in the last hour. The moderators see what you reported so far.")
        return None

    async def _author_of(self, channel_id: int | None, message_id: int) -> int | None:
        """Whose message it is, if it is there still and can be read."""
        if channel_id is None:
            return None
        try:
            message = await steadily(self._client.get_partial_messageable(channel_id).get_partial_message(message_id).fetch)
        except FAILURES:
            return None
        return message.author.id

    # Evidence, and the message in the moderators' channel.

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
        await asyncio.to_thread(self._app.disputes.add_snapshot, case.id, comparisons, vectors, self._app.models["embedding"])
        if vectors is not None:
            await asyncio.to_thread(self._follow, case, answers, vectors)
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
        """Tell the moderators when later news changes what the evidence says; not of what they dismissed."""
        if case.state is State.DISMISSED:
            return
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
            settings = await self._client.settings_of(case.post.guild_id)
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


def reasons_of(settings: Guild, words: Words) -> Sequence[str]:
    """For what a post can be flagged in a server."""
    return settings.reasons or (
        words("It says what did not happen"),
        words("Numbers, dates or names are wrong"),
        words("Out of context, or old news as new"),
        words("It misquotes somebody"),
        words("Something else"),
    )


def _told(opened: Opened, words: Words) -> list[str]:
    case = opened.dispute
    if opened.new:
        return [words("Case {n} was opened. Its evidence is kept as it stands now.", n=case.number)]
    state = state_name(case.state, words)
    if not opened.counted:
        return [words("You had flagged this before: case {n}, {state}. Your words were renewed.", n=case.number, state=state)]
    return [words("This is case {n} already: {state}. Your flag was added.", n=case.number, state=state)]


def _stacked(found: Sequence[Vectors | None]) -> Vectors | None:
    """(n, dimension), if there is one for each."""
    known = [vector for vector in found if vector is not None]
    return np.stack(known) if known and len(known) == len(found) else None
