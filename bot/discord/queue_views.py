"""Messages about the queue of disputed posts, and the history of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord
from discord import ui

from bot.discord.case_views import Row, button, person, state_name, time
from bot.discord.ids import CaseId, Step
from bot.discord.limits import MAX_OPTION, MAX_TEXT
from bot.discord.markdown import escaped, one_line
from bot.discord.packing import within
from bot.discord.views import stopped
from bot.texts import shortened, units
from bot.words import Words
from db.cases import RESOLVED, Action, Dispute, Event, Page, State

PAGE = 10  # cases of the queue on a page


def queue_view(page: Page, number: int, total: Mapping[State, int], chosen: str, words: Words) -> ui.LayoutView:
    """A page of the queue: `number` from 0, `chosen` the filter as it stands in the ids of the buttons."""
    counts = " · ".join(f"{state_name(state, words).split(':')[0]}: {words.number(count)}" for state, count in total.items() if count)
    lines = [queue_line(case, words) for case in page.disputes] or [words("No case is in this list.")]
    shown = ["### " + words("Disputed posts"), *([f"-# {counts}"] if counts else []), *lines]
    rows: list[Row] = []
    if page.disputes:
        options = [
            discord.SelectOption(label=within(f"{case.number}. {one_line(case.post.text) or '…'}", MAX_OPTION), value=str(case.id))
            for case in page.disputes
        ]
        rows.append(ui.ActionRow(ui.Select(custom_id=str(CaseId(Step.SHOW)), placeholder=words("Open a case"), options=options)))
    turns = []
    if number > 0:
        turns.append(button(words("Newer"), CaseId(Step.LIST, number - 1, 0, chosen)))
    if (number + 1) * PAGE < page.total:
        turns.append(button(words("Older"), CaseId(Step.LIST, number + 1, 0, chosen)))
    if turns:
        rows.append(ui.ActionRow(*turns))
    return stopped(ui.Container(ui.TextDisplay(within("\n".join(shown), MAX_TEXT))), *rows)


def queue_line(case: Dispute, words: Words) -> str:
    """A case in two lines."""
    name = words("Case {n}", n=case.number)
    told = [state_name(case.state, words), time(case.opened_at, "R")]
    if len(case.flags) > 1:
        told.append(words.plural("{n} flag", "{n} flags", len(case.flags)))
    if case.state is State.IN_REVIEW and case.assignee is not None:
        told.append(person(case.assignee, words))
    if case.appealed_at and case.state not in RESOLVED:
        told.append(words("appealed"))
    text = escaped(shortened(one_line(case.post.text), 90)) or words("Its words were erased.")
    return f"**{name}** · {' · '.join(told)}\n> {text}"


def history_view(case: Dispute, events: Sequence[Event], words: Words) -> ui.LayoutView:
    """What was done with a case, newest last; the oldest are counted where there is no room."""
    lines: list[str] = []
    room = MAX_TEXT - 400
    for event in reversed(events):
        line = _event(event, words)
        if (room := room - units(line) - 1) < 0:
            break
        lines.insert(0, line)
    head = "### " + words("History of case {n}", n=case.number)
    if left := len(events) - len(lines):
        lines.insert(0, "-# " + words.plural("… and {n} more.", "… and {n} more.", left))
    return stopped(ui.TextDisplay("\n".join([head, *(lines or [words("Nothing was recorded yet.")])])))


def _event(event: Event, words: Words) -> str:
    did = {
        Action.OPENED: words("flagged: the case was opened"),
        Action.FLAGGED: words("flagged too"),
        Action.EVIDENCE: words("evidence was kept"),
        Action.ASSIGNED: words("taken into review"),
        Action.RELEASED: words("released"),
        Action.RESOLVED: words("resolved"),
        Action.REOPENED: words("reopened"),
        Action.NOTED: words("a public note was published"),
        Action.APPEALED: words("the author appealed"),
        Action.ERASED: words("words and names were erased"),
    }.get(event.action, event.action.value)
    parts = [time(event.at), did]
    if event.to_state is not None and event.to_state in RESOLVED and event.action is Action.RESOLVED:
        parts.append(state_name(event.to_state, words))
    if event.person is not None:
        parts.append(person(event.person, words))
    note = event.note or ""
    if event.action is Action.ASSIGNED and note.isascii() and note.isdigit():  # who reviews it, which may be another than who said so
        if note != str(event.person):
            parts.append(words("given to {person}", person=person(int(note), words)))
        note = ""
    return " · ".join(parts) + (f"\n> {escaped(shortened(one_line(note), 300))}" if note else "")
