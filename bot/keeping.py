"""Forgetting what is past its time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.app import App
from db.retention import prune, prune_own
from db.visiting import forget_hosts

log = logging.getLogger("crosscheck.keeping")

GRACE = timedelta(days=30)  # after the bot was taken out of a server, in which it may come back to its settings
REWRITE, REWRITTEN = timedelta(days=7), "rewritten"  # how often the file is written anew, and the note that remembers the last time
LEAP = timedelta(days=10)  # what a clock does not leap by while the bot runs
SETTLED = timedelta(minutes=55)  # a little less than until the next look
TIDIED, LEAPT = "tidied", "leapt"  # notes: of the last time, and of when the clock was first seen to have leapt
LARGEST = 1 << 30  # bytes of a file that is: writers wait meanwhile, 30 seconds at most


def tidy_up(app: App, now: datetime) -> bool:
    """As `tidy`, unless the clock has leapt; whether it was done."""
    if is_settled(app, now):
        tidy(app, now)
        return True
    return False


def is_settled(app: App, now: datetime) -> bool:
    """Whether the clock goes on from where it was when old things were forgotten last, or has for an hour gone on from where it leapt to.

    What is forgotten by a clock that is wrong, as of a machine that has just begun, is gone. Raises StoreError.
    """
    last, leapt = (datetime.fromisoformat(note) if (note := app.guilds.known(key)) else None for key in (TIDIED, LEAPT))
    if last is None or now - last <= LEAP or leapt is not None and SETTLED <= now - leapt <= LEAP:
        app.guilds.remember(TIDIED, now.isoformat())
        if leapt is not None:
            app.guilds.remember(LEAPT, now.isoformat())  # a leap to where it went once is another
        return True
    if leapt is None or not timedelta(0) <= now - leapt <= LEAP:
        app.guilds.remember(LEAPT, now.isoformat())
    log.warning("it is %s, and was %s when old things were forgotten last: if that is right, they go in an hour", now, last)
    return False


def tidy(app: App, now: datetime) -> None:
    """Forget old asks and checks, cases, follows and opinions, servers that were left, and articles that the settings do not keep.

    The index follows. Raises StoreError, IndexFault.
    """
    for part in (app.asks, app.disputes, app.follows, app.opinions, app.leases):
        part.purge(now)
    forget_hosts(app.database, now)
    for guild_id in app.guilds.left_before(now - GRACE):
        app.privacy.purge(guild_id)
    forget_articles(app, now)
    app.database.scrub()
    rewrite(app, now)
    app.index.follow()  # else who asks first after quiet weeks waits for all that came


def rewrite(app: App, now: datetime) -> None:
    """Once a week, write the database file anew: copies of what was deleted can lie in what is unused of it."""
    last = app.guilds.known(REWRITTEN)
    if last is not None and now - REWRITE < datetime.fromisoformat(last) <= now:  # a later one is of a clock that was wrong
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
