"""The colours of the pictures. Each that letters have stands out from what is under them by 4.5 to 1 at least (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as "#rrggbb". The sides are blue and orange, not green and red: those would read as a verdict, and alike to many men."""

    page: str
    card: str  # under counts
    ink: str
    muted: str  # for letters of less weight
    rule: str  # for lines that no meaning hangs on
    agree: str
    contradict: str


def palette(theme: Theme) -> Palette:
    return _PALETTES[theme]


def contrast(one: str, other: str) -> float:
    """How far two colours stand out from one another, 1 to 21 (WCAG 2.2: relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_PALETTES = {
    Theme.LIGHT: Palette("#ffffff", "#f1f3f6", "#1c1e21", "#565b63", "#cfd3d9", "#0b57b0", "#a8430a"),
    Theme.DARK: Palette("#1e1f22", "#2b2d31", "#f2f3f5", "#b5bac1", "#4a4d55", "#86bbff", "#ffab70"),
}
