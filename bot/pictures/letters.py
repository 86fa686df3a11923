"""Letters as the pictures' font has them: what it can draw, how wide that is, and how it is broken into lines.

matplotlib is imported at the first use. Its fonts are kept per thread, so pictures can be drawn in several at once.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.pictures.texts import one_line
from bot.texts import shortened

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

UNKNOWN = "▯"  # for a run of letters that the font lacks
LONGEST = 600  # characters that are looked at: more never fits
SLACK = 1.02  # letters are drawn hinted, a little wider than measured now and then


def drawable(text: str, *, bold: bool = False) -> str:
    """The text in one line, a run of letters that the font lacks as one sign."""
    known, made = _known(bold), list[str]()
    for letter in shortened(one_line(text), LONGEST):
        if letter == " " or ord(letter) in known:
            made.append(letter)
        elif unicodedata.category(letter)[0] != "M" and (not made or made[-1] != UNKNOWN):
            made.append(UNKNOWN)
    return "".join(made)


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Of drawable text, in pixels."""
    font = _font(bold)
    font.set_size(size, 72)
    font.set_text(text)
    return SLACK * font.get_width_height()[0] / 64


def wrapped(text: str, size: float, room: float, lines: int, *, bold: bool = False) -> list[str]:
    """At most so many lines that are no wider than `room` pixels, at least one; "…" ends what goes on. Long words are broken."""
    made, used, space = [""], 0.0, width("a a", size, bold=bold) - width("aa", size, bold=bold)
    for piece in (piece for word in drawable(text, bold=bold).split(" ") for piece in _pieces(word, size, room, bold=bold)):
        wide = width(piece, size, bold=bold)
        if not made[-1]:
            made[-1], used = piece, wide
        elif used + space + wide <= room:
            made[-1], used = f"{made[-1]} {piece}", used + space + wide
        elif len(made) < lines:
            made.append(piece)
            used = wide
        else:
            return [*made[:-1], _cut(made[-1], piece, size, room, bold=bold)]
    return made


def font_file(*, bold: bool = False) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


def _pieces(word: str, size: float, room: float, *, bold: bool) -> Iterator[str]:
    """The word; one that is wider than the room in pieces, each as long as it can be."""
    while width(word, size, bold=bold) > room:
        fits = bisect_right(range(1, len(word)), room, key=lambda end: width(word[:end], size, bold=bold))
        yield word[: max(1, fits)]
        word = word[max(1, fits) :]
    yield word


def _cut(line: str, following: str, size: float, room: float, *, bold: bool) -> str:
    """The line with "…" after it, and as much of the next word as there is room for if the line would end in its first two thirds."""
    whole = line if width(line, size, bold=bold) > room * 2 / 3 else f"{line} {following}"
    fits = bisect_right(range(len(whole) + 1), room, key=lambda end: width(f"{whole[:end].rstrip()}…", size, bold=bold)) - 1
    cut = whole[: max(0, fits)]
    space = cut.rfind(" ")
    inside = whole[len(cut) : len(cut) + 1].strip() and cut.strip()  # of a word
    return f"{(cut[:space] if inside and space > len(cut) * 2 // 3 else cut).rstrip()}…"


@cache
def _known(bold: bool) -> frozenset[int]:  # noqa: FBT001
    return frozenset(_font(bold).get_charmap())


def _font(bold: bool) -> FT2Font:  # noqa: FBT001
    from matplotlib.font_manager import get_font

    return get_font(str(font_file(bold=bold)))
