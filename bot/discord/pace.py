"""How fast one person, and one place, may do anything at all here: below the limits of each act, which are the store's (SECURITY.md).

Counted in this process's memory: what comes from one server, or from direct messages, comes to one process.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from enum import Enum

import discord
from discord.app_commands import Cooldown

KEYS = 20_000  # that are remembered, those used last


class What(Enum):
    """(times, seconds) for one person, and for one server."""

    ACT = (120, 60.0), (1_200, 60.0)  # commands, buttons, selects, forms
    TYPING = (240, 60.0), (2_400, 60.0)  # choices offered while somebody types: one a letter
    MESSAGE = (20, 60.0), (200, 60.0)  # mentions and direct messages, each of which may be answered


class Pace:
    """One for the client."""

    def __init__(self) -> None:
        self._counted: OrderedDict[tuple[What, str, int], Cooldown] = OrderedDict()

    def exceeded(self, what: What, person: int, place: int | None) -> Cooldown | None:
        """None, and the act is counted; or the limit that it is beyond. `place` is the server, None in direct messages."""
        of_person, of_place = what.value
        counted = [self._of((what, "person", person), of_person)]
        if place is not None:
            counted.append(self._of((what, "place", place), of_place))
        now = time.monotonic()  # a clock that is set back would give nobody anything for as long
        for one in counted:
            if one.get_tokens(now) <= 0:
                return one
        for one in counted:
            one.update_rate_limit(now)
        return None

    def exceeded_by(self, interaction: discord.Interaction) -> Cooldown | None:
        """As `exceeded`, for what came as an interaction."""
        typing = interaction.type is discord.InteractionType.autocomplete
        return self.exceeded(What.TYPING if typing else What.ACT, interaction.user.id, interaction.guild_id)

    @staticmethod
    def left(limit: Cooldown) -> float:
        """Seconds until there is something again."""
        return limit.get_retry_after(time.monotonic())

    def _of(self, key: tuple[What, str, int], limit: tuple[int, float]) -> Cooldown:
        found = self._counted.pop(key, None) or Cooldown(*limit)
        self._counted[key] = found
        if len(self._counted) > KEYS:
            self._counted.popitem(last=False)
        return found
