"""Discord's timestamps, `<t:unix:style>`, in words: English, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_STYLES = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "{day} %B %Y",
    "f": "{day} %B %Y at %H:%M",
    "F": "%A {day} %B %Y at %H:%M",
}
_UNITS = [("year", 365 * 86_400), ("month", 30 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)]


def stamp(seconds: int, style: str, now: datetime) -> str:
    """The time in the style, one of tTdDfFR; "" where the calendar does not reach."""
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    if style == "R":
        return _relative((at - now).total_seconds())
    return at.strftime(_STYLES[style].replace("{day}", str(at.day)))


def _relative(ahead: float) -> str:
    unit, length = next(((unit, length) for unit, length in _UNITS if abs(ahead) >= length), ("second", 1))
    count = round(abs(ahead) / length)
    shown = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {shown}" if ahead > 0 else f"{shown} ago"
