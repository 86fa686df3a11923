"""`doctor`: what is set up and what is missing, in words."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Literal

import typer

from bot.app import App
from bot.parts import model_files
from bot.service.client import state
from config.given import PREFIX, unknown_names
from config.settings import Settings
from db.backup_files import AUTOMATIC, MANUAL, newest_of
from db.engine import schema_versions
from db.ownership import is_open
from db.pgindex import PgIndex
from retrieval.errors import CrosscheckError
from retrieval.models import has_bfloat16, verify

OLD = timedelta(days=2)  # as the alert CrosscheckBackupOld has it


def examine(app: App) -> bool:
    """Print the state of models, database, index, key, token and backups; whether checks and the bot can run, but for the token."""
    settings = app.settings
    able = all([
        _said("embedding model", lambda: _model("embedding", settings.embedding_model)),
        *([_said("embedding server", lambda: _server(app))] if settings.embeddings_url else []),
        _said("stance model", lambda: _model("stance", f"stance-{settings.stance}")),
        has_database := _said("database", lambda: _database(app)),
        _said("search index", lambda: _index(app)),
        _said("key", lambda: _key(app)),
    ])  # fmt: skip
    kind = "bfloat16 in hardware" if has_bfloat16() else "float32 (this CPU has no bfloat16 instructions)"
    typer.echo(f"ok       number format: {kind}; threads: {settings.threads or os.cpu_count()}")
    typer.echo(
        "ok       Discord token: set" if settings.discord_token else "without  Discord token: set DISCORD_TOKEN; only `run` needs it"
    )
    typer.echo(_service())
    typer.echo(_backups(app.settings))
    if has_database and not app.articles.counts()["articles"]:
        typer.echo("empty    database: no article is in it; `ingest` and `sources add` store news, `db restore FILE` brings a backup back")
    if is_open(settings.data_dir):
        typer.echo(f"open     data folder: others on this machine can read it; run: chmod -R go= {settings.data_dir}")
    known = [variable for variable, _ in Settings.described()]
    for name, place in unknown_names({variable.lower().removeprefix(PREFIX) for variable in known}):
        near = get_close_matches(name.upper() if name.lower().startswith(PREFIX) else f"{PREFIX}{name}".upper(), known, 1)
        typer.echo(f"unknown  {name} in {place}: no setting is called so{f'; {near[0]}?' if near else ''}")
    typer.echo("\nSettings (environment, .env or crosscheck.toml):")
    width = max(map(len, known)) + 2
    for variable, meaning in Settings.described():
        typer.echo(f"  {variable:<{width}}{meaning}{'  [set]' if variable in os.environ else ''}")
    return able


def _service() -> str:
    """Whether commands are answered by a process that runs already."""
    why, process = state()
    return {
        "ready": f"ok       service: process {process} answers `check`, `search` and `stance`",
        "off": "ok       service: not asked, CROSSCHECK_SERVICE is off",
        "settings": f"without  service: process {process} has other settings, so commands do their work themselves",
        "code": f"without  service: process {process} is another version, so commands do their work themselves: start it anew",
        "busy": f"ok       service: process {process} is busy just now",
    }.get(why, "without  service: none runs, so each command loads the models; `serve` starts one")


def _backups(settings: Settings) -> str:
    """How old the newest backup is that was made for its own sake: not before an upgrade or a restore, nor one that has doubts."""
    try:
        found = newest_of(settings.backups)
    except OSError as error:
        return f"without  backups: {settings.backups} cannot be read: {error.strerror}"
    newest = max((at for occasion, at in found.items() if occasion in (MANUAL, AUTOMATIC)), default=None)
    if newest is None:
        return f"without  backups: none in {settings.backups}; `db backup` makes one, `db backup --automatic` is for every night"
    at = datetime.fromtimestamp(newest, UTC)
    sealed = (
        "new ones are encrypted"
        if settings.backup_recipient.strip()
        else "new ones are not encrypted: CROSSCHECK_BACKUP_RECIPIENT is not set"
    )
    mark = "ok " if datetime.now(UTC) - at < OLD else "old"
    return f"{mark}      backups: the newest in {settings.backups} is of {at:%Y-%m-%d %H:%M} UTC; {sealed}"


def _said(what: str, look: Callable[[], str]) -> bool:
    try:
        typer.echo(f"ok       {what}: {look()}")
    except CrosscheckError as error:
        typer.echo(f"missing  {what}: {error}")
        return False
    return True


def _model(kind: Literal["embedding", "stance"], name: str) -> str:
    files, _ = model_files(kind, name)
    verify(files)
    return f"{files.model_id}, verified"


def _server(app: App) -> str:
    app.embedder.embed(["."])
    return f"{app.settings.embeddings_url} has {app.embedder.model_id}"


def _database(app: App) -> str:
    counts = app.articles.counts()
    kind = app.database.engine.dialect.name
    where = f" at {app.database.engine.url.database}" if kind == "sqlite" else ""
    schema = schema_versions(app.database.engine)[0]
    return f"{kind}{where}, schema {schema}: {counts['articles']} articles of {counts['sources']} sources, {counts['passages']} passages"


def _key(app: App) -> str:
    return str(app.settings.pseudonym_key) if app.known_key() else "made when it is needed first"


def _index(app: App) -> str:
    applied = app.index.follow()
    if isinstance(app.index, PgIndex):
        return "the database itself"
    return f"up to date at {app.index.folder}" + (f" ({applied} changes applied just now)" if applied else "")
