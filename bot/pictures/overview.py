"""The picture of a post: its claims in order, each with how many sources agree and how many contradict."""

from __future__ import annotations

from bot.pictures import phrases
from bot.pictures.alternative import overview_in_words
from bot.pictures.facts import Overview, Row
from bot.pictures.marks import counts
from bot.pictures.sheet import BODY, INNER, MARGIN, SMALL, TITLE, WIDTH, Picture, Sheet
from bot.pictures.theme import Theme
from bot.words import Words

INDENT = MARGIN + 80  # where claims begin, right of their numbers
FEW = 4  # claims that get three lines each; of more each gets two, for a phone shows a high picture small


def overview(facts: Overview, words: Words, theme: Theme = Theme.LIGHT) -> Picture:
    """1,080 pixels wide, and as high as the claims need: under 5,000."""
    return overview_sheet(facts, words, theme).picture(overview_in_words(facts, words))


def overview_sheet(facts: Overview, words: Words, theme: Theme = Theme.LIGHT) -> Sheet:
    sheet = Sheet(theme)
    sheet.paragraph(phrases.title(facts, words), TITLE, 3, bold=True)
    sheet.y += 20
    for row in facts.rows:
        _row(sheet, row, words, lines=3 if facts.compared <= FEW else 2)
    foot(sheet, phrases.remarks(facts.more, facts.left_out, words), words)
    return sheet


def foot(sheet: Sheet, remarks: list[str], words: Words) -> None:
    """What every picture ends with."""
    _rule(sheet)
    for remark in [*remarks, *phrases.foot(words)]:
        sheet.paragraph(remark, SMALL, 3, colour=sheet.colours.muted)


def _row(sheet: Sheet, row: Row, words: Words, lines: int) -> None:
    _rule(sheet)
    sheet.line(f"{row.number}.", MARGIN, sheet.y + BODY * 0.66, BODY, colour=sheet.colours.muted, bold=True)
    sheet.paragraph(row.claim, BODY, lines, x=INDENT, room=INNER + MARGIN - INDENT)
    if row.said is None:
        sheet.y += 14
        counts(sheet, row.found, words, INDENT)
    else:
        for label, found in zip(phrases.statements(words), (row.found, row.said), strict=True):
            sheet.y += 12
            sheet.paragraph(label, SMALL, 1, x=INDENT, room=INNER + MARGIN - INDENT, colour=sheet.colours.muted)
            sheet.y += 6
            counts(sheet, found, words, INDENT)
    sheet.y += 22


def _rule(sheet: Sheet) -> None:
    sheet.rule((MARGIN, sheet.y), (WIDTH - MARGIN, sheet.y))
    sheet.y += 22
