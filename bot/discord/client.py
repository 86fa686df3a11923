"""The Discord client: what Discord sends is handed to those who answer it. No privileged intent; nothing is cached that is not needed."""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import discord
from discord.ext import commands

from bot.app import App
from bot.bare import bare
from bot.desk import Desk
from bot.discord import watched
from bot.discord.answering import Answering
from bot.discord.asking import Asking, Undelivered
from bot.discord.case_presses import CasePresses
from bot.discord.cases import Cases
from bot.discord.commands import check, compare, disputes, following, info, privacy, settings, sources
from bot.discord.explanations import explanation
from bot.discord.flagging import Flagging
from bot.discord.followups import Followups
from bot.discord.intake import about, ask_by_message, explain_how, is_mentioned, may_write, without_mention, words_in
from bot.discord.leftovers import recover
from bot.discord.pace import Pace, What
from bot.discord.presses import Presses, tell
from bot.discord.replies import FAILURES, NOBODY, sent
from bot.discord.server_settings import ServerSettings
from bot.discord.shards import Shards
from bot.discord.syncing import hand_over
from bot.discord.tree import Translator, Tree
from bot.keeping import tidy_up
from bot.web import Web
from bot.words import load_languages, words_for
from db.asks import OWN_WORDS
from retrieval.errors import CrosscheckError

log = logging.getLogger("crosscheck.discord")

PATIENCE = 20.0  # seconds that answers under way have when the program is told to stop
STORIES, STORIES_OF_ONE = 40, 2  # stories that may wait to be compared, some seconds each: of all, and of one person
SEEN = timedelta(minutes=10)  # that it is remembered which process answers a message


class Client(commands.AutoShardedBot):
    """One for the whole program, over an opened App."""

    def __init__(self, app: App) -> None:
        intents = discord.Intents.none()
        # Messages come without their text, but for those that mention the bot and direct ones.
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            intents=intents,
            allowed_mentions=NOBODY,
            max_messages=None,
            shard_count=app.settings.shards,
            shard_ids=app.settings.own_shards or None,  # type: ignore[arg-type]  # the library takes None for all
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            tree_cls=Tree,
            http_trace=watched.traced(app.monitor),
        )
        self.app = app
        self.part = Shards(app.settings.data_dir, app.settings.own_shards, app.settings.shards)
        self.process = uuid.uuid4().hex
        self._buckets: int | None = None
        self.pseudonyms = app.pseudonyms
        self.desk = Desk(app.check_claims, monitor=app.monitor)
        self.answering = Answering(app, self.desk)
        self.story_desk = Desk(
            app.compare_stories, STORIES, batch=1, share=STORIES_OF_ONE, models=self.desk.models, monitor=app.monitor, name="stories"
        )
        self.asking = Asking(app, self.answering, self.story_desk)
        self.settings_panel = settings.SettingsPanel(self)
        self.cases = Cases(self)
        self.flagging = Flagging(self, self.cases)
        self.case_presses = CasePresses(self)
        self.privacy_presses = privacy.PrivacyPresses(self)
        self.followups = Followups(self)
        self.presses = Presses(self)
        self.pace = Pace()
        self.web: Web | None = None
        self.stored: dict[str, int] = {}
        self.check_mention = "/check"
        self.server_settings = ServerSettings(app.guilds)
        self._not_here_yet: set[int] = set()  # new servers to be welcomed when Discord tells of their channels
        self._work: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._ending = False
        self._idle = asyncio.Event()
        self._idle.set()
        for part in (check, compare, following, settings, sources, disputes, privacy, info):
            part.add_to(self)
        watched.listen(self)

    # Starting and stopping.

    async def setup_hook(self) -> None:
        await asyncio.to_thread(load_languages)
        await self.tree.set_translator(Translator())
        self.check_mention = await hand_over(self)
        self._start(self.desk.run(), "desk")
        self._start(self.story_desk.run(), "desk of stories")
        self._start(recover(self), "recovery")
        self._start(self.cases.keep_up(), "cases")
        self._start(self.followups.keep_up(), "follow-ups")
        self._start(self._housekeeping(), "housekeeping")

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until a session may begin, also beside those of other processes. Alone, shards begin one after the other: one bucket."""
        del initial
        if self._buckets is None:
            self._buckets = (await self.fetch_session_start_limits()).max_concurrency if self.part.ids else 1
        await self.part.identify((shard_id or 0) % self._buckets)

    async def close(self) -> None:
        """Answer what is being looked at, tell the others, and go."""
        if not self.is_closed():
            self.desk.close()
            self.story_desk.close()
            try:
                async with asyncio.timeout(PATIENCE):
                    # First nothing more comes: else there would always be somebody who was told to wait, and then not answered.
                    await asyncio.gather(*(shard.disconnect() for shard in self.shards.values()))
                    await asyncio.sleep(0)  # what came last is begun
                    while self._under_way:
                        await self._idle.wait()
            except TimeoutError:
                log.warning("%d answers were still under way at the end", self._under_way)
            self._ending = True
            for task in self._work:
                task.cancel()
            await asyncio.gather(*self._work, return_exceptions=True)
        await super().close()

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Around whatever must be finished before the program ends."""
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def is_ending(self, id_: int) -> bool:
        """Whether what came is too late to be taken on: a shard that was about to connect again still does, whoever disconnected it."""
        if self._ending:
            log.warning("%d came while the program ends, and is left", id_)
        return self._ending

    # What Discord sends.

    async def on_ready(self) -> None:
        """Servers that came and went while nobody was here are noted now."""
        log.info("ready: %d servers, %d shards", len(self.guilds), self.shard_count or 1)
        there = await self._servers()
        known = await asyncio.to_thread(self.app.guilds.present)
        for guild in self.guilds:
            if guild.id in there and guild.id not in known:
                if guild.unavailable:
                    self._not_here_yet.add(guild.id)
                else:
                    await self._welcome(guild)
        for guild_id in known - there:
            if self.part.serves(guild_id):
                self.server_settings.forget(guild_id)
                await asyncio.to_thread(self.app.guilds.left, guild_id)

    async def _servers(self) -> set[int]:
        """Where the bot is. Discord is asked: discord.py's client of many shards goes on knowing what was left between sessions."""
        try:
            return {guild.id async for guild in self.fetch_guilds(limit=None, with_counts=False)}
        except FAILURES as error:
            log.warning("the list of servers cannot be had (%s): one that was left meanwhile is noticed another time", type(error).__name__)
            return {guild.id for guild in self.guilds}

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Components and forms; commands go to the tree by themselves."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        if self.is_ending(interaction.id):
            return
        async with self.under_way():
            try:
                if (limit := self.pace.exceeded_by(interaction)) is not None:
                    raise discord.app_commands.CommandOnCooldown(limit, self.pace.left(limit))
                await self.presses.handle(interaction)
            except Exception as error:  # noqa: BLE001 - told in a sentence, logged with an id
                await tell(interaction, error, words_for(str(interaction.locale)))

    async def on_message(self, message: discord.Message) -> None:
        """Direct messages, and mentions with words; a mention alone says how to ask."""
        if message.author.bot or self.user is None or message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return
        if message.guild is not None and not is_mentioned(message, self.user.id) or self.is_ending(message.id):
            return
        async with self.under_way():
            try:
                await self._on_words(message, self.user.id)
            except Undelivered as error:
                log.warning("message %d: what it was told could not be delivered (%s)", message.id, error)
            except Exception as error:  # noqa: BLE001 - nothing was taken on; the log has it under an id
                explanation(error, words_for(None))

    async def is_first(self, what: str, length: timedelta) -> bool:
        """Whether no other process does this: for a moment in a restart, two have the same shards and are told the same."""
        return await asyncio.to_thread(self.app.leases.take, what, self.process, datetime.now(UTC), length)

    async def _on_words(self, message: discord.Message, own_id: int) -> None:
        if self.pace.exceeded(What.MESSAGE, message.author.id, message.guild.id if message.guild else None) is not None:
            log.info("message %d: one of too many in a minute is not answered", message.id)
            return
        if not await self.is_first(f"message {message.id}", SEEN):
            return
        if not may_write(message.channel):
            log.info("message %d: its channel cannot be written to", message.id)
            return
        text, of = without_mention(words_in(message), message, own_id), OWN_WORDS
        pointed = message.reference.resolved if message.reference else None
        if not text and isinstance(pointed, discord.Message):
            text, of = without_mention(words_in(pointed), message, own_id), about(self, pointed, message.author.id)
        if text:
            await ask_by_message(self, message, text, of)
        else:
            await explain_how(self, message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._gone([payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._gone(payload.message_ids)

    async def _gone(self, message_ids: Collection[int]) -> None:
        """Messages were deleted, some of ours perhaps."""
        await asyncio.to_thread(self.app.asks.unseen, message_ids)
        await asyncio.to_thread(self.app.disputes.notes_gone, message_ids)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """One that is new, and of whose channels Discord told only after the others."""
        if guild.id in self._not_here_yet:
            self._not_here_yet.discard(guild.id)
            await self._welcome(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._welcome(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.server_settings.forget(guild.id)
        await asyncio.to_thread(self.app.guilds.left, guild.id)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """An error outside of any asking: logged without what it says, which may be somebody's words."""
        error = sys.exc_info()[1]
        log.error("%s: %s", event_method, type(error).__name__, exc_info=bare(error) if isinstance(error, Exception) else None)

    async def _welcome(self, guild: discord.Guild) -> None:
        """Greet a server that is new or has come back."""
        if not await asyncio.to_thread(self.app.guilds.joined, guild.id):
            return
        words = words_for(str(guild.preferred_locale))
        for channel in (guild.system_channel, *guild.text_channels):
            if channel is not None and may_write(channel):
                try:
                    await sent(channel, None, settings.welcome(words, self.check_mention), nonce=guild.id)
                except FAILURES:
                    continue
                return

    # Work of its own.

    def _start(self, work: object, name: str) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)  # type: ignore[arg-type]
        self._work.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended: %s", task.get_name(), type(error).__name__, exc_info=bare(error))

    async def _housekeeping(self) -> None:
        """Once an hour: forget what is past its time, count what is stored."""
        while True:
            try:
                await asyncio.to_thread(tidy_up, self.app, datetime.now(UTC))
                self.stored = await asyncio.to_thread(self.app.articles.counts)
            except CrosscheckError as error:
                log.error("housekeeping: %s", error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next hour's must come
                log.error("housekeeping: %s", type(error).__name__, exc_info=bare(error))
            await asyncio.sleep(3600)
