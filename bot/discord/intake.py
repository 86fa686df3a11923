"""Ways in: what somebody typed, pointed at, mentioned or wrote directly becomes an asking with its place, language and privacy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord

from bot.discord.access import is_moderator, may_ask
from bot.discord.asking import Asked, Kind
from bot.discord.ids import Act, CustomId
from bot.discord.replies import FAILURES, InteractionReply, MessageReply, deferred, taken
from bot.discord.views import note_view
from bot.words import Words, words_for
from db.asks import OWN_WORDS, About, Where
from db.guilds import Answers, Guild

if TYPE_CHECKING:
    from bot.discord.client import Client

TAKING = 1.0  # seconds of the three that a deferral may take
POST_FROM = 400  # characters from which typed words are a post with claims in it, not one claim
TRIM_FROM = 700  # characters from which a message is first offered for trimming


def kind_of(text: str) -> Kind:
    return Kind.POST if len(text) > POST_FROM or "\n" in text.strip() else Kind.CLAIM


def is_public(settings: Guild, wish: bool | None, interaction: discord.Interaction) -> bool:
    """Whether everyone in the channel sees the answer: as asked, else as the server says; private where the bot is a guest."""
    if settings.answers is Answers.ONLY_PRIVATE:
        return False
    if not interaction.is_guild_integration() and interaction.guild_id is not None:
        return False  # installed by the person only: the server has not agreed to posts of ours
    return wish if wish is not None else settings.answers is Answers.PUBLIC


def words_of(settings: Guild, interaction: discord.Interaction) -> Words:
    """The server's language if it set one for public use, else the person's."""
    return words_for(settings.language or str(interaction.locale))


def channel_ids(interaction: discord.Interaction) -> set[int]:
    """The channel's id, and of a thread its parent's."""
    parent = getattr(interaction.channel, "parent_id", None)
    return {id_ for id_ in (interaction.channel_id, parent) if id_ is not None}


def about(client: Client, message: discord.Message, asker: int) -> About:
    """A message that somebody points at; whose words it has is remembered by hash, so that they can have them deleted."""
    return About(message.id, client.pseudonyms.of(message.author.id) if message.author.id != asker else None)


def trimmed_id(public: bool, of: About) -> CustomId:
    """The custom id of a form that Discord gives back without the message: it says which one that was."""
    return CustomId(Act.TRIM_SENT, detail=f"{'p' if public else ''}:{of.message_id or ''}:{of.author or ''}")


def read_trimmed(pressed: CustomId) -> tuple[bool, About]:
    """What `trimmed_id` wrote, or a version before it that said only whether it is public."""
    wish, message_id, author = (pressed.detail.split(":") + ["", ""])[:3]
    return wish == "p", About(int(message_id) if message_id.isdecimal() else None, author or None)


async def ask_by_interaction(
    client: Client, interaction: discord.Interaction, text: str, kind: Kind, wish: bool | None = None, of: About = OWN_WORDS
) -> None:  # fmt: skip
    """The whole way of an asking by command, menu or modal."""
    settings = await client.server_settings.of(interaction.guild_id)
    words = words_of(settings, interaction)
    if refusal := may_ask(settings, interaction.user, channel_ids(interaction), words):
        view = note_view(refusal)
        await taken(interaction, lambda: interaction.response.send_message(view=view, ephemeral=True))
        return
    public = is_public(settings, wish, interaction)
    where = Where(interaction.guild_id, interaction.channel_id, client.pseudonyms.of(interaction.user.id))
    asked = Asked(
        text, kind, where, words, public, interaction.token, interaction.application_id, is_moderator(settings, interaction.user),
        sight(interaction.guild, interaction.user), interaction.guild_id is not None and interaction.is_guild_integration(), of,
    )  # fmt: skip
    taking = client.asking.take(asked)
    await asyncio.wait({taking}, timeout=TAKING)  # remembered before it is deferred: a kill in between loses nothing
    if not await deferred(interaction, private=not public and not interaction.context.dm_channel):
        await client.asking.let_go(taking)
        return
    await client.asking.handle(asked, InteractionReply(interaction, private=not public), settings, taking)


async def ask_by_message(client: Client, message: discord.Message, text: str, of: About = OWN_WORDS) -> None:
    """The whole way of an asking by mention or direct message: the answer is a reply. Raises Undelivered."""
    settings, words = await _settings_and_words(client, message)
    reply = reply_to(message)
    ids = {message.channel.id, getattr(message.channel, "parent_id", None) or message.channel.id}
    if refusal := may_ask(settings, message.author, ids, words):
        await reply.show(None, note_view(refusal))
        return
    if settings.answers is Answers.ONLY_PRIVATE and message.guild:
        await reply.show(None, note_view(words("In this server, answers are private: use {check} instead.", check=client.check_mention)))
        return
    where = Where(message.guild.id if message.guild else None, message.channel.id, client.pseudonyms.of(message.author.id))
    # What is said in a private thread is answered there, and is nobody else's to see.
    apart = isinstance(message.channel, discord.Thread) and message.channel.is_private()
    public = message.guild is not None and not apart
    asked = Asked(text, kind_of(text), where, words, public, sees=sight(message.guild, message.author), about=of)
    async with typing_shown(message.channel):
        await client.asking.handle(asked, reply, settings)


async def explain_how(client: Client, message: discord.Message) -> None:
    """A mention alone: how to ask. Raises Undelivered."""
    _, words = await _settings_and_words(client, message)
    sentence = words(
        "Write the claim beside the mention, or use {check}. To check somebody's message, open its menu: Apps, “Check sources”.",
        check=client.check_mention,
    )
    await reply_to(message).show(None, note_view(sentence))


def reply_to(message: discord.Message) -> MessageReply:
    """A reply; without a reference where the bot may not read the history that it would refer to."""
    guild = message.guild
    readable = guild is None or message.channel.permissions_for(guild.me).read_message_history
    return MessageReply(message, refer=readable)


def may_write(channel: discord.abc.MessageableChannel) -> bool:
    """Whether the bot may write there: asked before it tries, since refused tries are counted against it."""
    guild = channel.guild
    if guild is None:
        return True
    allowed = channel.permissions_for(guild.me)
    writing = allowed.send_messages_in_threads if isinstance(channel, discord.Thread) else allowed.send_messages
    return allowed.view_channel and writing


def is_mentioned(message: discord.Message, own_id: int) -> bool:
    """By name, or by the role that belongs to the bot alone."""
    own_role = message.guild.self_role if message.guild else None
    return own_id in message.raw_mentions or (own_role is not None and own_role.id in message.raw_role_mentions)


def without_mention(text: str, message: discord.Message, own_id: int) -> str:
    """The words around the mention."""
    own_role = message.guild.self_role if message.guild else None
    for mention in (f"<@{own_id}>", f"<@!{own_id}>", *([own_role.mention] if own_role else [])):
        text = text.replace(mention, " ")
    return text.strip()


async def _settings_and_words(client: Client, message: discord.Message) -> tuple[Guild, Words]:
    settings = await client.server_settings.of(message.guild.id if message.guild else None)
    return settings, words_for(settings.language or (str(message.guild.preferred_locale) if message.guild else None))


def sight(guild: discord.Guild | None, member: discord.Member | discord.User) -> Callable[[int], bool]:
    """Which channels of a server a person can read: what was asked in others is not for them."""

    def sees(channel_id: int) -> bool:
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if channel is None or not isinstance(member, discord.Member):
            return False
        if isinstance(channel, discord.Thread) and (channel.is_private() or channel.parent is None):
            return False  # for its members alone, whom nobody lists for us
        allowed = channel.permissions_for(member)
        return allowed.view_channel and allowed.read_message_history

    return sees


@asynccontextmanager
async def typing_shown(channel: discord.abc.Messageable) -> AsyncIterator[None]:
    """Show that an answer is being made, where that is allowed."""
    showing = channel.typing()
    try:
        await showing.__aenter__()
    except FAILURES:
        yield
        return
    try:
        yield
    finally:
        await showing.__aexit__(None, None, None)


def words_in(message: discord.Message) -> str:
    """All that a message says: a forum post's title, its text, what it forwards, its embeds, components and poll. Empty where Discord hands
    over nothing.
    """
    parts = [message.channel.name] if isinstance(message.channel, discord.Thread) and message.channel.id == message.id else []
    parts.append(message.content)
    for snapshot in message.message_snapshots:
        parts += [snapshot.content, *map(_embed_words, snapshot.embeds), *_component_words(snapshot.components)]
    parts += [*map(_embed_words, message.embeds), *_component_words(message.components)]
    if message.poll:
        parts.append(str(message.poll.question))
    return "\n\n".join(dict.fromkeys(part.strip() for part in parts if part and part.strip()))


def _component_words(components: Iterable[object]) -> Iterator[str]:
    """The texts among components, whatever they lie in."""
    for one in components:
        if isinstance(one, discord.TextDisplay):
            yield one.content
        yield from _component_words(getattr(one, "children", ()))


def _embed_words(embed: discord.Embed) -> str:
    fields = [f"{field.name}: {field.value}" for field in embed.fields]
    return "\n".join(part for part in (embed.title, embed.description, *fields) if part)
