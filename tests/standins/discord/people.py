"""What the people of a test do: use commands and menus, press, choose, fill in forms, write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.standins.discord.calls import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Call, Modal
from tests.standins.discord.clock import PATIENCE, moment
from tests.standins.discord.command_rules import CHAT, MESSAGE, USER
from tests.standins.discord.component_rules import BUTTON
from tests.standins.discord.forms import chosen, find_button, find_select, submitted
from tests.standins.discord.objects import message_json, user_json
from tests.standins.discord.options import Resolved, Upload, check_offered, filled_in, find_command
from tests.standins.discord.posting import REPLY
from tests.standins.discord.world import DIRECT, Channel, Json, Message, User

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord

Install = Literal["server", "user", "both"]
Shown = Message | Mapping[str, Any]


@dataclass(eq=False)
class Person(User):
    discord: Discord = field(kw_only=True, repr=False)
    takes_direct: bool = True  # whether strangers' direct messages reach them
    _direct: Channel | None = field(default=None, init=False, repr=False)

    @property
    def direct(self) -> Channel:
        """Their direct messages with the bot."""
        if self._direct is None:
            self._direct = self.discord.keep(Channel(self.discord, self.discord.ids.new(), self.name, DIRECT, owner=self))
        return self._direct

    # --- commands ---------------------------------------------------------------------------------------------------------------------

    async def command(
        self, name: str, channel: Channel | None = None, *, dm: bool = False, install: Install | None = None, **options: Any
    ) -> Call:
        """A slash command; sub-commands follow their command's name after a space."""
        place = self._place(channel, dm=dm)
        return self._use(COMMAND, name, place, install, options)

    async def autocomplete(
        self,
        name: str,
        channel: Channel | None,
        option: str,
        typed: str,
        *,
        dm: bool = False,
        install: Install | None = None,
        **options: Any,
    ) -> list[tuple[str, Any]]:
        """What the bot proposes for an option: names and values."""
        call = self._use(AUTOCOMPLETE, name, self._place(channel, dm=dm), install, {**options, option: typed}, option)
        await call.first()
        return [(one["name"], one["value"]) for one in call.choices or []]

    async def menu(self, name: str, target: Message | User, channel: Channel | None = None, *, install: Install | None = None) -> Call:
        """An entry of the context menu of a message, or of a person seen in a channel."""
        place = target.channel if isinstance(target, Message) else self._place(channel, dm=channel is None)
        kind = MESSAGE if isinstance(target, Message) else USER
        command = find_command(self.discord, place, name, kind)
        owners = self._owners(place, install)
        check_offered(command, self, place, owners)
        resolved = Resolved(self.discord, place)
        if isinstance(target, Message):
            if target.deleted:
                raise LookupError("the message was deleted")
            resolved.json["messages"] = {str(target.id): message_json(target)}  # in full, whatever the bot's intents
        else:
            resolved.add(target)
        data = {"id": command["id"], "name": name, "type": kind, "target_id": str(target.id), "resolved": resolved.json}
        return self._call(COMMAND, place, data, owners)

    def _use(
        self, kind: int, name: str, place: Channel, install: Install | None, options: Mapping[str, Any], focused: str | None = None
    ) -> Call:
        first, *path = name.removeprefix("/").split()
        command = find_command(self.discord, place, first, CHAT)
        owners = self._owners(place, install)
        check_offered(command, self, place, owners)
        resolved = Resolved(self.discord, place)
        data: Json = {"id": command["id"], "name": first, "type": CHAT, "options": filled_in(command, path, options, resolved, focused)}
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return self._call(kind, place, data | ({"resolved": resolved.json} if resolved.json else {}), owners)

    # --- components and forms ---------------------------------------------------------------------------------------------------------

    async def press(self, shown: Shown, key: str) -> Call:
        """A button, by its custom id, label or emoji."""
        message = self._seen(shown)
        button = find_button(message.components, key)
        return self._component(message, button, {"component_type": BUTTON})

    async def choose(self, shown: Shown, key: str, values: Sequence[Any]) -> Call:
        """A select, by its custom id or placeholder; of selects of users, roles and channels the values are they or their ids."""
        message = self._seen(shown)
        select = find_select(message.components, key)
        resolved = Resolved(self.discord, message.channel)
        data: Json = {"component_type": select["type"], "values": chosen(select, values, resolved)}
        return self._component(message, select, data | ({"resolved": resolved.json} if resolved.json else {}))

    async def submit(self, modal: Modal | None, fields: Mapping[str, Any]) -> Call:
        """A form, its fields by custom id or label; what is not named stays as it was shown."""
        if modal is None:
            raise LookupError("no form was opened")
        opened = modal.call
        resolved = Resolved(self.discord, opened.channel)
        data: Json = {"custom_id": modal["custom_id"], "components": submitted(modal, fields, resolved)}
        if resolved.json:
            data["resolved"] = resolved.json
        return self._call(MODAL_SUBMIT, opened.channel, data, opened.owners, opened.source)

    def _component(self, message: Message, component: Json, data: Json) -> Call:
        owners = message.call.owners if message.call else self._owners(message.channel, None)
        return self._call(COMPONENT, message.channel, {"custom_id": component["custom_id"], "id": component["id"], **data}, owners, message)

    def _seen(self, shown: Shown) -> Message:
        message = shown if isinstance(shown, Message) else self.discord.message(int(shown["id"]))
        if message.deleted or message.only_for not in (None, self):
            raise LookupError(f"{self.name} does not see that message")
        return message

    def _call(self, kind: int, place: Channel, data: Json, owners: dict[str, str], source: Message | None = None) -> Call:
        self._must_belong(place)
        return self.discord.send_call(Call(self.discord, self.discord.ids.new(), kind, self, place, data, owners, source))

    def _must_belong(self, place: Channel) -> None:
        if place.server and self.id not in place.server.members:
            raise LookupError(f"{self.name} is no member of {place.server.name}")

    def _place(self, channel: Channel | None, *, dm: bool) -> Channel:
        if dm or channel is None:
            return self.direct
        return channel

    def _owners(self, place: Channel, install: Install | None) -> dict[str, str]:
        """Whose installation of the app it rests on."""
        made = {}
        if install != "user":
            if place.server and not place.server.has_bot:
                raise LookupError(f"the bot is no member of {place.server.name}: install='user'")
            made["0"] = str(place.server.id) if place.server else "0"
        if install in ("user", "both"):
            made["1"] = str(self.id)
        return made

    # --- messages ---------------------------------------------------------------------------------------------------------------------

    async def say(
        self,
        channel: Channel | None,
        text: str,
        *,
        mention: Iterable[User] = (),
        reply_to: Message | None = None,
        ping: bool = True,
        embeds: Sequence[Json] = (),
        snapshots: Sequence[Message | str] = (),
        files: Sequence[Upload] = (),
    ) -> Message:
        """A message; without a channel, a direct one to the bot. `snapshots`: what it forwards; `ping`: a reply mentions its author."""
        place = channel or self.direct
        self._must_belong(place)
        mentioned = list(mention)
        text = " ".join([*(one.mention for one in mentioned if one.mention not in text), text]).strip()
        payload: Json = {"embeds": [{"type": "rich", **one} for one in embeds], "mentions": mentioned}
        if reply_to:
            payload |= {"type": REPLY, "message_reference": _reference(reply_to, 0), "referenced_message": reply_to}
            if ping and reply_to.author not in mentioned:
                payload["mentions"] = [*mentioned, reply_to.author]
        if snapshots:
            payload["message_snapshots"] = [{"message": _snapshot(one, self.discord.ids.new())} for one in snapshots]
            first = next((one for one in snapshots if isinstance(one, Message)), None)
            payload["message_reference"] = _reference(first, 1) if first else {"type": 1, "channel_id": str(place.id)}
        payload["attachments"] = [self.discord.files.keep(one.name, one.data) for one in files]
        return self.discord.add_message(place, self, text, payload=payload, files={one.name: one.data for one in files})

    async def edit(self, message: Message, text: str) -> Message:
        """Change what they wrote."""
        return self.discord.change_message(message, text)

    async def next_dm(self, timeout: float = PATIENCE) -> Message:
        """The next message of the bot to them."""
        return await self.direct.next_message(timeout)


def _reference(message: Message, kind: int) -> Json:
    made: Json = {"type": kind, "message_id": str(message.id), "channel_id": str(message.channel.id)}
    return made | ({"guild_id": str(message.channel.server.id)} if message.channel.server else {})


def _snapshot(source: Message | str, id_: int) -> Json:
    bare: Json = {"type": 0, "content": source, "embeds": [], "attachments": [], "components": [], "flags": 0, "edited_timestamp": None}
    bare |= {"timestamp": moment(id_), "mentions": [], "mention_roles": []}
    if isinstance(source, Message):
        bare |= {key: source.payload[key] for key in ("content", "embeds", "attachments", "components", "flags")}
        bare |= {"timestamp": moment(source.id), "mentions": [user_json(one) for one in source.payload["mentions"]]}
    return bare
