"""Messages of components: answers, more excerpts, context, the overview of a post. Built only; what a press does is in presses.py.

Every view is stopped before it is sent: discord.py would keep those it may have to call for ever, and ours are called by their ids.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
from discord import ui

from bot.discord.answering import Answered
from bot.discord.ids import Act, CustomId
from bot.discord.limits import MAX_CONTENT, MAX_OPTION, MAX_OPTIONS, MAX_TEXT
from bot.discord.markdown import escaped, host, linked, one_line
from bot.discord.packing import EACH, address, cards, name, packed, plain, side_title, sides, within
from bot.links import named
from bot.render import AGREE, CONTRADICT, Answer, Card, answer
from bot.texts import shortened, units
from bot.words import Words
from db.guilds import Guild

TITLES = 300  # characters kept for the titles of sides
# Characters of a claim in the overview of a post, and whether a sentence says what was found: tried in turn, the last always fits.
CLAIM_WIDTHS = ((180, True), (150, True), (120, True), (90, True), (60, True), (30, True), (60, False), (20, False))
# Characters around an excerpt in context, and of it: tried in turn, as above.
CONTEXT_WIDTHS = ((700, 3_000), (500, 3_000), (300, 3_000), (150, 3_000), (60, 3_000), (60, 1_500), (60, 500))


# The marks of our layouts, and what stands for them in plain text. Those in what others wrote are escaped.
_MARKS = (
    (re.compile(r"^(?:#{1,3}|-#|>) ", re.M), ""),
    (re.compile(r"(?<!\\)\*\*"), ""),
    (re.compile(r"(?<!\\)\[([^\]\n]+)\]\(<?([^)>\n]+)>?\)"), r"\1: <\2>"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """How an answer is dressed: for whom, and what may be done with it."""

    words: Words
    ask: int
    minimum: int = 1
    sharable: bool = False  # private so far, and may be made public
    flaggable: bool = False  # in a server
    notes: Sequence[str] = ()  # ready Markdown: what goes before the footer
    posted_at: datetime | None = None  # when the message was written whose words are checked
    left: Sequence[str] = ()  # claims of a post that were left out, as far as their words are known: the most check-worthy first
    most: int = 0  # claims of a post that are compared at most


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A picture that goes with a message, and the same in words: at most 1,024 characters."""

    name: str
    data: bytes
    description: str


def answer_view(answered: Answered, frame: Frame, picture: Enclosure | None = None) -> ui.LayoutView:
    """One claim with the best excerpts of each side and its buttons."""
    shown = answer(answered.comparison, frame.words, frame.minimum, frame.posted_at)
    made = packed(shown, frame.words, frame.notes, MAX_TEXT - TITLES)
    parts: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(made.head)]
    for mark, texts, every in sides(shown, made):
        parts.append(ui.Separator())
        parts.append(ui.TextDisplay(side_title(mark, frame.words, len(texts), len(every))))
        parts.extend(ui.TextDisplay(text) for text in texts)
    for group in made.beside:
        parts += [ui.Separator(), *(ui.TextDisplay(text) for text in group)]
    parts += [ui.Separator(), ui.TextDisplay(made.foot)]
    return stopped(ui.Container(*parts), *gallery(picture), *rows(answered, shown, frame))


def without_pictures(view: ui.LayoutView | ui.View) -> ui.LayoutView | ui.View:
    """The view after its pictures were taken out: for places where the bot may not attach any."""
    for one in list(view.children):
        if isinstance(one, ui.MediaGallery):
            view.remove_item(one)
    return view


def gallery(picture: Enclosure | None) -> list[ui.MediaGallery[ui.LayoutView]]:
    """Where an enclosed picture is shown: without this nobody would see it."""
    if picture is None:
        return []
    return [ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{picture.name}", description=picture.description))]


def plain_view(answered: Answered, frame: Frame) -> tuple[str, ui.View]:
    """The same as plain text, with the same buttons."""
    shown = answer(answered.comparison, frame.words, frame.minimum, frame.posted_at)
    return plain(shown, frame.words, frame.notes), _classic(rows(answered, shown, frame))


def plain_form(view: ui.LayoutView) -> tuple[str, ui.View]:
    """Any view of ours without its layout, for screen readers: its texts in reading order, then its buttons and selects.

    What is over MAX_CONTENT characters is cut off: make the view with room for that.
    """
    every = list(view.walk_children())
    lines = "\n".join(one.content for one in every if isinstance(one, ui.TextDisplay))
    for pattern, plainly in _MARKS:
        lines = pattern.sub(plainly, lines)
    return within(lines, MAX_CONTENT), _classic([one for one in every if isinstance(one, ui.ActionRow)])


def stopped(*items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """A message of components, ready to be sent."""
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def formed(view: ui.LayoutView, settings: Guild) -> tuple[str | None, ui.LayoutView | ui.View]:
    """What is sent of a view where a server has these settings: content and components."""
    return plain_form(view) if settings.plain_text else (None, view)


def _classic(every: Sequence[ui.ActionRow[ui.LayoutView]]) -> ui.View:
    """Rows of components as a view without layout has them."""
    view = ui.View(timeout=None)
    for place, row in enumerate(every[:5]):
        for item in row.children:
            if isinstance(item, ui.Button):
                view.add_item(ui.Button(label=item.label, custom_id=item.custom_id, style=item.style, row=place))
            elif isinstance(item, ui.Select):
                view.add_item(ui.Select(custom_id=item.custom_id, placeholder=item.placeholder, options=item.options, row=place))
    view.stop()
    return view


def rows(answered: Answered, shown: Answer, frame: Frame) -> list[ui.ActionRow[ui.LayoutView]]:
    """The buttons that make sense here."""
    words, check = frame.words, answered.check_id
    first: list[ui.Button[ui.LayoutView]] = []
    for act, label, every in (
        (Act.MORE_AGREEING, words("More agreeing"), shown.agreeing),
        (Act.MORE_CONTRADICTING, words("More contradicting"), shown.contradicting),
    ):
        if len(every) > EACH:
            first.append(button(f"{label} ({len(every) - EACH})", CustomId(act, frame.ask, check)))
    if shown.agreeing or shown.contradicting:
        first.append(button(words("In context"), CustomId(Act.CONTEXT, frame.ask, check)))
    if frame.sharable:
        first.append(button(words("Share in channel"), CustomId(Act.SHARE, frame.ask, check)))
    if frame.flaggable:
        first.append(button(words("Flag for moderators"), CustomId(Act.FLAG, frame.ask, check)))
    second = [
        button(words("Helpful"), CustomId(Act.HELPFUL, frame.ask, check), "👍"),
        button(words("Not helpful"), CustomId(Act.UNHELPFUL, frame.ask, check), "👎"),
        button(words("Follow"), CustomId(Act.FOLLOW, frame.ask, check), "🔔"),
    ]
    return [ui.ActionRow(*row) for row in (first, second) if row]


def more_view(title: str, every: Sequence[Card], words: Words, room: int = MAX_TEXT) -> ui.LayoutView:
    """Further excerpts of one side."""
    texts = cards(every, words, room - TITLES)
    if left := len(every) - len(texts):
        texts.append("-# " + words.plural("… and {n} more.", "… and {n} more.", left))
    return stopped(ui.Container(ui.TextDisplay(f"**{title}**"), *(ui.TextDisplay(text) for text in texts)))


def context_view(
    one: Card,
    parts: tuple[str, str, str],
    choices: Sequence[discord.SelectOption],
    ask: int,
    check: int,
    words: Words,
    room: int = MAX_TEXT,
) -> ui.LayoutView:
    """An excerpt among the words around it, as the article stood; a select goes to the others."""
    title = escaped(shortened(one_line(one.title), 200))
    link = "-# " + linked(words("Read it at {host}", host=host(one.url) or "?"), address(one))
    for around, width in CONTEXT_WIDTHS:
        before, quote, after = (
            escaped(part) for part in (_last(parts[0], around), shortened(parts[1], width), shortened(parts[2], around))
        )
        marked = " ".join(part for part in (before, quote and f"**{quote}**", after) if part)
        text = "\n".join([f"**{name(one)}** · {one.date}", *([title] if title else []), f"> {marked}"])
        if units(text) + units(link) <= room:
            break
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(text), ui.TextDisplay(link))
    others = selects(Act.CONTEXT, ask, check, words("Another excerpt in context"), choices) if len(choices) > 1 else []
    return stopped(container, *others)


def choices(shown: Answer) -> list[discord.SelectOption]:
    """The excerpts of an answer as options; a value is the side's sign and the rank: "a1", "c2"."""
    made = []
    for letter, mark, every in (("a", AGREE, shown.agreeing), ("c", CONTRADICT, shown.contradicting)):
        for rank, one in enumerate(every, 1):
            label = option_label(f"{mark} {named(one.outlet, one.url)}, {one.date}: {one.quote}")
            made.append(discord.SelectOption(label=label, value=f"{letter}{rank}"))
    return made


def note_view(*texts: str) -> ui.LayoutView:
    """Sentences alone."""
    return stopped(ui.TextDisplay(within("\n".join(texts), MAX_TEXT)))


def option_label(text: str) -> str:
    return within(one_line(text), MAX_OPTION)


def selects(act: Act, ask: int, check: int, placeholder: str, options: Sequence[discord.SelectOption]) -> list[ui.ActionRow[ui.LayoutView]]:
    """As many selects as the options need."""
    made: list[ui.ActionRow[ui.LayoutView]] = []
    for at in range(0, len(options), MAX_OPTIONS):
        custom_id = CustomId(act, ask, check, str(at or ""))
        made.append(
            ui.ActionRow(ui.Select(custom_id=str(custom_id), placeholder=placeholder, options=list(options[at : at + MAX_OPTIONS])))
        )
    return made


def _last(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"…{text[-limit:].split(' ', 1)[-1]}"


def button(label: str, custom_id: CustomId, emoji: str | None = None) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=label, custom_id=str(custom_id), emoji=emoji, style=discord.ButtonStyle.secondary)
