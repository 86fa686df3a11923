"""Messages of the bot: checked, kept as Discord keeps them, and told."""

from __future__ import annotations

import copy
import mimetypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.standins.discord.clock import now
from tests.standins.discord.component_rules import FILE, GALLERY, THUMBNAIL, walk
from tests.standins.discord.faults import DiscordError
from tests.standins.discord.objects import app_permissions
from tests.standins.discord.permissions import ATTACH_FILES, EMBED_LINKS, READ_HISTORY, VIEW_CHANNEL
from tests.standins.discord.problems import INVALID_FORM, Problem, nested, optional, reason
from tests.standins.discord.rules import EMPTY, Refused, flag_problems, mention_problem, message_problems
from tests.standins.discord.world import COMPONENTS_V2, DIRECT, EPHEMERAL, FORUM, GROUP, LOADING, Channel, Json, Message, User

if TYPE_CHECKING:
    from tests.standins.discord.calls import Call
    from tests.standins.discord.platform import Discord

MAX_FILES, MAX_DESCRIPTION = 10, 1_024  # attachments of a message, characters that describe one
REPLY, SLASH, MENU = 19, 20, 23  # types of messages


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `files` by the name of their part of the form, each with its file name and bytes."""

    method: str
    path: str
    body: Any = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


def bounded(discord: Discord, asked: Asked) -> None:
    """Refuses files that are too large together."""
    if sum(len(data) for _, data in asked.files.values()) > discord.file_limit:
        raise DiscordError(40005)


def refuse_if(discord: Discord, asked: Asked, problems: Iterable[Problem]) -> None:
    """Answers 400 and records it, if there are any."""
    if not (found := list(problems)):
        return
    discord.rejected.append(Refused(asked.method, asked.path, found[0].rule, reason(found)))
    if found[0].code == EMPTY:
        raise DiscordError(EMPTY)
    raise DiscordError(INVALID_FORM, errors=nested(found))


def may_post(channel: Channel, body: Json, files: Sequence[str]) -> None:
    """Whether the bot may write this into the channel itself, outside of interactions."""
    if channel.server and not channel.server.has_bot:
        raise DiscordError(50001)
    has = app_permissions(channel)
    if not has & VIEW_CHANNEL:
        raise DiscordError(50001)
    if channel.kind == GROUP:
        raise DiscordError(50001)  # the bot is none of those who talk there
    needed = channel.to_send | (EMBED_LINKS if body.get("embeds") else 0) | (ATTACH_FILES if files else 0)
    if channel.kind != DIRECT and has & needed != needed:
        raise DiscordError(50013)
    if channel.kind == FORUM:
        raise DiscordError(50008, status=400)
    if body.get("message_reference") and not has & READ_HISTORY:
        raise DiscordError(160002)


def post(
    discord: Discord, asked: Asked, channel: Channel, body: Json, *, call: Call | None = None, only_for: User | None = None
) -> Message:
    """A new message of the bot. Unless only one person may see it, everyone there is told."""
    bounded(discord, asked)
    names = [name for name, _ in asked.files.values()]
    problems = [*message_problems(body, names), *flag_problems(body.get("flags") or 0), *enclosure_problems(body, asked.files)]
    refuse_if(discord, asked, [*problems, *_reference_problems(channel, body)])
    _note_pings(discord, asked, body)
    message = Message(discord.ids.new(), channel, discord.bot, {}, only_for=only_for, call=call)
    message.payload = {
        "type": 0 if call is None or call.kind != 2 else (SLASH if call.data.get("type", 1) == 1 else MENU),
        "content": (body.get("content") or "").strip(),
        "embeds": _embeds(body),
        "components": [],
        "flags": (body.get("flags") or 0) & ~EPHEMERAL,
        "attachments": [],
        "mentions": [],
        **{key: body[key] for key in ("nonce", "poll") if body.get(key)},
        **_reply(channel, body),
    }
    _take_files(message, asked, body)
    message.payload["components"] = _stored(message, body.get("components") or [])
    discord.publish(message)
    return message


def edit(discord: Discord, asked: Asked, message: Message, body: Json) -> Message:
    """The message with what the body names changed. The first edit of a loading message is what makes it visible."""
    bounded(discord, asked)
    after = message.payload | {key: body[key] for key in ("content", "embeds", "components", "poll") if key in body}
    flags = body.get("flags")
    after["flags"] = ((message.flags if flags is None else flags) | message.flags & COMPONENTS_V2) & ~LOADING
    kept = _kept_files(message, body)
    names = [one["filename"] for one in kept] + [name for name, _ in asked.files.values()]
    there = [one["id"] for one in message.payload["attachments"]]
    changes = () if flags is None else flag_problems(flags | message.flags & LOADING, message.flags)
    refuse_if(discord, asked, [*changes, *message_problems(after, names), *enclosure_problems(body, asked.files, there)])
    _note_pings(discord, asked, body)
    after["content"], after["embeds"] = (after.get("content") or "").strip(), _embeds(after)
    after["flags"] &= ~EPHEMERAL
    was_loading = message.loading
    message.payload = after | {"attachments": kept}
    if not was_loading:
        message.payload["edited_timestamp"] = now()
    _take_files(message, asked, body)
    message.payload["components"] = _stored(message, after.get("components") or [])
    discord.publish_edit(message, was_loading=was_loading)
    return message


def loading(discord: Discord, channel: Channel, call: Call, only_for: User | None) -> Message:
    """What a deferred answer looks like until its content comes."""
    payload: Json = {"content": "", "embeds": [], "components": [], "attachments": [], "mentions": [], "type": SLASH, "flags": LOADING}
    message = Message(discord.ids.new(), channel, discord.bot, payload, only_for=only_for, call=call)
    discord.publish(message)
    return message


def _note_pings(discord: Discord, asked: Asked, body: Json) -> None:
    if why := mention_problem(body):
        discord.rejected.append(Refused(asked.method, asked.path, "mentions", why))


def _reference_problems(channel: Channel, body: Json) -> list[Problem]:
    reference = body.get("message_reference")
    if not reference or not reference.get("fail_if_not_exists", True) or _replied_to(channel, body):
        return []
    return [Problem(("message_reference",), "reference", "Unknown message")]


def _replied_to(channel: Channel, body: Json) -> Message | None:
    id_ = int((body.get("message_reference") or {}).get("message_id", 0))
    return next((one for one in channel.messages if one.id == id_ and not one.deleted and not one.only_for), None)


def _reply(channel: Channel, body: Json) -> Json:
    """The keys of a reply; of one whose message is gone, none."""
    replied = _replied_to(channel, body)
    if replied is None:
        return {}
    reference: Json = {"type": 0, "message_id": str(replied.id), "channel_id": str(channel.id)}
    if channel.server:
        reference["guild_id"] = str(channel.server.id)
    return {"type": REPLY, "message_reference": reference, "referenced_message": replied}


def _embeds(body: Json) -> list[Json]:
    return [{"type": "rich", **one} for one in body.get("embeds") or []]


def _kept_files(message: Message, body: Json) -> list[Json]:
    """Where an edit lists attachments, those that it leaves out are gone."""
    if "attachments" not in body:
        return list(message.payload["attachments"])
    ids = {str(one.get("id")) for one in body["attachments"] or []}
    return [one for one in message.payload["attachments"] if one["id"] in ids]


def enclosure_problems(body: Json, files: Mapping[str, tuple[str, bytes]], there: Sequence[str] | None = None) -> Iterator[Problem]:
    """Those of what a message lists as attachments: each is a file that comes with it, or one that the edited message has already.

    An edit has to list the files that come with it: Discord does not find them otherwise, and drops those that were there
    (discord-api-docs #5170, #7529). `there`: ids of the attachments of the message that is edited.
    """
    listed = body.get("attachments") or []
    parts = {part.removeprefix("files[").removesuffix("]"): name for part, (name, _) in files.items()}
    kept = set(there or ())
    for place, one in enumerate(listed):
        path = ("attachments", place)
        if str(one.get("id")) not in {*parts, *kept}:
            yield Problem((*path, "id"), "files", "Attachment data not found")
        yield from optional(one, "description", MAX_DESCRIPTION, path)
    if there is not None:
        for part in set(parts) - {str(one.get("id")) for one in listed}:
            yield Problem(("attachments",), "files", f"files[{part}] is not listed")
    if len(parts) + (0 if "attachments" in body else len(kept)) > MAX_FILES:
        yield Problem(("attachments",), "files", f"Must be {MAX_FILES} or fewer in length.")


def _take_files(message: Message, asked: Asked, body: Json) -> None:
    discord = message.channel.discord
    described = {str(one.get("id")): one for one in body.get("attachments") or []}
    for part, (name, data) in asked.files.items():
        made = discord.files.keep(name, data)
        given = described.get(part.removeprefix("files[").removesuffix("]"), {})
        made |= {key: given[key] for key in ("description", "title") if given.get(key)}
        if message.only_for:
            made["ephemeral"] = True
        message.payload["attachments"].append(made)
        message.files[name] = data
    there = {one["filename"] for one in message.payload["attachments"]}
    message.files = {name: data for name, data in message.files.items() if name in there}


def _stored(message: Message, components: Sequence[Json]) -> list[Json]:
    """Components as Discord gives them back: each with an id, uploaded media by the address where they now lie."""
    made = copy.deepcopy(list(components))
    every = list(walk(made))
    taken = {one["id"] for one in every if one.get("id")}
    free = (id_ for id_ in range(1, len(every) + len(taken) + 1) if id_ not in taken)
    for one in every:
        one["id"] = one.get("id") or next(free)
        if one["type"] == FILE:
            one["file"] = _media(message, one["file"])
            one["name"] = one["file"]["url"].rsplit("/", 1)[-1]
        elif one["type"] == THUMBNAIL:
            one["media"] = _media(message, one["media"])
        elif one["type"] == GALLERY:
            one["items"] = [item | {"media": _media(message, item["media"])} for item in one["items"]]
    return made


def _media(message: Message, media: Json) -> Json:
    url = media["url"]
    found = next((one for one in message.payload["attachments"] if url in (one["url"], f"attachment://{one['filename']}")), None)
    if found:
        url = found["url"]
    made: Json = {"url": url, "proxy_url": url, "width": 0, "height": 0, "content_type": mimetypes.guess_type(url)[0] or "image/png"}
    return made | ({"attachment_id": found["id"]} if found else {})
