"""Which picture goes with an answer in Discord. It is drawn in a worker thread, and an answer without one is better than none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.app import App
from bot.discord.answering import Answered
from bot.discord.views import Enclosure, Frame
from db.guilds import Guild, Pictures

log = logging.getLogger("crosscheck.picturing")

# One thread of its own: many pictures at once would keep the store's quick work waiting, and with it Discord's three seconds.
_DRAWING = ThreadPoolExecutor(1, "pictures")


async def picture_of(app: App, answers: Sequence[Answered], left_out: int, frame: Frame, settings: Guild) -> Enclosure | None:
    """The overview of a post, the timeline of one claim with dates enough; None where nobody wants one, or it cannot be drawn."""
    if not app.settings.pictures or settings.pictures is Pictures.OFF or settings.plain_text or not answers:
        return None
    try:
        return await asyncio.get_running_loop().run_in_executor(_DRAWING, _drawn, app, answers, left_out, frame, settings.pictures)
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is sent
        log.error("a picture could not be drawn: %s", type(error).__name__)
        return None


def _drawn(app: App, answers: Sequence[Answered], left_out: int, frame: Frame, pictures: Pictures) -> Enclosure | None:
    from bot.illustrating import Ground, draw_overview, draw_timeline, has_timeline

    ground = Ground.LIGHT if pictures is Pictures.LIGHT else Ground.DARK
    comparisons = [one.comparison for one in answers]
    if len(answers) != 1 or left_out:
        made = draw_overview(comparisons, left_out, frame.words, ground)
        return Enclosure("overview.png", made.png, made.alternative)
    if not has_timeline(comparisons[0]):
        return None
    made = draw_timeline(app, comparisons[0], frame.posted_at, frame.words, ground)
    return Enclosure("timeline.png", made.png, made.alternative)
