"""What the bot answers to interactions: callbacks, and the webhook that each interaction brings for 15 minutes.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.standins.discord.calls import (
    ANSWER,
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    MODAL_SUBMIT,
    UPDATE,
    Call,
    Modal,
)
from tests.standins.discord.command_rules import choices_problems
from tests.standins.discord.component_rules import modal_problems
from tests.standins.discord.faults import DiscordError
from tests.standins.discord.objects import message_json
from tests.standins.discord.permissions import USE_EXTERNAL_APPS, permissions_of
from tests.standins.discord.posting import Asked, edit, loading, post, refuse_if
from tests.standins.discord.problems import Problem
from tests.standins.discord.rules import Refused
from tests.standins.discord.world import EPHEMERAL, Json, Message, User

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord

MAX_FOLLOWUPS = 5  # of an interaction, where only a person has installed the app


def callback(discord: Discord, asked: Asked, interaction: str, token: str) -> Json | None:
    """POST /interactions/{interaction}/{token}/callback."""
    call = discord.calls.get(token)
    if call is None or call.id != int(interaction) or call.late:
        raise DiscordError(10062)
    if call.first_type is not None:
        raise DiscordError(40060)
    kind, data = asked.body.get("type"), asked.body.get("data") or {}
    if kind not in _allowed(call):
        refuse_if(discord, asked, [Problem(("type",), "callback", f"callback {kind!r} does not answer an interaction of type {call.kind}")])
    call.private = bool((data.get("flags") or 0) & EPHEMERAL) or _must_be_private(call) if kind in (ANSWER, DEFER) else None
    message = _CALLBACKS[kind](discord, asked, call, data)
    call.note_first(kind)
    if kind in (ANSWER, UPDATE) and message:
        call.note_shown(message)
    discord.happened.tell()
    return _response(call, kind, message) if asked.query.get("with_response") in ("1", "true") else None


def _allowed(call: Call) -> tuple[int, ...]:
    updates = (DEFER_UPDATE, UPDATE) if call.source else ()
    return {
        COMMAND: (ANSWER, DEFER, MODAL),
        COMPONENT: (ANSWER, DEFER, MODAL, *updates),
        AUTOCOMPLETE: (CHOICES,),
        MODAL_SUBMIT: (ANSWER, DEFER, *updates),
    }[call.kind]


def _must_be_private(call: Call) -> bool:
    """Where only the person has installed the app, and the server does not let such apps post for everybody."""
    server = call.channel.server
    if server is None or not call.by_user_install_only:
        return False
    return not permissions_of(server, call.person, call.channel) & USE_EXTERNAL_APPS


def _reader(call: Call) -> User | None:
    return call.person if call.private else None


def _answer(discord: Discord, asked: Asked, call: Call, data: Json) -> Message:
    call.original = post(discord, asked, call.channel, data, call=call, only_for=_reader(call))
    return call.original


def _defer(discord: Discord, _: Asked, call: Call, __: Json) -> Message:
    call.original = loading(discord, call.channel, call, _reader(call))
    return call.original


def _defer_update(_: Discord, __: Asked, call: Call, ___: Json) -> Message | None:
    call.original = call.source
    call.private = bool(call.source and call.source.only_for)
    return None


def _update(discord: Discord, asked: Asked, call: Call, data: Json) -> Message | None:
    if call.source and not call.source.deleted:
        edit(discord, asked, call.source, data)
    return _defer_update(discord, asked, call, data) or call.source


def _choices(discord: Discord, asked: Asked, call: Call, data: Json) -> None:
    refuse_if(discord, asked, choices_problems(data.get("choices") or [], ("data", "choices")))
    call.choices = list(data.get("choices") or [])


def _modal(discord: Discord, asked: Asked, call: Call, data: Json) -> None:
    refuse_if(discord, asked, modal_problems(data))
    call.modal = Modal(data, call)


_CALLBACKS: dict[int, Callable[[Discord, Asked, Call, Json], Message | None]] = {
    ANSWER: _answer, DEFER: _defer, DEFER_UPDATE: _defer_update, UPDATE: _update, CHOICES: _choices, MODAL: _modal,
}  # fmt: skip


def _response(call: Call, kind: int, message: Message | None) -> Json:
    about: Json = {"id": str(call.id), "type": call.kind}
    resource: Json = {"type": kind}
    if message:
        about |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.only_for is not None,
        }
        resource["message"] = message_json(message)
    return {"interaction": about, "resource": resource}


def follow_up(discord: Discord, asked: Asked, _: str, token: str) -> Json:
    """POST /webhooks/{application}/{token}. The first one after a deferral is the deferred answer itself."""
    call = _call(discord, token)
    if call.original and call.original.loading:
        body = {key: value for key, value in asked.body.items() if key != "flags"}
        body["flags"] = (asked.body.get("flags") or 0) & ~EPHEMERAL
        return message_json(_shown(call, edit(discord, asked, call.original, body)))
    if call.by_user_install_only and len(call.followups) >= MAX_FOLLOWUPS:
        discord.rejected.append(
            Refused(asked.method, asked.path, "followups", f"more than {MAX_FOLLOWUPS} follow-ups of a user installation")
        )
        raise DiscordError(40094)
    private = bool((asked.body.get("flags") or 0) & EPHEMERAL) or _must_be_private(call)
    message = post(discord, asked, call.channel, asked.body, call=call, only_for=call.person if private else None)
    call.followups.append(message)
    return message_json(_shown(call, message))


def read_answer(discord: Discord, _: Asked, __: str, token: str, message: str) -> Json:
    """GET /webhooks/{application}/{token}/messages/{message}."""
    return message_json(_message(_call(discord, token), message))


def edit_answer(discord: Discord, asked: Asked, _: str, token: str, message: str) -> Json:
    """PATCH /webhooks/{application}/{token}/messages/{message}."""
    call = _call(discord, token)
    found = _message(call, message)
    is_first = found.loading or (found is call.source and call.final is None)
    edit(discord, asked, found, asked.body)
    if is_first:
        _shown(call, found)
    else:
        call.edits += 1
    return message_json(found)


def delete_answer(discord: Discord, _: Asked, __: str, token: str, message: str) -> None:
    """DELETE /webhooks/{application}/{token}/messages/{message}."""
    discord.delete(_message(_call(discord, token), message))


def _call(discord: Discord, token: str) -> Call:
    call = discord.calls.get(token)
    if call is None or call.token_over:
        raise DiscordError(50027)
    if call.first_type is None:
        raise DiscordError(10015)
    if call.channel.deleted:
        raise DiscordError(10003)
    return call


def _message(call: Call, id_: str) -> Message:
    every = [*call.followups, *([call.original] if call.original else [])]
    found = call.original if id_ == "@original" else next((one for one in every if str(one.id) == id_), None)
    if found is None or found.deleted:
        raise DiscordError(10008)
    return found


def _shown(call: Call, message: Message) -> Message:
    call.note_shown(message)
    call.discord.happened.tell()
    return message
