"""The addresses that are visited, and what the people who look after sources do with them: everyone's, and Discord servers' own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.audience import EVERYONE, Audience, audiences
from db.engine import one_at_a_time
from db.retention import BATCH, forget_article
from db.retrying import retried
from db.schema import AddressRow, ArticleRow, GuildSourceRow, VisitRow
from db.visiting import Visiting, address_of, rates
from retrieval.sources import Address, Kind, State, host_name


class Addresses(Visiting):
    """All that is done with addresses. Those who visit them have the AddressBook, db/visiting.py."""

    @retried
    def add(self, url: str, kind: Kind, name: str, now: datetime, guild_id: int | None = None) -> tuple[Address, bool]:
        """The address, to be visited at once, and whether it is new to those who see what it brings: the Discord server, or everyone.

        One that was only a page of a feed becomes a source of its own. What everyone sees stays so; what other servers have becomes
        this server's too; what only servers have becomes everyone's where no server is named.
        """
        wanted = Audience(frozenset([guild_id])) if guild_id is not None else EVERYONE
        with self._database.writing() as session:
            one_at_a_time(session, "address")
            row = session.scalar(select(AddressRow).where(AddressRow.url == url))
            seen_by = _audience(session, row) if row is not None else None
            own = row is not None and row.feed_id is None
            if row is None:
                row = AddressRow(
                    kind=kind, url=url, host=host_name(url), name=name, state=State.ACTIVE, why="", failures=0, visits=0, next_visit_at=now,
                    title="", teaser="", article_url="", created_at=now, private=guild_id is not None,
                )  # fmt: skip
                session.add(row)
            elif seen_by is not None and seen_by.covers(wanted) and (own or (guild_id is not None and kind == row.kind)):
                return address_of(row, 0.0, guild_id if row.private else None), False
            elif not own:
                row.feed_id, row.kind, row.name, row.next_visit_at, row.state, row.teaser = None, kind, name, now, State.ACTIVE, ""
                row.private = True
            session.flush()
            _admit(session, row, guild_id, seen_by)
            row.name = name if name and guild_id is None else row.name
            return address_of(row, 0.0, guild_id), True

    def sources(self, guild_id: int | None = None) -> list[Address]:
        """All addresses that somebody added, by name and url; with a server's id, those that everyone sees, and its own."""
        query = select(AddressRow).where(AddressRow.feed_id.is_(None)).order_by(AddressRow.name, AddressRow.url)
        owners = select(GuildSourceRow.address_id, func.min(GuildSourceRow.guild_id)).group_by(GuildSourceRow.address_id)
        if guild_id is not None:
            owners = owners.where(GuildSourceRow.guild_id == guild_id)
            query = query.where(or_(AddressRow.private.is_(False), AddressRow.id.in_(_own(guild_id))))
        with self._database.reading() as session:
            a_day = rates(session, datetime.now(UTC))
            owner = {address_id: server for address_id, server in session.execute(owners)}
            return [address_of(row, a_day.get(row.id, 0.0), owner.get(row.id)) for row in session.scalars(query)]

    def find(self, text: str, guild_id: int | None = None) -> list[Address]:
        """The sources, as `sources` gives them, with this number, url or name; else those whose url or name holds the text."""
        everything = self.sources(guild_id)
        exact = [one for one in everything if text in (str(one.id), one.url) or text.casefold() == one.name.casefold()]
        return exact or [one for one in everything if text.casefold() in f"{one.name} {one.url}".casefold()]

    def own(self, guild_id: int) -> list[int]:
        """Ids of the sources that a Discord server has for its own."""
        with self._database.reading() as session:
            return list(session.scalars(_own(guild_id).order_by(GuildSourceRow.address_id)))

    def hidden_from(self, guild_id: int | None) -> frozenset[int]:
        """Ids of the sources whose articles this server does not see, as they are others' own. None: who is in no server sees none's."""
        query = select(AddressRow.id).where(AddressRow.feed_id.is_(None), AddressRow.private.is_(True))
        if guild_id is not None:
            query = query.where(AddressRow.id.not_in(_own(guild_id)))
        with self._database.reading() as session:
            return frozenset(session.scalars(query))

    @retried
    def remove_from(self, address_id: int, guild_id: int) -> bool:
        """Take a source from a server that has it for its own; whether anybody has it still. If not, `remove` it."""
        theirs = select(GuildSourceRow).where(GuildSourceRow.address_id == address_id)
        with self._database.writing() as session:
            session.execute(delete(GuildSourceRow).where(GuildSourceRow.address_id == address_id, GuildSourceRow.guild_id == guild_id))
            row = session.get(AddressRow, address_id)
            return row is not None and (not row.private or session.scalar(theirs.limit(1)) is not None)

    def having(self, address_id: int) -> int:
        """How many servers have a source for their own."""
        query = select(func.count()).where(GuildSourceRow.address_id == address_id)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    @retried
    def set_state(self, address_id: int, state: State, why: str, now: datetime) -> None:
        """Pause or resume; a resumed source is due at once."""
        values: dict[str, object] = {"state": state, "why": why}
        if state is State.ACTIVE:
            values |= {"next_visit_at": now, "failures": 0}
        with self._database.writing() as session:
            session.execute(update(AddressRow).where(AddressRow.id == address_id).values(values))

    @retried
    def make_due(self, address_ids: Sequence[int], now: datetime) -> None:
        """Active addresses to be visited at the next opportunity, and read whole even where nothing has changed."""
        with self._database.writing() as session:
            session.execute(
                update(AddressRow)
                .where(AddressRow.id.in_(address_ids), AddressRow.state == State.ACTIVE)
                .values(next_visit_at=now, etag=None, last_modified=None)
            )

    def articles_of(self, address_id: int) -> list[str]:
        """Urls of the articles in search that a source brought."""
        query = select(ArticleRow.url).where(ArticleRow.feed_id == address_id, ArticleRow.revision_id.is_not(None))
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(ArticleRow.url)))

    @retried
    def remove(self, address_id: int) -> None:
        """Forget a source, its visits and its pages. Its articles are the caller's affair if everyone sees them, and are forgotten
        with it where only some servers did.
        """
        done: int | None = 0
        while done is not None:
            done = self._forget_articles(address_id, done)
        with self._database.writing() as session:
            session.get(AddressRow, address_id, with_for_update=True)  # what it brings just now is stored before this, or never
            for id_ in session.scalars(_private_articles(address_id).where(ArticleRow.revision_id.is_not(None))).all():
                forget_article(session, id_)
            session.execute(update(ArticleRow).where(ArticleRow.feed_id == address_id).values(feed_id=None))
            session.execute(delete(AddressRow).where(or_(AddressRow.id == address_id, AddressRow.feed_id == address_id)))

    @retried
    def _forget_articles(self, address_id: int, after: int) -> int | None:
        """Forget some articles that only servers saw, by id; the last, None after the end. In small transactions: writers wait."""
        with self._database.writing() as session:
            ids = session.scalars(_private_articles(address_id).where(ArticleRow.id > after).limit(BATCH)).all()
            for id_ in ids:
                forget_article(session, id_)
            return ids[-1] if ids else None

    def visits(self, address_id: int, limit: int = 10) -> list[VisitRow]:
        """The last visits of a source, newest first."""
        query = select(VisitRow).where(VisitRow.address_id == address_id).order_by(VisitRow.id.desc()).limit(limit)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def waiting_pages(self) -> dict[int, int]:
        """How many pages of each source have not been read yet."""
        query = select(AddressRow.feed_id, func.count()).where(
            AddressRow.feed_id.is_not(None), AddressRow.state == State.ACTIVE, AddressRow.visits == 0
        )
        with self._database.reading() as session:
            return {feed: count for feed, count in session.execute(query.group_by(AddressRow.feed_id)) if feed is not None}


def _audience(session: Session, row: AddressRow) -> Audience:
    return audiences(session, [row.feed_id or row.id]).get(row.feed_id or row.id, EVERYONE)


def _admit(session: Session, row: AddressRow, guild_id: int | None, others: Audience | None) -> None:
    """Let a server, or everyone, see what the source brings, beside the other servers that did."""
    if guild_id is None:
        row.private = False
        session.execute(delete(GuildSourceRow).where(GuildSourceRow.address_id == row.id))
        return
    for server in {guild_id} | ((others and others.guilds) or frozenset()):
        session.merge(GuildSourceRow(guild_id=server, address_id=row.id))


def _own(guild_id: int) -> Select[int]:
    return select(GuildSourceRow.address_id).where(GuildSourceRow.guild_id == guild_id)


def _private_articles(address_id: int) -> Select[int]:
    private = select(AddressRow.id).where(AddressRow.id == address_id, AddressRow.private.is_(True))
    return select(ArticleRow.id).where(ArticleRow.feed_id.in_(private)).order_by(ArticleRow.id)
