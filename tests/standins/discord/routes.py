"""What each route but those of interactions does. Handlers take the path's ids as text and give the JSON to answer with; None is 204."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.standins.discord.command_rules import commands_problems
from tests.standins.discord.faults import DiscordError
from tests.standins.discord.gateway import CONTENT
from tests.standins.discord.objects import app_permissions, channel_json, member_json, message_json, role_json, server_json, user_json
from tests.standins.discord.permissions import ADD_REACTIONS, MANAGE_MESSAGES, READ_HISTORY, VIEW_CHANNEL
from tests.standins.discord.posting import Asked, edit, may_post, post, refuse_if
from tests.standins.discord.world import DIRECT, THREADS, Channel, Json, Message, Server

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord


def me(discord: Discord, _: Asked) -> Json:
    return user_json(discord.bot)


def user(discord: Discord, _: Asked, id_: str) -> Json:
    if found := discord.people.get(int(id_)):
        return user_json(found)
    raise DiscordError(10013)


def application(discord: Discord, _: Asked) -> Json:
    return {
        "id": str(discord.bot.id),
        "name": discord.bot.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "flags": 0,
        "team": None,
        "owner": user_json(discord.operator),
        "integration_types_config": {"0": {}, "1": {}},
    }


def gateway(discord: Discord, _: Asked) -> Json:
    limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {"url": discord.gateway_url, "shards": discord.shards, "session_start_limit": limits}


# --- commands -------------------------------------------------------------------------------------------------------------------------


def commands(discord: Discord, _: Asked, __: str) -> list[Json]:
    return discord.commands


def sync_commands(discord: Discord, asked: Asked, _: str) -> list[Json]:
    discord.commands = _synced(discord, asked, discord.commands)
    discord.syncs += 1
    return discord.commands


def server_commands(discord: Discord, _: Asked, __: str, server_id: str) -> list[Json]:
    return discord.server_commands.get(_server(discord, server_id).id, [])


def sync_server_commands(discord: Discord, asked: Asked, _: str, server_id: str) -> list[Json]:
    server = _server(discord, server_id)
    made = _synced(discord, asked, discord.server_commands.get(server.id, []))
    discord.server_commands[server.id] = [one | {"guild_id": server_id} for one in made]
    return discord.server_commands[server.id]


def _synced(discord: Discord, asked: Asked, before: list[Json]) -> list[Json]:
    """All commands anew; those whose name stays keep their id."""
    given: Any = asked.body or []
    refuse_if(discord, asked, commands_problems(given))
    ids = {(one["type"], one["name"]): one["id"] for one in before}
    return [
        {
            "default_member_permissions": None,
            "description": "",
            "type": 1,
            **one,
            "id": ids.get((one.get("type", 1), one["name"])) or str(discord.ids.new()),
            "application_id": str(discord.bot.id),
            "version": str(discord.ids.new()),
        }
        for one in given
    ]


# --- servers --------------------------------------------------------------------------------------------------------------------------


def server(discord: Discord, _: Asked, id_: str) -> Json:
    return server_json(_server(discord, id_))


def server_channels(discord: Discord, _: Asked, id_: str) -> list[Json]:
    return [channel_json(one) for one in _server(discord, id_).channels if one.kind not in THREADS]


def server_roles(discord: Discord, _: Asked, id_: str) -> list[Json]:
    return [role_json(one) for one in _server(discord, id_).roles]


def members(discord: Discord, asked: Asked, id_: str) -> list[Json]:
    after, most = int(asked.query.get("after", 0)), int(asked.query.get("limit", 1))
    every = sorted(_server(discord, id_).members.values(), key=lambda one: one.user.id)
    return [member_json(one) for one in every if one.user.id > after][:most]


def member(discord: Discord, _: Asked, id_: str, user_id: str) -> Json:
    if found := _server(discord, id_).members.get(int(user_id)):
        return member_json(found)
    raise DiscordError(10007)


def own_servers(discord: Discord, asked: Asked) -> list[Json]:
    after, most = int(asked.query.get("after", 0)), int(asked.query.get("limit", 200))
    every = sorted((server for server in discord.servers if server.has_bot and server.id > after), key=lambda one: one.id)
    return [
        {
            "id": str(one.id), "name": one.name, "icon": None, "banner": None, "owner": False, "features": list(one.features),
            "permissions": "0",
        }
        for one in every[:most]
    ]  # fmt: skip


def leave(discord: Discord, _: Asked, id_: str) -> None:
    discord.remove_bot(_server(discord, id_))


def _server(discord: Discord, id_: str) -> Server:
    found = discord.find_server(int(id_))
    if found is None:
        raise DiscordError(10004)
    if not found.has_bot:
        raise DiscordError(50001)
    return found


# --- channels and messages ------------------------------------------------------------------------------------------------------------


def open_direct(discord: Discord, asked: Asked) -> Json:
    person = discord.people.get(int(asked.body["recipient_id"]))
    if person is None:
        raise DiscordError(10013)
    return channel_json(person.direct)


def channel(discord: Discord, _: Asked, id_: str) -> Json:
    return channel_json(_channel(discord, id_))


def history(discord: Discord, asked: Asked, id_: str) -> list[Json]:
    found = [one for one in _channel(discord, id_, READ_HISTORY).messages if not one.deleted and not one.only_for]
    before, after = asked.query.get("before"), asked.query.get("after")
    found = [one for one in found if (not before or one.id < int(before)) and (not after or one.id > int(after))]
    most = int(asked.query.get("limit", 50))
    return [_json(discord, one) for one in reversed(found[:most] if after else found[-most:])]


def create_message(discord: Discord, asked: Asked, id_: str) -> Json:
    place = _channel(discord, id_)
    may_post(place, asked.body, list(asked.files))
    if place.kind == DIRECT and not discord.takes_direct(place):
        raise DiscordError(50007)
    nonce = asked.body.get("nonce") if asked.body.get("enforce_nonce") else None
    if nonce and (earlier := discord.nonces.get(str(nonce))):
        return _json(discord, earlier)  # a repeat writes nothing anew
    made = post(discord, asked, place, asked.body)
    if nonce:
        discord.nonces[str(nonce)] = made
    return _json(discord, made)


def read_message(discord: Discord, _: Asked, id_: str, message_id: str) -> Json:
    return _json(discord, _message(_channel(discord, id_, READ_HISTORY), message_id))


def edit_message(discord: Discord, asked: Asked, id_: str, message_id: str) -> Json:
    found = _message(_channel(discord, id_), message_id)
    if found.author is not discord.bot:
        raise DiscordError(50005)
    edit(discord, asked, found, asked.body)
    if found.call:
        found.call.edits += 1
    return _json(discord, found)


def delete_message(discord: Discord, _: Asked, id_: str, message_id: str) -> None:
    place = _channel(discord, id_)
    found = _message(place, message_id)
    if found.author is not discord.bot and not app_permissions(place) & MANAGE_MESSAGES:
        raise DiscordError(50013)
    discord.delete(found)


def typing(discord: Discord, _: Asked, id_: str) -> None:
    place = _channel(discord, id_)
    may_post(place, {}, [])
    place.typing += 1


def react(discord: Discord, _: Asked, id_: str, message_id: str, emoji: str) -> None:
    place = _channel(discord, id_, ADD_REACTIONS)
    _message(place, message_id).reactions.append(unquote(emoji))


def unreact(discord: Discord, _: Asked, id_: str, message_id: str, emoji: str) -> None:
    reactions = _message(_channel(discord, id_), message_id).reactions
    if unquote(emoji) in reactions:
        reactions.remove(unquote(emoji))


def _channel(discord: Discord, id_: str, needed: int = 0) -> Channel:
    found = discord.channels.get(int(id_))
    if found is None or found.deleted:
        raise DiscordError(10003)
    has = app_permissions(found)
    if (found.server and not found.server.has_bot) or not has & VIEW_CHANNEL:
        raise DiscordError(50001)
    if has & needed != needed:
        raise DiscordError(50013)
    return found


def _message(place: Channel, id_: str) -> Message:
    """Ephemeral messages are not found this way, as on Discord."""
    found = next((one for one in place.messages if str(one.id) == id_ and not one.deleted and not one.only_for), None)
    if found is None:
        raise DiscordError(10008)
    return found


def _json(discord: Discord, message: Message) -> Json:
    return message_json(message, with_content=any(session.intents & CONTENT for session in discord.gateway.sessions))
