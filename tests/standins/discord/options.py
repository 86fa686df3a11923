"""Commands as a person's client offers them: which there are for whom, and their options filled with values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.standins.discord.command_rules import GROUP, INTEGER, NUMBER, STRING, SUBCOMMAND
from tests.standins.discord.objects import channel_json, member_json, role_json, user_json
from tests.standins.discord.permissions import EVERYTHING, permissions_of
from tests.standins.discord.world import Channel, Json, Role, User

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord

BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 5, 6, 7, 8, 9, 11


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person gives to a command or a form."""

    name: str
    data: bytes


class Resolved:
    """The objects behind the ids in an interaction's data."""

    def __init__(self, discord: Discord, channel: Channel) -> None:
        self._discord = discord
        self._channel = channel
        self.json: dict[str, Json] = {}

    def add(self, value: object) -> str:
        """The id of what was added: a user, role, channel or upload, or the id of one of the first three."""
        value = self._discord.find(int(str(value))) if isinstance(value, (int, str)) else value
        server = self._channel.server
        if isinstance(value, Role):
            return self._put("roles", value.id, role_json(value))
        if isinstance(value, Channel):
            made = channel_json(value)
            return self._put(
                "channels", value.id, made | {"permissions": str(permissions_of(value.server, self._discord.bot)) if value.server else "0"}
            )
        if isinstance(value, Upload):
            made = self._discord.files.keep(value.name, value.data) | {"ephemeral": True}
            return self._put("attachments", int(made["id"]), made)
        if not isinstance(value, User):
            raise TypeError(f"{value!r} is nothing that a command or form takes")
        if server and (member := server.members.get(value.id)):
            self._put("members", value.id, member_json(member, with_user=False) | {"permissions": str(permissions_of(server, value))})
        return self._put("users", value.id, user_json(value))

    def _put(self, key: str, id_: int, made: Json) -> str:
        self.json.setdefault(key, {})[str(id_)] = made
        return str(id_)


def find_command(discord: Discord, channel: Channel, name: str, kind: int) -> Json:
    """The synced command of that name.

    Raises:
        LookupError: there is none.
    """
    every = [*(discord.server_commands.get(channel.server.id, []) if channel.server else []), *discord.commands]
    found = next((one for one in every if one["name"] == name and one["type"] == kind), None)
    if found is None:
        raise LookupError(f"no command {name!r} of type {kind}; there are {[one['name'] for one in every]}")
    return found


def check_offered(command: Json, person: User, channel: Channel, owners: Mapping[str, str]) -> None:
    """Whether Discord offers a command there.

    Raises:
        LookupError: not in such channels, or not for this kind of installation.
        PermissionError: its default permissions hide it from the person; Server.allow_everyone() does as administrators can.
    """
    contexts, installs = command.get("contexts"), command.get("integration_types")
    if contexts is None and command.get("dm_permission") is False:
        contexts = [0]  # the older way to say it
    if contexts is not None and channel.context not in contexts:
        raise LookupError(f"/{command['name']} is offered in contexts {contexts} only")
    if installs is not None and not {int(key) for key in owners} & set(installs):
        raise LookupError(f"/{command['name']} is offered to installations of types {installs} only")
    wanted, server = command.get("default_member_permissions"), channel.server
    if wanted is None or server is None or command["name"] in server.allowed:
        return
    has = permissions_of(server, person, channel)
    if has & int(wanted) != int(wanted) or (int(wanted) == 0 and has != EVERYTHING):
        lacked = f"{person.name} lacks {int(wanted) & ~has:#x} of its default permissions"
        raise PermissionError(f"Discord hides /{command['name']}: {lacked}; server.allow_everyone(name) opens it")


def filled_in(command: Json, path: Sequence[str], values: Mapping[str, Any], resolved: Resolved, focused: str | None = None) -> list[Json]:
    """The options of an interaction: sub-commands along `path`, then the values. With `focused` required ones may be missing."""
    options: list[Json] = command.get("options") or []
    if path:
        inner = next((one for one in options if one["name"] == path[0] and one["type"] in (SUBCOMMAND, GROUP)), None)
        if inner is None:
            raise LookupError(f"{command['name']!r} has no sub-command {path[0]!r}")
        return [{"name": inner["name"], "type": inner["type"], "options": filled_in(inner, path[1:], values, resolved, focused)}]
    known = {one["name"]: one for one in options}
    if unknown := set(values) - set(known):
        raise LookupError(f"{command['name']!r} has no option {sorted(unknown)}; it has {sorted(known)}")
    missing = [name for name, one in known.items() if one.get("required") and name not in values]
    if missing and focused is None:
        raise ValueError(f"{command['name']!r} needs {missing}")
    made = []
    for name, one in known.items():
        if values.get(name) is not None:
            given: Json = {"name": name, "type": one["type"], "value": values[name]}
            if name == focused:
                made.append(given | {"focused": True})
            else:
                made.append(given | {"value": _value(one, values[name], resolved)})
    return made


def _value(option: Json, value: Any, resolved: Resolved) -> Any:
    """A value as the client sends it.

    Raises:
        ValueError: the client would not send it.
    """
    kind, name = option["type"], option["name"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT):
        return resolved.add(value)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise ValueError(f"{name!r} does not take {value!r}")
    choices = [one["value"] for one in option.get("choices") or []]
    if choices and value not in choices:
        raise ValueError(f"{name!r} takes one of {choices}")
    measured, keys = (len(str(value)), ("min_length", "max_length")) if kind == STRING else (value, ("min_value", "max_value"))
    least, most = (option.get(key) for key in keys)
    if (least is not None and measured < least) or (most is not None and measured > most):
        raise ValueError(f"{name!r} takes {least} to {most}, not {measured}")
    return value


_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}
