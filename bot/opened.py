"""Opening the app for one command: errors become a sentence on stderr and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.app import App

DONE, SOME_FAILED, USAGE, UNAVAILABLE = 0, 1, 2, 69


def complain(sentence: str) -> None:
    """One line on stderr."""
    typer.echo(sentence, err=True)


@contextmanager
def opened(*, demo: bool = False) -> Iterator[App]:
    """The app for one command; errors become a sentence on stderr and an exit code."""
    from bot.app import App
    from config.logging import configure
    from config.settings import BadSettings, load_settings
    from db.ownership import other_owner
    from retrieval.errors import CrosscheckError, UserError

    try:
        settings = load_settings()
        if demo:
            settings = settings.model_copy(update={"data_dir": Path(".demo"), "database_url": None})
        configure(settings.log_level, settings.log_format, settings.secrets)
        if owner := other_owner(settings.data_dir):
            raise UserError(
                "The data folder {folder} is of {owner}, and this runs as root, whose files would lock {owner} out. Run it as {owner}.",
                folder=settings.data_dir, owner=owner,
            )  # fmt: skip
        with App(settings) as app:
            yield app
    except UserError as error:
        complain(str(error))
        raise typer.Exit(USAGE) from None
    except (CrosscheckError, BadSettings) as error:
        complain(str(error))
        raise typer.Exit(UNAVAILABLE) from None
