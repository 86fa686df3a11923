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
    OPEN = "open"  # one claim of a post
    TRIM_SENT = "trimmed"  # the modal of a long text came back
    SETTING = "set"  # `detail` names it
    SET_UP = "setup"


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
