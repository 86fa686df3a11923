"""The audit of cases: rows that are only ever appended, chained under a key that is not in the database.

Each server has a chain, and chain 0 says which servers have one. A row's hash covers the hash of the row before it and the row itself,
but of person and note only a salted digest: they can be erased, with their salt, and the chain stays whole. What was erased must be what
the case's last ERASED row says.

Whoever writes the database without the key is found out, unless they put a server's whole older state back: rows, end, cases and
snapshots. Against that, note heads elsewhere (`python -m bot disputes verify` prints them) and look for them later. Of a case, its state,
version and snapshots are covered, not the post's words and the flags; of one that was moved from before, only what came after.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from db.engine import Database, one_at_a_time
from db.schema import AuditHeadRow, DisputeEventRow, DisputeRow, SnapshotRow
from db.snapshots import without_claims

OPENED, EVIDENCE, ERASED, BEGUN, PURGED = "opened", "evidence", "erased", "begun", "purged"  # the actions that mean something here
CHAINS = 0  # the chain of chains
AT_ONCE = 500  # rows read at once


def one_chain_at_a_time(session: Session, guild_id: int) -> None:
    """Until the transaction ends, nobody else changes this server's cases. Who needs chain 0 too takes it second."""
    one_at_a_time(session, f"dispute {guild_id}")


class Audit:
    """Appending and erasing, in the caller's transaction, who has the chain to itself (`one_chain_at_a_time`)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def append(
        self,
        session: Session,
        guild_id: int,
        action: str,
        at: datetime,
        case: DisputeRow | None = None,
        states: tuple[str | None, str | None] = (None, None),
        person: int | None = None,
        note: str | None = None,
        snapshot_digest: str | None = None,
    ) -> None:
        """Add a row to a chain; `case` has the version that it makes, `states` are from and to.

        A chain whose end is not as it was left is never mended: a gap stays in it.
        """
        last = session.scalars(_chain(guild_id).order_by(DisputeEventRow.seq.desc()).limit(1)).first()
        head = session.get(AuditHeadRow, guild_id, populate_existing=True)
        if last is None and head is None and guild_id != CHAINS:
            one_chain_at_a_time(session, CHAINS)
            self.append(session, CHAINS, BEGUN, at, snapshot_digest=self.guild_digest(guild_id))
        ends = [row.seq for row in (last, head) if row is not None]
        whole = not ends or (last is not None and head is not None and self.is_head(head, last))
        salt = secrets.token_hex(16)
        row = DisputeEventRow(
            guild_id=guild_id, seq=max(ends, default=0) + (1 if whole else 2), dispute_id=case.id if case else None,
            version=case.version if case else 0, action=action, from_state=states[0], to_state=states[1], person=person, note=note,
            salt=salt, content_digest=self.content_digest(salt, person, note), snapshot_digest=snapshot_digest, at=at,
        )  # fmt: skip
        row.hash = self.row_hash(row, last.hash if last else "")
        session.add(row)
        if head is None:
            head = AuditHeadRow(guild_id=guild_id)
            session.add(head)
        head.seq, head.mac = row.seq, self._mac("head", guild_id, row.seq, row.hash)
        session.flush()

    def erase(
        self,
        session: Session,
        case: DisputeRow,
        which: ColumnElement[bool],
        at: datetime,
        claims: bool = False,
        gone: bool = False,
    ) -> None:
        """Erase persons and notes of those rows of the case, and the `claims` in its snapshots; add the row that says so.

        `case` has the version that this makes. `gone`: it is deleted in the same transaction. Where it was not what its rows said before,
        the new row does not bear witness to it.
        """
        whole = self._is_as_said(session, case)
        rows = and_(DisputeEventRow.dispute_id == case.id, DisputeEventRow.guild_id == case.guild_id)
        session.execute(update(DisputeEventRow).where(rows, which).values(person=None, note=None, salt=None))
        snapshots = session.scalars(select(SnapshotRow).where(SnapshotRow.dispute_id == case.id)).all()
        for snapshot in snapshots if claims else ():
            if not snapshot.erased:
                snapshot.document, snapshot.erased = without_claims(snapshot.document), True
        session.flush()
        seqs = session.scalars(select(DisputeEventRow.seq).where(rows, DisputeEventRow.salt.is_(None)))
        left = [(one.number, sha256(one.document)) for one in snapshots if one.erased and not gone]
        digest = self.erased_digest(seqs, left) if whole else ""
        self.append(session, case.guild_id, ERASED, at, case, (case.state, None if gone else case.state), snapshot_digest=digest)

    def _is_as_said(self, session: Session, case: DisputeRow) -> bool:
        """Whether what is erased of a case is what its rows say, and its other snapshots are as they were taken."""
        rows = select(DisputeEventRow).where(DisputeEventRow.dispute_id == case.id, DisputeEventRow.guild_id == case.guild_id)
        events = session.scalars(rows.order_by(DisputeEventRow.seq)).all()
        snapshots = session.scalars(select(SnapshotRow).where(SnapshotRow.dispute_id == case.id)).all()
        said = next((row.snapshot_digest for row in reversed(events) if row.action == ERASED), None)
        left = [(one.number, sha256(one.document)) for one in snapshots if one.erased]
        return self.is_erased_as_said(said, [row.seq for row in events if row.salt is None], left) and all(
            one.erased or one.digest == sha256(one.document) for one in snapshots
        )

    def forget(self, session: Session, guild_id: int, at: datetime) -> None:
        """Delete a server's chain. Chain 0 keeps that there was one, and not whose."""
        known = session.scalar(select(exists(_chain(guild_id)))) or session.get(AuditHeadRow, guild_id) is not None
        session.execute(delete(DisputeEventRow).where(DisputeEventRow.guild_id == guild_id))
        session.execute(delete(AuditHeadRow).where(AuditHeadRow.guild_id == guild_id))
        if known:
            one_chain_at_a_time(session, CHAINS)
            self.append(session, CHAINS, PURGED, at, snapshot_digest=self.guild_digest(guild_id))

    def row_hash(self, row: DisputeEventRow, previous: str) -> str:
        return self._mac(
            previous, row.guild_id, row.seq, row.dispute_id, row.version, row.action, row.from_state, row.to_state, row.content_digest,
            row.snapshot_digest, row.at.astimezone(UTC).isoformat(),
        )  # fmt: skip

    def content_digest(self, salt: str, person: int | None, note: str | None) -> str:
        return self._mac(salt, person, note)

    def erased_digest(self, seqs: Iterable[int], documents: Iterable[tuple[int, str]]) -> str:
        """Of all that is erased of a case: rows by seq, and snapshots by number with the hash of what is left of each."""
        return self._mac("erased", sorted(seqs), sorted(map(list, documents)))

    def is_erased_as_said(self, said: str | None, seqs: Sequence[int], documents: Sequence[tuple[int, str]]) -> bool:
        """Whether the last row about erasing, if there is one, covers just this."""
        return not seqs and not documents if said is None else said == self.erased_digest(seqs, documents)

    def guild_digest(self, guild_id: int) -> str:
        return self._mac("guild", guild_id)

    def is_head(self, head: AuditHeadRow, last: DisputeEventRow) -> bool:
        """Whether the chain ends with this row."""
        return head.seq == last.seq and head.mac == self._mac("head", head.guild_id, last.seq, last.hash)

    def _mac(self, *parts: object) -> str:
        return hmac.new(self._key, json.dumps(parts, separators=(",", ":")).encode(), hashlib.sha256).hexdigest()


def sha256(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


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
    with database.reading() as session:
        walks = [_Walk(Audit(key), session, guild_id) for guild_id in _guilds(session)]
    rows = sum(walk.chain.rows for walk in walks)
    if rows and not any(walk.genuine for walk in walks):
        problems = [f"This is another key: none of the {rows} rows was written under it."]
    else:
        problems = [problem for walk in walks for problem in walk.problems] + _problems_of_chains(Audit(key), walks)
    return Report([walk.chain for walk in walks if walk.chain.rows], problems)


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
            for row in session.scalars(_chain(guild_id).order_by(DisputeEventRow.seq).execution_options(yield_per=AT_ONCE)):
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


def _chain(guild_id: int) -> Select[DisputeEventRow]:
    return select(DisputeEventRow).where(DisputeEventRow.guild_id == guild_id)


def _missing(first: int, last: int, how: str = "missing") -> tuple[str, str]:
    return (f"row {first}", f"is {how}") if first == last else (f"rows {first} to {last}", f"are {how}")
