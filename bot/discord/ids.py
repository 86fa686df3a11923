"""The custom ids of our buttons, selects and modals: what they do and to what, so that they work after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.discord.limits import MAX_CUSTOM_ID

PREFIX, CASES = "cc", "cd"  # of what has to do with askings and settings; of cases


class Act(StrEnum):
    """What a component or modal does."""

    MORE_AGREEING = "agree"
    MORE_CONTRADICTING = "contradict"
    CONTEXT = "context"
    SHARE = "share"
    FLAG = "flag"  # opens the modal
    FLAG_SENT = "flagged"
    HELPFUL = "yes"
    UNHELPFUL = "no"
    FOLLOW = "follow"  # or stop, if it is followed
    UNFOLLOW = "unfollow"  # a select of follows
    OPEN = "open"  # one claim of a post
    TRIM_SENT = "trimmed"  # the modal of a long text came back
    SETTING = "set"  # `detail` names it
    SET_UP = "setup"
    ERASE = "erase"  # all that is kept of whoever presses
    PURGE_SENT = "purged"  # the form with the server's name came back


@dataclass(frozen=True, slots=True)
class CustomId:
    """`ask` and `check` are ids of the store, 0 where they do not matter."""

    act: Act
    ask: int = 0
    check: int = 0
    detail: str = ""

    def __str__(self) -> str:
        return _written(PREFIX, self.act, self.ask, self.check, self.detail)


def parse_id(text: str) -> CustomId | None:
    """What a custom id means; None for one that is not ours, or of a version that knew other things."""
    what, ask, check, detail = _read(PREFIX, text)
    return CustomId(Act(what), ask, check, detail) if what in tuple(Act) else None


class Step(StrEnum):
    """What a component or form of a case does. `detail` holds what else it needs."""

    FLAG_SENT = "flagged"  # the form of a flag came back; `id` is the draft's
    TAKE = "take"
    RELEASE = "release"
    RESOLVE = "resolve"  # a select of states: opens the form
    RESOLVED = "resolved"  # the form came back; `detail` is the state
    REOPEN = "reopen"
    REOPENED = "reopened"
    EVIDENCE = "evidence"  # a select of claims: "snapshot.place"
    HISTORY = "history"
    NOTE = "note"  # shows what would be published
    PUBLISH = "publish"
    APPEAL = "appeal"
    APPEALED = "appealed"
    LIST = "list"  # a page of the queue; `id` is its number, `detail` the filter
    SHOW = "show"  # a select of the queue's cases


@dataclass(frozen=True, slots=True)
class CaseId:
    """`decided` is the last decision that whoever presses has seen (db/disputes.py)."""

    step: Step
    id: int = 0
    decided: int = 0
    detail: str = ""

    def __str__(self) -> str:
        return _written(CASES, self.step, self.id, self.decided, self.detail)


def parse_case_id(text: str) -> CaseId | None:
    """What a custom id of a case means; None for any other."""
    what, id_, decided, detail = _read(CASES, text)
    return CaseId(Step(what), id_, decided, detail) if what in tuple(Step) else None


def _written(prefix: str, what: StrEnum, first: int, second: int, detail: str) -> str:
    made = f"{prefix}:{what.value}:{first}:{second}:{detail}"
    if len(made) > MAX_CUSTOM_ID:
        raise ValueError(f"a custom id of {len(made)} characters")
    return made


def _read(prefix: str, text: str) -> tuple[str, int, int, str]:
    """What `_written` wrote; "" for what it did with any other text."""
    parts = text.split(":", 4)
    if len(parts) != 5 or parts[0] != prefix or not all(part.isascii() and part.isdigit() for part in parts[2:4]):
        return "", 0, 0, ""
    try:
        return parts[1], int(parts[2]), int(parts[3]), parts[4]
    except ValueError:  # more digits than Python reads
        return "", 0, 0, ""
