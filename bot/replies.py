"""Where answers go: an interaction's reply, a message's reply, and what is left when Discord does not take the first way any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import discord
from discord import ui
from tenacity import AsyncRetrying, RetryError, retry_if_exception, stop_after_attempt, wait_random_exponential

from bot.asking import Undelivered

log = logging.getLogger("crosscheck.replies")

Result = TypeVar("Result")
View = ui.LayoutView | ui.View

UNKNOWN_INTERACTION = 10062
ALREADY_ANSWERED = 40060
TRIES = 4


async def steadily(call: Callable[[], Awaitable[Result]]) -> Result:
    """The call's result, tried again where Discord or the network stumbled: discord.py itself gives up on 503 and on broken connections."""
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_passing), stop=stop_after_attempt(TRIES), wait=wait_random_exponential(0.3, 4)
        ):
            with attempt:
                return await call()
    except RetryError as error:
        raise error.last_attempt.exception() or error from error
    raise AssertionError("unreachable")


async def deferred(interaction: discord.Interaction, *, private: bool, thinking: bool = True) -> bool:
    """Tell Discord that the answer is coming; False when it is too late for that."""
    try:
        await steadily(lambda: interaction.response.defer(ephemeral=private, thinking=thinking))
    except discord.InteractionResponded:
        return True
    except discord.HTTPException as error:
        if error.code == ALREADY_ANSWERED:  # a try that seemed to fail had arrived
            return True
        log.warning("interaction %d could not be deferred: %d %d", interaction.id, error.status, error.code)
        return False
    except (aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d could not be deferred: %s", interaction.id, type(error).__name__)
        return False
    return True


class InteractionReply:
    """The deferred reply of an interaction; past its token, the channel if the answer is public, else a direct message."""

    def __init__(self, interaction: discord.Interaction, *, private: bool) -> None:
        self._interaction = interaction
        self._private = private

    async def show(self, content: str | None, view: View) -> int | None:
        try:
            message = await steadily(lambda: self._interaction.edit_original_response(content=content, view=view, allowed_mentions=NOBODY))
        except FAILURES as error:
            log.info("interaction %d: its reply cannot be edited (%s)", self._interaction.id, _name(error))
            return await self._elsewhere(content, view)
        return message.id

    async def _elsewhere(self, content: str | None, view: View) -> int | None:
        channel = self._interaction.channel
        if not self._private and isinstance(channel, discord.abc.Messageable):
            try:
                return await sent(channel, content, view, nonce=self._interaction.id)
            except FAILURES as error:
                log.info("interaction %d: nor can its channel be written to (%s)", self._interaction.id, _name(error))
        try:
            return await sent(self._interaction.user, content, view, nonce=self._interaction.id)
        except FAILURES as error:
            raise Undelivered(_name(error)) from None


class MessageReply:
    """A reply to a message. The first showing writes it, later ones edit it."""

    def __init__(self, message: discord.Message) -> None:
        self._message = message
        self._reply: discord.Message | None = None
        self._turn = asyncio.Lock()

    async def show(self, content: str | None, view: View) -> int | None:
        async with self._turn:
            try:
                if self._reply is not None:
                    reply = self._reply
                    await steadily(lambda: _edited(reply, content, view))
                else:
                    self._reply = await self._written(content, view)
            except FAILURES as error:
                raise Undelivered(_name(error)) from None
            return self._reply.id if self._reply else None

    async def _written(self, content: str | None, view: View) -> discord.Message:
        reference = self._message.to_reference(fail_if_not_exists=False)  # a message that is gone meanwhile leaves an answer without it
        return await steadily(
            lambda: self._message.channel.send(
                **_given(content, view), reference=reference, allowed_mentions=NOBODY, nonce=self._message.id, suppress_embeds=True
            )
        )


class ChannelReply:
    """What a restart found unanswered and can only write to its channel."""

    def __init__(self, channel: discord.abc.Messageable, nonce: int) -> None:
        self._channel = channel
        self._nonce = nonce

    async def show(self, content: str | None, view: View) -> int | None:
        try:
            return await sent(self._channel, content, view, nonce=self._nonce)
        except FAILURES as error:
            raise Undelivered(_name(error)) from None


class TokenReply:
    """The reply of an interaction that an earlier process deferred."""

    def __init__(self, client: discord.Client, application_id: int, token: str) -> None:
        self._webhook: Any = discord.Webhook.partial(application_id, token, client=client)  # takes "@original" for an id, if untyped

    async def show(self, content: str | None, view: View) -> int | None:
        given = {"content": content, "view": view, "allowed_mentions": NOBODY}
        try:
            message: discord.WebhookMessage = await steadily(lambda: self._webhook.edit_message("@original", **given))
        except FAILURES as error:
            raise Undelivered(_name(error)) from None
        return message.id


NOBODY = discord.AllowedMentions.none()
FAILURES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, ValueError)


async def sent(place: discord.abc.Messageable, content: str | None, view: View, nonce: int) -> int:
    """A message that is written once, however often the call has to be made: Discord tells repeats by their nonce. Its id."""
    message = await steadily(lambda: place.send(**_given(content, view), allowed_mentions=NOBODY, nonce=nonce, suppress_embeds=True))
    return message.id


async def _edited(message: discord.Message, content: str | None, view: View) -> discord.Message:
    return await message.edit(content=content, view=view, allowed_mentions=NOBODY) if content else await message.edit(view=view)


def _given(content: str | None, view: View) -> dict[str, Any]:
    return {"view": view} if content is None else {"content": content, "view": view}


def _passing(error: BaseException) -> bool:
    """Whether a failure is likely to pass."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(error, (aiohttp.ClientError, OSError))


def _name(error: BaseException) -> str:
    return f"{error.status}/{error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
