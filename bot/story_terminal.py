"""A story's comparison on a terminal: 80 columns, two outlets beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.links import named
from bot.render import Card
from bot.story_rendering import StoryAnswer, Teller
from bot.terminal import address

BESIDE = 2  # outlets in a row


def show_story(out: Console, answer: StoryAnswer) -> None:
    """Print one comparison."""
    out.print(Rule(style="dim"))
    out.print(Text.assemble(("Story  ", "dim"), (answer.asked, "bold")))
    out.print(Text(answer.headline))
    for teller in answer.tellers:
        out.print(Padding(_teller(teller), (0, 0, 0, 2)))
    for section in answer.sections:
        out.print()
        out.print(Text(f"{section.symbol} {section.title.upper()}", style="bold"))
        for matter in section.matters:
            if matter.note:
                out.print(Padding(Text(matter.note, style="bold"), (0, 0, 0, 2)))
            for at in range(0, len(matter.cards), BESIDE):
                out.print(_row(matter.cards[at : at + BESIDE]))
    out.print()
    out.print(Text(answer.footer, style="dim"))


def _teller(teller: Teller) -> Text:
    rest = f"  {teller.copies}" if teller.copies else ""
    return Text.assemble((named(teller.outlet, teller.url), "bold"), "  ", (teller.date, "dim"), "  ", teller.title, (rest, "italic"))


def _row(cards: Sequence[Card]) -> RenderableType:
    row = Table.grid(padding=(0, 2), expand=True)
    for _ in cards:
        row.add_column(ratio=1)
    row.add_row(*map(_card, cards))
    return Padding(row, (0, 0, 1, 2))


def _card(card: Card) -> RenderableType:
    quote = Text("“" + card.quote + "”")
    for start, end in card.decisive:
        quote.stylize("bold underline", start + 1, end + 1)
    head = Text.assemble((card.outlet, "bold"), "  ", (card.date, "dim"))
    return Group(head, Text(" ").join(quote.split()), address(card.url, card.link))
