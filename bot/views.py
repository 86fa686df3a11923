"""Messages of components: answers, more excerpts, context, the overview of a post. Built only; what a press does is in bot/presses.py.

Every view is stopped before it is sent: discord.py would keep those it may have to call for ever, and ours are called by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.answering import Answered
from bot.ids import Act, CustomId
from bot.markdown import escaped, linked, shortened
from bot.packing import EACH, MAX_TEXT, cards, packed, plain, side_title, sides
from bot.render import AGREE, CONTRADICT, Answer, Card, answer, headline, symbol
from bot.words import Words
from retrieval.types import Comparison

TITLES = 300  # characters kept for the titles of sides
MAX_OPTIONS = 25  # of a select
MAX_OPTION = 100  # characters of an option's label
MAX_CLAIM_LINE = 180  # characters of a claim in the overview of a post


@dataclass(frozen=True, slots=True)
class Frame:
    """How an answer is dressed: for whom, and what may be done with it."""

    words: Words
    ask: int
    minimum: int = 1
    sharable: bool = False  # private so far, and may be made public
    flaggable: bool = False  # in a server
    notes: Sequence[str] = ()  # ready Markdown: what goes before the footer


def answer_view(answered: Answered, frame: Frame) -> ui.LayoutView:
    """One claim with the best excerpts of each side and its buttons."""
    shown = answer(answered.comparison, frame.words, frame.minimum)
    made = packed(shown, frame.words, frame.notes, MAX_TEXT - TITLES)
    parts: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(made.head)]
    for mark, texts, every in sides(shown, made):
        parts.append(ui.Separator())
        parts.append(ui.TextDisplay(side_title(mark, frame.words, len(texts), len(every))))
        parts.extend(ui.TextDisplay(text) for text in texts)
    parts += [ui.Separator(), ui.TextDisplay(made.foot)]
    return _view(ui.Container(*parts), *rows(answered, shown, frame))


def plain_view(answered: Answered, frame: Frame) -> tuple[str, ui.View]:
    """The same as plain text, with the same buttons."""
    shown = answer(answered.comparison, frame.words, frame.minimum)
    view = ui.View(timeout=None)
    for place, row in enumerate(rows(answered, shown, frame)):
        for item in row.children:
            if isinstance(item, ui.Button):
                view.add_item(ui.Button(label=item.label, custom_id=item.custom_id, style=item.style, row=place))
    view.stop()
    return plain(shown, frame.words, frame.notes), view


def rows(answered: Answered, shown: Answer, frame: Frame) -> list[ui.ActionRow[ui.LayoutView]]:
    """The buttons that make sense here."""
    words, check = frame.words, answered.check_id
    first: list[ui.Button[ui.LayoutView]] = []
    for act, label, every in (
        (Act.MORE_AGREEING, words("More agreeing"), shown.agreeing),
        (Act.MORE_CONTRADICTING, words("More contradicting"), shown.contradicting),
    ):
        if len(every) > EACH:
            first.append(_button(f"{label} ({len(every) - EACH})", CustomId(act, frame.ask, check)))
    if shown.agreeing or shown.contradicting:
        first.append(_button(words("In context"), CustomId(Act.CONTEXT, frame.ask, check)))
    if frame.sharable:
        first.append(_button(words("Share in channel"), CustomId(Act.SHARE, frame.ask, check)))
    if frame.flaggable:
        first.append(_button(words("Flag for moderators"), CustomId(Act.FLAG, frame.ask, check)))
    second = [
        _button(words("Helpful"), CustomId(Act.HELPFUL, frame.ask, check), "👍"),
        _button(words("Not helpful"), CustomId(Act.UNHELPFUL, frame.ask, check), "👎"),
    ]
    return [ui.ActionRow(*row) for row in (first, second) if row]


def overview_view(every: Sequence[Answered], left_out: int, frame: Frame) -> ui.LayoutView:
    """A post: one line a claim, and a select to open each."""
    words = frame.words
    top = words.plural(
        "{n} claim of this post was compared with the stored news.",
        "{n} claims of this post were compared with the stored news.",
        len(every),
    )
    lines, options = [], []
    width = MAX_CLAIM_LINE
    while True:
        lines = [_line(number, one.comparison, frame, width) for number, one in enumerate(every, 1)]
        if sum(map(len, lines)) < MAX_TEXT - 800 or width < 30:
            break
        width -= 30
    for number, one in enumerate(every[:MAX_OPTIONS], 1):
        label = shortened(f"{number}. {symbol(one.comparison)} {one.comparison.claim.text}", MAX_OPTION)
        options.append(discord.SelectOption(label=label, value=str(one.check_id)))
    foot = list(frame.notes)
    if left_out:
        foot.append("-# " + words.plural("{n} more claim was left out.", "{n} more claims were left out.", left_out))
    foot.append("-# " + words("Quoted word for word; Crosscheck does not rule true or false."))
    container: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(f"### {top}"),
        ui.Separator(),
        *(ui.TextDisplay(line) for line in lines),
        ui.Separator(),
        ui.TextDisplay("\n".join(foot)),
    )
    select: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=str(CustomId(Act.OPEN, frame.ask)), placeholder=words("Open a claim with its excerpts"), options=options
    )
    extra = [_button(words("Share in channel"), CustomId(Act.SHARE, frame.ask))] if frame.sharable else []
    return _view(container, ui.ActionRow(select), *([ui.ActionRow(*extra)] if extra else []))


def more_view(title: str, every: Sequence[Card], words: Words) -> ui.LayoutView:
    """Further excerpts of one side."""
    texts = cards(every, words, MAX_TEXT - TITLES)
    return _view(ui.Container(ui.TextDisplay(f"**{title}**"), *(ui.TextDisplay(text) for text in texts)))


def context_view(
    one: Card, parts: tuple[str, str, str], choices: Sequence[discord.SelectOption], ask: int, check: int, words: Words
) -> ui.LayoutView:
    """An excerpt among the words around it, as the article stood; a select goes to the others."""
    before, quote, after = (escaped(part) for part in parts)
    room = MAX_TEXT - TITLES - len(quote) - 400
    before, after = _last(before, room // 2), shortened(after, room // 2)
    text = "\n".join(
        [
            f"**{escaped(shortened(one.outlet, 80))}** · {one.date}",
            escaped(shortened(one.title, 200)),
            "> " + " ".join(part for part in (before, f"**{quote}**", after) if part),
        ]
    )
    items: list[ui.Item[ui.LayoutView]] = [
        ui.Container(ui.TextDisplay(text), ui.TextDisplay("-# " + linked(words("Open the article"), one.link)))
    ]
    if len(choices) > 1:
        select: ui.Select[ui.LayoutView] = ui.Select(
            custom_id=str(CustomId(Act.CONTEXT, ask, check)),
            placeholder=words("Another excerpt in context"),
            options=list(choices[:MAX_OPTIONS]),
        )
        items.append(ui.ActionRow(select))
    return _view(*items)


def choices(shown: Answer) -> list[discord.SelectOption]:
    """The excerpts of an answer as options; a value is the side's sign and the rank: "a1", "c2"."""
    made = []
    for letter, mark, every in (("a", AGREE, shown.agreeing), ("c", CONTRADICT, shown.contradicting)):
        for rank, one in enumerate(every, 1):
            made.append(
                discord.SelectOption(label=shortened(f"{mark} {one.outlet}, {one.date}: {one.quote}", MAX_OPTION), value=f"{letter}{rank}")
            )
    return made


def note_view(*texts: str) -> ui.LayoutView:
    """Sentences alone."""
    return _view(ui.TextDisplay("\n".join(texts)))


def _line(number: int, comparison: Comparison, frame: Frame, width: int) -> str:
    claim = escaped(shortened(comparison.claim.text, width))
    return f"**{number}.** {symbol(comparison)} “{claim}”\n-# {headline(comparison, frame.words, frame.minimum)}"


def _last(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"…{text[-limit:].split(' ', 1)[-1]}"


def _button(label: str, custom_id: CustomId, emoji: str | None = None) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=label, custom_id=str(custom_id), emoji=emoji, style=discord.ButtonStyle.secondary)


def _view(*items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
