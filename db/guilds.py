"""What each Discord server has set, and small things that the bot remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.addresses import Addresses
from db.engine import Database, one_at_a_time
from db.retention import KEEP_CASES, KEEP_DAYS, forget_asks
from db.retrying import retried
from db.schema import AskRow, GuildRow, NoteRow

LARGEST_ID = 2**63 - 1
MAX_REASONS, MAX_REASON = 20, 100  # what a select of Discord takes, with one more for "other"


class Pictures(StrEnum):
    """Whether answers have a picture, and on which ground."""

    DARK = "dark"
    LIGHT = "light"
    OFF = "off"


class Answers(StrEnum):
    """Who sees an answer."""

    PRIVATE = "private"  # the asker alone, unless they say otherwise
    PUBLIC = "public"  # everyone, unless the asker says otherwise
    ONLY_PRIVATE = "only_private"  # always the asker alone


@dataclass(frozen=True, slots=True)
class Guild:
    """A server's settings."""

    id: int
    answers: Answers = Answers.PRIVATE
    user_role: int | None = None  # who may ask; None: everyone
    channels: frozenset[int] = frozenset()  # where the bot answers; empty: everywhere
    moderator_role: int | None = None
    moderator_channel: int | None = None
    minimum_sources: int = 1  # independent sources a side needs before the headline names it, 1-5
    language: str | None = None  # of the interface; None: each user's own
    keep_days: int = KEEP_DAYS  # asks and checks are forgotten after so long, 1-365
    plain_text: bool = False  # answers as plain text, for screen readers
    reports: bool = False  # members who are no moderators may report posts
    public_notes: bool = False  # moderators may publish a note under a disputed post
    reasons: tuple[str, ...] = ()  # for which a post can be flagged, each at most 100 characters; none: the usual ones
    keep_cases: int = KEEP_CASES  # days after their end, 7-3650
    pictures: Pictures = Pictures.DARK  # of posts and timelines


class Guilds:
    """Servers' settings, their coming and going."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def settings(self, guild_id: int) -> Guild:
        """What a server has set; the defaults where it has set nothing."""
        with self._database.reading() as session:
            return _guild(session.get(GuildRow, guild_id), guild_id)

    @retried
    def change(self, guild_id: int, **values: object) -> Guild:
        """Set some fields of Guild; the settings as they are then. Raises ValueError with a sentence, and nothing is changed then."""
        checked = {name: _checked(name, value) for name, value in values.items()}
        with self._database.writing() as session:
            row = _row(session, guild_id)
            for name, value in checked.items():
                setattr(row, name, value)
            return _guild(row, guild_id)

    @retried
    def joined(self, guild_id: int) -> bool:
        """The bot is in this server; whether that is new, or it had been taken out."""
        with self._database.writing() as session:
            known = session.get(GuildRow, guild_id)
            row = known or _row(session, guild_id)
            new = known is None or row.left_at is not None
            row.left_at = None
            return new

    @retried
    def left(self, guild_id: int) -> None:
        """The bot was taken out of this server. What is stored stays until `forget`."""
        with self._database.writing() as session:
            _row(session, guild_id).left_at = self._now()

    def present(self) -> set[int]:
        """The servers that the bot is in, as far as is known here."""
        with self._database.reading() as session:
            return set(session.scalars(select(GuildRow.id).where(GuildRow.left_at.is_(None))))

    def left_before(self, moment: datetime) -> list[int]:
        """The servers that the bot was taken out of before `moment`."""
        with self._database.reading() as session:
            return list(session.scalars(select(GuildRow.id).where(GuildRow.left_at < moment).order_by(GuildRow.id)))

    @retried
    def forget(self, guild_id: int) -> None:
        """Forget what a server asked with the checks that only it has, its own sources with their articles, and its settings. A server that
        the bot is in has the defaults then. See db/privacy.py for the rest.
        """
        addresses = Addresses(self._database)
        for address_id in addresses.own(guild_id):
            if not addresses.remove_from(address_id, guild_id):
                addresses.remove(address_id)
        forget_asks(self._database, AskRow.guild_id == guild_id)
        with self._database.writing() as session:
            row = session.get(GuildRow, guild_id)
            session.execute(delete(GuildRow).where(GuildRow.id == guild_id))
            if row is not None and row.left_at is None:
                _row(session, guild_id)

    def known(self, key: str) -> str | None:
        """What was remembered under this key last."""
        with self._database.reading() as session:
            return session.scalar(select(NoteRow.value).where(NoteRow.key == key))

    @retried
    def remember(self, key: str, value: str) -> None:
        """Remember something small, as a hash of the commands that Discord was told, in the place of what the key held."""
        with self._database.writing() as session:
            one_at_a_time(session, "note")
            session.merge(NoteRow(key=key, value=value))


def _row(session: Session, guild_id: int) -> GuildRow:
    """The server's row, made with the defaults where there is none."""
    one_at_a_time(session, "guild")
    row = session.get(GuildRow, guild_id)
    if row is None:
        row = GuildRow(**{name: _stored(getattr(Guild(guild_id), name)) for name in _FIELDS})
        session.add(row)
    return row


_FIELDS = tuple(field.name for field in fields(Guild))


def _guild(row: GuildRow | None, guild_id: int) -> Guild:
    if row is None:
        return Guild(guild_id)
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values |= {"answers": Answers(row.answers), "pictures": Pictures(row.pictures)}
    return Guild(**{**values, "channels": frozenset(row.channels), "reasons": tuple(row.reasons)})


def _stored(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value


def _checked(name: str, value: object) -> object:
    """The value as it is stored. Raises ValueError."""
    match name:
        case "answers" | "pictures" if value in tuple(_CHOICES[name]):
            return str(value)
        case "user_role" | "moderator_role" | "moderator_channel" if value is None or _is_id(value):
            return value
        case "channels" if isinstance(value, Iterable) and not isinstance(value, str) and all(map(_is_id, ids := list(value))):
            return sorted(set(ids))
        case "minimum_sources" if _is_between(value, 1, 5):
            return value
        case "language" if value is None or (isinstance(value, str) and 1 < len(value) <= 16):
            return value
        case "keep_days" if _is_between(value, 1, 365):
            return value
        case "plain_text" | "reports" | "public_notes" if isinstance(value, bool):
            return value
        case "keep_cases" if _is_between(value, 7, 3650):
            return value
        case "reasons" if (reasons := _reasons(value)) is not None:
            return reasons
    raise ValueError(_SENTENCES.get(name, f"There is no setting “{name}”."))


_CHOICES: dict[str, type[StrEnum]] = {"answers": Answers, "pictures": Pictures}


def _reasons(value: object) -> list[str] | None:
    """The reasons, each once; None where they are too many, too long, or no texts."""
    if not isinstance(value, Iterable) or isinstance(value, str):
        return None
    reasons = list(dict.fromkeys(one.strip() if isinstance(one, str) else "" for one in value))
    return reasons if len(reasons) <= MAX_REASONS and all(0 < len(one) <= MAX_REASON for one in reasons) else None


_SENTENCES = {
    "answers": f"Answers can be {', '.join(Answers)}.",
    "pictures": f"Pictures can be {', '.join(Pictures)}.",
    "user_role": "The role of those who may ask must be a role of this server.",
    "channels": "The channels must be channels of this server.",
    "moderator_role": "The moderators' role must be a role of this server.",
    "moderator_channel": "The moderators' channel must be a channel of this server.",
    "minimum_sources": "The number of independent sources must be from 1 to 5.",
    "language": "The language must be one of those that the interface has.",
    "keep_days": "Answers can be kept from 1 to 365 days.",
    "plain_text": "Plain text is either on or off.",
    "reports": "Reports of members are either on or off.",
    "public_notes": "Public notes are either on or off.",
    "keep_cases": "Cases can be kept from 7 to 3650 days after their end.",
    "reasons": f"There can be {MAX_REASONS} reasons, each of at most {MAX_REASON} characters.",
}


def _is_id(value: object) -> bool:
    return _is_between(value, 1, LARGEST_ID)


def _is_between(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
