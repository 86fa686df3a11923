"""What a case's buttons do: decisions of moderators, each an update that only one of two at once makes; the author's appeal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.access import is_moderator
from bot.discord.case_views import case_link, evidence_view, public_note, state_name
from bot.discord.ids import CaseId, Step
from bot.discord.modals import NOTE, appeal_modal, decision_modal
from bot.discord.queue_views import PAGE, history_view, queue_view
from bot.discord.received import fields_of, values_of
from bot.discord.replies import FAILURES, InteractionReply, deferred, say, sent, steadily, taken
from bot.discord.views import formed, note_view
from bot.words import Words
from db.cases import RESOLVED, Dispute, State
from db.guilds import Guild

if TYPE_CHECKING:
    from bot.discord.client import Client


class CasePresses:
    """Handles components and forms of cases."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._app = client.app
        self._cases = client.cases

    async def handle(self, interaction: discord.Interaction, pressed: CaseId, settings: Guild, words: Words) -> None:
        """Do what was pressed. Raises what the store raises, Undelivered."""
        match pressed.step:
            case Step.FLAG_SENT:
                await self._client.flagging.post_flagged(interaction, pressed, settings, words)
                return
            case Step.APPEAL | Step.APPEALED:
                await self._appeal(interaction, pressed, words)
                return
        if interaction.guild_id is None or not is_moderator(settings, interaction.user):
            await say(interaction, words("Cases are for the moderators of this server."))
            return
        if pressed.step is Step.LIST:
            await self.show_queue(interaction, pressed.id, pressed.detail, settings, words)
            return
        values = values_of(interaction)
        wanted = int(values[0]) if pressed.step is Step.SHOW and values and values[0].isdigit() else pressed.id
        case = await asyncio.to_thread(self._app.disputes.get, wanted)
        if case is None or case.post.guild_id != interaction.guild_id:
            await say(interaction, words("This case is no longer kept."))
            return
        await self._on_case(interaction, case, pressed, settings, words)

    async def _on_case(self, interaction: discord.Interaction, case: Dispute, pressed: CaseId, settings: Guild, words: Words) -> None:
        values = values_of(interaction)
        match pressed.step:
            case Step.SHOW:
                await self.show_case(interaction, case, settings, words)
            case Step.EVIDENCE:
                await self._evidence(interaction, case, values[0] if values else "", settings, words)
            case Step.HISTORY:
                events = await asyncio.to_thread(self._app.disputes.history, case.id)
                await _private(interaction, history_view(case, events, words), settings)
            case Step.RESOLVE | Step.REOPEN if pressed.decided == case.decided:
                await self._ask_why(interaction, case, values, words)
            case Step.NOTE if pressed.decided == case.decided and case.state in RESOLVED and settings.public_notes:
                snapshots = await asyncio.to_thread(self._app.disputes.snapshots, case.id)
                language = self._cases.words_of(case.post.guild_id, settings)
                await _private(interaction, public_note(case, snapshots, language, preview=True), settings)
            case Step.PUBLISH:
                await self._publish(interaction, case, pressed, settings, words)
            case Step.TAKE | Step.RELEASE | Step.RESOLVED | Step.REOPENED:
                await self._decide(interaction, case, pressed, words)
            case _:
                await say(interaction, _too_late(case, words))

    async def _ask_why(self, interaction: discord.Interaction, case: Dispute, values: list[str], words: Words) -> None:
        """The form of a decision; no `values` for one that reopens."""
        if values:
            title = words("Case {n}: {state}", n=case.number, state=state_name(State(values[0]), words))
            modal = decision_modal(title, CaseId(Step.RESOLVED, case.id, case.decided, values[0]), words)
        else:
            modal = decision_modal(words("Reopen case {n}", n=case.number), CaseId(Step.REOPENED, case.id, case.decided), words)
        await taken(interaction, lambda: interaction.response.send_modal(modal))

    async def _decide(self, interaction: discord.Interaction, case: Dispute, pressed: CaseId, words: Words) -> None:
        """Make a decision if nothing was decided since it was seen; then the moderators' channel shows it."""
        if not await deferred(interaction, private=True):
            return
        note = fields_of(interaction).get(NOTE, "").strip()
        await self.decided(interaction, case, await asyncio.to_thread(self._made, case, pressed, interaction.user.id, note), words)

    def _made(self, case: Dispute, pressed: CaseId, by: int, note: str) -> Dispute | None:
        disputes = self._app.disputes
        match pressed.step:
            case Step.TAKE:
                return disputes.assign(case.id, pressed.decided, by, by)
            case Step.RELEASE:
                return disputes.release(case.id, pressed.decided, by)
            case Step.RESOLVED:
                return disputes.resolve(case.id, pressed.decided, by, State(pressed.detail), note)
            case _:
                return disputes.reopen(case.id, pressed.decided, by, note)

    async def decided(self, interaction: discord.Interaction, before: Dispute, case: Dispute | None, words: Words) -> None:
        """Say what came of a decision, and bring the case's message up to date. `case` is None where another came first."""
        reply = InteractionReply(interaction, private=True)
        if case is None:
            now = await asyncio.to_thread(self._app.disputes.get, before.id)
            await reply.show(None, note_view(_too_late(now or before, words)))
            await self._cases.look(before.id)
            return
        try:
            await reply.show(None, note_view(words("Case {n} is now: {state}.", n=case.number, state=state_name(case.state, words))))
        finally:
            await self._cases.look(case.id)

    async def _evidence(self, interaction: discord.Interaction, case: Dispute, value: str, settings: Guild, words: Words) -> None:
        number, _, place = value.partition(".")
        snapshots = await asyncio.to_thread(self._app.disputes.snapshots, case.id)
        for snapshot in snapshots:
            if str(snapshot.number) == number and place.isdigit() and int(place) < len(snapshot.comparisons):
                await _private(interaction, evidence_view(snapshot, int(place), words), settings)
                return
        await say(interaction, words("There is no excerpt to show."))

    async def _publish(self, interaction: discord.Interaction, case: Dispute, pressed: CaseId, settings: Guild, words: Words) -> None:
        """Write the note under the post, once."""
        post = case.post
        if not settings.public_notes or post.channel_id is None or post.message_id is None:
            await say(interaction, words("Public notes are not allowed by this server's settings."))
            return
        if case.state not in RESOLVED or case.note_message_id is not None or case.decided != pressed.decided:
            await say(interaction, _too_late(case, words))
            return
        if not await deferred(interaction, private=True):
            return
        reply = InteractionReply(interaction, private=True)
        snapshots = await asyncio.to_thread(self._app.disputes.snapshots, case.id)
        view = public_note(case, snapshots, self._cases.words_of(post.guild_id, settings))
        place = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        reference = discord.MessageReference(message_id=post.message_id, channel_id=post.channel_id, fail_if_not_exists=True)
        try:  # of two at once both write the same message: Discord tells repeats by their nonce
            nonce = f"note{case.id}v{case.decided}"
            message = await sent(place, *formed(view, settings), nonce, reference)
        except FAILURES:
            await reply.show(
                None, note_view(words("The note could not be written: is the post still there, and may Crosscheck write there?"))
            )
            return
        noted = await asyncio.to_thread(self._app.disputes.noted, case.id, pressed.decided, interaction.user.id, message.id)
        if noted is None:
            now = await asyncio.to_thread(self._app.disputes.get, case.id)
            if now is None or now.note_message_id != message.id:
                await steadily(message.delete)
                await reply.show(None, note_view(_too_late(now or case, words)))
                return
        await reply.show(None, note_view(words("The note was published: {link}", link=message.jump_url)))
        await self._cases.look(case.id)

    async def _appeal(self, interaction: discord.Interaction, pressed: CaseId, words: Words) -> None:
        """The author's button under a note, and the form that it opens."""
        case = await asyncio.to_thread(self._app.disputes.get, pressed.id)
        if case is None or case.post.guild_id != interaction.guild_id or case.post.author != interaction.user.id:
            await say(interaction, words("Only the author of the post can appeal."))
            return
        if case.appealed_at is not None or case.state not in RESOLVED:
            await say(interaction, words("There is nothing to appeal against: the moderators look at it, or have looked at an appeal."))
            return
        if pressed.step is Step.APPEAL:
            modal = appeal_modal(CaseId(Step.APPEALED, case.id, case.decided), words)
            await taken(interaction, lambda: interaction.response.send_modal(modal))
            return
        text = fields_of(interaction).get(NOTE, "").strip()
        if not text:
            await say(interaction, words("Please say what should be looked at again."))
            return
        if not await deferred(interaction, private=True):
            return
        appealed = await asyncio.to_thread(self._app.disputes.appeal, case.id, interaction.user.id, text)
        sentence = (
            words("The moderators of this server see your appeal, and look at the post again.")
            if appealed is not None
            else words("There is nothing to appeal against: the moderators look at it, or have looked at an appeal.")
        )
        try:
            await InteractionReply(interaction, private=True).show(None, note_view(sentence))
        finally:
            await self._cases.look(case.id)

    # The queue; also for the commands.

    async def show_case(self, interaction: discord.Interaction, case: Dispute, settings: Guild, words: Words) -> None:
        """A case with its buttons, for one moderator."""
        await _private(interaction, await self._cases.view_of(case, settings, words), settings)

    async def show_queue(self, interaction: discord.Interaction, number: int, chosen: str, settings: Guild, words: Words) -> None:
        """A page of the queue: a new message for a command, the same one for its buttons."""
        states, assignee = read_filter(chosen)
        guild_id = interaction.guild_id or 0
        page = await asyncio.to_thread(self._app.disputes.page, guild_id, states, assignee, number * PAGE, PAGE)
        totals = await asyncio.to_thread(self._app.disputes.totals, guild_id)
        view = queue_view(page, number, totals, chosen, words)
        if interaction.type is discord.InteractionType.component and not settings.plain_text:
            await taken(interaction, lambda: interaction.response.edit_message(view=view))
        else:
            await _private(interaction, view, settings)


def written_filter(states: frozenset[State], assignee: int | None) -> str:
    """A filter of the queue as it stands in custom ids."""
    return f"{','.join(sorted(states))}/{assignee or ''}"


def read_filter(text: str) -> tuple[frozenset[State], int | None]:
    """What `written_filter` wrote; no filter for anything else."""
    states, _, assignee = text.partition("/")
    known = {state.value: state for state in State}
    return frozenset(known[one] for one in states.split(",") if one in known), int(assignee) if assignee.isdigit() else None


def _too_late(case: Dispute, words: Words) -> str:
    """Somebody else decided meanwhile: what it is now, and where that stands."""
    state = state_name(case.state, words)
    link = case_link(case)
    sentence = words("Nothing was changed: case {n} was decided upon meanwhile, and is now: {state}.", n=case.number, state=state)
    return f"{sentence} {link}" if link else sentence


async def _private(interaction: discord.Interaction, view: discord.ui.LayoutView, settings: Guild) -> None:
    """A private reply."""
    content, shown = formed(view, settings)
    given: dict[str, Any] = {"view": shown} if content is None else {"content": content, "view": shown}
    await taken(interaction, lambda: interaction.response.send_message(**given, ephemeral=True))
