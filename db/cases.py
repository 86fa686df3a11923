"""What a case of disputed posts is: its states, the post, the flags, the evidence, the audit. Types alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit import BEGUN, ERASED, EVIDENCE, OPENED, PURGED
from retrieval.types import Comparison


class State(StrEnum):
    """Of a case. What is decided is the moderators' judgement, not Crosscheck's."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    UPHELD = "upheld"  # the post stands
    DISPUTED = "disputed"  # sources contradict it
    UNCLEAR = "unclear"
    DISMISSED = "dismissed"


RESOLVED = frozenset({State.UPHELD, State.DISPUTED, State.UNCLEAR, State.DISMISSED})
UNRESOLVED = frozenset({State.OPEN, State.IN_REVIEW})


class Action(StrEnum):
    """What an audit row says was done; from ASSIGNED to NOTED by a moderator."""

    OPENED = OPENED
    FLAGGED = "flagged"  # another flag joined
    EVIDENCE = EVIDENCE  # a snapshot was taken
    ASSIGNED = "assigned"
    RELEASED = "released"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTED = "noted"  # a public note was published under the post
    APPEALED = "appealed"  # by the post's author: the case is open again
    ERASED = ERASED  # somebody's words and ids, at their wish or by age
    BEGUN = BEGUN  # in the chain of chains: a server has its first case
    PURGED = PURGED  # there too: a server's chain was deleted with the server


LARGEST_NUMBER = 2**31 - 1  # of a case


@dataclass(frozen=True, slots=True)
class Post:
    """What is disputed. `author` is a Discord id; ids are None where a typed claim's answer was flagged."""

    guild_id: int
    channel_id: int | None
    message_id: int | None
    author: int | None
    text: str
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Who disputes it, and why. `person` is a Discord id; None, and no note, where it was erased."""

    person: int | None
    moderator: bool
    reason: str  # at most 100 characters, may be ""
    note: str
    created_at: datetime | None = None  # None: now


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case. `decided` goes with each decision: it is refused when another came first."""

    id: int
    number: int  # within its server
    state: State
    version: int
    decided: int
    assignee: int | None
    post: Post
    check_id: int | None
    opened_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    card: tuple[int, int] | None  # channel and message in which moderators see it
    card_version: int
    note_message_id: int | None
    appeal: str | None
    appealed_at: datetime | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The evidence as it stood. `erased`: the claims' words were erased from it, at their author's wish."""

    number: int
    taken_at: datetime
    comparisons: Sequence[Comparison]
    digest: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Event:
    """An audit row. `erased`: person and note were erased. The note of ASSIGNED is the id of who it was assigned to."""

    seq: int
    dispute_id: int | None
    version: int
    action: Action
    from_state: State | None
    to_state: State | None
    person: int | None
    note: str | None
    snapshot_digest: str | None
    at: datetime
    erased: bool
    hash: str  # chains the rows of a server


@dataclass(frozen=True, slots=True)
class Draft:
    """A post while the form of its flag is open."""

    post: Post
    user: str  # who has it open: a keyed hash


@dataclass(frozen=True, slots=True)
class Opened:
    """A case after a flag. `new`: it was opened by this flag; `counted`: this person had not flagged it before."""

    dispute: Dispute
    new: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases of a list, and how many there are in all."""

    total: int
    disputes: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class Like:
    """A case with a claim near another claim."""

    dispute: Dispute
    claim: str
    likeness: float  # cosine of the claims' vectors
