"""The path of one asking: allowed, counted, read, checked, answered, remembered. Whatever goes wrong, whoever asked is told once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from discord import ui
from discord.utils import snowflake_time

from bot.app import App
from bot.bare import bare
from bot.desk import Asker, Closing, Desk, Full
from bot.discord.answering import Answered, Answering, Read, read_claim, read_post
from bot.discord.case_views import like_note
from bot.discord.explanations import as_message, explanation, refused
from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.markdown import escaped
from bot.discord.overviews import overview_view
from bot.discord.picturing import picture_of
from bot.discord.story_views import story_view
from bot.discord.unfolding import Unfolding
from bot.discord.views import Enclosure, Frame, answer_view, formed, plain_form, plain_view
from bot.monitor.port import AskResult
from bot.monitor.tracing import bound
from bot.own_links import own_articles
from bot.story_rendering import story_answer
from bot.texts import shortened
from bot.words import Words
from db.asks import OWN_WORDS, About, Ask, Limit, Limits, Pending, Refusal, Where
from db.guilds import Answers, Guild
from retrieval.errors import CrosscheckError, UserError
from retrieval.stories import StoryComparison
from retrieval.types import Claim

log = logging.getLogger("crosscheck.asking")

LONG_WAIT = timedelta(seconds=6)  # from which the place in line is told


class Kind(StrEnum):
    """What the words are."""

    CLAIM = "claim"  # typed for this: one claim
    POST = "post"  # a message that somebody wrote: its check-worthy claims
    STORY = "story"  # names a story, or is the address of an article: outlet against outlet


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's words, and where they were said."""

    text: str
    kind: Kind
    where: Where
    words: Words
    public: bool
    token: str = ""  # of the interaction: what a restart within its quarter of an hour can still answer by
    application_id: int = 0
    moderator: bool = False  # the asker
    sees: Callable[[int], bool] = lambda _: False  # whether the asker can read a channel of the server
    sharable: bool = False  # asked in a server that has the bot: a private answer may be shown to the channel
    about: About = OWN_WORDS


Taking = asyncio.Task[Ask | Refusal]


class Undelivered(Exception):
    """Discord took the answer nowhere: not to where it was asked, and not to the person directly."""


class Reply(Protocol):
    """Where an answer goes. `nonce` tells Discord which messages are one and the same, made again."""

    nonce: int

    async def show(self, content: str | None, view: ui.LayoutView | ui.View, files: Sequence[Enclosure] = ()) -> int | None:
        """Set the answer; asked again it replaces what was shown, but for pictures that nothing replaces. The message's id.

        Raises Undelivered.
        """


class Asking:
    """Handles what was asked. One for the whole program."""

    def __init__(self, app: App, answering: Answering, stories: Desk[StoryComparison]) -> None:
        self._app = app
        self._answering = answering
        self._stories = stories
        self.own: set[int] | None = set()  # what this process has accepted, until it has taken up what others left
        self._takings: set[Taking] = set()  # that have not ended

    def limits(self) -> Limits:
        """How often one may ask, as the operator set it."""
        settings = self._app.settings
        return Limits(
            user=(Limit(settings.asks_a_minute, 60), Limit(settings.asks_of_user, 3600)),
            channel=(Limit(settings.asks_of_channel, 3600),),
            guild=(Limit(settings.asks_of_guild, 3600),),
        )

    def take(self, asked: Asked) -> Taking:
        """Begin to count and remember what is asked; beside the deferral, so that a kill right after that one leaves what to take up."""
        pending = Pending(asked.token, asked.text, asked.kind.value, asked.application_id)
        given = (asked.where, asked.public, asked.words.locale, pending, self.limits(), asked.about)

        def accept() -> Ask | Refusal:
            taken = self._app.asks.accept(*given)
            if isinstance(taken, Ask) and self.own is not None:
                self.own.add(taken.id)
            return taken

        taking = asyncio.create_task(asyncio.to_thread(accept))
        self._takings.add(taking)
        taking.add_done_callback(self._takings.discard)
        return taking

    async def accepted(self) -> set[int]:
        """The ids of the asks that this process has stored by now. To be asked once: further ones are not remembered."""
        if self._takings:
            await asyncio.wait(self._takings.copy())  # what one has stored already, it has not remembered yet
        own, self.own = self.own or set(), None
        return own

    async def let_go(self, taking: Taking) -> None:
        """Discord did not take the deferral: nobody waits for an answer."""
        try:
            taken = await taking
        except CrosscheckError:
            return
        await self._told(taken if isinstance(taken, Ask) else None)

    async def handle(self, asked: Asked, reply: Reply, settings: Guild, taking: Taking | None = None) -> None:
        """Answer, or say in a sentence why not. Raises nothing but cancellation."""
        try:
            taken = await (taking or self.take(asked))
            if isinstance(taken, Refusal):
                self._app.monitor.asked(asked.kind, AskResult.REFUSED, 0.0)
                await reply.show(*as_message(refused(taken, asked.words), settings))
                return
        except Undelivered as error:
            log.warning("%d: a refusal could not be delivered (%s)", reply.nonce, error)
            return
        except Exception as error:  # noqa: BLE001 - the person is told, the log has the rest
            self._app.monitor.asked(asked.kind, result_of(error), 0.0)
            await self._explain(None, error, asked, reply, settings)
            return
        await self.resume(taken, asked, reply, settings)

    async def resume(self, ask: Ask, asked: Asked, reply: Reply, settings: Guild) -> None:
        """Answer what was accepted, now or by a process before this one, or say in a sentence why not."""
        reply.nonce = ask.id  # the same in a process that takes it up: an answer that was written and not noted is not written twice
        started = time.monotonic()
        with bound(ask=ask.id):
            try:
                result = await self.carry_out(ask, asked, reply, settings)
            except Undelivered as error:
                log.warning("ask %d: the answer could not be delivered (%s)", ask.id, error)
                await self._told(ask)
                result = AskResult.UNDELIVERED
            except Exception as error:  # noqa: BLE001 - the person is told, the log has the rest
                await self._explain(ask, error, asked, reply, settings)
                result = result_of(error)
        self._app.monitor.asked(asked.kind, result, time.monotonic() - started)

    async def carry_out(self, ask: Ask, asked: Asked, reply: Reply, settings: Guild) -> AskResult:
        """Check what was accepted, and show it. Raises what the check raises, Undelivered."""
        if asked.kind is Kind.STORY:
            return await self._compare(ask, asked, reply, settings)
        words = asked.words
        limit = self._app.settings.max_claims
        read = (
            await asyncio.to_thread(read_claim, asked.text)
            if asked.kind is Kind.CLAIM
            else await asyncio.to_thread(read_post, asked.text, limit)
        )
        guild_id = asked.where.guild_id
        hidden = await asyncio.to_thread(self._app.addresses.hidden_from, guild_id)
        own = await own_articles(self._app, read.links, hidden) if read.links else []
        asker = Asker(guild_id or ("direct", asked.where.user), asked.where.user)
        part = Frame(words, ask.id, settings.minimum_sources, posted_at=posted_at(ask), left=read.left, most=limit)
        unfolding = Unfolding()

        def on_place(place: int, wait: timedelta) -> None:
            if wait >= LONG_WAIT:
                text = words.plural(
                    "Waiting in line: {n} claim goes first, about {time}.",
                    "Waiting in line: {n} claims go first, about {time}.",
                    place,
                    time=words.duration(wait),
                )
                unfolding.tell(lambda: reply.show(*as_message(text, settings)))

        def on_some(found: Mapping[Claim, Answered]) -> None:
            unfolding.tell(lambda: self._show_some(ask, asked, reply, settings, read, found, part))

        try:
            answers = await self._answering.answer(asker, read.claims, hidden, on_place, own, on_some)
        finally:
            await unfolding.end()
        notes = await self._notes(asked, answers[0]) if len(answers) == 1 else ()
        sharable = asked.sharable and not asked.public and settings.answers is not Answers.ONLY_PRIVATE
        flaggable = asked.public or (asked.sharable and (asked.moderator or settings.reports))  # private, of a server that has the bot
        frame = replace(part, sharable=sharable, flaggable=flaggable, notes=notes)
        checks = [one.check_id for one in answers]
        if not await asyncio.to_thread(self._app.asks.found, ask.id, checks, read.left_out):
            log.info("ask %d was deleted while it was being answered", ask.id)
            await reply.show(*as_message(words("This was deleted meanwhile, so it is not answered."), settings))
            return AskResult.DELETED
        picture = await picture_of(self._app, answers, read.left_out, frame, settings)
        message_id = await reply.show(*dressed(answers, read.left_out, frame, settings, picture))
        try:
            await asyncio.to_thread(self._app.asks.answered, ask.id, checks, read.left_out, message_id)
        except CrosscheckError as error:  # the person has the answer; a restart may show it once more
            log.error("ask %d was answered, and that could not be noted: %s", ask.id, error)
        log.info("ask %d answered: %d claims", ask.id, len(answers))
        return AskResult.ANSWERED

    async def _show_some(
        self, ask: Ask, asked: Asked, reply: Reply, settings: Guild, read: Read, found: Mapping[Claim, Answered], frame: Frame
    ) -> None:
        """The claims of a post that were compared so far. This is no answer: the ask goes on waiting, and after a kill is taken up."""
        some = [found.get(claim) for claim in read.claims]
        checks = [one.check_id for one in some if one is not None]  # of which the selects must know at once
        if not await asyncio.to_thread(self._app.asks.found, ask.id, checks, read.left_out):
            return  # deleted meanwhile: that is said in the end
        message_id = await reply.show(*dressed(some, read.left_out, frame, settings))
        if message_id is not None and not asked.token:  # whoever takes it up goes on in the same message
            await asyncio.to_thread(self._app.asks.set_message, ask.id, message_id)

    async def _compare(self, ask: Ask, asked: Asked, reply: Reply, settings: Guild) -> AskResult:
        """Compare the outlets of the story that was named, and show that. Nothing is kept of it but that it was asked for."""
        guild_id = asked.where.guild_id
        hidden = await asyncio.to_thread(self._app.addresses.hidden_from, guild_id)
        asker = Asker(guild_id or ("direct", asked.where.user), asked.where.user)
        compared = (await self._stories.check(asker, [Claim(asked.text)], hidden))[0]
        if not await asyncio.to_thread(self._app.asks.found, ask.id, ()):
            log.info("ask %d was deleted while it was being answered", ask.id)
            await reply.show(*as_message(asked.words("This was deleted meanwhile, so it is not answered."), settings))
            return AskResult.DELETED
        view = story_view(story_answer(compared, asked.words), asked.words, MAX_CONTENT if settings.plain_text else MAX_TEXT)
        message_id = await reply.show(*formed(view, settings))
        try:
            await asyncio.to_thread(self._app.asks.answered, ask.id, (), 0, message_id)
        except CrosscheckError as error:  # the person has the answer; a restart may show it once more
            log.error("ask %d was answered, and that could not be noted: %s", ask.id, error)
        log.info("ask %d answered: a story of %d outlets", ask.id, compared.voices)
        return AskResult.ANSWERED

    async def _notes(self, asked: Asked, answered: Answered) -> list[str]:
        """For moderators, cases of like claims; for all, the nearest like claim checked in this server before, where they can see that.

        An answer does not fail for this.
        """
        guild_id, now = asked.where.guild_id, datetime.now(UTC)
        if guild_id is None:
            return []
        notes: list[str] = []
        try:
            if asked.moderator and not asked.public:
                likes = await self._answering.cases_like(guild_id, answered)
                notes += [like_note(one, asked.words) for one in likes[:2]]
            found = await self._answering.earlier(guild_id, answered, now)
        except Closing:
            return []
        except Exception as error:  # noqa: BLE001 - it is only an offer
            log.error("like claims: %s", type(error).__name__, exc_info=bare(error))
            return notes
        for one in found:
            if one.message_id and one.channel_id and asked.sees(one.channel_id):
                link = f"https://discord.com/channels/{guild_id}/{one.channel_id}/{one.message_id}"
                claim, when = escaped(shortened(one.claim, 120)), asked.words.ago(now - one.created_at)
                note = asked.words("Checked {when} in this server: “{claim}”. [See that answer]({link})", when=when, claim=claim, link=link)
                return [*notes, f"-# {note}"]
        return notes

    async def _explain(self, ask: Ask | None, error: Exception, asked: Asked, reply: Reply, settings: Guild) -> None:
        """One sentence for the person; for errors of ours an id that the log has too."""
        sentence = explanation(error, asked.words)
        try:
            await reply.show(*as_message(sentence, settings))
        except Undelivered as why:
            log.warning("%s: nothing could be delivered (%s)", f"ask {ask.id}" if ask else reply.nonce, why)
        await self._told(ask)

    async def _told(self, ask: Ask | None) -> None:
        if ask is not None:
            try:
                await asyncio.to_thread(self._app.asks.told, ask.id)
            except CrosscheckError as error:
                log.error("ask %d: %s", ask.id, error)


def dressed(
    answers: Sequence[Answered | None], left_out: int, frame: Frame, settings: Guild, picture: Enclosure | None = None
) -> tuple[str | None, ui.LayoutView | ui.View, Sequence[Enclosure]]:
    """The message for some answers: one claim with its excerpts, or the overview of a post; None stands for an answer still to come."""
    first = answers[0] if len(answers) == 1 and not left_out else None
    if settings.plain_text:
        if first is not None:
            return *plain_view(first, frame), ()
        return *plain_form(overview_view(answers, left_out, frame, MAX_CONTENT)), ()
    files = (picture,) if picture else ()
    if first is not None:
        return None, answer_view(first, frame, picture), files
    return None, overview_view(answers, left_out, frame, picture=picture), files


def result_of(error: Exception) -> AskResult:
    """How an asking counts that ended so: one that the asker can mend, or that comes at a bad moment, is no failure of ours."""
    return AskResult.EXPLAINED if isinstance(error, (UserError, Full, Closing)) else AskResult.FAILED


def posted_at(ask: Ask) -> datetime | None:
    """When the message was written whose words are checked; None for words of the asker's own."""
    return snowflake_time(ask.about_message_id) if ask.about_message_id else None
