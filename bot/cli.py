"""The command line. Thin: each command reads its arguments, asks the core, prints. Heavy imports wait until a command runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated

import typer

from bot import backup_commands, copy_commands, dispute_commands, privacy_commands, source_commands, story_commands
from bot.opened import DONE, SOME_FAILED, UNAVAILABLE, complain, opened
from bot.screen import INPUT, Screen, Terminal

cli = typer.Typer(
    name="crosscheck", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Finds what stored news says about a claim: agreeing and contradicting excerpts, word for word. It never rules true or false.",
)  # fmt: skip


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        typer.echo(f"crosscheck {version_of('crosscheck')}")
        raise typer.Exit


index_cli = typer.Typer(no_args_is_help=True, help="The search index: a view of the database that can always be made anew.")
db_cli = typer.Typer(no_args_is_help=True, help="The database.")
cli.add_typer(index_cli, name="index")
cli.add_typer(db_cli, name="db")
cli.add_typer(source_commands.cli, name="sources")
cli.add_typer(dispute_commands.cli, name="disputes")
cli.add_typer(privacy_commands.cli, name="privacy")


@cli.callback()
def options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and end.", callback=_print_version)] = False,
) -> None:
    """What stands before a command."""
    del version  # done by then


def main() -> None:
    """Run the command line without asking a service; exit codes as in bot/__main__.py."""
    run_here()


def run_here(printed: int = 0, read: Mapping[str, bytes] | None = None) -> None:
    """As `main`; `printed` and `read` are what a service has begun (bot/screen.py)."""
    cli(obj=Terminal(printed, read))


NoService = Annotated[bool, typer.Option("--no-service", help="Do the work in this process, whatever service is running.")]


@cli.command()
def check(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="The claim, in quotes.")] = None,
    file: Annotated[Path | None, typer.Option(help="A post to take claims from; - reads standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a claim, one a line.")] = False,
    posted: Annotated[str | None, typer.Option(help="When it was written: an ISO date or time. What is newer is marked.")] = None,
    picture: Annotated[Path | None, typer.Option(help="A PNG to write: of a post its claims, of a claim its sources by date.")] = None,
    light: Annotated[bool, typer.Option("--light", help="The picture on a light ground.")] = False,
    no_service: NoService = False,
) -> None:
    """Check a claim, or the claims of a whole post, against the stored sources."""
    del no_service  # bot/__main__.py has heeded it
    if (text is None) == (file is None):
        raise typer.BadParameter("give either the claim's TEXT or --file POST")
    with opened() as app:
        from bot.checking import Shown, check_file, check_text, moment

        shown = Shown(as_json, moment(posted) if posted else None, picture, light)
        if text is not None:
            check_text(app, app, _screen(context), text, shown)
        else:
            check_file(app, app, _screen(context), file or Path(INPUT), shown)


cli.command("compare")(story_commands.compare)


@cli.command()
def ingest(
    targets: Annotated[list[str] | None, typer.Argument(help="Files (.jsonl, .html, .xml), folders of them, addresses of sites.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Then visit the news sources as they become due, until stopped.")] = False,
) -> None:
    """Store articles. What is stored already is left as it is; a changed article becomes a new revision.

    An address on the web becomes a news source, as with `sources add`.
    """
    if not targets and not watch:
        raise typer.BadParameter("give at least one TARGET, or --watch")
    with opened() as app:
        from bot import sources
        from bot.ingesting import ingest_targets

        addresses = [target for target in targets or () if "://" in target]
        files = [Path(target) for target in targets or () if "://" not in target]
        failed = ingest_targets(app, files) if files else 0
        failed += sum(not sources.add(app, address, "") for address in addresses)
        if watch:
            sources.watch(app)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@cli.command()
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What to look for.")],
    count: Annotated[int, typer.Option("-k", min=1, max=1000, help="Passages to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a hit, one a line.")] = False,
    no_service: NoService = False,
) -> None:
    """Retrieval alone: the passages nearest to a text."""
    del no_service
    with opened() as app:
        from bot.searching import search_text

        search_text(lambda query, most: app.search.find([query], most)[0], _screen(context), text, count, as_json=as_json)


@cli.command()
def history(url: Annotated[str, typer.Argument(help="Address of a stored article.")]) -> None:
    """Show how a stored article changed: its revisions, and the sentences that went and came."""
    with opened() as app:
        from bot import terminal
        from retrieval.errors import UserError

        revisions = app.articles.revisions(url)
        if not revisions:
            raise UserError("No article with this address is stored. `search` shows the addresses of passages.")
        terminal.show_history(terminal.console(), [(row.number, row.created_at, row.title, row.text) for row in revisions])


@cli.command()
def stance(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Accepted for symmetry: the output is always JSON lines.")] = False,
    no_service: NoService = False,
) -> None:
    """Judge pairs: JSON lines {"evidence","claim"} in, {"agree","contradict","neutral"} out, in the same order."""
    del as_json, no_service
    with opened() as app:
        from bot.judging import BATCH, judge_lines

        screen = _screen(context)
        failed = judge_lines(app.stance, screen.lines(BATCH), screen.line, screen.complain)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@cli.command()
def run(
    watch: Annotated[bool, typer.Option(help="Visit the news sources too, as `ingest --watch` does.")] = True,
) -> None:
    """Start the Discord bot: it answers until it is stopped. DISCORD_TOKEN holds its token."""
    with opened() as app:
        from bot.discord.running import serve

        serve(app, watch=watch)


@cli.command()
def serve() -> None:
    """Keep the models loaded, so that `check`, `search` and `stance` are quick, until stopped; `run` does so too."""
    with opened() as app:
        from bot.service.serving import serve as serve_commands

        serve_commands(app)


@cli.command()
def invite() -> None:
    """Print the links by which an administrator adds the bot to a server, with the least permissions, or a person for themselves."""
    with opened() as app:
        from bot.discord.running import invite_links

        server, person = invite_links(app.settings)
        typer.echo(f"For a server:  {server}\nFor yourself:  {person}")


@cli.command()
def feedback(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an opinion, one a line.")] = False,
) -> None:
    """Say how many answers helped, by what they were; with --json each opinion with its claim, for evaluation."""
    with opened() as app:
        from bot import contract

        every = app.opinions.every()
        if as_json:
            for opinion in every:
                typer.echo(contract.opinion_line(opinion))
            return
        for outcome in dict.fromkeys(opinion.outcome for opinion in every):
            of_it = [opinion.helpful for opinion in every if opinion.outcome is outcome]
            typer.echo(f"{outcome.value:<12}{sum(of_it)} of {len(of_it)} found it helpful")
        if not every:
            typer.echo("Nobody has said yet whether an answer helped.")


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


db_cli.command("copy")(copy_commands.copy)
db_cli.command("backup")(backup_commands.backup)
db_cli.command("restore")(backup_commands.restore)
db_cli.command("verify")(backup_commands.verify)
db_cli.command("new-key")(backup_commands.new_key)
db_cli.command("backup-key")(backup_commands.backup_key)


@db_cli.command("vacuum")
def db_vacuum() -> None:
    """Write SQLite's file anew, so that nothing of what was deleted is left in it. Best while nobody asks: 20 seconds a gigabyte."""
    with opened() as app:
        app.database.rewrite()


@db_cli.command("prune")
def db_prune() -> None:
    """Forget what the settings CROSSCHECK_KEEP_DAYS and CROSSCHECK_KEEP_ARTICLES do not keep; what answers have quoted stays readable."""
    with opened() as app:
        from datetime import UTC, datetime

        from bot.keeping import forget_articles

        if app.settings.keep_days is None and app.settings.keep_articles is None:
            typer.echo("Everything is kept: neither CROSSCHECK_KEEP_DAYS nor CROSSCHECK_KEEP_ARTICLES is set.")
        else:
            typer.echo(f"{forget_articles(app, datetime.now(UTC))} articles were forgotten.")


def _screen(context: typer.Context) -> Screen:
    return context.obj if context.obj is not None else Terminal()
