"""Dates that a text names, each as the span of days it may mean: a month is its first to its last day.

Regular expressions find the candidates, `datetime` resolves them: dateparser takes 13 ms a sentence and finds a date in "She may go".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

# Of a date without a year when nothing says which: any leap year does, since only month and day are compared.
_ANY_YEAR = 2000
_MONTHS = {name.lower(): number for names in (calendar.month_name, calendar.month_abbr) for number, name in enumerate(names) if name}
_MONTHS["sept"] = 9
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_MONTH = "|".join(sorted((name.title() for name in _MONTHS), key=len, reverse=True))
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)[0-9]{2}"
# "In March 12 people" and "the 2000 soldiers": a number that counts what follows is no day and no year.
_COUNTED = r"(?!\s+(?:million|billion|thousand|percent|per\s+cent|people|men|women|children|troops|[a-z]+[^\Ws]s\b))"
_CUE = r"in|since|by|during|until|till|from|of|early|late|mid|last|this|next|before|after|through"
_CANDIDATE = re.compile(
    rf"""(?<![\w.,/$€£-])(?:
    (?P<iso>{_YEAR}-[0-9]{{2}}-[0-9]{{2}})
    |(?P<slash>[0-9]{{1,2}}[/.][0-9]{{1,2}}[/.]{_YEAR})
    |(?:(?P<d0>{_DAY})\s*(?:[–-]|to|and)\s*)?(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>{_YEAR})\b)?
    |(?P<m2>{_MONTH})\b\.?\s+(?P<d2>{_DAY})\b(?:,?\s+(?P<y2>{_YEAR})\b|(?![0-9,.]*[0-9%]){_COUNTED})
    |(?P<m3>{_MONTH})\b\.?,?\s+(?:of\s+)?(?P<y3>{_YEAR})\b
    |(?i:(?:{_CUE})\s+)(?P<m4>{_MONTH})\b(?!\.?,?\s+(?:of\s+)?{_YEAR}\b|\.?\s+{_DAY}\b(?![0-9,.]*[0-9%]){_COUNTED})
    |(?P<decade>(?:19|20)[0-9]0)s
    |(?P<weekday>{"|".join(day.title() for day in _WEEKDAYS)})\b
    |(?P<relative>(?i:yesterday|today|tonight|tomorrow|(?:last|this|next)\s+(?:week|month|year)))\b
    |(?:(?i:in|since|during|until|till|the|this|early|late|mid)[\s-]+)(?P<y5>{_YEAR})(?![\w%]|[.,/]?[0-9]|[–-](?!(?:19|20)[0-9]{{2}}\b)[0-9])
    |(?P<y6>{_YEAR})(?![\w%]|[.,/]?[0-9]|[–-](?!(?:19|20)[0-9]{{2}}\b)[0-9]){_COUNTED}
    )""",
    re.VERBOSE,
)
_BOUND = re.compile(r"\b(after|since|from|following|before|until|till|by|prior to|up to)\s+(?:the\s+|early\s+|late\s+)?$", re.IGNORECASE)
_TO = re.compile(r"\s*(?:to|and|until|till|through|[-–—])\s*")
_BETWEEN = re.compile(r"\b[Bb]etween\s+$")
_LATER = frozenset({"after", "since", "from", "following"})


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days from `first` to `last`, both included, as text[start:end] names them.

    Both are None where only the weekday is known. `yearless`: the text names no year, and that of `first` is the one nearest to
    publication (2000 without a date of publication). `relative`: counted from the day of publication ("yesterday", "Monday").
    """

    first: date | None
    last: date | None
    start: int
    end: int
    weekday: int | None = None  # Monday is 0
    yearless: bool = False
    relative: bool = False
    bound: Literal["", "before", "after"] = ""  # "after 2007" means every later day too, "by May" every earlier one


@lru_cache(maxsize=4096)
def dates(text: str, published: date | None = None) -> tuple[DateSpan, ...]:
    """The dates of `text`, in order and apart. Without `published` there are no relative dates but weekdays. Never raises."""
    found: list[DateSpan] = []
    for span in _resolved(text, published):
        joined = _joined(text, found[-1], span) if found else None
        found = [*found[:-1], joined] if joined else [*found, span]
    return tuple(found)


def overlap(one: DateSpan, other: DateSpan) -> bool:
    """Whether a day exists that both may mean. A date without a year is compared by month and day, weekdays alone by weekday."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return one.weekday is not None and one.weekday == other.weekday
    if not (one.yearless or other.yearless):
        (first, last), (other_first, other_last) = _bounds(one.first, one.last, one.bound), _bounds(other.first, other.last, other.bound)
        return first <= other_last and other_first <= last
    return bool(one.bound or other.bound) or bool(_days_of_year(one.first, one.last) & _days_of_year(other.first, other.last))


def within(inner: DateSpan, outer: DateSpan) -> bool:
    """Whether every day that `inner` may mean is one of `outer`; a month and day without year is within that of any year."""
    if inner.first is None or inner.last is None or outer.first is None or outer.last is None:
        return overlap(inner, outer)
    if inner.bound or outer.bound:
        return overlap(inner, outer) and inner.bound in {"", outer.bound}
    return overlap(inner, outer) and inner.last - inner.first <= outer.last - outer.first + timedelta(days=1)


def _joined(text: str, one: DateSpan, two: DateSpan) -> DateSpan | None:
    """The span from the one date to the other where the text says so ("from 3 to 5 May", "2010-2015"), else None."""
    if one.first is None or two.last is None or one.relative or two.relative or not _TO.fullmatch(text, one.end, two.start):
        return None
    if text[one.end : two.start].strip() == "and" and not _BETWEEN.search(text, max(0, one.start - 12), one.start):
        return None
    first = date(two.last.year, one.first.month, min(one.first.day, 28)) if one.yearless and not two.yearless else one.first
    return DateSpan(first, two.last, one.start, two.end, yearless=two.yearless) if first <= two.last else None


def _bounds(first: date, last: date, bound: str) -> tuple[date, date]:
    return (date.min if bound == "before" else first), (date.max if bound == "after" else last)


def _resolved(text: str, published: date | None) -> Iterator[DateSpan]:
    for match in _CANDIDATE.finditer(text):
        name = next(group for group in ("iso slash m1 m2 m3 m4 decade weekday relative y5 y6").split() if match[group])
        start = match.start(name) if name in {"m4", "y5"} else match.start()
        if name in {"weekday", "relative"}:
            yield from _from_publication(match[name].lower(), published, start, match.end())
        else:
            try:
                first, last, yearless = _explicit(match, name, published)
            except ValueError:  # 31 February
                continue
            yield DateSpan(first, last, start, match.end(), yearless=yearless, bound=_bound(text[max(0, start - 24) : start]))


def _bound(before: str) -> Literal["", "before", "after"]:
    match = _BOUND.search(before)
    return "" if match is None else "after" if match[1].lower() in _LATER else "before"


def _explicit(match: re.Match[str], name: str, published: date | None) -> tuple[date, date, bool]:
    """First and last day and whether the year was guessed. Raises ValueError for what is no date or could be two."""
    if name == "iso":
        day = date.fromisoformat(match[name])
        return day, day, False
    if name == "slash":
        one, two, year = (int(part) for part in re.split("[/.]", match[name]))
        if one <= 12 and two <= 12 and one != two:
            raise ValueError("day and month could be either way round")
        day = date(year, min(one, two), max(one, two))
        return day, day, False
    if name in {"y5", "y6", "decade"}:
        year = int(match[name])
        return date(year, 1, 1), date(year + (9 if name == "decade" else 0), 12, 31), False
    first, last, yearless = _of_month(_MONTHS[match[name].lower()], *_day_and_year(match, name[1]), published)
    from_day = match["d0"] if name == "m1" else None
    return (first.replace(day=int(from_day.rstrip("sthndr"))) if from_day else first), last, yearless


def _day_and_year(match: re.Match[str], form: str) -> tuple[int | None, int | None]:
    day = match[f"d{form}"] if form in "12" else None
    year = match[f"y{form}"] if form in "123" else None
    return int(day.rstrip("sthndr")) if day else None, int(year) if year else None


def _of_month(month: int, day: int | None, year: int | None, published: date | None) -> tuple[date, date, bool]:
    of = year or _nearest_year(month, day or 1, published)
    first = date(of, month, day or 1)
    return first, (first if day else date(of, month, calendar.monthrange(of, month)[1])), year is None


def _nearest_year(month: int, day: int, published: date | None) -> int:
    """The year that brings a month and day nearest to publication."""
    if published is None:
        return _ANY_YEAR
    inside = range(max(1, published.year - 1), min(9999, published.year + 1) + 1)
    return min(inside, key=lambda year: abs((date(year, month, min(day, 28)) - published).days))


def _from_publication(word: str, published: date | None, start: int, end: int) -> Iterator[DateSpan]:
    if word in _WEEKDAYS:
        weekday = _WEEKDAYS[word]
        # News says "on Monday" of the last one.
        day = published - timedelta(days=(published.weekday() - weekday) % 7) if published and published.year > 1 else None
        yield DateSpan(day, day, start, end, weekday, relative=True)
    elif published and 1 < published.year < 9999:
        yield DateSpan(*_counted_from(word, published), start, end, relative=True)


def _counted_from(word: str, published: date) -> tuple[date, date]:
    which, _, unit = " ".join(word.split()).partition(" ")
    if not unit:
        day = published + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(which, 0))
        return day, day
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        monday = published + timedelta(days=7 * step - published.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "year":
        return date(published.year + step, 1, 1), date(published.year + step, 12, 31)
    year, month = divmod(published.year * 12 + published.month - 1 + step, 12)
    return date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def _days_of_year(first: date, last: date) -> frozenset[tuple[int, int]]:
    days = min((last - first).days, 366)
    return frozenset(((first + timedelta(days=day)).month, (first + timedelta(days=day)).day) for day in range(days + 1))
