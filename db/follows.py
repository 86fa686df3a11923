"""Claims that somebody follows: looked at again when news like them is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.case_rows import is_erased, to_change
from db.cases import State
from db.engine import Database, one_at_a_time
from db.retrying import retried
from db.schema import CheckRow, DisputeRow, FollowRow, NoteRow, PassageChangeRow
from db.snapshots import dump, load
from retrieval.ports import Vectors
from retrieval.types import Claim, Comparison

MAX_FOLLOWS = 50  # claims of one person: each may be checked again, and is told of in direct messages
FOLLOWED = timedelta(days=90)
QUIET = timedelta(hours=6)  # between two messages to one reader
PAGE = 1000  # claims that are read at once: 1,000 vectors of 384 dimensions take 2.3 MB with their copies in float32
REACHED = "follows"  # the note of the last row of the change log that was compared with the claims


@dataclass(frozen=True, slots=True)
class Follow:
    """A claim that a person follows, or the moderators of a case. `seen` is what they know, `news` what they were not told yet."""

    id: int
    person: int | None  # a Discord id; None: the moderators of `dispute_id`
    guild_id: int | None  # where it was asked; None: in direct messages
    dispute_id: int | None
    locale: str
    claim: Claim
    seen: Comparison
    news: Comparison | None
    told_at: datetime | None
    until: datetime

    @property
    def latest(self) -> Comparison:
        return self.news or self.seen


@dataclass(frozen=True, slots=True)
class Claims:
    """Some followed claims: ids, words and vectors (n, dimension) float32, in one order."""

    ids: Sequence[int]
    texts: Sequence[str]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told together: a person, or the moderators of a server. `told_at`: when they were told last."""

    person: int | None
    guild_id: int | None
    told_at: datetime | None


class Follows:
    """Following, and what became of it. Every method raises StoreError when the database fails. What is past `until` counts as gone."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    # Following.

    @retried
    def follow(
        self,
        person: int | None,
        guild_id: int | None,
        dispute_id: int | None,
        locale: str,
        comparison: Comparison,
        vector: Vectors,
        model_id: str,
        check_id: int | None = None,
        author: str | None = None,
    ) -> int | None:
        """Follow a claim for 90 days from now, as a person or for a case. None where the person follows MAX_FOLLOWS others already, or the
        case is gone, dismissed, or without its words: that may have come while its evidence was looked for.

        `comparison` is what they know of it, `vector` (dimension,) the claim's by the model. The same claim again is one follow, with
        what they know now. With the id of the check that found it, it is due at once if something was stored since. `author`: whose words
        the claim is, if another's, as a keyed hash.
        """
        claim = comparison.claim
        reader = FollowRow.person == person if person is not None else and_(FollowRow.person.is_(None), FollowRow.dispute_id == dispute_id)
        with self._database.writing() as session:
            one_at_a_time(session, REACHED)
            if dispute_id is not None and not _is_to_follow(to_change(session, dispute_id)):
                return None
            now, due = self._now(), _is_old(session, check_id)
            row = session.scalar(select(FollowRow).where(reader, FollowRow.claim == claim.text, FollowRow.context == claim.context))
            if row is None:
                count = session.scalar(select(func.count()).where(reader, FollowRow.until > now)) or 0
                if person is not None and count >= MAX_FOLLOWS:
                    return None
                row = FollowRow(person=person, dispute_id=dispute_id, claim=claim.text, context=claim.context, created_at=now)
                session.add(row)
            row.guild_id, row.locale, row.until, row.author = guild_id, locale, now + FOLLOWED, author
            row.model_id, row.vector = model_id, _narrowed(vector)
            row.seen, row.news, row.due = dump([comparison]), None, due
            session.flush()
            return row.id

    def unfollow(self, follow_id: int, person: int) -> bool:
        """Stop following; False where this person follows no such claim."""
        return bool(self._delete(FollowRow.id == follow_id, FollowRow.person == person))

    def find(self, person: int, claim: Claim) -> int | None:
        """The id under which a person follows a claim, if they do."""
        query = select(FollowRow.id).where(FollowRow.person == person, FollowRow.claim == claim.text, FollowRow.context == claim.context)
        with self._database.reading() as session:
            return session.scalar(query.where(FollowRow.until > self._now()))

    def of_person(self, person: int) -> list[Follow]:
        """What a person follows, newest first."""
        return self._found(FollowRow.person == person)

    def of_dispute(self, dispute_id: int) -> list[Follow]:
        return self._found(FollowRow.dispute_id == dispute_id)

    # Comparing with what is stored.

    @retried
    def reached(self) -> int:
        """The last row of the change log that was compared with the claims; at the first call the log's last: what was stored before is
        no news.
        """
        with self._database.writing() as session:
            one_at_a_time(session, REACHED)
            reached = _reached(session)
            if reached is None:
                reached = _last_seq(session)
                session.add(NoteRow(key=REACHED, value=str(reached)))
            return reached

    def claims(self, model_id: str) -> Iterator[Claims]:
        """All followed claims that have a vector of the model, by id, PAGE at a time."""
        last = 0
        query = select(FollowRow.id, FollowRow.claim, FollowRow.vector).where(FollowRow.model_id == model_id)
        while True:
            with self._database.reading() as session:
                page = query.where(FollowRow.id > last, FollowRow.until > self._now()).order_by(FollowRow.id).limit(PAGE)
                rows = session.execute(page).all()
            if not rows:
                return
            ids, texts, stored = zip(*rows, strict=True)
            vectors = np.frombuffer(b"".join(stored), dtype="<f2").astype(np.float32).reshape(len(ids), -1)
            yield Claims(ids, texts, vectors)
            last = ids[-1]

    @retried
    def mark_due(self, ids: Collection[int], before: int, reached: int) -> bool:
        """These claims are to be checked again, and the change log was compared up to `reached`, in one transaction.

        False, with nothing written, where the log was not compared up to `before` any more: another process was first.
        """
        wanted = sorted(ids)
        with self._database.writing() as session:
            one_at_a_time(session, REACHED)
            moved = update(NoteRow).where(NoteRow.key == REACHED, NoteRow.value == str(before)).values(value=str(reached))
            if not session.execute(moved).rowcount:  # type: ignore[attr-defined]  # an update gives a CursorResult
                return False
            for at in range(0, len(wanted), PAGE):
                session.execute(update(FollowRow).where(FollowRow.id.in_(wanted[at : at + PAGE])).values(due=True))
            return True

    def due(self, limit: int, after: int = 0) -> list[Follow]:
        """At most `limit` claims that are to be checked again, by id: those past the id `after` first, then those before it."""
        found = self._found(FollowRow.due.is_(True), FollowRow.id > after, limit=limit)
        if len(found) < limit:
            found += self._found(FollowRow.due.is_(True), FollowRow.id <= after, limit=limit - len(found))
        return found

    @retried
    def looked_at(self, follow_id: int, reached: int, news: Comparison | None) -> None:
        """A claim was checked again, after the change log was compared up to `reached`; `news` is what they are to be told of it.

        It stays due where the log was compared further meanwhile, since the check may not have seen what that found.
        """
        with self._database.writing() as session:
            one_at_a_time(session, REACHED)
            values = {"due": _reached(session) != reached, "news": dump([news]) if news is not None else None}
            session.execute(update(FollowRow).where(FollowRow.id == follow_id).values(values))

    def stale(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        """Ids and queries of at most `limit` claims whose vectors are of another model."""
        query = select(FollowRow.id, FollowRow.claim, FollowRow.context).where(FollowRow.model_id != model_id)
        with self._database.reading() as session:
            rows = session.execute(query.where(FollowRow.until > self._now()).order_by(FollowRow.id).limit(limit))
            return [(id_, Claim(text, context=context).query) for id_, text, context in rows]

    @retried
    def set_vectors(self, ids: Sequence[int], vectors: Vectors, model_id: str) -> None:
        """The claims' vectors (n, dimension) by another model, in the place of those that they have."""
        with self._database.writing() as session:
            for id_, vector in zip(ids, vectors, strict=True):
                session.execute(update(FollowRow).where(FollowRow.id == id_).values(model_id=model_id, vector=_narrowed(vector)))

    # Telling.

    def readers(self, limit: int, without: Collection[Reader] = ()) -> list[Reader]:
        """At most `limit` of those who have news and were told nothing for QUIET; who was told longest ago first.

        Whoever was told at a time that is still to come was told by a clock that was wrong.
        """
        now, told = self._now(), func.max(FollowRow.told_at)
        having = [func.count(FollowRow.news) > 0, or_(told.is_(None), told <= now - QUIET, told > now + QUIET)]
        found: list[Reader] = []
        with self._database.reading() as session:
            for column, is_person in ((FollowRow.person, True), (FollowRow.guild_id, False)):
                query = select(column, told).where(FollowRow.person.is_not(None) if is_person else FollowRow.person.is_(None))
                query = query.where(FollowRow.until > now).group_by(column).having(*having).order_by(told.asc().nulls_first(), column)
                for id_, told_at in session.execute(query.limit(limit + len(without))):
                    found.append(Reader(id_, None, told_at) if is_person else Reader(None, id_, told_at))
        found.sort(key=lambda one: one.told_at.timestamp() if one.told_at else 0)
        return [one for one in found if one not in without][:limit]

    def news_of(self, reader: Reader) -> list[Follow]:
        """What a reader was not told yet, newest follow first."""
        which = FollowRow.person == reader.person
        if reader.person is None:
            which = and_(FollowRow.person.is_(None), FollowRow.guild_id == reader.guild_id)
        return self._found(which, FollowRow.news.is_not(None))

    @retried
    def told(self, ids: Collection[int]) -> None:
        """They know the news of these now."""
        values = {"seen": FollowRow.news, "news": None, "told_at": self._now()}
        with self._database.writing() as session:
            session.execute(update(FollowRow).where(FollowRow.id.in_(ids), FollowRow.news.is_not(None)).values(values))

    # Privacy.

    def export_of(self, person: int) -> list[dict[str, Any]]:
        """What a person follows, ready for JSON, oldest first."""
        with self._database.reading() as session:
            rows = session.scalars(select(FollowRow).where(FollowRow.person == person).order_by(FollowRow.id))
            return [_exported(row) for row in rows]

    def erase(self, person: int, user: str | None = None) -> int:
        """Forget all that a person follows, and all that others follow of their words (`user`: their keyed hash); how many claims."""
        return self._delete(or_(FollowRow.person == person, FollowRow.author == user) if user else FollowRow.person == person)

    def forget(self, guild_id: int) -> int:
        """Forget all that is followed in a server; how many claims."""
        return self._delete(FollowRow.guild_id == guild_id)

    def purge(self, now: datetime) -> int:
        """Forget what is past its time; how many claims."""
        return self._delete(FollowRow.until <= now)

    @retried
    def _delete(self, *which: ColumnElement[bool]) -> int:
        with self._database.writing() as session:
            return int(session.execute(delete(FollowRow).where(*which)).rowcount)  # type: ignore[attr-defined]  # as above

    def _found(self, *which: ColumnElement[bool], limit: int | None = None) -> list[Follow]:
        """By id where there is a limit, else newest first."""
        order = FollowRow.id.desc() if limit is None else FollowRow.id
        query = select(FollowRow).where(*which, FollowRow.until > self._now()).order_by(order).limit(limit)
        with self._database.reading() as session:
            return [_follow(row) for row in session.scalars(query)]


def _reached(session: Session) -> int | None:
    value = session.scalar(select(NoteRow.value).where(NoteRow.key == REACHED))
    return int(value) if value is not None else None


def _last_seq(session: Session) -> int:
    return session.scalar(select(func.max(PassageChangeRow.seq))) or 0


def _is_to_follow(case: DisputeRow | None) -> bool:
    return case is not None and State(case.state) is not State.DISMISSED and not is_erased(case)


def _is_old(session: Session, check_id: int | None) -> bool:
    """Whether something was stored since a check was made."""
    seq = session.scalar(select(CheckRow.store_seq).where(CheckRow.id == check_id)) if check_id is not None else None
    return seq is not None and _last_seq(session) > seq


def _follow(row: FollowRow) -> Follow:
    seen = load(row.seen)[0]
    # What was seen knows how the claim was read: what its "It" stands for, and who says it. It is to be checked again as it was.
    claim = replace(seen.claim, text=row.claim, context=row.context, span=None)
    return Follow(
        row.id, row.person, row.guild_id, row.dispute_id, row.locale, claim, seen,
        load(row.news)[0] if row.news is not None else None, row.told_at, row.until,
    )  # fmt: skip


def _exported(row: FollowRow) -> dict[str, Any]:
    seen = load(row.seen)[0]
    return {
        "claim": row.claim, "context": row.context, "server": str(row.guild_id) if row.guild_id is not None else None,
        "language": row.locale, "outcome_you_know": seen.outcome.value, "since": row.created_at.isoformat(),
        "told_at": row.told_at.isoformat() if row.told_at is not None else None, "until": row.until.isoformat(),
    }  # fmt: skip


def _narrowed(vector: Vectors) -> bytes:
    return np.asarray(vector, dtype="<f2").tobytes()
