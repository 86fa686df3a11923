"""The command `compare`. Thin, like bot/cli.py: what it does is in retrieval/stories.py."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.opened import opened


def compare(
    story: Annotated[str, typer.Argument(help="Names the story in any words, in quotes; or the address of a stored article.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Set outlet against outlet: what those that tell one story share, where they differ, and what only one of them has."""
    with opened() as app:
        from bot import contract, story_terminal, terminal
        from bot.story_rendering import story_answer
        from retrieval.types import Claim

        compared = app.compare_stories([Claim(story)])[0]
        if as_json:
            typer.echo(contract.story_line(compared))
        else:
            story_terminal.show_story(terminal.console(), story_answer(compared))
