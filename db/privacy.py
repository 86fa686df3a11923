"""What is kept of a person, or of a server: shown, handed out and deleted, wherever it lies.

A person is known by their Discord id where a case or a follow needs it, else by a keyed hash. Theirs are the asks that they made, and
those of others about their words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from db.checks import Checks
from db.disputes import Disputes
from db.engine import Database
from db.follows import Follows
from db.guilds import Guilds
from db.opinions import Opinions
from db.retention import BATCH, forget_asks, forget_checks
from db.retrying import retried
from db.schema import AskCheckRow, AskRow, CheckRow, DisputeClaimRow, DisputeRow, FlagDraftRow, OpinionRow
from db.snapshots import dump


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by their Discord id and its keyed hash."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept of a person."""

    asked: int  # asks of theirs
    about: int  # of others, about their words
    opinions: int
    follows: int
    posts: int  # cases about what they wrote
    flags: int
    steps: int  # in cases, as the audit has them
    drafts: int  # flags whose form is open, of theirs or about their posts

    @property
    def anything(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


class Privacy:
    """Composes all that remembers people. Every method raises StoreError when the database fails."""

    def __init__(
        self, database: Database, disputes: Disputes, follows: Follows, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:  # fmt: skip
        self._database = database
        self._checks = Checks(database)
        self._disputes = disputes
        self._follows = follows
        self._guilds = Guilds(database)
        self._opinions = Opinions(database)
        self._now = now

    def show(self, person: Person) -> Kept:
        """How much is kept."""

        def count(which: ColumnElement[bool]) -> int:
            return session.scalar(select(func.count()).where(which)) or 0

        with self._database.reading() as session:
            flagged = _own_flagged(session, person)
            asked, about = count(AskRow.user == person.hash), count(AskRow.author == person.hash)
            forms = count(and_(FlagDraftRow.user == person.hash, FlagDraftRow.author != person.id))
        cases = self._disputes.export_of(person.id, flagged)
        return Kept(
            asked, about, len(self._opinions.of(person.hash)), len(self._follows.export_of(person.id)), len(cases["posts"]),
            len(cases["flags"]), len(cases["audit"]), len(cases["drafts"]) + forms,
        )  # fmt: skip

    def export(self, person: Person) -> dict[str, Any]:
        """Everything that concerns them, ready for JSON. Nothing of others: not who asked about their words, nor where, nor when of day."""
        with self._database.reading() as session:
            flagged = _own_flagged(session, person)
            asked = session.scalars(select(AskRow).where(AskRow.user == person.hash).order_by(AskRow.id)).all()
            about = session.scalars(select(AskRow).where(AskRow.author == person.hash).order_by(AskRow.id)).all()
            checks = _checks_by_ask(session, person)
            forms = session.scalars(select(FlagDraftRow).where(FlagDraftRow.user == person.hash).order_by(FlagDraftRow.id)).all()
        claims = self._comparisons({id_ for ids in checks.values() for id_ in ids})

        def of(row: AskRow) -> list[dict[str, Any]]:
            return [claims[id_] for id_ in checks.get(row.id, ()) if id_ in claims]

        return {
            "person": str(person.id),
            "made_at": _iso(self._now()),
            "asked": [{**_asked(row), "claims": of(row)} for row in asked],
            "asked_by_others_about_your_words": [{**_asked_by_others(row), "claims": of(row)} for row in about],
            "opinions": [
                {"claim": one.claim, "outcome": one.outcome.value, "helpful": one.helpful, "at": _iso(one.at)}
                for one in self._opinions.of(person.hash)
            ],
            "follows": self._follows.export_of(person.id),
            "cases": self._disputes.export_of(person.id, flagged),
            "flags_that_you_are_writing": [_form(row) for row in forms],
        }

    @retried
    def delete(self, person: Person) -> Kept:
        """Delete or erase all of it; how much there was. What a kill leaves is deleted when this is called again.

        Asks go last, since what belongs to them is found by them. What is being answered is not stored any more (db/asks.py: found).
        """
        kept = self.show(person)
        with self._database.reading() as session:
            flagged = _own_flagged(session, person)
            evidence = _checks_of_cases(session, DisputeRow.author == person.id)
        self._disputes.erase(person.id, flagged)
        self._follows.erase(person.id, person.hash)
        self._opinions.erase(person.hash)
        with self._database.writing() as session:
            session.execute(delete(FlagDraftRow).where(FlagDraftRow.user == person.hash))
        forget_asks(self._database, or_(AskRow.user == person.hash, AskRow.author == person.hash))
        self._forget_checks([*flagged, *evidence])
        self._database.scrub()
        return kept

    @retried
    def purge(self, guild_id: int) -> None:
        """Delete all that belongs to a server: asks, checks, opinions of these, cases, follows, sources of its own, settings.

        What a kill leaves is deleted when this is called again: the settings go last, and with them that the bot was taken out.
        """
        with self._database.writing() as session:
            evidence = _checks_of_cases(session, DisputeRow.guild_id == guild_id)
            session.execute(delete(OpinionRow).where(OpinionRow.check_id.in_(_only_of(AskRow.guild_id == guild_id))))
        self._disputes.forget(guild_id)
        self._follows.forget(guild_id)
        self._guilds.forget(guild_id)
        self._forget_checks(evidence)
        self._database.scrub()

    def _comparisons(self, checks: Collection[int]) -> dict[int, dict[str, Any]]:
        """What was found for each claim, with the excerpts as they were shown, as JSON has it."""
        made: dict[int, dict[str, Any]] = {}
        for some in _batches(sorted(checks)):
            found = self._checks.load_many(some)
            made |= zip(found, json.loads(dump(list(found.values())))["comparisons"], strict=True)
        return made

    def _forget_checks(self, checks: Sequence[int]) -> None:
        for some in _batches(checks):
            with self._database.writing() as session:
                forget_checks(session, some)


def _words_of(person: Person) -> ColumnElement[bool]:
    """Asks about words of theirs: that they typed, or that others checked."""
    return or_(and_(AskRow.user == person.hash, AskRow.author.is_(None)), AskRow.author == person.hash)


def _only_of(which: ColumnElement[bool]) -> Select[int]:
    """Checks of these asks that no others have."""
    others = select(AskCheckRow.check_id).join(AskRow, AskRow.id == AskCheckRow.ask_id).where(which.is_not(True))
    theirs = select(AskCheckRow.check_id).join(AskRow, AskRow.id == AskCheckRow.ask_id).where(which)
    return theirs.where(AskCheckRow.check_id.not_in(others))


def _own_flagged(session: Session, person: Person) -> list[int]:
    """Checks of words that are theirs alone, and of which there are cases."""
    cases = select(DisputeRow.check_id).where(DisputeRow.check_id.in_(_only_of(_words_of(person))))
    return [id_ for id_ in session.scalars(cases.distinct()) if id_ is not None]


def _checks_of_cases(session: Session, which: ColumnElement[bool]) -> list[int]:
    """Checks that were flagged in these cases, and those that were made for their evidence: no ask has got them."""
    flagged = select(DisputeRow.check_id).where(which, DisputeRow.check_id.is_not(None))
    claims = select(DisputeClaimRow.claim).join(DisputeRow, DisputeRow.id == DisputeClaimRow.dispute_id).where(which)
    made = and_(CheckRow.claim.in_(claims), CheckRow.claim_key != "", CheckRow.id.not_in(select(AskCheckRow.check_id)))
    return list(session.scalars(select(CheckRow.id).where(or_(CheckRow.id.in_(flagged), made))))


def _checks_by_ask(session: Session, person: Person) -> dict[int, list[int]]:
    """Of all asks that concern them, in the order of the answers."""
    query = (
        select(AskCheckRow.ask_id, AskCheckRow.check_id)
        .join(AskRow, AskRow.id == AskCheckRow.ask_id)
        .where(or_(AskRow.user == person.hash, AskRow.author == person.hash))
        .order_by(AskCheckRow.ask_id, AskCheckRow.place)
    )
    found: dict[int, list[int]] = {}
    for ask_id, check_id in session.execute(query):
        found.setdefault(ask_id, []).append(check_id)
    return found


def _asked(row: AskRow) -> dict[str, Any]:
    return {
        "at": _iso(row.created_at), "server": _text(row.guild_id), "channel": _text(row.channel_id), "public": row.public,
        "language": row.locale, "state": row.state, "words_while_it_waits": row.text, "message_checked": _text(row.about_message_id),
        "answer": _text(row.message_id), "claims_left_out": row.left_out,
    }  # fmt: skip


def _asked_by_others(row: AskRow) -> dict[str, Any]:
    return {
        "day": row.created_at.date().isoformat(), "server": _text(row.guild_id), "message_checked": _text(row.about_message_id),
        "words_while_it_waits": row.text,
    }  # fmt: skip


def _form(row: FlagDraftRow) -> dict[str, Any]:
    return {
        "at": _iso(row.created_at), "server": _text(row.guild_id), "channel": _text(row.channel_id), "message": _text(row.message_id),
    }  # fmt: skip


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _text(id_: int | None) -> str | None:
    """An id as Discord has it in JSON."""
    return str(id_) if id_ is not None else None


def _iso(when: datetime) -> str:
    return when.isoformat()
