"""`demo`: the main job on the bundled sample."""

from __future__ import annotations

from pathlib import Path

import config
from bot.app import App
from bot.ingesting import ingest_targets
from bot.render import answer
from bot.terminal import console, show_answer

SAMPLE = Path(config.__file__).parent / "sample"
CLAIMS = (
    "The UN General Assembly adopted the Ukrainian resolution with 93 votes in favour, 18 against and 65 abstentions.",
    "The Kremlin confirmed that Putin would accept European peacekeepers in Ukraine.",
)
NEXT = """
What to do next
  add sources  python -m bot ingest FILE-OR-FOLDER   (.jsonl, feed .xml, .html)
  check        python -m bot check "A CLAIM"         or  --file POST.txt
  set up       python -m bot doctor                  lists every setting
  Discord      set DISCORD_TOKEN, then python -m bot run; README.md tells how to get a token
`python` is .venv/bin/python. The sample lies in .demo and can be deleted.
"""


def show(app: App) -> None:
    """Ingest the sample, check two claims and the sample post, print what to do next."""
    out = console()
    out.print("Crosscheck: 45 sample articles of six invented outlets are stored, then two claims and a forum post are checked.")
    ingest_targets(app, [SAMPLE / "articles.jsonl", SAMPLE / "continental.xml", SAMPLE / "pages"])
    for claim in CLAIMS:
        show_answer(out, answer(app.check(claim)))
    out.rule("A forum post", style="bold")
    for comparison in app.check_post((SAMPLE / "post.txt").read_text(encoding="utf-8")):
        show_answer(out, answer(comparison))
    out.print(NEXT)
