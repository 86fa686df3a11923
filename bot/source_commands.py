"""The commands `sources ...`. Thin, like bot/cli.py: what they do is in bot/sources.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.opened import DONE, SOME_FAILED, opened

cli = typer.Typer(no_args_is_help=True, help="News sources: what is followed on the web, and the outlets whose articles are stored.")
WHICH = typer.Argument(help="Number, address or name of a source.")


@cli.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(help="Address of a site, feed, sitemap or page, or a name of `sources suggest`.")],
    name: Annotated[str, typer.Option(help="The outlet's name, as shown; by default its own.")] = "",
) -> None:
    """Find the feeds of a site, say what was found, and start to follow them."""
    with opened() as app:
        from bot import sources

        found = sources.add(app, url, name)
    raise typer.Exit(DONE if found else SOME_FAILED)


@cli.command("suggest")
def sources_suggest() -> None:
    """List well-known public feeds to start with."""
    from bot import sources

    sources.suggest()


@cli.command("list")
def sources_list() -> None:
    """List the sources on the web, and the outlets with how many of their articles are stored."""
    with opened() as app:
        from bot import sources

        sources.show(app)


@cli.command("health")
def sources_health(which: Annotated[str, WHICH] = "") -> None:
    """Say how sources do: last success, next visit, failures with the reason, articles a day."""
    with opened() as app:
        from bot import sources

        sources.health(app, which)


@cli.command("pause")
def sources_pause(which: Annotated[str, WHICH], why: Annotated[str, typer.Option(help="Shown in list and health.")] = "") -> None:
    """Stop visiting a source; its articles stay."""
    with opened() as app:
        from bot import sources

        sources.pause(app, which, why)


@cli.command("resume")
def sources_resume(which: Annotated[str, WHICH]) -> None:
    """Visit a paused or ended source again."""
    with opened() as app:
        from bot import sources

        sources.resume(app, which)


@cli.command("remove")
def sources_remove(
    which: Annotated[str, WHICH],
    with_articles: Annotated[bool, typer.Option(help="Take its articles out of search too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a source, after saying what becomes of its articles."""
    with opened() as app:
        from bot import sources

        sources.remove(app, which, with_articles=with_articles, yes=yes)


@cli.command("refresh")
def sources_refresh(which: Annotated[str, WHICH] = "") -> None:
    """Visit a source now, or all of them."""
    with opened() as app:
        from bot import sources

        failed = sources.refresh(app, which)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@cli.command("import")
def sources_import(file: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Add the feeds of an OPML file."""
    with opened() as app:
        from bot import sources

        sources.import_opml(app, file)


@cli.command("export")
def sources_export(file: Annotated[Path | None, typer.Argument(help="Where to; by default standard output.")] = None) -> None:
    """Write the feeds as OPML."""
    with opened() as app:
        from bot import sources

        sources.export_opml(app, file)
