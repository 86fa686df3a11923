"""Which pages of the site are made: address in the site -> what writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.docs.commands import commands_page
from tests.docs.discord_pages import discord_page, server_page
from tests.docs.messages import messages_page
from tests.docs.metrics import metrics_page
from tests.docs.settings import settings_page

ROOT = Path(__file__).parents[2]
MADE_PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands_page,
    "reference/discord.md": discord_page,
    "reference/server.md": server_page,
    "reference/settings.md": settings_page,
    "reference/messages.md": messages_page,
    "reference/metrics.md": metrics_page,
}
TOP_PAGES = {"about/privacy.md": "PRIVACY.md", "about/security.md": "SECURITY.md", "about/changes.md": "CHANGELOG.md"}
_LINK = re.compile(r"(\[[^\]\n]*\])\((?!https?:|#|mailto:)([^)\n]+)\)")
_HERE = {file: Path(name).name for name, file in TOP_PAGES.items()}


def top_page(file: str) -> str:
    """A page from the top of the project. Of its links those that lead to another of these pages stay; others lose their address."""

    def moved(match: re.Match[str]) -> str:
        address = match[2]
        if address in _HERE:
            return f"{match[1]}({_HERE[address]})"
        if address.startswith("docs/"):
            return f"{match[1]}(../{address.removeprefix('docs/')})"
        return match[1][1:-1]

    return _LINK.sub(moved, (ROOT / file).read_text(encoding="utf-8"))
