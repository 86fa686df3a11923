"""What servers have set, as it is asked for at each press: read from the store at most once a minute."""

from __future__ import annotations

import asyncio
import time

from db.guilds import Guild, Guilds

FRESH = 60.0  # seconds that they are used without looking: another process may have changed them


class ServerSettings:
    """Settings of servers over the store."""

    def __init__(self, guilds: Guilds) -> None:
        self._guilds = guilds
        self._known: dict[int, tuple[float, Guild]] = {}
        self._changes = 0

    async def of(self, guild_id: int | None) -> Guild:
        """A server's settings; the defaults for direct messages."""
        if guild_id is None:
            return Guild(0)
        looked, stored = self._known.get(guild_id, (-FRESH, None))
        if stored is None or time.monotonic() - looked > FRESH:
            changes = self._changes
            stored = await asyncio.to_thread(self._guilds.settings, guild_id)
            if changes == self._changes:  # else what was read may be from before
                self._known[guild_id] = (time.monotonic(), stored)
        return stored

    def forget(self, guild_id: int) -> None:
        """They were changed: the next look reads them."""
        self._known.pop(guild_id, None)
        self._changes += 1
