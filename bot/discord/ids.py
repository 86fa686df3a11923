"""The custom ids of our buttons, selects and modals: what they do and to what, so that they work after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.discord.limits import MAX_CUSTOM_ID

PREFIX = "cc"


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
        made = f"{PREFIX}:{self.act.value}:{self.ask}:{self.check}:{self.detail}"
        if len(made) > MAX_CUSTOM_ID:
            raise ValueError(f"a custom id of {len(made)} characters")
        return made


def parse_id(text: str) -> CustomId | None:
    """What a custom id means; None for one that is not ours, or of a version that knew other things."""
    parts = text.split(":", 4)
    if (
        len(parts) != 5
        or parts[0] != PREFIX
        or not (parts[2].isascii() and parts[2].isdigit() and parts[3].isascii() and parts[3].isdigit())
    ):
        return None
    try:
        return CustomId(Act(parts[1]), int(parts[2]), int(parts[3]), parts[4])
    except ValueError:
        return None


CASES = "cd"


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
        made = f"{CASES}:{self.step.value}:{self.id}:{self.decided}:{self.detail}"
        if len(made) > MAX_CUSTOM_ID:
            raise ValueError(f"a custom id of {len(made)} characters")
        return made


def parse_case_id(text: str) -> CaseId | None:
    """What a custom id of a case means; None for any other."""
    parts = text.split(":", 4)
    if len(parts) != 5 or parts[0] != CASES or not all(part.isascii() and part.isdigit() for part in parts[2:4]):
        return None
    try:
        return CaseId(Step(parts[1]), int(parts[2]), int(parts[3]), parts[4])
    except ValueError:
        return None
