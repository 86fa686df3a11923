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
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from db.engine import one_at_a_time
from db.schema import AuditHeadRow, DisputeEventRow, DisputeRow, SnapshotRow
from db.snapshots import without_claims

OPENED, EVIDENCE, ERASED, BEGUN, PURGED = "opened", "evidence", "erased", "begun", "purged"  # the actions that mean something here
CHAINS = 0  # the chain of chains


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
        last = session.scalars(chain_of(guild_id).order_by(DisputeEventRow.seq.desc()).limit(1)).first()
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
        known = session.scalar(select(exists(chain_of(guild_id)))) or session.get(AuditHeadRow, guild_id) is not None
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


def chain_of(guild_id: int) -> Select[DisputeEventRow]:
    return select(DisputeEventRow).where(DisputeEventRow.guild_id == guild_id)
