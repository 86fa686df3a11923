"""News sources on the web as they are remembered: the addresses that are visited, what came of it, and when they are due again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit


class Kind(StrEnum):
    """What an address gives."""

    FEED = "feed"  # RSS, Atom, RDF or JSON Feed
    SITEMAP = "sitemap"  # addresses of pages
    PAGE = "page"  # one article


class State(StrEnum):
    """Whether an address is visited."""

    ACTIVE = "active"
    PAUSED = "paused"  # by people, who say why
    GONE = "gone"  # the server says that it is no more
    SETTLED = "settled"  # a page that has been read as often as is of use, or given up


class Problem(StrEnum):
    """Why a visit brought nothing: what the schedule does about it depends on the kind."""

    REFUSED = "refused"  # an address that is not public, or no address of the web
    ROBOTS = "robots"  # robots.txt forbids it (one that cannot be read for now is UNREACHABLE)
    GONE = "gone"  # 410
    MISSING = "missing"  # 404
    DENIED = "denied"  # 401, 402, 403, 451
    BUSY = "busy"  # 429, 503
    FAULT = "fault"  # another 4xx or 5xx
    UNREACHABLE = "unreachable"  # no connection, or it broke
    SLOW = "slow"  # not done in time
    LARGE = "large"  # more bytes than are read
    REDIRECTS = "redirects"  # too many, in a circle, or to nowhere
    UNREADABLE = "unreadable"  # not the kind of content that was asked for, or broken
    STUMBLED = "stumbled"  # an error of Crosscheck's own over what came
    NO_ARTICLE = "no article"  # a page, but none with an article that may be read: a paywall, a consent wall, a list


class Skipped(StrEnum):
    """Why an item of a visit is no new article in search."""

    UNCHANGED = "unchanged"  # stored before, word for word
    COPY = "copy"  # stored, and in search as one with the story that it copies
    LANGUAGE = "language"  # stored and not searched: no model here reads it
    UNREADABLE = "unreadable"


class Failure(Exception):
    """Nothing usable came. `str(failure)` says why in words for whoever looks after the source."""

    def __init__(self, problem: Problem, reason: str, retry_after: timedelta | None = None, status: int | None = None) -> None:
        super().__init__(reason)
        self.problem = problem
        self.retry_after = retry_after
        self.status = status  # of HTTP, where a server answered


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it again with, as sent."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is visited. A page belongs to the feed or sitemap that named it, or to none."""

    id: int
    kind: Kind
    url: str
    name: str  # the outlet's name, as shown; "" where only the source itself can tell
    state: State
    why: str  # of the state or of the last failure, in words; ""
    feed_id: int | None
    validators: Validators
    failures: int  # visits in a row that brought nothing
    visits: int  # that went well
    articles_a_day: float
    next_visit_at: datetime
    last_visit_at: datetime | None
    last_success_at: datetime | None
    title: str = ""  # of a page, as its feed gives it
    teaser: str = ""  # of a page: the words that its feed gives, stored where the page itself may not be read
    published_at: datetime | None = None
    article_url: str = ""  # of a page: the address under which its article is stored
    lease: str = ""  # the lease under which it was taken
    private: bool = False  # only some Discord servers see what it brings
    guild_id: int | None = None  # of a private one: the server that was asked for, or one of them


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page that a feed or sitemap names, to be visited."""

    url: str
    title: str = ""
    teaser: str = ""
    published_at: datetime | None = None
    own: bool = True  # its outlet is called as its feed is; False: the page says itself whose it is


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit came to, to be remembered. Fields that are None leave what is known as it is."""

    at: datetime
    next_visit_at: datetime
    problem: Problem | None = None  # None when it went well
    why: str = ""
    state: State | None = None
    url: str | None = None  # where it has moved to for good
    name: str | None = None
    validators: Validators | None = None
    not_modified: bool = False
    articles: int = 0  # new and revised ones that it brought
    article_url: str = ""
    skipped: Mapping[Skipped, int] = field(default_factory=dict)  # of what it brought; not remembered


class AddressBook(Protocol):
    """Where addresses are remembered, and taken in turn by any number of processes."""

    def take(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Address]:
        """At most `limit` active addresses that are due, of hosts that are free now, one a host, feeds before pages. They are leased to
        `owner`: nobody else gets them until the lease runs out or `visited` ends it.
        """

    def visited(self, address: Address, visit: Visit) -> bool:
        """Remember a visit and end the lease; False, with nothing written, when the lease had run out and another has the address."""

    def add_pages(self, feed: Address, pages: Sequence[NewPage], now: datetime) -> int:
        """Pages to visit; those known already are left as they are. How many were new."""

    def next_due(self) -> datetime | None:
        """When the next active address is due and its host free; None where there is none."""

    def take_host(self, host: str, owner: str, now: datetime, lease: timedelta) -> datetime | None:
        """None when the host's turn is `owner`'s now; otherwise the time from which to ask again."""

    def leave_host(self, host: str, owner: str, free_at: datetime) -> None:
        """Give the host's turn back; nobody gets it before `free_at`."""


def host_name(url: str) -> str:
    """The host of a checked url, lower case, without "www.": whose turn it is, and an outlet's name where it gives none."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
