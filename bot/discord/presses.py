"""What a press of a button, a choice from a select or a form does: told by its custom id, so that it works after a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.discord.access import is_moderator
from bot.discord.answering import Answered
from bot.discord.asking import Kind, Reply, Undelivered, dressed, posted_at
from bot.discord.explanations import explanation
from bot.discord.ids import Act, CustomId, parse_case_id, parse_id
from bot.discord.intake import ask_by_interaction, read_trimmed, words_of
from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.modals import TEXT
from bot.discord.packing import EACH
from bot.discord.picturing import picture_of
from bot.discord.received import custom_id_of, fields_of, values_of
from bot.discord.replies import DEFERRED, FAILURES, InteractionReply, deferred, say, taken
from bot.discord.views import Frame, choices, context_view, formed, more_view, note_view
from bot.render import AGREE, CONTRADICT, answer
from bot.words import Words
from db.asks import Ask
from db.guilds import Answers, Guild
from retrieval.types import Comparison

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.presses")

AROUND = 700  # characters of the article shown on each side of an excerpt in context


class Presses:
    """Handles components and modals of ours."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._app = client.app

    async def handle(self, interaction: discord.Interaction) -> None:
        """Do what was pressed; ids of an earlier version are told of in a sentence."""
        settings = await self._client.server_settings.of(interaction.guild_id)
        words = words_of(settings, interaction)
        if (of_case := parse_case_id(custom_id_of(interaction))) is not None:
            await self._client.case_presses.handle(interaction, of_case, settings, words)
            return
        pressed = parse_id(custom_id_of(interaction))
        if pressed is None:
            await say(interaction, words("This button is of an earlier version. Ask again to get a new one."))
            return
        match pressed.act:
            case Act.TRIM_SENT:
                text = fields_of(interaction).get(TEXT, "")
                await ask_by_interaction(self._client, interaction, text, Kind.POST, *read_trimmed(pressed))
            case Act.SETTING | Act.SET_UP:
                await self._client.settings_panel.pressed(interaction, pressed, settings, words)
            case Act.UNFOLLOW:
                await self._client.followups.stop(interaction, values_of(interaction), words)
            case Act.ERASE | Act.PURGE_SENT:
                await self._client.privacy_presses.handle(interaction, pressed, words)
            case _:
                await self._on_ask(interaction, pressed, settings, words)

    async def _on_ask(self, interaction: discord.Interaction, pressed: CustomId, settings: Guild, words: Words) -> None:
        ask = await asyncio.to_thread(self._app.asks.get, pressed.ask)
        if ask is None:
            await say(interaction, words("This answer is no longer kept. Ask again to get a new one."))
            return
        if not ask.public and ask.where.user != self._client.pseudonyms.of(interaction.user.id):
            await say(interaction, words("This answer belongs to somebody else."))
            return
        if ask.public and ask.where.guild_id != interaction.guild_id:
            await say(interaction, words("This answer belongs to another place."))
            return
        match pressed.act:
            case Act.FLAG:
                await self._client.flagging.by_answer(interaction, ask, pressed.check, settings, words)
            case Act.FLAG_SENT:
                await self._client.flagging.answer_flagged(interaction, ask, pressed.check, settings, words)
            case Act.SHARE:
                await self._share(interaction, ask, settings, words)
            case Act.FOLLOW:
                await self._client.followups.pressed(interaction, ask, pressed.check, words)
            case Act.HELPFUL | Act.UNHELPFUL:
                await say(interaction, words("Thank you. That helps to measure how good the answers are."))
                user = self._client.pseudonyms.of(interaction.user.id)
                await asyncio.to_thread(self._app.opinions.add, ask.id, pressed.check, user, pressed.act is Act.HELPFUL)
            case _:
                await self._open(interaction, ask, pressed, settings, words)

    async def _open(self, interaction: discord.Interaction, ask: Ask, pressed: CustomId, settings: Guild, words: Words) -> None:
        """More of a side, an excerpt in context, a claim of a post: shown to whoever pressed."""
        if not await deferred(interaction, private=True):
            return
        reply = InteractionReply(interaction, private=True)
        values = values_of(interaction)
        check = int(values[0]) if pressed.act is Act.OPEN and values and values[0].isdigit() else pressed.check
        comparison = await asyncio.to_thread(self._app.checks.load, check) if check in ask.checks else None
        if comparison is None:
            await reply.show(None, note_view(words("This answer is no longer kept. Ask again to get a new one.")))
            return
        shown = answer(comparison, words, settings.minimum_sources, posted_at(ask))
        room = MAX_CONTENT if settings.plain_text else MAX_TEXT
        match pressed.act:
            case Act.MORE_AGREEING:
                title = AGREE + " " + words("More agreeing")
                await reply.show(*formed(more_view(title, shown.agreeing[EACH:], words, room), settings))
            case Act.MORE_CONTRADICTING:
                title = CONTRADICT + " " + words("More contradicting")
                await reply.show(*formed(more_view(title, shown.contradicting[EACH:], words, room), settings))
            case Act.CONTEXT:
                view = await self._context(ask, check, comparison, values[0] if values else "", words, room)
                await reply.show(*formed(view, settings))
            case _:
                flaggable = self._may_flag(interaction, settings)
                frame = Frame(words, ask.id, settings.minimum_sources, flaggable=flaggable, posted_at=posted_at(ask))
                await self._show([Answered(check, comparison)], 0, frame, settings, reply)

    async def _context(self, ask: Ask, check: int, comparison: Comparison, choice: str, words: Words, room: int) -> ui.LayoutView:
        """An excerpt among the words around it: the chosen one, else the first."""
        shown = answer(comparison, words)
        options = choices(shown)
        choice = choice if any(option.value == choice for option in options) else options[0].value if options else ""
        if not choice:
            return note_view(words("There is no excerpt to show."))
        side, rank = ("agree" if choice[0] == "a" else "contradict"), int(choice[1:])
        parts = await asyncio.to_thread(self._app.checks.context, check, side, rank, AROUND)
        one = (shown.agreeing if side == "agree" else shown.contradicting)[rank - 1]
        return context_view(one, parts or (one.before, one.quote, one.after), options, ask.id, check, words, room)

    async def _share(self, interaction: discord.Interaction, ask: Ask, settings: Guild, words: Words) -> None:
        """Show an own answer to the channel, once."""
        if settings.answers is Answers.ONLY_PRIVATE or interaction.guild_id is None or not interaction.is_guild_integration():
            await say(interaction, words("Answers are private here."))
            return
        if not _may_share(interaction):
            await say(interaction, words("Crosscheck may not write in this channel. An administrator can allow it."))
            return
        if ask.public:
            await say(interaction, words("This answer was shared already."))
            return
        if not await deferred(interaction, private=False):
            return
        reply = InteractionReply(interaction, private=False)
        if not await asyncio.to_thread(self._app.asks.set_public, ask.id):  # of two presses at once, one wins
            await reply.show(None, note_view(words("This answer was shared already.")))
            return
        try:
            stored = await asyncio.to_thread(self._app.checks.load_many, ask.checks)
            answers = [Answered(id_, stored[id_]) for id_ in ask.checks if id_ in stored]
            if not answers:
                await reply.show(None, note_view(words("This answer is no longer kept. Ask again to get a new one.")))
                return
            by = words("Shared by {person}", person=interaction.user.mention)
            frame = Frame(words, ask.id, settings.minimum_sources, flaggable=True, notes=[f"-# {by}"], posted_at=posted_at(ask))
            message_id = await self._show(answers, ask.left_out, frame, settings, reply)
        except Exception:
            await asyncio.to_thread(self._app.asks.set_public, ask.id, False)
            raise
        if message_id is not None:
            await asyncio.to_thread(self._app.asks.set_message, ask.id, message_id)

    async def _show(self, answers: Sequence[Answered], left_out: int, frame: Frame, settings: Guild, reply: Reply) -> int | None:
        """Answers as they were shown first, with their picture."""
        picture = await picture_of(self._app, answers, left_out, frame, settings)
        return await reply.show(*dressed(answers, left_out, frame, settings, picture))

    def _may_flag(self, interaction: discord.Interaction, settings: Guild) -> bool:
        return interaction.is_guild_integration() and (settings.reports or is_moderator(settings, interaction.user))


def _may_share(interaction: discord.Interaction) -> bool:
    allowed = interaction.app_permissions
    return allowed.view_channel and (
        allowed.send_messages_in_threads if isinstance(interaction.channel, discord.Thread) else allowed.send_messages
    )


async def tell(interaction: discord.Interaction, error: Exception, words: Words) -> None:
    """An error as one sentence, by whichever way is still open."""
    if isinstance(error, Undelivered):
        log.warning("interaction %d: the answer could not be delivered (%s)", interaction.id, error)
        return
    view = note_view(explanation(error, words))
    try:
        if DEFERRED in interaction.extras:
            await InteractionReply(interaction, private=True).show(None, view)
        elif interaction.response.is_done():
            await interaction.followup.send(view=view, ephemeral=True)
        else:
            await taken(interaction, lambda: interaction.response.send_message(view=view, ephemeral=True))
    except (Undelivered, *FAILURES):
        log.warning("interaction %d: nor could the error be told", interaction.id)
