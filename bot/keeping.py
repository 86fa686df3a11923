"""Forgetting what is past its time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.app import App
from db.retention import prune, prune_own

log = logging.getLogger("crosscheck.keeping")

GRACE = timedelta(days=30)  # after the bot was taken out of a server, in which it may come back to its settings
REWRITE, REWRITTEN = timedelta(days=7), "rewritten"  # how often the file is written anew, and the note that remembers the last time
LARGEST = 1 << 30  # bytes of a file that is: writers wait meanwhile, 30 seconds at most


def tidy(app: App, now: datetime) -> None:
    """Forget old asks and checks, cases, follows and opinions, servers that were left, and articles that the settings do not keep.

    Raises StoreError.
    """
    for part in (app.asks, app.disputes, app.follows, app.opinions, app.leases):
        part.purge(now)
    for guild_id in app.guilds.left_before(now - GRACE):
        app.privacy.purge(guild_id)
    forget_articles(app, now)
    app.database.scrub()
    rewrite(app, now)


def rewrite(app: App, now: datetime) -> None:
    """Once a week, write the database file anew: copies of what was deleted can lie in what is unused of it."""
    last = app.guilds.known(REWRITTEN)
    if last is not None and datetime.fromisoformat(last) > now - REWRITE:
        return
    app.guilds.remember(REWRITTEN, now.isoformat())
    if app.database.size > LARGEST:
        log.warning("the database is too large to be written anew while people wait for it; now and then, run: python -m bot db vacuum")
    else:
        app.database.rewrite()


def forget_articles(app: App, now: datetime) -> int:
    """Forget articles by age and number, as the settings and the bounds of servers' own sources say; how many. The index follows."""
    days = app.settings.keep_days
    count = prune(app.database, now - timedelta(days=days) if days else None, app.settings.keep_articles)
    count += prune_own(app.database)
    if count:
        app.index.follow()
    return count
