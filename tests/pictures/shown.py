"""The pictures of README and docs, from the real models over the bundled sample: `python -m tests.pictures.shown` (needs Chromium)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from discord import ui
from PIL import Image

import config
from bot.app import App
from bot.discord.answering import Answered
from bot.discord.case_views import case_view
from bot.discord.overviews import overview_view
from bot.discord.views import Frame, answer_view
from bot.words import Words, words_for
from config.settings import Settings
from db.cases import Flag, Post
from retrieval.ingest.files import read_target
from retrieval.ingest.pipeline import ingest
from tests.pictures.draw import draw
from tests.pictures.page import Theme

SAMPLE = Path(config.__file__).parent / "sample"
SHOWN = Path(__file__).parents[2] / "docs" / "pictures"
CLAIM = "The Ukrainian text was adopted with 120 votes in favour."
SILENT = "A volcano on Iceland closed the airport of Oslo for a week."
PHONE, DESKTOP = 320, 540
FLAG_V2 = 1 << 15
GUILD = 1
COLOURS = 64  # of a picture: few enough to be small, and letters stay smooth


def main() -> None:
    words = words_for("en-GB")
    SHOWN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, App(Settings(data_dir=Path(folder), database_url=None)) as app:
        for name in ("articles.jsonl", "continental.xml", "pages"):
            ingest(read_target(SAMPLE / name), app.articles, app.embedder)
        frame = Frame(words, 1, sharable=True)
        comparison = app.check(CLAIM)
        _draw("answer", answer_view(Answered(1, comparison), frame), DESKTOP)
        _draw("silence", answer_view(Answered(2, app.check(SILENT)), frame), DESKTOP)
        draw_case(app, words)
        post = app.check_post((SAMPLE / "post.txt").read_text(encoding="utf-8"))
        _draw("post", overview_view([Answered(id_, one) for id_, one in enumerate(post[:8], 3)], len(post) - 8, frame), PHONE)


def draw_case(app: App, words: Words) -> None:
    """A flagged post as the moderators see it."""
    text = f"So much for unity. {CLAIM} You read it here first."
    opened = app.disputes.open(Post(GUILD, 2, 3, 4, text), Flag(5, True, "It misquotes somebody", "Seen in three threads today."))
    comparisons = app.check_post(text)
    app.disputes.add_snapshot(opened.dispute.id, comparisons, None, app.models["embedding"])
    case = app.disputes.assign(opened.dispute.id, opened.dispute.decided, 6, 6)
    if case is not None:
        _draw("case", case_view(case, app.disputes.snapshots(case.id), words), DESKTOP, private=False)


def _draw(name: str, view: ui.LayoutView, width: int, private: bool = True) -> None:
    payload = {"flags": FLAG_V2, "components": view.to_components()}  # type: ignore[no-untyped-call]
    themes: tuple[Theme, ...] = ("dark", "light")
    for theme in themes:
        file = SHOWN / f"{name}-{theme}.png"
        draw(payload, file, width=width, theme=theme, private=private, used="Ada used /check" if private else "")
        with Image.open(file) as drawn:
            drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
