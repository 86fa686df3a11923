"""The commands that a service does for a client: their arguments as bot/cli.py declares them, their work as it does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import typer

from bot.app import App
from bot.checking import Shown, check_file, check_text, moment
from bot.cli import cli
from bot.judging import BATCH, judge_lines
from bot.opened import DONE, SOME_FAILED, UNAVAILABLE, USAGE
from bot.screen import Screen
from bot.searching import search_text
from bot.service.queued import Queued
from retrieval.errors import CrosscheckError, UserError

Work = Callable[[App, Queued, Screen], int]


class Unreadable(Exception):
    """Not the arguments of a command that is done here: the command line itself says what is wrong with them."""


def command_of(arguments: Sequence[str]) -> Work:
    """What is to be done, which gives an exit code; its errors are told on the screen. Raises Unreadable."""
    name, *rest = arguments or [""]
    work = _WORK.get(name)
    if work is None or "--help" in rest:
        raise Unreadable(name)
    try:
        given = _command(name).make_context(name, rest).params
    except Exception as error:
        raise Unreadable(name) from error
    if name == "check" and (given["text"] is None) == (given["file"] is None):
        raise Unreadable(name)
    return lambda app, queued, screen: _told(lambda: work(app, queued, screen, given), screen)


def _told(work: Callable[[], int], screen: Screen) -> int:
    """As bot/opened.py."""
    try:
        return work()
    except UserError as error:
        screen.complain(str(error))
        return USAGE
    except CrosscheckError as error:
        screen.complain(str(error))
        return UNAVAILABLE


def _check(app: App, queued: Queued, screen: Screen, given: dict[str, Any]) -> int:
    shown = Shown(given["as_json"], moment(given["posted"]) if given["posted"] else None, given["picture"], given["light"])
    if given["text"] is not None:
        check_text(app, queued, screen, given["text"], shown)
    else:
        check_file(app, queued, screen, given["file"], shown)
    return DONE


def _search(app: App, queued: Queued, screen: Screen, given: dict[str, Any]) -> int:
    del app
    search_text(queued.find, screen, given["text"], given["count"], as_json=given["as_json"])
    return DONE


def _stance(app: App, queued: Queued, screen: Screen, given: dict[str, Any]) -> int:
    del app, given
    return SOME_FAILED if judge_lines(queued, screen.lines(BATCH), screen.line, screen.complain) else DONE


_WORK: dict[str, Callable[[App, Queued, Screen, dict[str, Any]], int]] = {"check": _check, "search": _search, "stance": _stance}


@cache
def _command(name: str) -> Any:  # noqa: ANN401 - typer keeps its copy of click's types to itself
    group: Any = typer.main.get_command(cli)
    return group.commands[name]
