"""One use of a command, menu, button, select or form, and what the bot made of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.standins.discord.clock import PATIENCE
from tests.standins.discord.world import Channel, Json, Message, User

if TYPE_CHECKING:
    from tests.standins.discord.platform import Discord

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5  # kinds of interactions
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9  # kinds of callbacks
# Discord's are 3. Whether the client keeps to them is measured (tests/bench/discord.py), and not asserted on a machine with other work.
CALLBACK_SECONDS = PATIENCE
TOKEN_SECONDS = 15 * 60.0


class Modal(dict[str, object]):
    """A form that the bot opened: its JSON, and the call that it answers."""

    def __init__(self, payload: Json, call: Call) -> None:
        super().__init__(payload)
        self.call = call


@dataclass(eq=False)
class Call:
    discord: Discord = field(repr=False)
    id: int
    kind: int
    person: User
    channel: Channel
    data: Json = field(repr=False)
    owners: dict[str, str]  # of the installations that it rests on: "0" a server's, "1" a person's
    source: Message | None = None  # the message whose component was used, also of a form that such a component opened
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    sent: float = field(default_factory=time.monotonic)
    first_type: int | None = None
    first_after: float | None = None  # seconds from the dispatch to the first callback
    private: bool | None = None
    modal: Modal | None = None
    choices: list[Json] | None = None
    original: Message | None = None
    final: Message | None = None  # the first message whose content could be seen
    followups: list[Message] = field(default_factory=list)
    answers: int = 0  # messages that this call made visible
    edits: int = 0  # of what was visible already
    expired: bool = False

    @property
    def late(self) -> bool:
        """Whether Discord has given up on it."""
        return self.expired or (self.first_type is None and time.monotonic() - self.sent > self.discord.callback_seconds)

    @property
    def token_over(self) -> bool:
        return self.expired or time.monotonic() - self.sent > TOKEN_SECONDS

    @property
    def by_user_install_only(self) -> bool:
        return "0" not in self.owners

    def note_first(self, kind: int) -> None:
        self.first_type = kind
        self.first_after = time.monotonic() - self.sent

    def note_shown(self, message: Message) -> None:
        """A message can now be seen because of this call."""
        self.answers += 1
        self.final = self.final or message

    async def first(self, timeout: float = PATIENCE) -> int:
        """The kind of the first callback."""
        return await self.discord.happened.until(lambda: self.first_type, timeout, lambda: f"a first answer to {self}")

    async def answer(self, timeout: float = PATIENCE) -> Message:
        """The first message with visible content: new, or an edit of the message whose component was used."""
        found = await self.discord.happened.until(lambda: self.final, timeout, lambda: f"an answer to {self}")
        found.channel.take(found)
        return found

    async def opened(self, timeout: float = PATIENCE) -> Modal:
        """The form that the bot opened."""
        return await self.discord.happened.until(lambda: self.modal, timeout, lambda: f"a form after {self}")

    def __str__(self) -> str:
        name = self.data.get("name") or self.data.get("custom_id")
        state = "without a callback" if self.first_type is None else f"after callback {self.first_type}"
        return f"{self.person.name}'s {name!r} ({state})"
