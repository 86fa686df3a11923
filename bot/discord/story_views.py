"""The message about a story: who tells it, what they share and have differently, side by side. Built only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from discord import ui

from bot.discord.limits import MAX_TEXT
from bot.discord.markdown import escaped, host, one_line
from bot.discord.packing import MAX_NAME, card
from bot.discord.views import stopped
from bot.story_rendering import Matter, Section, StoryAnswer, Teller
from bot.texts import shortened, units
from bot.words import Words


@dataclass(frozen=True, slots=True)
class _Size:
    """How much of a story is shown: articles, matters of a section, excerpts of a matter, characters of an excerpt and of the story."""

    articles: int
    matters: int
    excerpts: int
    quote: int
    asked: int = 300


# Tried in turn until everything fits, as it does with the last.
SIZES = (
    _Size(8, 4, 4, 500), _Size(8, 4, 4, 350), _Size(8, 3, 4, 350), _Size(8, 3, 3, 240), _Size(6, 3, 3, 160), _Size(6, 2, 3, 240),
    _Size(6, 2, 2, 240), _Size(4, 2, 2, 160), _Size(4, 1, 2, 240), _Size(4, 1, 2, 160), _Size(3, 1, 2, 90), _Size(0, 1, 2, 40),
    _Size(0, 0, 0, 0, 60),
)  # fmt: skip
TITLE = 80  # characters of an article's title
NOTE = 120  # of what differs


def story_view(answer: StoryAnswer, words: Words, room: int = MAX_TEXT) -> ui.LayoutView:
    """A comparison in at most `room` characters."""
    for size in SIZES:
        blocks = _blocks(answer, words, size)
        if sum(units(text) + 1 for block in blocks for text in block) <= room:
            break
    parts: list[ui.Item[ui.LayoutView]] = []
    for block in blocks:
        parts += [ui.Separator(), *map(ui.TextDisplay, block)] if parts else map(ui.TextDisplay, block)
    return stopped(ui.Container(*parts))


def _blocks(answer: StoryAnswer, words: Words, size: _Size) -> list[list[str]]:
    """The texts, those in one list without a line between them."""
    label, asked = words("Story"), escaped(shortened(one_line(answer.asked), size.asked))
    head = [f"-# {label}\n> {asked}\n### {answer.headline}", *_tellers(answer.tellers, words, size.articles)]
    sections = [_section(section, words, size) for section in answer.sections] if size.matters else []
    return [head, *sections, [f"-# {answer.footer}"]]


def _tellers(tellers: Sequence[Teller], words: Words, count: int) -> list[str]:
    """The articles in one text, a line each."""
    lines = [_teller(teller) for teller in tellers[:count]]
    if left := len(tellers) - len(lines):
        lines.append("-# " + words.plural("… and {n} more article.", "… and {n} more articles.", left))
    return ["\n".join(lines)] if lines else []


def _teller(teller: Teller) -> str:
    """Without a link: those of the excerpts lead to the same articles, and need the room."""
    name, place = shortened(one_line(teller.outlet), MAX_NAME), host(teller.url)
    outlet = escaped(name or place or "?")
    where = [f"**{outlet}**", *([place] if place != name else [])]
    parts = [*where, teller.date, escaped(shortened(one_line(teller.title), TITLE)), escaped(teller.copies)]
    return "-# " + " · ".join(part for part in parts if part)


def _section(section: Section, words: Words, size: _Size) -> list[str]:
    """The title with the first matter, then a text a matter."""
    shown = section.matters[: size.matters]
    count = len(section.matters)
    label = "" if len(shown) == count else " " + words("({shown} of {total})", shown=len(shown), total=count)
    texts = [_matter(matter, words, size) for matter in shown]
    return [f"**{section.symbol} {section.title}**{label}\n{texts[0]}", *texts[1:]]


def _matter(matter: Matter, words: Words, size: _Size) -> str:
    note = [f"**{escaped(shortened(one_line(matter.note), NOTE))}**"] if one_line(matter.note) else []
    left = len(matter.cards) - size.excerpts
    more = ["-# " + words.plural("… and {n} more outlet.", "… and {n} more outlets.", left)] if left > 0 else []
    return "\n".join([*note, *(card(one, words, size.quote) for one in matter.cards[: size.excerpts]), *more])
