"""`check` on the command line: each claim is printed as soon as it was compared, then what was left out, then the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import typer

from bot import contract, render, terminal
from bot.app import App
from bot.illustrating import Ground, draw_overview, draw_timeline
from bot.opened import complain
from bot.pictures.sheet import Picture
from bot.words import words_for
from retrieval.claims import find_claims
from retrieval.errors import UserError
from retrieval.types import Comparison


@dataclass(frozen=True, slots=True)
class Shown:
    """How answers are printed, and when the post was written if that is known."""

    as_json: bool = False
    posted_at: datetime | None = None
    picture: Path | None = None
    light: bool = False


def check_text(app: App, text: str, shown: Shown) -> None:
    """One claim. Raises what the check raises, UserError where the picture cannot be written."""
    comparison = app.check(text)
    _show(app, comparison, shown)
    if shown.picture:
        _write(draw_timeline(app, comparison, shown.posted_at, words_for(render.TERMINAL), _ground(shown)), shown.picture, shown)


def check_post(app: App, text: str, shown: Shown) -> None:
    """The claims of a post. Raises as `check_text`."""
    most = app.settings.max_claims
    post = find_claims(text, most)
    comparisons: list[Comparison] = []
    for some in app.check_in_turn(post):
        for comparison in some:
            _show(app, comparison, shown)
        comparisons += some
    left = [post.left_out[place].text for place in post.ranking]
    if left:
        _show_left(left, most, shown)
    if shown.picture:
        _write(draw_overview(comparisons, len(left), words_for(render.TERMINAL), _ground(shown)), shown.picture, shown)


def moment(text: str) -> datetime:
    """An ISO date, which means the end of that day, or an ISO time; in UTC where it names no zone. Raises UserError."""
    try:
        if len(text) <= len("2025-02-24"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        when = datetime.fromisoformat(text)
    except ValueError:
        raise UserError("--posted takes a date such as 2025-02-24, or a time such as 2025-02-24T18:10Z.") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _ground(shown: Shown) -> Ground:
    return Ground.LIGHT if shown.light else Ground.DARK


def _show(app: App, comparison: Comparison, shown: Shown) -> None:
    app.checks.save(comparison)
    if shown.as_json:
        typer.echo(contract.comparison_line(comparison, shown.posted_at))
    else:
        terminal.show_answer(terminal.console(), render.answer(comparison, posted_at=shown.posted_at))


def _show_left(claims: Sequence[str], most: int, shown: Shown) -> None:
    """On stderr beside JSON, whose lines are claims that were compared."""
    terminal.show_left_out(terminal.console(stderr=shown.as_json), claims, most, words_for(render.TERMINAL))


def _write(picture: Picture, file: Path, shown: Shown) -> None:
    """Write the PNG, and print the same in words: on stderr beside JSON."""
    try:
        file.write_bytes(picture.png)
    except OSError as error:
        raise UserError(f"The picture could not be written to {file}: {error.strerror or type(error).__name__}.") from error
    if shown.as_json:
        complain(picture.alternative)
    else:
        terminal.show_alternative(terminal.console(), picture.alternative)
