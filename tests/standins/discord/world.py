"""What there is on Discord: users, servers with members, roles and channels, messages. Tests hold these; they change as the bot acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.standins.discord.clock import PATIENCE, now
from tests.standins.discord.permissions import ORDINARY, SEND_IN_THREADS, SEND_MESSAGES, VIEW_CHANNEL, WRITING, Bits, bits

if TYPE_CHECKING:
    from tests.standins.discord.calls import Call
    from tests.standins.discord.platform import Discord

Json = dict[str, Any]

TEXT, DIRECT, GROUP, NEWS, NEWS_THREAD, THREAD, PRIVATE_THREAD, FORUM = 0, 1, 3, 5, 10, 11, 12, 15  # kinds of channels
THREADS = (NEWS_THREAD, THREAD, PRIVATE_THREAD)
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # flags of messages


@dataclass(eq=False)
class User:
    id: int
    name: str
    is_bot: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int
    of_bot: int | None = None  # the id of the bot whose own role it is


@dataclass(eq=False)
class Member:
    user: User
    roles: list[Role]
    permissions: int | None  # given by a test instead of what the roles give
    joined_at: str


@dataclass(eq=False)
class Overwrite:
    kind: int  # 0 of a role, 1 of a member
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Message:
    """`payload` is what Discord keeps of it and changes with edits: content, embeds, components, flags, attachments and so on."""

    id: int
    channel: Channel
    author: User
    payload: Json
    files: dict[str, bytes] = field(default_factory=dict)
    only_for: User | None = None  # the one reader of an ephemeral message
    call: Call | None = None  # the interaction that it answers
    deleted: bool = False
    edits: int = 0
    reactions: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        return str(self.payload["content"])

    @property
    def flags(self) -> int:
        return int(self.payload["flags"])

    @property
    def components(self) -> list[Json]:
        return list(self.payload["components"])

    @property
    def embeds(self) -> list[Json]:
        return list(self.payload["embeds"])

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)


@dataclass(eq=False)
class Channel:
    discord: Discord = field(repr=False)
    id: int
    name: str
    kind: int
    server: Server | None = None
    nsfw: bool = False
    parent: Channel | None = None  # of a thread
    owner: User | None = None  # of a thread; the person at the other end of a direct message
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    deleted: bool = False
    position: int = 0
    posts: list[Message] = field(default_factory=list, repr=False)  # the bot's, in the order in which everybody saw them
    others: list[User] = field(default_factory=list, repr=False)  # of a group of people

    @property
    def context(self) -> int:
        """Where an interaction happens: in a server, in direct messages with the bot, or among people who talk directly."""
        return 0 if self.server else 2 if self.kind == GROUP else 1

    typing: int = 0  # how often the bot said that it types
    _taken: set[int] = field(default_factory=set, repr=False)

    @property
    def ruling(self) -> Channel:
        """The channel whose overwrites count: a thread has its parent's."""
        return self.parent or self

    @property
    def to_send(self) -> int:
        """The permissions without which nobody writes here."""
        return VIEW_CHANNEL | (SEND_IN_THREADS if self.kind in THREADS else SEND_MESSAGES)

    async def next_message(self, timeout: float = PATIENCE) -> Message:
        """The next message of the bot that everybody here sees and that neither this nor a call's answer() has returned yet."""

        def find() -> Message | None:
            return next((one for one in self.posts if one.id not in self._taken), None)

        found = await self.discord.happened.until(find, timeout, lambda: f"a message of the bot in {self.name!r}")
        self.take(found)
        return found

    def take(self, message: Message) -> None:
        """next_message() leaves it out from now on."""
        self._taken.add(message.id)


@dataclass(eq=False)
class Server:
    discord: Discord = field(repr=False)
    id: int
    name: str
    owner: User
    features: Sequence[str] = ()
    locale: str = "en-US"
    has_bot: bool = False
    everyone: Role = field(init=False)
    roles: list[Role] = field(init=False)
    channels: list[Channel] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)  # names of commands that an administrator opened to everybody

    def __post_init__(self) -> None:
        self.everyone = Role(self.id, "@everyone", ORDINARY, 0)
        self.roles = [self.everyone]

    @property
    def channel(self) -> Channel:
        """The first text channel."""
        return self.channels[0]

    def add_channel(self, name: str, kind: int = TEXT, *, nsfw: bool = False) -> Channel:
        channel = self.discord.keep(Channel(self.discord, self.discord.ids.new(), name, kind, self, nsfw, position=len(self.channels)))
        self.channels.append(channel)
        self.discord.gateway.tell_channel("CHANNEL_CREATE", channel)
        return channel

    def add_thread(
        self, parent: Channel, name: str, starter: Message | str | None = None, by: User | None = None, *, private: bool = False
    ) -> Channel:
        """A thread; of a forum, a post. With a message as its starter it has that message's id, as on Discord.

        Text as a starter, or a message in a forum, becomes the thread's first message.
        """
        owner = by or (starter.author if isinstance(starter, Message) else self.owner)
        inside = starter is not None and (isinstance(starter, str) or parent.kind == FORUM)
        id_ = starter.id if isinstance(starter, Message) and not inside else self.discord.ids.new()
        kind = PRIVATE_THREAD if private else NEWS_THREAD if parent.kind == NEWS else THREAD
        thread = self.discord.keep(Channel(self.discord, id_, name, kind, self, parent.nsfw, parent, owner))
        self.channels.append(thread)
        self.discord.gateway.tell_channel("THREAD_CREATE", thread)
        if inside:
            text = starter if isinstance(starter, str) else ""
            payload = dict(starter.payload) if isinstance(starter, Message) else None
            self.discord.add_message(thread, owner, text, id_=id_, payload=payload)
        return thread

    def add_role(self, name: str, permissions: Bits = 0) -> Role:
        role = Role(self.discord.ids.new(), name, bits(permissions), len(self.roles))
        self.roles.append(role)
        self.discord.gateway.tell_role(self, role)
        return role

    def join(self, user: User, roles: Iterable[Role] = (), permissions: Bits | None = None) -> Member:
        """`permissions`: exactly those in every interaction; a role of their own makes sure that discord.py finds them elsewhere too."""
        own = [] if permissions is None else [self.add_role(f"{user.name}'s", permissions)]
        member = Member(user, [*roles, *own], None if permissions is None else bits(permissions), now())
        self.members[user.id] = member
        self.discord.gateway.tell_member(self, member)
        return member

    def add_bot(self) -> None:
        """With a role of its own, as if it was invited with the permissions to write."""
        bot = self.discord.bot
        role = Role(self.discord.ids.new(), bot.name, WRITING, len(self.roles), of_bot=bot.id)
        self.roles.append(role)
        self.members[bot.id] = Member(bot, [role], None, now())
        self.has_bot = True

    def remove_bot(self) -> None:
        self.roles = [role for role in self.roles if role.of_bot != self.discord.bot.id]
        self.members.pop(self.discord.bot.id, None)
        self.has_bot = False

    def forbid(self, channel: Channel, permissions: Bits = SEND_MESSAGES | SEND_IN_THREADS) -> None:
        """Take permissions from the bot in a channel, by an overwrite."""
        given = channel.ruling.overwrites.setdefault(self.discord.bot.id, Overwrite(kind=1))
        given.deny |= bits(permissions)
        self.discord.gateway.tell_channel("CHANNEL_UPDATE", channel.ruling)

    def allow_everyone(self, command: str) -> None:
        """As administrators can in the server's settings: everybody may use a command, whatever permissions it asks for by default."""
        self.allowed.add(command)
