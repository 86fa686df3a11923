"""Reading back what a register of the journal is about: the value that a store has for it, None where it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from db.cases import Action
from db.disputes import Disputes
from db.follows import Follows
from db.schema import ArticleRow, AskRow, CheckRow, RevisionRow
from tests.faults.journal import Value
from tests.faults.workload import KEY, digest, shown
from tests.standins.store import Store

DECISIONS = frozenset({Action.ASSIGNED, Action.RELEASED, Action.RESOLVED, Action.REOPENED})


def value_of(store: Store, register: str) -> Value:
    """Raises StoreError."""
    kind, _, name = register.partition(" ")
    return _READERS[kind](store, name)


def _article(store: Store, url: str) -> Value:
    query = select(RevisionRow.text).join(ArticleRow, ArticleRow.revision_id == RevisionRow.id).where(ArticleRow.url == url)
    with store.database.reading() as session:
        text = session.scalar(query)
    return digest(text) if text is not None else None


def _ask(store: Store, user: str) -> Value:
    with store.database.reading() as session:
        states = session.scalars(select(AskRow.state).where(AskRow.user == user)).all()
    return _only(states)


def _check(store: Store, key: str) -> Value:
    with store.database.reading() as session:
        ids = session.scalars(select(CheckRow.id).where(CheckRow.claim_key == key)).all()
    return _only([shown(one) for one in store.checks.load_many(ids).values()])


def _flag(store: Store, name: str) -> Value:
    guild, message, person = map(int, name.split())
    case = Disputes(store.database, KEY).of_message(guild, message)
    return _only([True for flag in case.flags if flag.person == person]) if case is not None else None


def _decision(store: Store, name: str) -> Value:
    case, version = map(int, name.split())
    events = Disputes(store.database, KEY).history(case)
    return _only([str(event.to_state) for event in events if event.version == version and event.action in DECISIONS])


def _evidence(store: Store, name: str) -> Value:
    case, number = map(int, name.split())
    return _only([True for snapshot in Disputes(store.database, KEY).snapshots(case) if snapshot.number == number])


def _follow(store: Store, person: str) -> Value:
    return _only([True for _ in Follows(store.database).of_person(int(person))])


def _only(values: Sequence[Value]) -> Value:
    """The one value; that there are several is a value that nothing may have."""
    return f"{len(values)} times" if len(values) > 1 else values[0] if values else None


_READERS: Mapping[str, Callable[[Store, str], Value]] = {
    "article": _article, "ask": _ask, "check": _check, "flag": _flag, "decision": _decision, "evidence": _evidence, "follow": _follow,
}  # fmt: skip
