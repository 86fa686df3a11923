"""The addresses that are visited, and whose turn it is: leases that any number of processes share."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.engine import Database
from db.schema import AddressRow, ArticleRow, HostRow, VisitRow
from retrieval.sources import Address, Kind, NewPage, State, Validators, Visit, host_name

_RATE_OVER = timedelta(days=14)  # articles a day are counted over so long
_VISITS_KEPT = timedelta(days=90)


class Addresses:
    """The AddressBook on SQL, and what the people who look after sources do with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # What people do.

    def add(self, url: str, kind: Kind, name: str, now: datetime) -> tuple[Address, bool]:
        """The address, to be visited at once, and whether it is new. One that was only a page of a feed becomes a source of its own."""
        with self._database.writing() as session:
            row = session.scalar(select(AddressRow).where(AddressRow.url == url))
            new = row is None or row.feed_id is not None
            if row is None:
                row = AddressRow(
                    kind=kind, url=url, host=host_name(url), name=name, state=State.ACTIVE, why="", failures=0, visits=0, next_visit_at=now,
                    title="", teaser="", article_url="", created_at=now,
                )  # fmt: skip
                session.add(row)
            elif new:
                row.feed_id, row.kind, row.name, row.next_visit_at, row.state = None, kind, name, now, State.ACTIVE
            session.flush()
            return _address(row, 0.0), new

    def sources(self) -> list[Address]:
        """All addresses that somebody added, by name and url."""
        query = select(AddressRow).where(AddressRow.feed_id.is_(None)).order_by(AddressRow.name, AddressRow.url)
        with self._database.reading() as session:
            rates = _rates(session)
            return [_address(row, rates.get(row.id, 0.0)) for row in session.scalars(query)]

    def find(self, text: str) -> list[Address]:
        """The sources with this number, url or name; else those whose url or name holds the text."""
        everything = self.sources()
        exact = [one for one in everything if text in (str(one.id), one.url) or text.casefold() == one.name.casefold()]
        return exact or [one for one in everything if text.casefold() in f"{one.name} {one.url}".casefold()]

    def set_state(self, address_id: int, state: State, why: str, now: datetime) -> None:
        """Pause or resume; a resumed source is due at once."""
        values: dict[str, object] = {"state": state, "why": why}
        if state is State.ACTIVE:
            values |= {"next_visit_at": now, "failures": 0}
        with self._database.writing() as session:
            session.execute(update(AddressRow).where(AddressRow.id == address_id).values(values))

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

    def remove(self, address_id: int) -> None:
        """Forget a source, its visits and its pages. Its articles are the caller's affair."""
        with self._database.writing() as session:
            session.execute(update(ArticleRow).where(ArticleRow.feed_id == address_id).values(feed_id=None))
            session.execute(delete(AddressRow).where(or_(AddressRow.id == address_id, AddressRow.feed_id == address_id)))

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

    # What those who visit do: the AddressBook.

    def take(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Address]:
        """At most `limit` due addresses, feeds before pages, leased to `owner`."""
        turn = func.row_number().over(
            partition_by=AddressRow.host,
            order_by=(case((AddressRow.kind == Kind.PAGE, 1), else_=0), AddressRow.next_visit_at, AddressRow.id),
        )
        busy = select(AddressRow.host).where(AddressRow.lease_until > now)
        waiting = select(HostRow.name).where(or_(HostRow.free_at > now, HostRow.lease_until > now))
        due = select(AddressRow.id, turn.label("turn")).where(
            _visited_at_all(), AddressRow.next_visit_at <= now, AddressRow.host.not_in(busy), AddressRow.host.not_in(waiting)
        )
        due_ids = due.subquery()
        query = (
            select(AddressRow)
            .join(due_ids, due_ids.c.id == AddressRow.id)
            .where(due_ids.c.turn == 1)
            .order_by(case((AddressRow.kind == Kind.PAGE, 1), else_=0), AddressRow.next_visit_at, AddressRow.id)
            .limit(limit)
        )
        lease_owner = f"{owner}:{secrets.token_hex(6)}"
        with self._database.writing() as session:
            rows = session.scalars(query).all()
            for row in rows:
                row.lease_owner, row.lease_until = lease_owner, now + lease
            rates = _rates(session, [row.id for row in rows])
            return [_address(row, rates.get(row.id, 0.0)) for row in rows]

    def visited(self, address: Address, visit: Visit) -> bool:
        """Remember a visit and end the lease; False when it had run out and another has taken the address."""
        with self._database.writing() as session:
            row = session.get(AddressRow, address.id)
            if row is None or row.lease_owner != address.lease:
                return False
            row.lease_owner = row.lease_until = None
            row.last_visit_at, row.next_visit_at = visit.at, visit.next_visit_at
            if visit.problem is None:
                row.failures, row.visits, row.last_success_at = 0, row.visits + 1, visit.at
            else:
                row.failures += 1
            _change(session, row, visit)
            if row.feed_id is None:
                session.add(
                    VisitRow(
                        address_id=row.id,
                        at=visit.at,
                        problem=visit.problem,
                        why=visit.why,
                        not_modified=visit.not_modified,
                        articles=visit.articles,
                    )  # fmt: skip
                )
                session.execute(delete(VisitRow).where(VisitRow.address_id == row.id, VisitRow.at < visit.at - _VISITS_KEPT))
            return True

    def release(self, owner: str) -> None:
        """End all leases of an owner that stops: what it had taken is due for others at once."""
        with self._database.writing() as session:
            for table in (AddressRow, HostRow):
                theirs = or_(table.lease_owner == owner, table.lease_owner.startswith(f"{owner}:", autoescape=True))
                session.execute(update(table).where(theirs).values(lease_owner=None, lease_until=None))

    def add_pages(self, feed: Address, pages: Sequence[NewPage], now: datetime) -> int:
        """Pages to visit, newest first; those known already are left as they are. How many were new."""
        with self._database.writing() as session:
            known = set(session.scalars(select(AddressRow.url).where(AddressRow.url.in_([page.url for page in pages]))))
            new = {page.url: page for page in pages if page.url not in known}
            session.add_all(
                AddressRow(
                    kind=Kind.PAGE,
                    url=page.url,
                    host=host_name(page.url),
                    article_url="",
                    name=feed.name,
                    state=State.ACTIVE,
                    why="",
                    feed_id=feed.id,
                    failures=0,
                    visits=0,
                    next_visit_at=now,
                    title=page.title,
                    teaser=page.teaser,
                    published_at=page.published_at,
                    created_at=now,
                )  # fmt: skip
                for page in new.values()
            )
            return len(new)

    def next_due(self) -> datetime | None:
        """When the next active address is due and its host free; None where there is none."""
        free_at = func.coalesce(HostRow.lease_until, HostRow.free_at, AddressRow.next_visit_at)
        when = _later(_later(AddressRow.next_visit_at, free_at), func.coalesce(AddressRow.lease_until, AddressRow.next_visit_at))
        query = select(when).select_from(AddressRow).outerjoin(HostRow, HostRow.name == AddressRow.host).where(_visited_at_all())
        with self._database.reading() as session:
            return session.scalar(query.order_by(when).limit(1))

    def take_host(self, host: str, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """None when the host's turn is `owner`'s now; otherwise the time from which to ask again."""
        with self._database.writing() as session:
            row = session.get(HostRow, host)
            if row is None:
                session.add(HostRow(name=host, free_at=now, lease_owner=owner, lease_until=now + lease))
                return None
            if row.lease_owner is not None and row.lease_until is not None and row.lease_until > now:
                return min(row.lease_until, now + timedelta(seconds=1))
            if row.free_at > now:
                return row.free_at
            row.lease_owner, row.lease_until = owner, now + lease
            return None

    def leave_host(self, host: str, owner: str, free_at: datetime) -> None:
        """Give the host's turn back; nobody gets it before `free_at`."""
        with self._database.writing() as session:
            session.execute(
                update(HostRow)
                .where(HostRow.name == host, HostRow.lease_owner == owner)
                .values(free_at=free_at, lease_owner=None, lease_until=None)
            )


def _visited_at_all() -> ColumnElement[bool]:
    """Active addresses, but pages only while their source is."""
    resting = select(AddressRow.id).where(AddressRow.feed_id.is_(None), AddressRow.state == State.PAUSED)
    return and_(AddressRow.state == State.ACTIVE, or_(AddressRow.feed_id.is_(None), AddressRow.feed_id.not_in(resting)))


def _later(one: SQLColumnExpression[datetime], other: SQLColumnExpression[datetime]) -> ColumnElement[datetime]:
    return case((one > other, one), else_=other)


def _change(session: Session, row: AddressRow, visit: Visit) -> None:
    """What a visit changes of the address itself. What people have set meanwhile stays."""
    if row.state == State.ACTIVE:
        row.why, row.state = visit.why, visit.state or row.state
    row.article_url = visit.article_url or row.article_url
    if visit.validators is not None:
        row.etag, row.last_modified = visit.validators.etag, visit.validators.last_modified
    if visit.name and not row.name:
        row.name = visit.name
    moved = visit.url if row.kind != Kind.PAGE else None  # a page keeps the url that its feed names, or it would be named anew
    if moved and moved != row.url and session.scalar(select(AddressRow.id).where(AddressRow.url == moved)) is None:
        row.url, row.host = moved, host_name(moved)


def _rates(session: Session, ids: Sequence[int] | None = None) -> dict[int, float]:
    """Articles a day that sources brought lately."""
    since = session.scalar(select(func.max(ArticleRow.created_at)))
    if since is None:
        return {}
    query = (
        select(ArticleRow.feed_id, func.count())
        .where(ArticleRow.feed_id.is_not(None), ArticleRow.created_at > since - _RATE_OVER)
        .group_by(ArticleRow.feed_id)
    )
    if ids is not None:
        query = query.where(ArticleRow.feed_id.in_(ids))
    return {feed: count / _RATE_OVER.days for feed, count in session.execute(query) if feed is not None}


def _address(row: AddressRow, articles_a_day: float) -> Address:
    return Address(
        id=row.id, kind=Kind(row.kind), url=row.url, name=row.name, state=State(row.state), why=row.why, feed_id=row.feed_id,
        validators=Validators(row.etag, row.last_modified), failures=row.failures, visits=row.visits, articles_a_day=articles_a_day,
        next_visit_at=row.next_visit_at, last_visit_at=row.last_visit_at, last_success_at=row.last_success_at, title=row.title,
        teaser=row.teaser, published_at=row.published_at, article_url=row.article_url, lease=row.lease_owner or "",
    )  # fmt: skip
