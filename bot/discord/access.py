"""Who may do what, checked in code at each use: administrators of a server can override what commands ask for in Discord."""

from __future__ import annotations

import discord

from bot.words import Words
from db.guilds import Guild


def may_ask(settings: Guild, member: discord.Member | discord.User, channel_ids: set[int], words: Words) -> str | None:
    """None, or the sentence that says why not. `channel_ids`: the channel's and, of a thread, its parent's."""
    if settings.channels and not settings.channels & channel_ids and not is_moderator(settings, member):
        named = " ".join(f"<#{id_}>" for id_ in sorted(settings.channels)[:5])
        return words("Crosscheck answers in other channels of this server: {channels}.", channels=named)
    if settings.user_role is not None and not has_role(member, settings.user_role) and not is_moderator(settings, member):
        return words("In this server, Crosscheck is for members with the role {role}.", role=f"<@&{settings.user_role}>")
    return None


def is_administrator(member: discord.Member | discord.User) -> bool:
    return isinstance(member, discord.Member) and _permissions(member).manage_guild


def is_moderator(settings: Guild, member: discord.Member | discord.User) -> bool:
    """Administrators, the moderators' role, and where none is set whoever may delete others' messages."""
    if not isinstance(member, discord.Member):
        return False
    if is_administrator(member) or (settings.moderator_role is not None and has_role(member, settings.moderator_role)):
        return True
    return settings.moderator_role is None and _permissions(member).manage_messages


def has_role(member: discord.Member | discord.User, role_id: int) -> bool:
    """Whether a member has a role; everyone has the one with the server's own id."""
    return isinstance(member, discord.Member) and (role_id == member.guild.id or member.get_role(role_id) is not None)


def _permissions(member: discord.Member) -> discord.Permissions:
    """What their roles give in the whole server: rights in one channel make no moderator. Where the bot is no member, what Discord says."""
    if member.guild.roles or member.resolved_permissions is None:
        return member.guild_permissions
    return member.resolved_permissions
