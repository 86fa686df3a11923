"""Permissions as bits, and what a member may do in a channel: https://discord.com/developers/docs/topics/permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from tests.standins.discord.world import Channel, Server, User

CREATE_INVITES = 1 << 0
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_SERVER = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
EXTERNAL_EMOJIS = 1 << 18
USE_COMMANDS = 1 << 31
CREATE_THREADS = 1 << 35
SEND_IN_THREADS = 1 << 38
USE_EXTERNAL_APPS = 1 << 50

EVERYTHING = (1 << 53) - 1
WRITING = VIEW_CHANNEL | SEND_MESSAGES | SEND_IN_THREADS | EMBED_LINKS | ATTACH_FILES | READ_HISTORY | ADD_REACTIONS | EXTERNAL_EMOJIS
ORDINARY = WRITING | USE_COMMANDS | CREATE_INVITES | CREATE_THREADS | USE_EXTERNAL_APPS  # what @everyone has in a new server
IN_DIRECT_MESSAGES = WRITING | MENTION_EVERYONE

Bits = int | discord.Permissions


def bits(permissions: Bits) -> int:
    return permissions if isinstance(permissions, int) else permissions.value


def permissions_of(server: Server, user: User, channel: Channel | None = None) -> int:
    """What Discord resolves for a member, in a channel if one is given; of strangers, what everyone may do."""
    member = server.members.get(user.id)
    if member is not None and member.permissions is not None:
        return member.permissions
    if user is server.owner:
        return EVERYTHING
    roles = [] if member is None else member.roles
    base = server.everyone.permissions
    for role in roles:
        base |= role.permissions
    if base & ADMINISTRATOR:
        return EVERYTHING
    return base if channel is None else _overwritten(base, channel.ruling, [server.id], [role.id for role in roles], [user.id])


def _overwritten(base: int, channel: Channel, *levels: list[int]) -> int:
    """@everyone's overwrites first, then those of roles together, then the member's own."""
    for ids in levels:
        found = [channel.overwrites[id_] for id_ in ids if id_ in channel.overwrites]
        for one in found:
            base &= ~one.deny
        for one in found:
            base |= one.allow
    return base
