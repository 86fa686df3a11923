"""Followed claims, once a minute: which newly stored articles may speak of them is found, some are checked again, and who follows is told.

What is to be done is in the store (db/follows.py), so that a kill loses nothing; each step does so much a round and leaves the rest to
the next. However much is stored at once, a reader gets one message in six hours.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.app import Checked
from bot.bare import bare
from bot.desk import BATCH, Asker, Closing, Full, Hidden
from bot.discord.follow_views import CaseNews, case_news_view, news_view
from bot.discord.intake import words_in
from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.replies import FAILURES, InteractionReply, deferred, name_of, sent, steadily
from bot.discord.views import formed, note_view
from bot.followed import compare_stored, embed_anew, is_news
from bot.words import Words, words_for
from db.asks import Ask
from db.follows import MAX_FOLLOWS, Follow, Reader
from retrieval.errors import CrosscheckError
from retrieval.types import Claim

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.followups")

ROUND = 60.0  # seconds between two rounds
ROUNDS = "follow-ups"
LEASE = timedelta(minutes=3)  # of a round, after which another process takes this one for dead
AGAIN = 2.0  # seconds between two tries to begin a round
CHECKS = 20  # claims that a round checks again
READ = 200  # follows that a round reads for that: many may follow one claim
READERS = 20  # who is told in a round: Discord minds bots that open many direct messages at once
PEOPLE_FIRST = 30.0  # seconds that a check of ours waits for those of people before it stands in line with them
TRIES = 3  # tellings that Discord refuses, until they are let go
GONE = (10007, 10013)  # no such member, no such person
CLOSED = (10013, 50007, 50278)  # who takes no direct messages of the bot
RESTS = 3600.0  # seconds until a channel that could not be written to is tried again

Key = tuple[Claim, Hidden]


class Followups:
    """The work of the minute, and what the buttons do. One for the client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._app = client.app
        self._follows = client.app.follows
        self._turn = asyncio.Lock()
        self._last = 0  # the follow that was checked last: the next round goes on behind it
        self._refused: Counter[Reader] = Counter()
        self._resting: dict[Reader, float] = {}

    async def keep_up(self) -> None:
        """A round, again and again, until the program ends."""
        await self._client.wait_until_ready()
        while True:
            try:
                await self.round()
            except Closing:
                return
            except CrosscheckError as error:
                log.error("follow-ups: %s", error)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                log.error("follow-ups: %s", type(error).__name__, exc_info=bare(error))
            await asyncio.sleep(ROUND)

    async def round(self) -> None:
        """Compare what was stored since the last round, check some claims again, tell some readers. Raises Closing, CrosscheckError.

        One process at a time: what two tell one reader at once would become one message, with the words of the later.
        """
        async with self._turn:
            try:
                while not await self._client.is_first(ROUNDS, LEASE):
                    await asyncio.sleep(AGAIN)
                await self._go_round()
            finally:
                await asyncio.to_thread(self._app.leases.leave, ROUNDS, self._client.process)

    async def _go_round(self) -> None:
        if await asyncio.to_thread(embed_anew, self._app):  # until then the news waits: no claim is to miss it
            while await asyncio.to_thread(compare_stored, self._app):
                pass
        await self._look_again()
        for reader in await asyncio.to_thread(self._follows.readers, READERS, list(self._at_rest())):
            if not await self._client.is_first(ROUNDS, LEASE):
                return  # this took so long that another process is at it
            async with self._client.under_way():
                await self._tell(reader)

    # Checking again.

    async def _look_again(self) -> None:
        reached = await asyncio.to_thread(self._follows.reached)
        waiting: dict[Key, list[Follow]] = {}
        hidden: dict[int | None, Hidden] = {}
        for follow in await asyncio.to_thread(self._follows.due, READ, self._last):
            if follow.guild_id not in hidden:
                hidden[follow.guild_id] = await asyncio.to_thread(self._app.addresses.hidden_from, follow.guild_id)
            key = (follow.claim, hidden[follow.guild_id])
            if key not in waiting and len(waiting) == CHECKS:
                break
            waiting.setdefault(key, []).append(follow)
            self._last = follow.id
        for keys in _batches(waiting):
            try:
                found = await self._checked(keys)
            except Full:
                return
            for key, one in zip(keys, found, strict=True):
                await asyncio.to_thread(self._note, waiting[key], reached, one)

    async def _checked(self, keys: Sequence[Key]) -> Sequence[Checked | None]:
        """What was found for claims that see the same sources; None where a check breaks. Raises Closing, Full, CrosscheckError."""
        desk = self._client.desk
        started = time.monotonic()
        while desk.waiting and time.monotonic() - started < PEOPLE_FIRST:
            await asyncio.sleep(0.1)
        try:
            return await desk.check(Asker("follow-ups", ""), [claim for claim, _ in keys], keys[0][1])
        except (Closing, Full, CrosscheckError):
            raise
        except Exception as error:  # noqa: BLE001 - one claim that breaks a check must not keep the others from theirs
            if len(keys) > 1:
                return [one for key in keys for one in await self._checked([key])]
            log.error("a followed claim could not be checked: %s", type(error).__name__, exc_info=bare(error))
            return [None]

    def _note(self, follows: Sequence[Follow], reached: int, found: Checked | None) -> None:
        strong = (1 + self._app.stance.bars.contradict) / 2  # half way from what is shown to certainty
        for follow in follows:
            news = found.comparison if found is not None and is_news(follow.seen, found.comparison, strong) else None
            self._follows.looked_at(follow.id, reached, news)

    # Telling.

    async def _tell(self, reader: Reader) -> None:
        try:
            told = await (self._tell_person(reader, reader.person) if reader.person is not None else self._tell_moderators(reader))
        except FAILURES as error:
            await self._was_refused(reader, error)
            return
        if told:
            await asyncio.to_thread(self._follows.told, told)
            log.info("%d follows were told of", len(told))
        else:
            self._resting[reader] = time.monotonic()

    async def _tell_person(self, reader: Reader, person: int) -> list[int]:
        """The ids of the follows that a person was told of; of a server's, while they are in it. Raises FAILURES."""
        every = await asyncio.to_thread(self._follows.news_of, reader)
        there = {guild_id: await self._is_member(guild_id, person) for guild_id in {follow.guild_id for follow in every}}
        for follow in every:
            if there[follow.guild_id] is False:
                await asyncio.to_thread(self._follows.unfollow, follow.id, person)
        follows = [follow for follow in every if there[follow.guild_id]]
        if follows:
            settings = await self._client.server_settings.of(follows[0].guild_id)
            view = news_view(follows, words_for(follows[0].locale), MAX_CONTENT if settings.plain_text else MAX_TEXT)
            channel = await steadily(lambda: self._client.create_dm(discord.Object(person)))
            await _write(channel, *formed(view, settings), reader)
        return [follow.id for follow in follows]

    async def _is_member(self, guild_id: int | None, person: int) -> bool | None:
        """Whether somebody is in a server, whose own sources are for its members; None where the bot is not in it (here)."""
        if guild_id is None:
            return True
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return None
        try:
            await steadily(lambda: guild.fetch_member(person))
        except (discord.NotFound, discord.Forbidden) as error:
            return False if error.code in GONE else None
        return True

    async def _tell_moderators(self, reader: Reader) -> list[int]:
        """The ids of the follows that the moderators of a server were told of. Raises FAILURES."""
        guild_id = reader.guild_id
        if guild_id is None or self._client.get_guild(guild_id) is None:
            return []
        follows = await asyncio.to_thread(self._follows.news_of, reader)
        by_case: dict[int, list[Follow]] = {}
        for follow in follows:
            by_case.setdefault(follow.dispute_id or 0, []).append(follow)
        cases = [(await asyncio.to_thread(self._app.disputes.get, id_), some) for id_, some in by_case.items()]
        every = [CaseNews(case, some) for case, some in cases if case is not None]
        settings = await self._client.server_settings.of(guild_id)
        channel_id = settings.moderator_channel
        if not every or channel_id is None:
            return []
        room = MAX_CONTENT if settings.plain_text else MAX_TEXT
        view = case_news_view(every, self._client.cases.words_of(guild_id, settings), room)
        await _write(self._client.get_partial_messageable(channel_id, guild_id=guild_id), *formed(view, settings), reader)
        return [follow.id for one in every for follow in one.follows]

    async def _was_refused(self, reader: Reader, error: BaseException) -> None:
        """Who takes no direct messages follows nothing more; a channel is tried again later; what Discord finds wrong is let go."""
        log.warning("news of a followed claim could not be told: %s", name_of(error))
        if not isinstance(error, discord.HTTPException) or error.status >= 500 or error.status == 429:
            return  # it is likely to pass
        if error.status in (403, 404):
            if reader.person is not None and error.code in CLOSED:
                count = await asyncio.to_thread(self._follows.erase, reader.person)
                log.info("%d follows of somebody whose direct messages are closed ended", count)
            else:
                self._resting[reader] = time.monotonic()
            return
        self._refused[reader] += 1
        if self._refused[reader] >= TRIES:
            del self._refused[reader]
            await asyncio.to_thread(self._follows.told, [follow.id for follow in await asyncio.to_thread(self._follows.news_of, reader)])

    def _at_rest(self) -> Iterator[Reader]:
        """Those who are not to be tried yet."""
        since = time.monotonic() - RESTS
        self._resting = {reader: at for reader, at in self._resting.items() if at > since}
        yield from self._resting

    # Buttons.

    async def pressed(self, interaction: discord.Interaction, ask: Ask, check_id: int, words: Words) -> None:
        """Follow a claim of an answer; or stop, where it is followed."""
        if not await deferred(interaction, private=True):
            return
        sentence = await asyncio.to_thread(self._toggled, interaction, ask, check_id, words)
        await InteractionReply(interaction, private=True).show(None, note_view(sentence))

    def _toggled(self, interaction: discord.Interaction, ask: Ask, check_id: int, words: Words) -> str:
        comparison = self._app.checks.load(check_id) if check_id in ask.checks else None
        vector = self._app.checks.vector(check_id)
        if comparison is None or vector is None:
            return words("This answer is no longer kept. Ask again to get a new one.")
        person = interaction.user.id
        known = self._follows.find(person, comparison.claim)
        if known is not None:
            self._follows.unfollow(known, person)
            return words("You no longer follow this claim.")
        guild_id = interaction.guild_id if interaction.is_guild_integration() else None
        model_id = comparison.models["embedding"]
        locale, own = str(interaction.locale), self._client.pseudonyms.of(person)
        author = ask.author or (ask.where.user if ask.where.user != own else None)
        if self._follows.follow(person, guild_id, None, locale, comparison, vector, model_id, check_id, author) is None:
            return words("You follow {n} claims already. Stop one of them first: /following", n=MAX_FOLLOWS)
        return words(
            "You will be told once, in a direct message, when new articles change what was found or strongly contradict it. "
            "Press again to stop; /following shows what you follow."
        )

    async def stop(self, interaction: discord.Interaction, values: Sequence[str], words: Words) -> None:
        """Stop following what was chosen."""
        if not await deferred(interaction, private=True):
            return
        for value in values:
            if value.isascii() and value.isdigit():
                await asyncio.to_thread(self._follows.unfollow, int(value), interaction.user.id)
        await InteractionReply(interaction, private=True).show(None, note_view(words("You no longer follow this claim.")))


def _batches(keys: Sequence[Key] | dict[Key, list[Follow]]) -> Iterator[list[Key]]:
    """At most BATCH claims at a time, of those that see the same sources."""
    by_sources: dict[Hidden, list[Key]] = {}
    for key in keys:
        by_sources.setdefault(key[1], []).append(key)
    for some in by_sources.values():
        for at in range(0, len(some), BATCH):
            yield some[at : at + BATCH]


async def _write(place: discord.abc.Messageable, content: str | None, view: ui.LayoutView | ui.View, reader: Reader) -> None:
    """A message to a reader. Until it is noted that they were told, it is one and the same made again: Discord tells repeats by their
    nonce and gives back the message that it has, which is changed then to what there is to tell now.
    """
    turn = f"{reader.person}/{reader.guild_id}/{reader.told_at}"
    message = await sent(place, content, view, f"f{hashlib.sha256(turn.encode()).hexdigest()[:20]}")
    texts = [one.content for one in view.walk_children() if isinstance(one, ui.TextDisplay)] if content is None else [content]
    if words_in(message) != "\n\n".join(texts):
        await steadily(lambda: message.edit(content=content, view=view))
