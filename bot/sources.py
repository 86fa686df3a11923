"""`sources`: news sources on the web, added, looked after and visited from the command line."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.table import Table

from bot.app import App
from bot.following import Followable, discovered
from bot.keeping import forget_articles, is_settled
from bot.monitor.watching import INGEST, Watched, watched
from bot.terminal import console, progress
from bot.web import keep_visiting, opened_web
from config.starters import starters
from retrieval.errors import CrosscheckError, UserError
from retrieval.ingest.records import one_line
from retrieval.sources import Address, Kind, State, Visit

Result = TypeVar("Result")


def add(app: App, url: str, name: str) -> bool:
    """Find what can be followed at the address, say so, remember it and visit it for the first time; whether anything was found."""
    found = _run(_discover(app, url))
    if not found:
        typer.echo("Nothing was found there that can be followed: no feed, no sitemap, and the page itself is no article.", err=True)
        return False
    added: list[Address] = []
    for one in found:
        row, new = app.addresses.add(one.url, one.kind, one_line(name) or one.title, _now())
        title = one.title or one.url
        typer.echo(f"{'Added' if new else 'Known already:'} {one.kind.value} {row.id}, {title} ({one.items} items): {one.url}")
        added.append(row)
    visit(app, [row.id for row in added])
    return True


def suggest() -> None:
    """The starter list."""
    for one in starters():
        typer.echo(f"{one.name:<28}{one.place:<18}{one.url}")
    typer.echo("\nFollow one: python -m bot sources add NAME")


def show(app: App) -> None:
    """The sources on the web in a table, then the outlets with their counts."""
    sources, waiting = app.addresses.sources(), app.addresses.waiting_pages()
    if sources:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("no", "state", "a day", "next visit", "source"):
            table.add_column(heading, justify="right" if heading in ("no", "a day") else "left", no_wrap=heading != "source")
        for one in sources:
            more = f", {waiting[one.id]} pages waiting" if waiting.get(one.id) else ""
            due = _when(one.next_visit_at) if one.state is State.ACTIVE else "-"
            table.add_row(str(one.id), one.state.value, f"{one.articles_a_day:.1f}", due, f"{one.name or one.url} ({one.kind.value}{more})")
        console().print(table)
        typer.echo("")
    for outlet, count in app.articles.by_source():
        typer.echo(f"{count:>8}  {outlet}")


def health(app: App, which: str) -> None:
    """How the sources do: last success, next visit, failures with the reason, articles a day; of one, its last visits too."""
    sources = _chosen(app, which) if which else app.addresses.sources()
    if not sources:
        typer.echo("No news source has been added yet. Add one: python -m bot sources add URL")
    for one in sources:
        typer.echo(f"{one.id}  {one.name or one.url}\n    {one.url}")
        typer.echo(f"    {_state(one)}")
        typer.echo(f"    last success: {_when(one.last_success_at)}; {one.articles_a_day:.1f} articles a day")
        if which:
            for row in app.addresses.visits(one.id):
                outcome = (
                    row.why if row.problem else "unchanged" if row.not_modified else f"{row.articles} new or revised. {row.why}".strip()
                )
                typer.echo(f"      {row.at:%Y-%m-%d %H:%M}  {outcome}")


def pause(app: App, which: str, why: str) -> None:
    for one in _chosen(app, which):
        app.addresses.set_state(one.id, State.PAUSED, why or "Paused by hand.", _now())
        typer.echo(f"Paused {one.name or one.url}. Its stored articles stay in search.")


def resume(app: App, which: str) -> None:
    for one in _chosen(app, which):
        app.addresses.set_state(one.id, State.ACTIVE, "", _now())
        typer.echo(f"Resumed {one.name or one.url}; it is due now.")


def remove(app: App, which: str, *, with_articles: bool, yes: bool) -> None:
    """Forget sources, after saying what becomes of their articles."""
    for one in _chosen(app, which):
        articles = app.addresses.articles_of(one.id)
        fate = "are taken out of search; what earlier answers quoted stays readable" if with_articles else "stay in search"
        typer.echo(f"{one.name or one.url} is not visited any more. Its {len(articles)} articles {fate}.")
        if yes or typer.confirm("Remove it?"):
            if with_articles:
                app.articles.remove(articles)
                app.index.follow()
            app.addresses.remove(one.id)
            typer.echo("Removed.")


def refresh(app: App, which: str) -> int:
    """Visit sources now; how many visits failed."""
    chosen = _chosen(app, which) if which else [one for one in app.addresses.sources() if one.state is State.ACTIVE]
    resting = [one for one in chosen if one.state is not State.ACTIVE]
    for one in resting:
        typer.echo(f"{one.name or one.url} is {one.state.value} ({one.why}) and was left. Resume it first.", err=True)
    return visit(app, [one.id for one in chosen if one.state is State.ACTIVE])


def visit(app: App, ids: Sequence[int]) -> int:
    """Visit these sources and everything else that is due, with a progress bar; how many visits failed."""
    app.addresses.make_due(ids, _now())
    failed = _run(_visit_due(app))
    app.index.follow()
    return failed


def watch(app: App) -> None:
    """Visit what is due, for ever: until the process is told to stop."""
    typer.echo("Watching the news sources; Ctrl-C stops.", err=True)
    with watched(app, INGEST) as watching:
        _run(_watch(app, watching))
    app.index.follow()


def export_opml(app: App, file: Path | None) -> None:
    from bot.opml import written

    text = written([one for one in app.addresses.sources() if one.kind is Kind.FEED])
    if file is None:
        typer.echo(text)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserError("{file} cannot be written: {why}.", file=file, why=error.strerror) from error


def import_opml(app: App, file: Path) -> None:
    """Add the feeds of an OPML file; they are visited as they become due."""
    from bot.opml import read

    try:
        feeds = read(file.read_bytes())
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}).") from error
    new = sum(app.addresses.add(url, Kind.FEED, name, _now())[1] for url, name in feeds)
    typer.echo(f"{new} feeds added, {len(feeds) - new} known already. They are visited by `ingest --watch`, or now by `sources refresh`.")


async def _discover(app: App, given: str) -> list[Followable]:
    async with opened_web(app) as web:
        return await discovered(web, given)


async def _visit_due(app: App) -> int:
    failed = 0
    with progress(console(stderr=True)) as bar:
        task = bar.add_task("Visiting", total=None)

        def on_visit(address: Address, visit: Visit) -> None:
            nonlocal failed
            bar.advance(task)
            if address.feed_id is None:
                failed += visit.problem is not None
                bar.console.print(_line(address, visit))

        async with opened_web(app, on_visit) as web:
            await web.watcher.run_due()
    return failed


async def _watch(app: App, watching: Watched) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def on_visit(address: Address, visit: Visit) -> None:
        if address.feed_id is None:
            typer.echo(_line(address, visit), err=True)

    async with opened_web(app, on_visit) as web, watching.sampling():
        pruning = asyncio.create_task(_prune_daily(app))
        try:
            await keep_visiting(web, stop)
        finally:
            pruning.cancel()
            await asyncio.gather(pruning, return_exceptions=True)


async def _prune_daily(app: App) -> None:
    while True:
        try:
            await asyncio.to_thread(_prune, app, _now())
        except CrosscheckError as error:
            typer.echo(f"Old articles could not be forgotten: {error}", err=True)
        await asyncio.sleep(86_400)


def _prune(app: App, now: datetime) -> None:
    if is_settled(app, now):
        forget_articles(app, now)
        app.asks.purge(now)


def _line(address: Address, visit: Visit) -> str:
    outcome = visit.why if visit.problem else "unchanged" if visit.not_modified else f"{visit.articles} articles. {visit.why}".strip()
    return f"{address.name or visit.name or address.url}: {outcome}"


def _state(one: Address) -> str:
    if one.state is not State.ACTIVE:
        return f"{one.state.value}: {one.why}" if one.why else one.state.value
    if one.failures:
        return f"failing since {one.failures} visits: {one.why} Next visit: {_when(one.next_visit_at)}."
    return f"working; next visit: {_when(one.next_visit_at)}{f'. {one.why}' if one.why else ''}"


def _chosen(app: App, which: str) -> list[Address]:
    found = app.addresses.find(which)
    if not found:
        raise UserError(f"No news source is called {which!r}. `sources list` shows them.")
    if len(found) > 1:
        names = "; ".join(f"{one.id} {one.name or one.url}" for one in found[:5])
        raise UserError(f"{which!r} fits {len(found)} sources: {names}. Give its number.")
    return found


def _when(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    away = moment - _now()
    if abs(away) < timedelta(minutes=1):
        return "now"
    amount = abs(away)
    words = (
        f"{amount.days} d"
        if amount.days
        else f"{amount.seconds // 3600} h"
        if amount >= timedelta(hours=1)
        else f"{amount.seconds // 60} min"
    )
    return f"in {words}" if away > timedelta(0) else f"{words} ago"


def _now() -> datetime:
    return datetime.now(UTC)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)
