"""The pictures of the README, from the real models over the bundled sample: `python -m tests.pictures.shown` (needs Chromium)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from discord import ui

import config
from bot.app import App
from bot.discord.answering import Answered
from bot.discord.views import Frame, answer_view, overview_view
from bot.words import words_for
from config.settings import Settings
from retrieval.ingest.files import read_target
from retrieval.ingest.pipeline import ingest
from tests.pictures.draw import draw

SAMPLE = Path(config.__file__).parent / "sample"
SHOWN = Path(__file__).parent / "shown"
CLAIM = "The Kremlin said that Russia would accept European peacekeepers in Ukraine."
SILENT = "A volcano on Iceland closed the airport of Oslo for a week."
PHONE, DESKTOP = 320, 700
FLAG_V2 = 1 << 15


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
        post = app.check_post((SAMPLE / "post.txt").read_text(encoding="utf-8"))
        _draw("post", overview_view([Answered(id_, one) for id_, one in enumerate(post[:8], 3)], len(post) - 8, frame), PHONE)


def _draw(name: str, view: ui.LayoutView, *widths: int) -> None:
    payload = {"flags": FLAG_V2, "components": view.to_components()}  # type: ignore[no-untyped-call]
    for width in widths:
        draw(payload, SHOWN / f"{name}-{width}.png", width=width, private=True, used="Ada used /check")


if __name__ == "__main__":
    main()
