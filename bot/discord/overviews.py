"""The overview of a post: its claims with what was found for each, as far as it is there. Built only."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from bot.discord.answering import Answered
from bot.discord.ids import Act, CustomId
from bot.discord.limits import MAX_TEXT
from bot.discord.markdown import escaped
from bot.discord.views import CLAIM_WIDTHS, Enclosure, Frame, button, gallery, option_label, selects, stopped
from bot.render import headline, symbol
from bot.texts import shortened, units
from bot.words import Words
from retrieval.types import Comparison

MAX_LINES = 25  # texts of an overview: with what is around them well under the 40 components of a message
MAX_LEFT, LEFT_WIDTH = 700, 120  # characters of the line that names claims that were left out, and of each of them


def overview_view(
    every: Sequence[Answered | None], left_out: int, frame: Frame, room: int = MAX_TEXT, picture: Enclosure | None = None
) -> ui.LayoutView:
    """A post: one line a claim, and selects to open each. None stands for a claim that is still being compared."""
    words = frame.words
    found = [(number, one) for number, one in enumerate(every, 1) if one is not None]
    top = words.plural(
        "{n} claim of this post was compared with the stored news.",
        "{n} claims of this post were compared with the stored news.",
        len(found),
    )
    head, foot = f"### {top}", _foot(len(every) - len(found), left_out, frame)
    room -= units("\n".join([head, *foot]))
    lines, explained = _lines(found, frame, room - min(MAX_LEFT, sum(units(one) + 6 for one in frame.left) + 60 * bool(frame.left)))
    if not explained:
        foot.insert(0, "-# " + _signs(words))
        room -= units(foot[0]) + 1
    if named := _left(frame, room - sum(units(line) + 1 for line in lines)):
        foot.insert(-1, named)
    options: dict[str, discord.SelectOption] = {}
    for number, one in found:  # a sentence that the post repeats may have one check
        label = option_label(f"{number}. {symbol(one.comparison, frame.posted_at)} {one.comparison.claim.text}")
        options.setdefault(str(one.check_id), discord.SelectOption(label=label, value=str(one.check_id)))
    container: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(head),
        ui.Separator(),
        *(ui.TextDisplay(text) for text in lines),
        ui.Separator(),
        ui.TextDisplay("\n".join(foot)),
    )
    opening = selects(Act.OPEN, frame.ask, 0, words("Open a claim with its excerpts"), list(options.values()))
    extra = [button(words("Share in channel"), CustomId(Act.SHARE, frame.ask))] if frame.sharable else []
    return stopped(container, *gallery(picture), *opening, *([ui.ActionRow(*extra)] if extra else []))


def _foot(waiting: int, left_out: int, frame: Frame) -> list[str]:
    """What stands below the claims: notes, what is missing, and what all this is."""
    words, foot = frame.words, list(frame.notes)
    if waiting:
        foot.append("-# " + words.plural("… {n} more claim is being compared.", "… {n} more claims are being compared.", waiting))
    if left_out:
        sentence = words.plural("{n} more claim was left out.", "{n} more claims were left out.", left_out)
        if frame.most:
            sentence += " " + words.plural("At most {n} claim is compared.", "At most {n} claims are compared.", frame.most)
        foot.append(f"-# {sentence}")
    return [*foot, "-# " + words("Quoted word for word; Crosscheck does not rule true or false.")]


def _left(frame: Frame, room: int) -> str:
    """A line that names what was left out as far as there is room for it; "" where that is for none."""
    named: list[str] = []
    for text in frame.left:
        named.append(f"“{escaped(shortened(text, LEFT_WIDTH))}”")
        line = _named_left(named, len(frame.left) - len(named), frame.words)
        if units(line) + 1 > min(room, MAX_LEFT):
            named.pop()
            break
    return _named_left(named, len(frame.left) - len(named), frame.words) if named else ""


def _named_left(named: Sequence[str], more: int, words: Words) -> str:
    line = "-# " + words("Left out, the most check-worthy first: {claims}", claims=" · ".join(named))
    return line + " " + words.plural("… and {n} more.", "… and {n} more.", more) if more else line


def _lines(every: Sequence[tuple[int, Answered]], frame: Frame, room: int) -> tuple[list[str], bool]:
    """At most MAX_LINES texts of `room` characters in all, and whether each says in words what was found for its claim."""
    for width, explained in CLAIM_WIDTHS:
        lines = [_line(number, one.comparison, frame, width, explained=explained) for number, one in every]
        if sum(units(line) + 1 for line in lines) <= room - (0 if explained else units(_signs(frame.words)) + 4):
            break
    each = max(1, -(-len(lines) // MAX_LINES))
    return ["\n".join(lines[at : at + each]) for at in range(0, len(lines), each)], explained


def _line(number: int, comparison: Comparison, frame: Frame, width: int, *, explained: bool) -> str:
    claim = f"**{number}.** {symbol(comparison, frame.posted_at)} “{escaped(shortened(comparison.claim.text, width))}”"
    if not explained:
        return claim
    words = frame.words
    about = [headline(comparison, words, frame.minimum, frame.posted_at)]
    if comparison.said is not None:
        of_words = headline(comparison.said, words, frame.minimum, frame.posted_at)
        labels = words("That it was said"), words("What was said")
        about = [f"{label}: {text}" for label, text in zip(labels, (*about, of_words), strict=True)]
    return "\n".join([claim, *(f"-# {text}" for text in about)])


def _signs(words: Words) -> str:
    return words("✓ Agreeing: these words of a stored article say the same. ✗ Contradicting: they say otherwise.")
