"""The picture of one claim: the articles that agree and contradict by date, the post among them; and what was given for a fact when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from bot.pictures import phrases
from bot.pictures.alternative import timeline_in_words
from bot.pictures.facts import Entry, Side, Timeline, day
from bot.pictures.letters import width
from bot.pictures.marks import counts, mark
from bot.pictures.overview import foot
from bot.pictures.sheet import BODY, LEADING, MARGIN, SMALL, WIDTH, Picture, Sheet
from bot.pictures.strip import strip
from bot.pictures.theme import Theme
from bot.words import Words

# Time goes down, an article a row, so that names never meet however near their dates; each side has its lane.
LANES = {Side.AGREE: 292.0, Side.CONTRADICT: 352.0}
NAMES = 400
RADIUS = 22


def timeline(facts: Timeline, words: Words, theme: Theme = Theme.LIGHT) -> Picture:
    """1,080 pixels wide, and as high as the articles need: under 5,000."""
    return timeline_sheet(facts, words, theme).picture(timeline_in_words(facts, words))


def timeline_sheet(facts: Timeline, words: Words, theme: Theme = Theme.LIGHT) -> Sheet:
    sheet = Sheet(theme)
    sheet.paragraph(f"“{facts.claim}”", BODY, 4)
    sheet.y += 18
    counts(sheet, facts.found, words)
    sheet.y += 34
    _rows(sheet, facts, words)
    for remark in phrases.remarks(facts.more, 0, words):
        sheet.paragraph(remark, SMALL, 1, x=NAMES, room=WIDTH - MARGIN - NAMES, colour=sheet.colours.muted)
        sheet.y += 12
    strip(sheet, facts, words)
    foot(sheet, [], words)
    return sheet


def _rows(sheet: Sheet, facts: Timeline, words: Words) -> None:
    """Those with dates along the lanes of their sides, the post among them; then those without."""
    top, before = sheet.y, facts.before_post
    dated = [entry for entry in facts.entries if entry.at is not None]
    last = _stretch(sheet, dated[:before], None, words)
    if facts.posted is not None:
        last = _post(sheet, facts.posted, last, words)
    _stretch(sheet, dated[before:], last, words)
    if dated:
        for lane in LANES.values():
            sheet.rule((lane, top), (lane, sheet.y - 12), wide=3)
    sheet.y += 12
    _stretch(sheet, facts.entries[len(dated) :], None, words)


def _stretch(sheet: Sheet, entries: Sequence[Entry], last: datetime | None, words: Words) -> datetime | None:
    """Rows after what has the time `last`; returns the time of the last of them."""
    shown = ""
    for entry in entries:
        sheet.y += _gap(last, entry.at)
        date = words.date(entry.at)
        _row(sheet, entry, words, "" if date == shown else date)
        shown, last = date, entry.at or last
    return last


def _row(sheet: Sheet, entry: Entry, words: Words, date: str) -> None:
    middle = sheet.y + BODY * LEADING / 2
    if date:
        sheet.fitted(date, MARGIN, middle, SMALL, LANES[Side.AGREE] - RADIUS - MARGIN - 16)
    mark(sheet, entry.side, LANES[entry.side], middle, RADIUS, filled=entry.published)
    room = WIDTH - MARGIN - NAMES
    sheet.paragraph(entry.outlet, BODY, 2, x=NAMES, room=room)
    sheet.paragraph(", ".join(phrases.stand(entry, words)), SMALL, 2, x=NAMES, room=room, colour=sheet.colours.muted)
    sheet.y += 16


def _post(sheet: Sheet, posted: datetime, last: datetime | None, words: Words) -> datetime:
    """A line across everything; returns its time."""
    sheet.y += _gap(last, posted)
    middle = sheet.y + BODY * LEADING / 2
    date, label = words.date(posted), phrases.the_post(words)
    sheet.rule((MARGIN, middle), (WIDTH - MARGIN, middle), sheet.colours.ink, dashed=True, wide=3)
    for text, x, size in ((date, MARGIN, SMALL), (label, NAMES, BODY)):
        sheet.box(x - 8, middle - 24, width(text, size, bold=True) + 20, 48, sheet.colours.page, above=True)
        sheet.line(text, x, middle, size, bold=True)
    sheet.y += BODY * LEADING + 20
    return posted


def _gap(last: datetime | None, now: datetime | None) -> float:
    """Pixels for the time between: they tell days from months, and years do not make the picture long."""
    return min(70.0, 12 * math.log2(1 + abs((day(now) - day(last)).days))) if last and now else 0.0
