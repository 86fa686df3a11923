"""What an earlier process accepted and did not answer, since it ended first: taken up by the next."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.bare import bare
from bot.discord.asking import Asked, Kind, Reply
from bot.discord.replies import ChannelReply, TokenReply
from bot.words import words_for
from db.asks import Ask
from retrieval.errors import StoreError

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.discord")

AGAIN = 30.0  # seconds until the store is asked again
LEFT = timedelta(days=1)  # what was left unanswered longer ago, nobody waits for


async def recover(client: Client) -> None:
    """Answer what an earlier process accepted and did not answer, once it has ended."""
    async with client.part.alone():
        found = await _found(client)
        await client.wait_until_ready()
        own = await client.asking.accepted()
        left = [ask for ask in found if client.part.serves(ask.where.guild_id) and ask.id not in own]
        for end in await asyncio.gather(*(_take_up(client, ask) for ask in left), return_exceptions=True):
            if isinstance(end, Exception):
                log.error("an ask that was left unanswered: %s", type(end).__name__, exc_info=bare(end))
        await asyncio.Event().wait()  # until this process ends, what it has accepted is its own


async def _found(client: Client) -> list[Ask]:
    """What was left; while the store fails, it is tried again: nobody else would."""
    while True:
        try:
            return await asyncio.to_thread(client.app.asks.waiting, datetime.now(UTC) - LEFT)
        except StoreError as error:
            log.error("what was left unanswered cannot be looked for, and is in %d seconds: %s", AGAIN, error)
            await asyncio.sleep(AGAIN)


async def _take_up(client: Client, ask: Ask) -> None:
    pending = ask.pending
    if pending is None:
        return
    async with client.under_way():
        guild = await client.server_settings.of(ask.where.guild_id)
        open_to_all = ask.public or ask.where.guild_id is None
        channel = client.get_partial_messageable(ask.where.channel_id or 0, guild_id=ask.where.guild_id)
        by_channel = ChannelReply(channel, ask.id) if open_to_all else None
        if pending.token:
            reply: Reply = TokenReply(client, pending.application_id, pending.token, by_channel, ask.id)
        else:
            reply = ChannelReply(channel, ask.id, ask.message_id)
        asked = Asked(pending.text, Kind(pending.kind), ask.where, words_for(ask.locale), ask.public, pending.token, pending.application_id)
        log.info("ask %d was left unanswered and is taken up", ask.id)
        await client.asking.resume(ask, asked, reply, guild)
