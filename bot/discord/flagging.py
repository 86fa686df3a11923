"""How a post or an answer becomes a case: who may flag it, the form, and the author's appeal from the same menu.

The flag is stored before anything else; what comes after it is cases.py's, also after a kill.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.discord.access import is_moderator
from bot.discord.case_views import state_name
from bot.discord.cases import Cases
from bot.discord.ids import Act, CaseId, CustomId, Step
from bot.discord.intake import words_in, words_of
from bot.discord.modals import NOTE, REASON, appeal_modal, flag_modal
from bot.discord.received import chosen_in, fields_of
from bot.discord.replies import FAILURES, InteractionReply, deferred, say, steadily, taken
from bot.discord.views import note_view
from bot.words import Words
from db.asks import Ask
from db.cases import Flag, Opened, Post, State
from db.guilds import Guild

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.cases")

REPORTS = 10  # of a member who is no moderator, within an hour
APPEALABLE = (State.DISPUTED, State.UNCLEAR)  # else the author would only learn that somebody had flagged their post


class Flagging:
    """Takes flags of posts and answers. One for the whole program."""

    def __init__(self, client: Client, cases: Cases) -> None:
        self._client = client
        self._app = client.app
        self._cases = cases

    async def by_menu(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form for a post; for its author, the form of an appeal where there is something to appeal against."""
        settings = await self._client.server_settings.of(interaction.guild_id)
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
        shown = await self._cases.look(opened.dispute.id)
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
