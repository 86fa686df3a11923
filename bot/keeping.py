"""Forgetting what is past its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.app import App
from db.retention import prune

GRACE = timedelta(days=30)  # after the bot was taken out of a server, in which it may come back to its settings


def tidy(app: App, now: datetime) -> None:
    """Forget old asks and checks, servers that were left, and articles that the settings do not keep. Raises StoreError."""
    app.asks.purge(now)
    for guild_id in app.guilds.left_before(now - GRACE):
        app.guilds.forget(guild_id)
    forget_articles(app, now)


def forget_articles(app: App, now: datetime) -> int:
    """Forget articles by age and number, as the settings say, and bring the index up to date; how many."""
    days = app.settings.keep_days
    count = prune(app.database, now - timedelta(days=days) if days else None, app.settings.keep_articles)
    if count:
        app.index.follow()
    return count
