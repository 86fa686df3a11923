"""`disputes`: cases and their audit on the command line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import get_args

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.app import App
from bot.exports import IN_WORDS, Kind, all_cases, everything, export, post_url
from bot.opened import complain
from bot.render import answer
from bot.terminal import console, show_answer
from db import audit, verifying
from db.cases import Action, Dispute, Event, State
from retrieval.errors import UserError

SHOWN = 60  # characters of a post in the list


def show_list(app: App, guild_id: int, state: str) -> None:
    """A server's cases in a table. Raises UserError."""
    if state and state not in tuple(State):
        raise UserError("There is no state “{state}”. A case is {states}.", state=state, states=", ".join(State))
    cases = all_cases(app.disputes, guild_id, {State(state)} if state else ())
    if not cases:
        typer.echo("There is no such case.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("no", "state", "opened", "flags", "post"):
        table.add_column(heading, justify="right" if heading in ("no", "flags") else "left", no_wrap=heading != "post")
    for case in cases:
        words = " ".join(case.post.text.split())
        post = words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
        table.add_row(str(case.number), case.state.value, _when(case.opened_at), str(len(case.flags)), post)
    console().print(table)


def show(app: App, guild_id: int, number: int) -> None:
    """A case with all that belongs to it. Raises UserError."""
    case = app.disputes.numbered(guild_id, number)
    if case is None:
        raise UserError("This server has no case {number}.", number=number)
    out = console()
    out.print(Text(f"Case {case.number}: {IN_WORDS[case.state]}", style="bold"))
    out.print(Text(_about(case), style="dim"))
    out.print(Padding(Text(case.post.text or "(The words were erased.)"), (1, 2)))
    for flag in case.flags:
        by = "somebody who was erased" if flag.person is None else f"{'moderator' if flag.moderator else 'member'} {flag.person}"
        out.print(Text(f"Flagged by {by}: {' / '.join(filter(None, (flag.reason, flag.note))) or '(no reason given)'}"))
    if case.appeal:
        out.print(Text(f"Appeal: {case.appeal}"))
    for snapshot in app.disputes.snapshots(case.id):
        out.print(Text(f"\nEvidence {snapshot.number}, {_when(snapshot.taken_at)}", style="bold"))
        for comparison in snapshot.comparisons:
            show_answer(out, answer(comparison))
    out.print(Text("\nWhat was done", style="bold"))
    for event in app.disputes.history(case.id):
        out.print(Text(_line_of(event)))
        if event.note:
            out.print(Padding(Text(f"to {event.note}" if event.action is Action.ASSIGNED else event.note), (0, 0, 0, 6)))


def write(app: App, guild_id: int, kind: str, out: Path | None, name: str) -> None:
    """Write a server's cases to a file, or to standard output. Raises UserError."""
    kinds: dict[str, Kind] = {one: one for one in get_args(Kind)}
    if kind not in kinds:
        raise UserError("There is no format “{kind}”. Formats are {kinds}.", kind=kind, kinds=", ".join(kinds))
    _, data = export(everything(app.disputes, guild_id), kinds[kind], name or f"Discord server {guild_id}")
    if out is None:
        typer.echo(data, nl=False)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise UserError("{file} cannot be written: {why}.", file=out, why=error.strerror) from error
    typer.echo(f"Written to {out}.")


def verify(app: App, heads: Collection[str]) -> bool:
    """Say whether the audit is whole and where its chains end; problems go to stderr."""
    report = verifying.verify(app.database, app.audit_key)
    problems = [*report.problems, *(f"No row has the head {head}." for head in heads if not verifying.has_row(app.database, head))]
    for problem in problems:
        complain(problem)
    if not problems:
        typer.echo(
            f"Nothing was changed or removed: {len(report.chains)} chains with {report.rows} rows,"
            f" persons and notes of {report.erased} of them erased."
        )
        for chain in report.chains:
            typer.echo(f"{'chain of chains' if chain.guild_id == audit.CHAINS else f'server {chain.guild_id}'}: {chain.head}")
    return not problems


def _about(case: Dispute) -> str:
    author = f"by {case.post.author}" if case.post.author is not None else ""
    reviewer = f"reviewed by {case.assignee}" if case.assignee is not None else ""
    return ", ".join(filter(None, (author, post_url(case.post), f"opened {_when(case.opened_at)}", reviewer)))


def _line_of(event: Event) -> str:
    """What was done, by whom, and what the case was from then on."""
    by = "by somebody who was erased" if event.erased else f"by {event.person}" if event.person is not None else ""
    state = "deleted" if event.to_state is None else IN_WORDS[event.to_state] if event.to_state is not event.from_state else ""
    return f"{event.seq:>4}  {_when(event.at)}  " + ", ".join(filter(None, (event.action.value, by, state)))


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
