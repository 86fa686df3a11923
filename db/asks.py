"""What was asked in Discord: one table for limits, for the answers' owners, and for what a restart finds unanswered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.engine import Database, one_at_a_time
from db.retention import forget_checks, purge_asks
from db.retrying import retried
from db.schema import ANSWERED, TOLD, WAITING, AskCheckRow, AskRow


class State(StrEnum):
    """What became of an ask."""

    WAITING = WAITING
    ANSWERED = ANSWERED
    TOLD = TOLD  # told why there is no answer


@dataclass(frozen=True, slots=True)
class Where:
    """Where something was asked, and by whom."""

    guild_id: int | None  # None: in direct messages
    channel_id: int | None
    user: str  # a keyed hash, at most 64 characters


@dataclass(frozen=True, slots=True)
class About:
    """The message whose words are checked, and who wrote it if not the asker: a keyed hash. Nothing for words of the asker's own."""

    message_id: int | None = None
    author: str | None = None


OWN_WORDS = About()


@dataclass(frozen=True, slots=True)
class Pending:
    """What a restart needs to answer still. Kept only while the ask waits: erased with the answer."""

    token: str  # of the interaction
    text: str
    kind: str
    application_id: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that was asked. `checks` are those of the answer, in its order."""

    id: int
    where: Where
    public: bool
    locale: str
    state: State
    created_at: datetime
    checks: tuple[int, ...] = ()
    left_out: int = 0  # claims of the text that were not checked
    message_id: int | None = None
    pending: Pending | None = None
    about_message_id: int | None = None  # as About has them
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` asks within `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person, a channel and a server may ask."""

    user: Sequence[Limit] = ()
    channel: Sequence[Limit] = ()
    guild: Sequence[Limit] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Too much was asked. From `again_at` on, one more may be, if nothing else was asked meanwhile."""

    scope: str  # "user", "channel" or "guild"
    again_at: datetime


class Asks:
    """Accepting, answering and forgetting. A change of state is one conditional update: of two, one finds the ask waiting."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    @retried
    def accept(
        self, where: Where, public: bool, locale: str, pending: Pending | None, limits: Limits, about: About = OWN_WORDS
    ) -> Ask | Refusal:  # fmt: skip
        """Write the ask down, or refuse it where a limit is reached; a refused one leaves no row.

        Counting and writing are one transaction, so that processes share the limits. Of several that are reached, the one that lasts
        longest is told. Raises StoreError.
        """
        with self._database.writing() as session:
            one_at_a_time(session, "ask")
            now = self._now()
            refusal = _refusal(session, where, limits, now)
            if refusal is not None:
                return refusal
            row = AskRow(
                guild_id=where.guild_id, channel_id=where.channel_id, user=where.user, public=public, locale=locale, state=State.WAITING,
                created_at=now, left_out=0, about_message_id=about.message_id, author=about.author,
            )  # fmt: skip
            if pending is not None:
                row.token, row.text, row.kind, row.application_id = pending.token, pending.text, pending.kind, pending.application_id
            session.add(row)
            session.flush()
            return _ask(row, ())

    @retried
    def found(self, ask_id: int, checks: Sequence[int], left_out: int = 0) -> bool:
        """What the answer will show, in its order: known before it is shown, since its buttons may be pressed at once.

        False when the ask was deleted meanwhile: then those of the checks that nothing else has are deleted too.
        """
        with self._database.writing() as session:
            there = session.execute(update(AskRow).where(AskRow.id == ask_id).values(left_out=left_out))
            if not there.rowcount:  # type: ignore[attr-defined]  # an update gives a CursorResult
                forget_checks(session, checks)
                return False
            _set_checks(session, ask_id, checks)
            return True

    @retried
    def answered(self, ask_id: int, checks: Sequence[int], left_out: int = 0, message_id: int | None = None) -> bool:
        """The ask has its answer, and its words are erased; False, with nothing written, when it was not waiting."""
        with self._database.writing() as session:
            if not _end(session, ask_id, State.ANSWERED, left_out=left_out, message_id=message_id):
                return False
            _set_checks(session, ask_id, checks)
            return True

    @retried
    def told(self, ask_id: int) -> bool:
        """Whoever asked knows why there is no answer, and the words are erased; False when it was not waiting."""
        with self._database.writing() as session:
            return _end(session, ask_id, State.TOLD)

    def set_message(self, ask_id: int, message_id: int) -> None:
        """Remember the message that shows the answer."""
        self._set(ask_id, message_id=message_id)

    @retried
    def set_public(self, ask_id: int, public: bool = True) -> bool:
        """Remember that everyone in the channel sees the answer now, or does not after all; False when that was so already."""
        change = update(AskRow).where(AskRow.id == ask_id, AskRow.public.is_not(public)).values(public=public)
        with self._database.writing() as session:
            return bool(session.execute(change).rowcount)  # type: ignore[attr-defined]  # an update gives a CursorResult

    @retried
    def unseen(self, message_ids: Collection[int]) -> None:
        """Messages that showed answers were deleted: what was asked is nobody else's to see any more."""
        with self._database.writing() as session:
            session.execute(update(AskRow).where(AskRow.message_id.in_(message_ids)).values(message_id=None, public=False))

    def get(self, ask_id: int) -> Ask | None:
        """The ask; None where it is forgotten."""
        with self._database.reading() as session:
            row = session.get(AskRow, ask_id)
            query = select(AskCheckRow.check_id).where(AskCheckRow.ask_id == ask_id).order_by(AskCheckRow.place)
            return _ask(row, session.scalars(query).all()) if row is not None else None

    def waiting(self, since: datetime) -> list[Ask]:
        """What was asked after `since` and has no answer, oldest first: what a restart finds."""
        query = select(AskRow).where(AskRow.state == State.WAITING, AskRow.created_at > since)
        with self._database.reading() as session:
            return [_ask(row, ()) for row in session.scalars(query.order_by(AskRow.created_at, AskRow.id))]

    def purge(self, now: datetime) -> int:
        """Forget private asks after a day, others when their server keeps them no longer; how many. See db/retention.py."""
        return purge_asks(self._database, now)

    @retried
    def _set(self, ask_id: int, **values: object) -> None:
        with self._database.writing() as session:
            session.execute(update(AskRow).where(AskRow.id == ask_id).values(values))


def _refusal(session: Session, where: Where, limits: Limits, now: datetime) -> Refusal | None:
    """The limit that is reached, the one that lasts longest if there are several."""
    reached: list[Refusal] = []
    for scope, column, value, of_scope in (
        ("user", AskRow.user, where.user, limits.user),
        ("channel", AskRow.channel_id, where.channel_id, limits.channel),
        ("guild", AskRow.guild_id, where.guild_id, limits.guild),
    ):
        for limit in of_scope if value is not None else ():
            window = timedelta(seconds=limit.seconds)
            # What a clock that was ahead has dated is not counted: it would refuse for as long as that clock was wrong.
            within = select(AskRow.created_at).where(
                column == value, AskRow.created_at > now - window, AskRow.created_at <= now + window
            )  # fmt: skip
            # One more may be asked when the last one but count - 1 leaves the window.
            first = session.scalar(within.order_by(AskRow.created_at.desc()).offset(limit.count - 1).limit(1)) if limit.count > 0 else now
            if first is not None:
                reached.append(Refusal(scope, first + window))
    return max(reached, key=lambda refusal: refusal.again_at, default=None)


def _set_checks(session: Session, ask_id: int, checks: Sequence[int]) -> None:
    session.execute(delete(AskCheckRow).where(AskCheckRow.ask_id == ask_id))
    session.add_all(AskCheckRow(ask_id=ask_id, place=place, check_id=check_id) for place, check_id in enumerate(checks))


def _end(session: Session, ask_id: int, state: State, **values: object) -> bool:
    erased = {"token": None, "text": None, "kind": None, "application_id": None}
    result = session.execute(
        update(AskRow).where(AskRow.id == ask_id, AskRow.state == State.WAITING).values({"state": state, **erased, **values})
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]  # an update gives a CursorResult


def _ask(row: AskRow, checks: Sequence[int]) -> Ask:
    pending = None
    if row.token is not None and row.text is not None and row.kind is not None and row.application_id is not None:
        pending = Pending(row.token, row.text, row.kind, row.application_id)
    where = Where(row.guild_id, row.channel_id, row.user)
    return Ask(
        row.id, where, row.public, row.locale, State(row.state), row.created_at, tuple(checks), row.left_out, row.message_id, pending,
        row.about_message_id, row.author,
    )  # fmt: skip
