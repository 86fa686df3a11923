"""The command line. Thin: each command reads its arguments, asks the core, prints. Heavy imports wait until a command runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import App

DONE, SOME_FAILED, USAGE, UNAVAILABLE = 0, 1, 2, 69

cli = typer.Typer(
    name="crosscheck", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Finds what stored news says about a claim: agreeing and contradicting excerpts, word for word. It never rules true or false.",
)  # fmt: skip
index_cli = typer.Typer(no_args_is_help=True, help="The search index: a view of the database that can always be made anew.")
db_cli = typer.Typer(no_args_is_help=True, help="The database.")
sources_cli = typer.Typer(no_args_is_help=True, help="The outlets whose articles are stored.")
cli.add_typer(index_cli, name="index")
cli.add_typer(db_cli, name="db")
cli.add_typer(sources_cli, name="sources")


def main() -> None:
    """Run the command line; the exit code is 0 done, 1 some items failed, 2 usage, 69 a needed service is missing."""
    cli()


@cli.command()
def check(
    text: Annotated[str | None, typer.Argument(help="The claim, in quotes.")] = None,
    file: Annotated[Path | None, typer.Option(help="A post to take claims from; - reads standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a claim, one a line.")] = False,
) -> None:
    """Check a claim, or the claims of a whole post, against the stored sources."""
    if (text is None) == (file is None):
        raise typer.BadParameter("give either the claim's TEXT or --file POST")
    with opened() as app:
        from bot import contract, render, terminal

        comparisons = [app.checker.check_text(text)] if text is not None else app.checker.check_post(_read_post(file or Path("-")))
        for comparison in comparisons:
            app.checks.save(comparison)
            if as_json:
                typer.echo(contract.comparison_line(comparison))
            else:
                terminal.show_answer(terminal.console(), render.answer(comparison))


@cli.command()
def ingest(
    targets: Annotated[list[Path], typer.Argument(help="Files (.jsonl, .html, .xml) or folders of them.")],
) -> None:
    """Store articles. What is stored already is left as it is; a changed article becomes a new revision."""
    with opened() as app:
        from bot.ingesting import ingest_targets

        failed = ingest_targets(app, targets)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@cli.command()
def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    count: Annotated[int, typer.Option("-k", min=1, max=1000, help="Passages to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a hit, one a line.")] = False,
) -> None:
    """Retrieval alone: the passages nearest to a text."""
    with opened() as app:
        from bot import contract, terminal
        from retrieval.claims import parse_claim

        hits = app.search.find([parse_claim(text).query], count)[0]
        if as_json:
            for rank, hit in enumerate(hits, 1):
                typer.echo(contract.hit_line(rank, hit))
        else:
            terminal.show_hits(terminal.console(), hits)


@cli.command()
def stance(
    as_json: Annotated[bool, typer.Option("--json", help="Accepted for symmetry: the output is always JSON lines.")] = False,
) -> None:
    """Judge pairs: JSON lines {"evidence","claim"} in, {"agree","contradict","neutral"} out, in the same order."""
    del as_json
    with opened() as app:
        from bot.judging import judge_lines

        failed = judge_lines(app.stance, sys.stdin.buffer, typer.echo, complain)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@cli.command()
def run() -> None:
    """Start the Discord bot."""
    # The bot itself is a later piece of work: saying so is better than a process that looks alive and answers nobody.
    complain("This version has no Discord client yet: use check, search and ingest here. See CHANGELOG.md for what comes next.")
    raise typer.Exit(UNAVAILABLE)


@cli.command()
def doctor() -> None:
    """Say what is set up and what is missing, in words."""
    from bot.doctor import examine

    with opened() as app:
        raise typer.Exit(DONE if examine(app) else UNAVAILABLE)


@cli.command()
def demo() -> None:
    """Ingest the bundled sample into a scratch folder, check two claims and a post, and say what to do next."""
    from bot.demo import show

    with opened(demo=True) as app:
        show(app)


@index_cli.command("rebuild")
def index_rebuild() -> None:
    """Throw the search index away and make it anew from the database."""
    with opened() as app:
        from bot import terminal

        total = app.articles.counts()["passages"]
        with terminal.progress(terminal.console(stderr=True)) as bar:
            task = bar.add_task("Rebuilding", total=total)
            count = app.index.rebuild(lambda done: bar.advance(task, done))
        typer.echo(f"The index holds {count} passages.")


@index_cli.command("status")
def index_status() -> None:
    """Bring the index up to date and compare it with the database."""
    with opened() as app:
        dense, lexical = app.index.ids()
        stored = app.articles.counts()["passages"]
        typer.echo(f"{stored} passages in the database, {len(dense)} in the dense index, {len(lexical)} in the lexical index.")
        if not stored == len(dense) == len(lexical):
            complain("They differ. Run: python -m bot index rebuild")
            raise typer.Exit(SOME_FAILED)


@db_cli.command("upgrade")
def db_upgrade() -> None:
    """Make the database, or bring it up to this version."""
    with opened() as app:
        from db.engine import schema_versions

        typer.echo(f"The database is at schema {schema_versions(app.database.engine)[0]}.")


@sources_cli.command("list")
def sources_list() -> None:
    """List the outlets and how many of their articles are stored."""
    with opened() as app:
        for name, count in app.articles.by_source():
            typer.echo(f"{count:>8}  {name}")


def complain(sentence: str) -> None:
    """One line on stderr."""
    typer.echo(sentence, err=True)


@contextmanager
def opened(*, demo: bool = False) -> Iterator[App]:
    """The app for one command; errors become a sentence on stderr and an exit code."""
    from bot.app import App
    from config.logging import configure
    from config.settings import BadSettings, load_settings
    from retrieval.errors import CrosscheckError, UserError

    try:
        settings = load_settings()
        if demo:
            settings = settings.model_copy(update={"data_dir": Path(".demo"), "database_url": None})
        configure(settings.log_level)
        with App(settings) as app:
            yield app
    except UserError as error:
        complain(str(error))
        raise typer.Exit(USAGE) from None
    except (CrosscheckError, BadSettings) as error:
        complain(str(error))
        raise typer.Exit(UNAVAILABLE) from None


def _read_post(file: Path) -> str:
    from retrieval.errors import BadItem

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadItem(str(file), f"cannot be read ({error.strerror})") from error
    return data.decode("utf-8", errors="replace")
