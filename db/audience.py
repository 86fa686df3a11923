"""Who sees what a source brings: everyone, or only the Discord servers whose own it is.

An article has one source, and is seen by those who see that. Nothing that a source of few brings takes an article away from the many,
or changes what they read; what a source of more brings is seen by more from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.schema import AddressRow, GuildSourceRow


@dataclass(frozen=True, slots=True)
class Audience:
    """Servers, or everyone, in direct messages too."""

    guilds: frozenset[int] | None = None  # None: everyone

    def covers(self, other: Audience) -> bool:
        """Whether all of the other are among these."""
        return self.guilds is None or (other.guilds is not None and other.guilds <= self.guilds)

    def widens(self, other: Audience) -> bool:
        """Whether these are all of the other, and more."""
        return self.covers(other) and not other.covers(self)


EVERYONE = Audience()


def audiences(session: Session, source_ids: Iterable[int | None], *, hold: bool = False) -> dict[int | None, Audience]:
    """The audience of each of the sources that is there, and everyone for None, by hand; `hold`: they stay until the transaction ends."""
    wanted = {id_ for id_ in source_ids if id_ is not None}
    if not wanted:
        return {None: EVERYONE}
    query = (
        select(AddressRow.id, AddressRow.private, GuildSourceRow.guild_id)
        .outerjoin(GuildSourceRow, GuildSourceRow.address_id == AddressRow.id)
        .where(AddressRow.id.in_(wanted))
    )
    if hold:
        query = query.with_for_update(read=True, key_share=True, of=AddressRow)
    guilds: dict[int, set[int] | None] = {}
    for id_, private, guild_id in session.execute(query):
        servers = guilds.setdefault(id_, set() if private else None)
        if servers is not None and guild_id is not None:
            servers.add(guild_id)
    return {None: EVERYONE} | {id_: Audience(frozenset(servers)) if servers is not None else EVERYONE for id_, servers in guilds.items()}
