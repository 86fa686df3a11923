"""What is said in place of an answer: a sentence to whoever asked, and to the log where an error came from."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta

from discord import app_commands, ui

from bot.bare import bare
from bot.desk import Closing, Full
from bot.discord.markdown import escaped
from bot.discord.views import note_view
from bot.words import Words
from db.asks import Refusal
from db.guilds import Guild
from retrieval.errors import UserError

log = logging.getLogger("crosscheck.asking")


def explanation(error: Exception, words: Words) -> str:
    """One or two sentences: what is wrong, and what to do. Errors that nobody foresaw get an id, and are logged under it."""
    match error:
        case UserError():
            return escaped(words(error.template, **error.values))
        case Full():
            return words("Too many claims are waiting just now. Please ask again in a few minutes.")
        case app_commands.CommandOnCooldown():
            return words("This was tried often just now. Try again in {time}.", time=words.duration(timedelta(seconds=error.retry_after)))
        case Closing():
            return words("Crosscheck is being restarted. Please ask again in a minute.")
    reference = secrets.token_hex(4)
    log.error("error %s: %s", reference, type(error).__name__, exc_info=bare(error))
    return words("Something went wrong here, not with your words. The operator finds it in the log under {id}.", id=reference)


def refused(refusal: Refusal, words: Words) -> str:
    """Why a limit stopped it, and from when on it does not."""
    again = f"<t:{int(refusal.again_at.timestamp()) + 1}:R>"
    match refusal.scope:
        case "user":
            return words("You have asked often in a short time. You can ask again {when}.", when=again)
        case "channel":
            return words("This channel has asked often in the last hour. It can ask again {when}.", when=again)
        case _:
            return words("This server has asked often in the last hour. It can ask again {when}.", when=again)


def as_message(text: str, settings: Guild) -> tuple[str | None, ui.LayoutView | ui.View]:
    """A sentence as content and components, as a server's settings have it."""
    if settings.plain_text:
        view = ui.View(timeout=None)
        view.stop()
        return text, view
    return None, note_view(text)
