"""Where answers go: an interaction's reply, a message's reply, and what is left when Discord does not take the first way any more."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import aiohttp
import discord
from discord import ui
from tenacity import AsyncRetrying, RetryError, retry_if_exception, stop_after_attempt, wait_random_exponential

from bot.discord.asking import Undelivered
from bot.discord.views import Enclosure, note_view, without_pictures

log = logging.getLogger("crosscheck.replies")

Result = TypeVar("Result")
View = ui.LayoutView | ui.View
Message = discord.Message | discord.PartialMessage

ALREADY_ANSWERED = 40060
INVALID_FORM, EMPTY_MESSAGE = 50035, 50006
# All that is tried again can be done twice: edits, first answers, messages with a nonce. Another way tried too soon makes two answers, of
# what arrived unheard. So many tries take about a quarter of a minute, and of a first answer Discord then says whether it had arrived.
TRIES = 12
DEFERRED = "deferred"  # in the extras of an interaction that Discord shows as being thought about: discord.py knows only of what it heard


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


async def taken(interaction: discord.Interaction, first: Callable[[], Awaitable[object]]) -> bool:
    """Whether Discord took the first answer to an interaction: once, however often the call has to be made."""
    try:
        await steadily(first)
    except discord.InteractionResponded:
        return True
    except discord.HTTPException as error:
        if error.code == ALREADY_ANSWERED:  # a try that seemed to fail had arrived
            return True
        log.warning("interaction %d could not be answered: %d %d", interaction.id, error.status, error.code)
        return False
    except (aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d could not be answered: %s", interaction.id, type(error).__name__)
        return False
    return True


async def say(interaction: discord.Interaction, *texts: str) -> None:
    """The first answer to an interaction: sentences for whoever made it."""
    view = note_view(*texts)
    await taken(interaction, lambda: interaction.response.send_message(view=view, ephemeral=True))


async def deferred(interaction: discord.Interaction, *, private: bool, thinking: bool = True) -> bool:
    """Tell Discord that the answer is coming; False when it is too late for that."""
    took = await taken(interaction, lambda: interaction.response.defer(ephemeral=private, thinking=thinking))
    if took:
        interaction.extras[DEFERRED] = True
    return took


class _Written:
    """A message of ours: written at the first showing, edited at each later one."""

    def __init__(
        self, place: discord.abc.Messageable, *, reference: discord.MessageReference | None = None, message: Message | None = None
    ) -> None:
        """`message`: where a process before this one has shown something of it already."""
        self._place = place
        self._reference = reference
        self._message = message
        self._turn = asyncio.Lock()

    async def show(self, content: str | None, view: View, files: Sequence[Enclosure], nonce: int, *, again: bool = False) -> int:
        """`again`: a process before this one may have written it already, with other words; Discord then gives that message back.

        Where the bot may attach nothing, the pictures are left out.
        """
        async with self._turn:
            try:
                return await self._put(content, view, files, nonce, again=again)
            except discord.Forbidden:
                if not files:
                    raise
                log.info("%d: pictures may not be attached there", nonce)
                return await self._put(content, without_pictures(view), (), nonce, again=again)

    async def _put(self, content: str | None, view: View, files: Sequence[Enclosure], nonce: int, *, again: bool) -> int:
        if self._message is None:
            self._message = await sent(self._place, content, view, nonce, self._reference, files)
            if not again:
                return self._message.id
        message = self._message
        await steadily(lambda: message.edit(content=content, view=view, allowed_mentions=NOBODY, **_attached(files)))
        return message.id


class InteractionReply:
    """The deferred reply of an interaction; past its token, the channel if the answer is public, else a direct message."""

    def __init__(self, interaction: discord.Interaction, *, private: bool) -> None:
        self._interaction = interaction
        self.nonce = interaction.id
        channel = interaction.channel
        others = [] if private or not isinstance(channel, discord.abc.Messageable) else [channel]
        self._ways = [_Written(place) for place in (*others, interaction.user)]
        self._way: _Written | None = None

    async def show(self, content: str | None, view: View, files: Sequence[Enclosure] = ()) -> int | None:
        if self._way is None:
            try:
                given: dict[str, Any] = {"content": content, "view": view, "allowed_mentions": NOBODY}
                message = await steadily(lambda: self._interaction.edit_original_response(**given, **_attached(files)))
                return message.id
            except FAILURES as error:
                _must_be_closed(error)
                log.info("interaction %d: its reply cannot be edited (%s)", self._interaction.id, name_of(error))
        return await self._elsewhere(content, view, files)

    async def _elsewhere(self, content: str | None, view: View, files: Sequence[Enclosure]) -> int | None:
        last: BaseException | None = None
        for way in [self._way] if self._way else self._ways:
            try:
                shown = await way.show(content, view, files, self.nonce)
            except FAILURES as error:
                _must_be_closed(error)
                last = error
                continue
            self._way = way
            return shown
        raise Undelivered(name_of(last) if last else "no way is open")


class MessageReply:
    """A reply to a message."""

    def __init__(self, message: discord.Message, *, refer: bool = True) -> None:
        # A message that is gone meanwhile leaves an answer without a reference.
        self._written = _Written(message.channel, reference=message.to_reference(fail_if_not_exists=False) if refer else None)
        self.nonce = message.id

    async def show(self, content: str | None, view: View, files: Sequence[Enclosure] = ()) -> int | None:
        try:
            return await self._written.show(content, view, files, self.nonce)
        except FAILURES as error:
            _must_be_closed(error)
            raise Undelivered(name_of(error)) from None


class ChannelReply:
    """What a restart found unanswered and can only write to its channel."""

    def __init__(self, channel: discord.PartialMessageable, nonce: int, message_id: int | None = None) -> None:
        """`message_id`: of the message that shows a part of it already."""
        self._written = _Written(channel, message=channel.get_partial_message(message_id) if message_id else None)
        self.nonce = nonce

    async def show(self, content: str | None, view: View, files: Sequence[Enclosure] = ()) -> int | None:
        try:
            return await self._written.show(content, view, files, self.nonce, again=True)
        except FAILURES as error:
            _must_be_closed(error)
            raise Undelivered(name_of(error)) from None


class TokenReply:
    """The reply of an interaction that an earlier process deferred; past its token its channel, if there is one to fall back to."""

    def __init__(self, client: discord.Client, application_id: int, token: str, otherwise: ChannelReply | None, nonce: int) -> None:
        self._webhook: Any = discord.Webhook.partial(application_id, token, client=client)  # takes "@original" for an id, if untyped
        self._otherwise = otherwise
        self.nonce = nonce

    async def show(self, content: str | None, view: View, files: Sequence[Enclosure] = ()) -> int | None:
        given = {"content": content, "view": view, "allowed_mentions": NOBODY}
        try:
            message: discord.WebhookMessage = await steadily(lambda: self._webhook.edit_message("@original", **given, **_attached(files)))
        except FAILURES as error:
            _must_be_closed(error)
            if self._otherwise is None:
                raise Undelivered(name_of(error)) from None
            log.info("ask %d: its reply cannot be edited (%s)", self.nonce, name_of(error))
            return await self._otherwise.show(content, view, files)
        return message.id


NOBODY = discord.AllowedMentions.none()
FAILURES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, ValueError)


async def sent(
    place: discord.abc.Messageable,
    content: str | None,
    view: View,
    nonce: int | str,
    reference: discord.MessageReference | None = None,
    files: Sequence[Enclosure] = (),
) -> discord.Message:
    """A message that is written once, however often the call has to be made: Discord tells repeats by their nonce."""
    given = _given(content, view) | ({"reference": reference} if reference else {})

    def send() -> Awaitable[discord.Message]:
        enclosed: dict[str, Any] = {"files": _opened(files)} if files else {}
        message: Awaitable[discord.Message] = place.send(**given, **enclosed, allowed_mentions=NOBODY, nonce=nonce, suppress_embeds=True)
        return message

    return await steadily(send)


def _attached(files: Sequence[Enclosure]) -> dict[str, Any]:
    """What an edit says of pictures: new ones take the place of those that were there; without any, these stay."""
    return {"attachments": _opened(files)} if files else {}


def _opened(files: Sequence[Enclosure]) -> list[discord.File]:
    """Anew for each try: what was sent has been read to its end."""
    return [discord.File(io.BytesIO(one.data), one.name, description=one.description) for one in files]


def _must_be_closed(error: BaseException) -> None:
    """Raises an error that no other way would mend: a message that Discord finds wrong is wrong everywhere, and a fault of ours."""
    if isinstance(error, ValueError) or (isinstance(error, discord.HTTPException) and error.code in (INVALID_FORM, EMPTY_MESSAGE)):
        raise error


def _given(content: str | None, view: View) -> dict[str, Any]:
    return {"view": view} if content is None else {"content": content, "view": view}


def _passing(error: BaseException) -> bool:
    """Whether a failure is likely to pass."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(error, (aiohttp.ClientError, OSError))


def name_of(error: BaseException) -> str:
    return f"{error.status}/{error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
