"""`check` on the command line: each claim is printed as soon as it was compared, then what was left out, then the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Protocol

from bot import contract, render, terminal
from bot.app import App
from bot.illustrating import Ground, draw_overview, draw_timeline
from bot.pictures.sheet import Picture
from bot.screen import Screen
from bot.words import words_for
from retrieval.claims import Post, find_claims
from retrieval.errors import BadItem, UserError
from retrieval.types import Comparison


@dataclass(frozen=True, slots=True)
class Shown:
    """How answers are printed, and when the post was written if that is known."""

    as_json: bool = False
    posted_at: datetime | None = None
    picture: Path | None = None
    light: bool = False


class Checks(Protocol):
    """Who checks: the App itself, or the line of those who wait for a running service (bot/service/queued.py)."""

    def check(self, text: str) -> Comparison:
        """As App.check."""

    def check_in_turn(self, post: Post) -> Iterator[list[Comparison]]:
        """As App.check_in_turn."""


def check_text(app: App, checks: Checks, screen: Screen, text: str, shown: Shown) -> None:
    """One claim. Raises what the check raises, UserError where the picture cannot be written."""
    comparison = checks.check(text)
    _show(app, screen, comparison, shown)
    if shown.picture:
        _write(screen, draw_timeline(app, comparison, shown.posted_at, words_for(render.TERMINAL), _ground(shown)), shown.picture, shown)


def check_file(app: App, checks: Checks, screen: Screen, file: Path, shown: Shown) -> None:
    """The claims of a post in a file. Raises as `check_text`, BadItem where it cannot be read."""
    try:
        data = screen.read(str(file))
    except OSError as error:
        raise BadItem(str(file), f"cannot be read ({error.strerror})") from error
    most = app.settings.max_claims
    post = find_claims(data.decode("utf-8", errors="replace"), most)
    comparisons: list[Comparison] = []
    for some in checks.check_in_turn(post):
        for comparison in some:
            _show(app, screen, comparison, shown)
        comparisons += some
    left = [post.left_out[place].text for place in post.ranking]
    if left:
        # On stderr beside JSON, whose lines are claims that were compared.
        screen.show(lambda out: terminal.show_left_out(out, left, most, words_for(render.TERMINAL)), stderr=shown.as_json)
    if shown.picture:
        _write(screen, draw_overview(comparisons, len(left), words_for(render.TERMINAL), _ground(shown)), shown.picture, shown)


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


def _show(app: App, screen: Screen, comparison: Comparison, shown: Shown) -> None:
    app.checks.save(comparison)
    if shown.as_json:
        screen.line(contract.comparison_line(comparison, shown.posted_at))
    else:
        screen.show(lambda out: terminal.show_answer(out, render.answer(comparison, posted_at=shown.posted_at)))


def _write(screen: Screen, picture: Picture, file: Path, shown: Shown) -> None:
    """Write the PNG, and print the same in words: on stderr beside JSON."""
    try:
        screen.write(str(file), picture.png)
    except OSError as error:
        raise UserError(f"The picture could not be written to {file}: {error.strerror or type(error).__name__}.") from error
    if shown.as_json:
        screen.complain(picture.alternative)
    else:
        screen.show(lambda out: terminal.show_alternative(out, picture.alternative))
