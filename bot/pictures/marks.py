"""What stands for a side in every picture: a disc with ✓, a diamond with ✗. A shape, a sign and a colour, and words beside them."""

from __future__ import annotations

from bot.pictures import phrases
from bot.pictures.facts import Found, Side
from bot.pictures.sheet import BODY, INNER, MARGIN, SMALL, Sheet
from bot.render import AGREE, CONTRADICT, SILENT
from bot.words import Words

CHIP = 64  # pixels high
GAP = 20


def mark(sheet: Sheet, side: Side, x: float, y: float, radius: float, *, filled: bool = True) -> None:
    """The sign of a side around (x, y); hollow for what weighs less."""
    colour = sheet.colours.agree if side is Side.AGREE else sheet.colours.contradict
    if side is Side.AGREE:
        sheet.disc(x, y, radius, colour, filled=filled)
    else:
        sheet.diamond(x, y, radius * 1.2, colour, filled=filled)
    sign = AGREE if side is Side.AGREE else CONTRADICT
    sheet.line(sign, x, y, radius * 1.35, colour=sheet.colours.page if filled else colour, bold=True, align="center")


def counts(sheet: Sheet, found: Found, words: Words, x: float = MARGIN) -> None:
    """How many agree and how many contradict, side by side, or why there are none; `y` goes below."""
    if found.silent:
        sheet.line(SILENT, x + 12, sheet.y + SMALL * 0.66, BODY, colour=sheet.colours.muted, bold=True, align="center")
        sheet.paragraph(phrases.silence(found, words), SMALL, 3, x=x + 36, room=INNER + MARGIN - x - 36, colour=sheet.colours.muted)
        return
    wide = (INNER + MARGIN - x - GAP) / 2
    sides = ((Side.AGREE, found.agreeing, phrases.agree), (Side.CONTRADICT, found.contradicting, phrases.contradict))
    for at, (side, number, phrase) in enumerate(sides):
        left, middle = x + at * (wide + GAP), sheet.y + CHIP / 2
        colour = sheet.colours.agree if side is Side.AGREE else sheet.colours.contradict
        sheet.box(left, sheet.y, wide, CHIP, sheet.colours.card, round_by=14)
        mark(sheet, side, left + 38, middle, 20, filled=number > 0)
        sheet.line(phrase(found, words), left + 76, middle, 32, colour=colour if number else sheet.colours.muted, bold=number > 0)
    sheet.y += CHIP
