"""Discord's objects as JSON, with the keys that discord.py insists on and no null where it takes a missing key only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.standins.discord.clock import moment
from tests.standins.discord.permissions import IN_DIRECT_MESSAGES, permissions_of
from tests.standins.discord.world import DIRECT, EPHEMERAL, GROUP, THREADS, Channel, Json, Member, Message, Role, Server, User

if TYPE_CHECKING:
    from tests.standins.discord.calls import Call

HIDDEN: Json = {"content": "", "embeds": [], "attachments": [], "components": []}  # what the message-content intent gives


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name if user.is_bot else user.name.lower().replace(" ", "."),
        "discriminator": "0420" if user.is_bot else "0",  # bots still have one
        "global_name": None if user.is_bot else user.name,
        "avatar": None,
        "bot": user.is_bot,
        "public_flags": 0,
    }


def member_json(member: Member, *, with_user: bool = True) -> Json:
    made: Json = {
        "roles": [str(role.id) for role in member.roles],
        "joined_at": member.joined_at,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    if with_user:
        made["user"] = user_json(member.user)
    return made


def role_json(role: Role) -> Json:
    made: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.of_bot is not None,
        "mentionable": False,
        "flags": 0,
    }
    if role.of_bot is not None:
        made["tags"] = {"bot_id": str(role.of_bot)}
    return made


def channel_json(channel: Channel, reader: User | None = None) -> Json:
    """`reader`: whose permissions there come with it, as in interactions."""
    made: Json = {"id": str(channel.id), "type": channel.kind, "flags": 0, "last_message_id": _last(channel)}
    if channel.server is None:
        made["recipients"] = [user_json(one) for one in (*([channel.owner] if channel.owner else []), *channel.others)]
        if channel.kind == GROUP:
            made |= {"name": channel.name, "icon": None}
        return made
    made |= {"name": channel.name, "guild_id": str(channel.server.id), "nsfw": channel.nsfw, "rate_limit_per_user": 0}
    if channel.kind in THREADS and channel.parent and channel.owner:
        made |= {
            "parent_id": str(channel.parent.id),
            "owner_id": str(channel.owner.id),
            "message_count": len(channel.messages),
            "member_count": 1,
            "total_message_sent": len(channel.messages),
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": moment(channel.id),
                "create_timestamp": moment(channel.id),
                "locked": False,
            },
        }
    else:
        made |= {"parent_id": None, "position": channel.position, "topic": None}
        made["permission_overwrites"] = [
            {"id": str(id_), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)} for id_, one in channel.overwrites.items()
        ]
    if reader is not None:
        made["permissions"] = str(permissions_of(channel.server, reader, channel))
    return made


def server_json(server: Server) -> Json:
    """A server as in GUILD_CREATE; of its members only the bot, as for clients without the presence intent."""
    bot = server.members.get(server.discord.bot.id)
    return {
        "id": str(server.id),
        "name": server.name,
        "owner_id": str(server.owner.id),
        "member_count": len(server.members),
        "large": False,
        "joined_at": bot.joined_at if bot else moment(server.id),
        "features": list(server.features),
        "roles": [role_json(role) for role in server.roles],
        "channels": [channel_json(one) for one in server.channels if one.kind not in THREADS],
        "threads": [channel_json(one) for one in server.channels if one.kind in THREADS],
        "members": [member_json(bot)] if bot else [],
        "preferred_locale": server.locale,
        "icon": None,
        "emojis": [],
        "stickers": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "system_channel_flags": 0,
    }


def message_json(message: Message, *, with_content: bool = True) -> Json:
    """`with_content`: of a client without the intent, False; what it may read all the same is decided here."""
    made: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "timestamp": moment(message.id),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mention_roles": [],
        "pinned": False,
        **message.payload,
    }
    made["mentions"] = [user_json(user) for user in message.payload["mentions"]]
    if not (with_content or _readable(message)):
        made |= HIDDEN
        made.pop("poll", None)
        if "message_snapshots" in made:
            made["message_snapshots"] = [{"message": {**one["message"], **HIDDEN}} for one in made["message_snapshots"]]
    if isinstance(replied := message.payload.get("referenced_message"), Message):
        made["referenced_message"] = None if replied.deleted else message_json(replied, with_content=with_content)
    if message.only_for:
        made["flags"] = message.flags | EPHEMERAL
    if message.call:
        made |= {"application_id": str(message.channel.discord.bot.id), "webhook_id": str(message.channel.discord.bot.id)}
        made["interaction_metadata"] = _metadata(message.call)
    return made


def event_json(message: Message, *, with_content: bool) -> Json:
    """A message as in MESSAGE_CREATE and MESSAGE_UPDATE: with its server, and its author as a member of it."""
    made = message_json(message, with_content=with_content)
    if server := message.channel.server:
        made["guild_id"] = str(server.id)
        if member := server.members.get(message.author.id):
            made["member"] = member_json(member, with_user=False)
        for user in made["mentions"]:
            if mentioned := server.members.get(int(user["id"])):
                user["member"] = member_json(mentioned, with_user=False)
    return made


def interaction_json(call: Call) -> Json:
    channel, person = call.channel, call.person
    made: Json = {
        "id": str(call.id),
        "application_id": str(call.discord.bot.id),
        "type": call.kind,
        "token": call.token,
        "version": 1,
        "data": call.data,
        "channel_id": str(channel.id),
        "channel": channel_json(channel, person),
        "locale": person.locale,
        "entitlements": [],
        "authorizing_integration_owners": call.owners,
        "context": channel.context,
        "attachment_size_limit": call.discord.file_limit,
        "app_permissions": str(app_permissions(channel)),
    }
    if call.source:
        made["message"] = message_json(call.source)
    if server := channel.server:
        made |= {
            "guild_id": str(server.id),
            "guild": {"id": str(server.id), "features": list(server.features), "locale": server.locale},
            "guild_locale": server.locale,
            "member": member_json(server.members[person.id]) | {"permissions": str(permissions_of(server, person, channel))},
        }
    else:
        made["user"] = user_json(person)
    return made


def app_permissions(channel: Channel) -> int:
    """What the bot may do in a channel; where it is no member, what everyone may."""
    if channel.kind == DIRECT or channel.server is None:
        return IN_DIRECT_MESSAGES
    return permissions_of(channel.server, channel.discord.bot, channel)


def _readable(message: Message) -> bool:
    """What a bot reads without the intent: direct messages, its own, and those that mention it."""
    bot = message.channel.discord.bot
    return message.channel.server is None or message.author is bot or bot in message.payload["mentions"]


def _metadata(call: Call) -> Json:
    made: Json = {
        "id": str(call.id),
        "type": call.kind,
        "user": user_json(call.person),
        "authorizing_integration_owners": call.owners,
    }
    if call.source:
        made["interacted_message_id"] = str(call.source.id)
    return made


def _last(channel: Channel) -> str | None:
    return str(channel.messages[-1].id) if channel.messages else None
