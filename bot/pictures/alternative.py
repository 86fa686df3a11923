"""The pictures in words: the same facts in the same phrases, within Discord's limit for the description of an attachment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.pictures import phrases
from bot.pictures.facts import Entry, Found, Overview, Row, Timeline
from bot.texts import shortened, units
from bot.words import Words

MAX_ALTERNATIVE = 1_024
CLAIM_WIDTHS = (300, 200, 140, 100, 70, 50, 30)  # characters of a claim: tried in turn, then the last claims or articles are left out


def overview_in_words(facts: Overview, words: Words) -> str:
    def made(kept: int, width: int) -> list[str]:
        rows = [_row(row, words, width) for row in facts.rows[:kept]]
        remarks = phrases.remarks(facts.more + len(facts.rows) - kept, facts.left_out, words)
        return [phrases.title(facts, words), *rows, *remarks, *phrases.foot(words)]

    return _fitting(made, len(facts.rows))


def timeline_in_words(facts: Timeline, words: Words) -> str:
    """Who wrote when, by time; the post stands where it belongs among them."""
    before = facts.before_post

    def made(kept: int, width: int) -> list[str]:
        entries = [_entry(entry, words) for entry in facts.entries[:kept]]
        if facts.posted is not None:
            entries.insert(min(before, kept), f"{words.date(facts.posted)}: {phrases.the_post(words)}.")
        more = facts.more + len(facts.entries) - kept
        claim = f"“{shortened(facts.claim, width)}”: {_found(facts.found, words)}"
        return [claim, *entries, *phrases.remarks(more, 0, words), *_periods(facts, words), *phrases.foot(words)]

    return _fitting(made, len(facts.entries))


def _fitting(made: Callable[[int, int], list[str]], most: int) -> str:
    """The longest that fits: first claims are shortened, then the last rows left out."""
    for kept in range(most, -1, -1):
        for width in CLAIM_WIDTHS if kept == most else CLAIM_WIDTHS[-1:]:
            text = " ".join(made(kept, width))
            if units(text) <= MAX_ALTERNATIVE:
                return text
    return shortened(text, MAX_ALTERNATIVE // 2)


def _row(row: Row, words: Words, width: int) -> str:
    claim = f"{row.number}. “{shortened(row.claim, width)}”:"
    if row.said is None:
        return f"{claim} {_found(row.found, words)}"
    about = zip(phrases.statements(words), (row.found, row.said), strict=True)
    return " ".join([claim, *(f"{label}: {_found(found, words)}" for label, found in about)])


def _found(found: Found, words: Words) -> str:
    return phrases.silence(found, words) if found.silent else f"{phrases.agree(found, words)}, {phrases.contradict(found, words)}."


def _entry(entry: Entry, words: Words) -> str:
    return f"{words.date(entry.at)}: {entry.outlet} {', '.join(phrases.stand(entry, words))}."


def _periods(facts: Timeline, words: Words) -> Sequence[str]:
    if not facts.periods:
        return []
    given = "; ".join(f"“{one.words}” {phrases.span(one, words)}" for one in facts.periods)
    return [f"{phrases.accounts(words)}: {given}.", *phrases.remarks(facts.more_periods, 0, words)]
