"""Whether the audit of cases is whole: nothing changed, removed, put in another order or cut off, and cases as their rows say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.audit import BEGUN, CHAINS, ERASED, EVIDENCE, OPENED, PURGED, Audit, chain_of, sha256
from db.engine import Database
from db.schema import AuditHeadRow, DisputeEventRow, DisputeRow, SnapshotRow

AT_ONCE = 500  # rows read at once


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that was looked at. `head` is the hash of its last row."""

    guild_id: int
    rows: int
    erased: int
    head: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` has found: problems as sentences; none where nothing was changed or removed."""

    chains: Sequence[Chain]
    problems: Sequence[str]

    @property
    def rows(self) -> int:
        return sum(chain.rows for chain in self.chains)

    @property
    def erased(self) -> int:
        return sum(chain.erased for chain in self.chains)


def verify(database: Database, key: bytes) -> Report:
    """Look at every row of every chain, and whether cases and snapshots are what their rows say. Raises StoreError."""
    walks = _walks(database, key)
    if _is_foreign(walks):
        problems = [f"This is another key: none of the {sum(walk.chain.rows for walk in walks)} rows was written under it."]
    else:
        problems = [problem for walk in walks for problem in walk.problems] + _problems_of_chains(Audit(key), walks)
    return Report([walk.chain for walk in walks if walk.chain.rows], problems)


def is_foreign(database: Database, key: bytes) -> bool:
    """Whether there are rows, and none of them was written under this key. Raises StoreError."""
    return _is_foreign(_walks(database, key))


def has_row(database: Database, row_hash: str) -> bool:
    """Whether a head that was noted earlier is a row of a chain. It proves something where `verify` finds no problem."""
    with database.reading() as session:
        return bool(session.scalar(select(exists().where(DisputeEventRow.hash == row_hash.strip().lower()))))


@dataclass(slots=True)
class _Case:
    """What the rows of a case say."""

    rows: int = 0
    erased: list[int] = field(default_factory=list)
    evidence: list[tuple[str | None, datetime]] = field(default_factory=list)
    last: DisputeEventRow | None = None
    said: str | None = None  # of what is erased, by its last row about that

    def follows(self, row: DisputeEventRow) -> bool:
        """Whether the row begins where the one before it ended. A case that was moved from before was open."""
        state = self.last.to_state if self.last is not None else None if row.action == OPENED else "open"
        return row.version == self.rows + 1 and row.from_state == state

    def add(self, row: DisputeEventRow) -> None:
        self.rows += 1
        self.last = row
        if row.salt is None:
            self.erased.append(row.seq)
        if row.action == EVIDENCE:
            self.evidence.append((row.snapshot_digest, row.at))
        if row.action == ERASED:
            self.said = row.snapshot_digest

    @property
    def ended(self) -> bool:
        """It was deleted by age."""
        return self.last is not None and self.last.action == ERASED and self.last.to_state is None


def _walks(database: Database, key: bytes) -> list[_Walk]:
    with database.reading() as session:
        return [_Walk(Audit(key), session, guild_id) for guild_id in _guilds(session)]


def _is_foreign(walks: Sequence[_Walk]) -> bool:
    return any(walk.chain.rows for walk in walks) and not any(walk.genuine for walk in walks)


class _Walk:
    """A look at one chain and its server's cases. `genuine`: rows and ends that were written under this key."""

    def __init__(self, audit: Audit, session: Session, guild_id: int) -> None:
        self.problems: list[str] = []
        self.genuine = 0
        self.rows_of_chains: list[DisputeEventRow] = []
        self._audit, self._session, self._guild_id = audit, session, guild_id
        self._cases: dict[int, _Case] = {}
        last, rows, erased = None, 0, 0
        try:
            for row in session.scalars(chain_of(guild_id).order_by(DisputeEventRow.seq).execution_options(yield_per=AT_ONCE)):
                self._look_at_row(row, last)
                last, rows, erased = row, rows + 1, erased + (row.salt is None)
            self._look_at_end(last)
            if guild_id != CHAINS:
                self._look_at_cases()
        except ValueError as error:  # a time that is none
            self._complain("rows", f"cannot be read: {error}")
        self.chain = Chain(guild_id, rows, erased, last.hash if last is not None else "")

    def _complain(self, what: str, problem: str) -> None:
        chain = "Chain of chains" if self._guild_id == CHAINS else f"Server {self._guild_id}"
        self.problems.append(f"{chain}, {what} {problem}.")

    def _look_at_row(self, row: DisputeEventRow, before: DisputeEventRow | None) -> None:
        expected = before.seq + 1 if before is not None else 1
        genuine = row.seq == expected and row.hash == self._audit.row_hash(row, before.hash if before is not None else "")
        self.genuine += genuine
        if row.seq > expected:  # whose hash is right cannot be known without the row before it
            self._complain(*_missing(expected, row.seq - 1))
        elif not genuine:
            self._complain(f"row {row.seq}", "is out of order" if before is not None and row.id < before.id else "was changed")
        if row.salt is None and (row.dispute_id is None or row.person is not None or row.note is not None):
            self._complain(f"row {row.seq}", "has no salt any more: it was changed")
        elif row.salt is not None and row.content_digest != self._audit.content_digest(row.salt, row.person, row.note):
            self._complain(f"row {row.seq}", "has another person or note: it was changed")
        if self._guild_id == CHAINS:
            self.rows_of_chains.append(row)
        elif row.dispute_id is not None:
            case = self._cases.setdefault(row.dispute_id, _Case())
            if genuine and not case.follows(row):
                self._complain(f"row {row.seq}", "does not begin where its case's row before it ended: the case was changed between them")
            case.add(row)

    def _look_at_end(self, last: DisputeEventRow | None) -> None:
        head = self._session.get(AuditHeadRow, self._guild_id)
        at = last.seq if last is not None else 0
        if head is None:
            if last is not None:
                self._complain(f"row {at}", "may not be the last: where the chain ends was removed")
        elif head.seq > at:
            self._complain(*_missing(at + 1, head.seq, "cut off"))
        elif last is None or not self._audit.is_head(head, last):
            self._complain(f"row {at}", "is not where the chain ended: the end was changed")
        else:
            self.genuine += 1

    def _look_at_cases(self) -> None:
        query = select(DisputeRow.id, DisputeRow.number, DisputeRow.version, DisputeRow.state).where(DisputeRow.guild_id == self._guild_id)
        there = {id_: (number, version, state) for id_, number, version, state in self._session.execute(query)}
        for id_, case in self._cases.items():
            if id_ in there:
                self._look_at_case(id_, *there[id_], case)
            elif not case.ended:
                self._complain(f"row {case.last.seq if case.last else 0}", f"is the last of case id {id_}, which was removed")
            elif not self._audit.is_erased_as_said(case.said, case.erased, []):
                self._complain(f"rows of case id {id_}", "are erased, and no row says so")
        for id_ in there.keys() - self._cases.keys():
            self._look_at_case(id_, *there[id_], _Case())

    def _look_at_case(self, id_: int, number: int, version: int, state: str, case: _Case) -> None:
        name = f"case {number}"
        last_state = case.last.to_state if case.last is not None else "open"
        if version != case.rows:
            self._complain(name, f"has version {version} and {case.rows} rows")
        if state != last_state:
            self._complain(name, f"is {state}, and its last row says {last_state or 'that it was deleted'}")
        query = select(SnapshotRow).where(SnapshotRow.dispute_id == id_).order_by(SnapshotRow.number).execution_options(yield_per=1)
        left: list[tuple[int, str]] = []
        found: list[tuple[str | None, datetime]] = []
        for place, snapshot in enumerate(self._session.scalars(query), 1):
            found.append((snapshot.digest, snapshot.taken_at))
            digest = sha256(snapshot.document)
            if snapshot.erased:
                left.append((snapshot.number, digest))
            if snapshot.number != place or not (snapshot.erased or snapshot.digest == digest):
                self._complain(f"{name}, snapshot {snapshot.number}", "was changed")
            self._session.expunge(snapshot)
        if found != case.evidence:
            self._complain(name, "has other snapshots than its rows say")
        if not self._audit.is_erased_as_said(case.said, case.erased, left):
            self._complain(name, "has erased rows or snapshots of which no row says so")


def _problems_of_chains(audit: Audit, walks: Sequence[_Walk]) -> list[str]:
    """Servers' chains against the chain of chains."""
    problems: list[str] = []
    begun: dict[str | None, int] = {}
    for row in next((walk.rows_of_chains for walk in walks if walk.chain.guild_id == CHAINS), []):
        digest = row.snapshot_digest
        if row.action == BEGUN and digest in begun:
            problems.append(
                f"Chain of chains, row {row.seq} begins a chain again: its rows from before, begun by row {begun[digest]}, are gone."
            )
        begun[digest] = row.seq
        if row.action == PURGED:
            begun.pop(digest)
    for walk in walks:
        guild_id = walk.chain.guild_id
        if guild_id != CHAINS and walk.chain.rows and begun.pop(audit.guild_digest(guild_id), None) is None:
            problems.append(f"Server {guild_id}, rows 1 to {walk.chain.rows} are a chain that the chain of chains does not know.")
    return problems + [f"Chain of chains, row {seq} begins the chain of a server that is gone." for seq in begun.values()]


def _guilds(session: Session) -> list[int]:
    columns = (DisputeEventRow.guild_id, AuditHeadRow.guild_id, DisputeRow.guild_id)
    return sorted({guild_id for column in columns for guild_id in session.scalars(select(column).distinct())})


def _missing(first: int, last: int, how: str = "missing") -> tuple[str, str]:
    return (f"row {first}", f"is {how}") if first == last else (f"rows {first} to {last}", f"are {how}")
