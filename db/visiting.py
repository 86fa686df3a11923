"""Taking addresses in turn and remembering what visits came to: leases that any number of processes share."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.audience import EVERYONE, audiences
from db.engine import Database
from db.leases import TOO_LONG
from db.retrying import retried
from db.schema import AddressRow, ArticleRow, GuildSourceRow, HostRow, VisitRow
from retrieval.sources import Address, Kind, NewPage, State, Validators, Visit, host_name

# Between two requests to a host (a robots.txt may ask for ten minutes). What lies further ahead was written by a clock that was wrong, and
# so was a visit: neither keeps an address waiting until that time comes.
LONGEST_REST = timedelta(hours=1)
_RATE_OVER = timedelta(days=14)  # articles a day are counted over so long
_VISITS_KEPT = timedelta(days=90)
HOSTS_KEPT = timedelta(days=1)
MAX_WAITING = 2_000  # pages of one feed that wait to be read: a sitemap names 500 at a time


class Visiting:
    """The AddressBook on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def take(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Address]:
        """At most `limit` due addresses, feeds before pages, leased to `owner`."""
        turn = func.row_number().over(
            partition_by=AddressRow.host,
            order_by=(case((AddressRow.kind == Kind.PAGE, 1), else_=0), AddressRow.next_visit_at, AddressRow.id),
        )
        busy = select(AddressRow.host).where(AddressRow.lease_until > now, AddressRow.lease_until <= now + TOO_LONG * lease)
        resting = and_(HostRow.free_at > now, HostRow.free_at <= now + LONGEST_REST)
        waiting = select(HostRow.name).where(
            or_(resting, and_(HostRow.lease_until > now, HostRow.lease_until <= now + TOO_LONG * lease))
        )  # fmt: skip
        is_due = or_(AddressRow.next_visit_at <= now, AddressRow.last_visit_at > now + LONGEST_REST)
        due = select(AddressRow.id, turn.label("turn")).where(
            _visited_at_all(), is_due, AddressRow.host.not_in(busy), AddressRow.host.not_in(waiting)
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
            a_day = rates(session, now, [row.id for row in rows])
            return [address_of(row, a_day.get(row.id, 0.0)) for row in rows]

    @retried
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

    @retried
    def release(self, owner: str) -> None:
        """End all leases of an owner that stops: what it had taken is due for others at once."""
        with self._database.writing() as session:
            for table in (AddressRow, HostRow):
                theirs = or_(table.lease_owner == owner, table.lease_owner.startswith(f"{owner}:", autoescape=True))
                session.execute(update(table).where(theirs).values(lease_owner=None, lease_until=None))

    @retried
    def add_pages(self, feed: Address, pages: Sequence[NewPage], now: datetime) -> int:
        """Pages to visit, newest first; those known already are left as they are, but one that only servers saw becomes the page of a
        feed that more see, and is visited anew. How many were new: while MAX_WAITING of a feed wait, none. A feed that was removed
        meanwhile has none.
        """
        with self._database.writing() as session:
            audience = audiences(session, [feed.id]).get(feed.id)
            if audience is None:
                return 0
            known = {row.url: row for row in session.scalars(select(AddressRow).where(AddressRow.url.in_([page.url for page in pages])))}
            others = audiences(session, (row.feed_id or row.id for row in known.values()))
            new: dict[str, NewPage] = {}
            for page in pages:
                row = known.get(page.url)
                if row is None:
                    new.setdefault(page.url, page)
                elif row.kind == Kind.PAGE and audience.widens(others.get(row.feed_id or row.id, EVERYONE)):
                    _take_over(session, row, feed, page, now)
            unread = (AddressRow.feed_id == feed.id, AddressRow.state == State.ACTIVE, AddressRow.visits == 0)
            waiting = session.scalar(select(func.count()).where(*unread)) or 0
            added = list(new.values())[: max(0, MAX_WAITING - waiting)]
            session.add_all(_page(feed, page, now) for page in added)
            return len(added)

    def next_due(self) -> datetime | None:
        """When the next active address is due and its host free; None where there is none."""
        free_at = func.coalesce(HostRow.lease_until, HostRow.free_at, AddressRow.next_visit_at)
        when = _later(_later(AddressRow.next_visit_at, free_at), func.coalesce(AddressRow.lease_until, AddressRow.next_visit_at))
        query = select(when).select_from(AddressRow).outerjoin(HostRow, HostRow.name == AddressRow.host).where(_visited_at_all())
        with self._database.reading() as session:
            return session.scalar(query.order_by(when).limit(1))

    @retried
    def take_host(self, host: str, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """None when the host's turn is `owner`'s now; otherwise the time from which to ask again."""
        with self._database.writing() as session:
            row = session.get(HostRow, host)
            if row is None:
                session.add(HostRow(name=host, free_at=now, lease_owner=owner, lease_until=now + lease))
                return None
            if row.lease_owner is not None and row.lease_until is not None and now < row.lease_until <= now + TOO_LONG * lease:
                return min(row.lease_until, now + timedelta(seconds=1))
            if now < row.free_at <= now + LONGEST_REST:
                return row.free_at
            row.lease_owner, row.lease_until = owner, now + lease
            return None

    @retried
    def leave_host(self, host: str, owner: str, free_at: datetime) -> None:
        """Give the host's turn back; nobody gets it before `free_at`."""
        with self._database.writing() as session:
            session.execute(
                update(HostRow)
                .where(HostRow.name == host, HostRow.lease_owner == owner)
                .values(free_at=free_at, lease_owner=None, lease_until=None)
            )


def forget_hosts(database: Database, now: datetime) -> int:
    """Forget hosts that no source is of and whose rest is long over, as of links in posts; how many."""
    over = and_(
        or_(HostRow.free_at < now - HOSTS_KEPT, HostRow.free_at > now + LONGEST_REST),
        or_(HostRow.lease_until.is_(None), HostRow.lease_until < now - HOSTS_KEPT),
    )
    with database.writing() as session:
        names = session.scalars(select(HostRow.name).where(over, HostRow.name.not_in(select(AddressRow.host)))).all()
        for at in range(0, len(names), 500):
            session.execute(delete(HostRow).where(HostRow.name.in_(names[at : at + 500])))
    return len(names)


def _visited_at_all() -> ColumnElement[bool]:
    """Active addresses, but pages only while their source is."""
    resting = select(AddressRow.id).where(AddressRow.feed_id.is_(None), AddressRow.state == State.PAUSED)
    return and_(AddressRow.state == State.ACTIVE, or_(AddressRow.feed_id.is_(None), AddressRow.feed_id.not_in(resting)))


def _later(one: SQLColumnExpression[datetime], other: SQLColumnExpression[datetime]) -> ColumnElement[datetime]:
    return case((one > other, one), else_=other)


def _page(feed: Address, page: NewPage, now: datetime) -> AddressRow:
    return AddressRow(
        kind=Kind.PAGE, url=page.url, host=host_name(page.url), article_url="", name=_name(feed, page), state=State.ACTIVE, why="",
        feed_id=feed.id, failures=0, visits=0, next_visit_at=now, title=page.title, teaser=page.teaser, published_at=page.published_at,
        created_at=now, private=False,
    )  # fmt: skip


def _name(feed: Address, page: NewPage) -> str:
    """The outlet's name, "" where the page itself says it."""
    return feed.name if page.own else ""


def _take_over(session: Session, row: AddressRow, feed: Address, page: NewPage, now: datetime) -> None:
    """A page becomes one of this feed's, as if it were new."""
    session.execute(delete(GuildSourceRow).where(GuildSourceRow.address_id == row.id))
    row.feed_id, row.name = feed.id, _name(feed, page)
    row.title, row.teaser, row.published_at = page.title, page.teaser, page.published_at
    row.private, row.state, row.why, row.failures, row.visits, row.next_visit_at = False, State.ACTIVE, "", 0, 0, now
    row.etag = row.last_modified = None


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


def rates(session: Session, now: datetime, ids: Sequence[int] | None = None) -> dict[int, float]:
    """Articles a day that sources brought lately."""
    # The newest by number: the time has no index. What a clock that was ahead has dated says nothing.
    newest = select(ArticleRow.created_at).where(ArticleRow.created_at <= now + LONGEST_REST).order_by(ArticleRow.id.desc()).limit(1)
    since = session.scalar(newest)
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


def address_of(row: AddressRow, articles_a_day: float, guild_id: int | None = None) -> Address:
    return Address(
        id=row.id, kind=Kind(row.kind), url=row.url, name=row.name, state=State(row.state), why=row.why, feed_id=row.feed_id,
        validators=Validators(row.etag, row.last_modified), failures=row.failures, visits=row.visits, articles_a_day=articles_a_day,
        next_visit_at=row.next_visit_at, last_visit_at=row.last_visit_at, last_success_at=row.last_success_at, title=row.title,
        teaser=row.teaser, published_at=row.published_at, article_url=row.article_url, lease=row.lease_owner or "",
        private=row.private, guild_id=guild_id,
    )  # fmt: skip
