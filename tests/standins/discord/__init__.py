"""A stand-in of Discord on loopback: REST v10 and the gateway, for the real discord.py, refusing what Discord refuses.

Read platform.py first: the whole. world.py has what tests hold, people.py what persons do, calls.py what comes of it, rules.py and its
neighbours what is refused. It can share our misreadings: Discord's documentation and discord.py's source decide.
"""

from tests.standins.discord.calls import Call, Modal
from tests.standins.discord.options import Upload
from tests.standins.discord.people import Person
from tests.standins.discord.platform import Discord
from tests.standins.discord.rules import Refused
from tests.standins.discord.world import Channel, Message, Role, Server

__all__ = ["Call", "Channel", "Discord", "Message", "Modal", "Person", "Refused", "Role", "Server", "Upload"]
