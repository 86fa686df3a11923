"""What was given for a fact of the claim when ("0 dead", then "2 dead"): bars on one scale of time, the post's date across them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.pictures import phrases
from bot.pictures.facts import Period, Timeline
from bot.pictures.letters import width
from bot.pictures.sheet import BODY, INNER, MARGIN, SMALL, WIDTH, Sheet
from bot.words import Words

BAR = 24  # pixels high
SHORTEST = 16  # pixels: a moment is seen too


def strip(sheet: Sheet, facts: Timeline, words: Words) -> None:
    """`y` goes below; nothing is drawn where nothing changed."""
    if not facts.periods:
        return
    ends = [end for one in facts.periods for end in (one.since, one.until)] + ([facts.posted] if facts.posted else [])
    start, end = min(ends), max(ends)
    sheet.rule((MARGIN, sheet.y), (WIDTH - MARGIN, sheet.y))
    sheet.y += 22
    sheet.paragraph(phrases.accounts(words), BODY, 2, bold=True)
    sheet.y += 8
    middles = [_bar(sheet, one, start, end, words) for one in facts.periods]
    if facts.posted:
        _post(sheet, _place(facts.posted, start, end), middles, phrases.the_post(words))
    for remark in phrases.remarks(facts.more_periods, 0, words):
        sheet.paragraph(remark, SMALL, 1, colour=sheet.colours.muted)
    sheet.y += 22


def _bar(sheet: Sheet, period: Period, start: datetime, end: datetime, words: Words) -> float:
    """The words, when they were given, and the bar; returns the height of the bar's middle."""
    sheet.paragraph(f"“{period.words}”", BODY, 2)
    sheet.paragraph(phrases.span(period, words), SMALL, 2, colour=sheet.colours.muted)
    sheet.y += 8
    left, right = _place(period.since, start, end), _place(period.until, start, end)
    left = min(left, WIDTH - MARGIN - SHORTEST)
    sheet.box(MARGIN, sheet.y, INNER, BAR, sheet.colours.card, round_by=8)
    sheet.box(left, sheet.y, max(SHORTEST, right - left), BAR, sheet.colours.muted, round_by=8, above=True)
    sheet.y += BAR + 18
    return sheet.y - 18 - BAR / 2


def _post(sheet: Sheet, x: float, middles: Sequence[float], label: str) -> None:
    """A line through each bar, not through the words between, named below the last."""
    for middle in middles:
        for colour, wide in ((sheet.colours.page, 13), (sheet.colours.ink, 5)):  # set off from a bar that it crosses
            sheet.rule((x, middle - BAR / 2 - 6), (x, middle + BAR / 2 + 6), colour, wide=wide, above=True)
    half = width(label, SMALL, bold=True) / 2
    sheet.line(label, min(max(x, MARGIN + half), WIDTH - MARGIN - half), sheet.y + 20, SMALL, bold=True, align="center")
    sheet.y += 44


def _place(when: datetime, start: datetime, end: datetime) -> float:
    """Where a time lies across the sheet; the left end where there is but one."""
    return MARGIN + INNER * ((when - start) / (end - start) if end > start else 0.0)
