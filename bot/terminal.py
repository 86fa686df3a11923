"""Answers on a terminal: 80 columns, two labelled groups, words and symbols before colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.beside import Fact
from bot.links import host, named, safe_url
from bot.render import AGREE, CONTRADICT, Answer, Card, Own, Said
from bot.words import Words
from retrieval.difference import changed_sentences
from retrieval.hosts import ascii_url
from retrieval.text import normalise
from retrieval.types import Hit

WIDTH = 80
# What surrounds a quote is shortened to about a line a side.
SURROUNDINGS = 110
MAX_LINK = 4_000  # characters of a link that is not seen


class Plain(Console):
    """A console to whose terminal no text gives orders: control, bidirectional and other invisible characters are left out."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control or segment.text.isascii() and segment.text.isprintable() else _plainly(segment)


def _plainly(segment: Segment) -> Segment:
    """Without what is not to be seen; line ends are the console's own. What is left out has no width, so lines stay as laid out."""
    lines = ("".join(normalise(line).split("\n")) for line in segment.text.split("\n"))
    return Segment("\n".join(lines), segment.style)


def console(*, stderr: bool = False) -> Console:
    """A console no wider than 80 columns, so that quotes stay readable; markup in what is printed stays plain text."""
    made = Plain(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WIDTH)
    return made


def console_for(file: IO[str], columns: int, environ: Mapping[str, str]) -> Console:
    """As `console`, for a terminal elsewhere, of so many columns (COLUMNS goes before them) and with these variables."""
    width = None if environ.get("COLUMNS", "").isdigit() else columns
    made = Plain(file=file, width=width, highlight=False, markup=False, emoji=False, _environ=environ)
    made.width = min(made.width, WIDTH)
    return made


def show_answer(out: Console, answer: Answer) -> None:
    """Print one answer."""
    out.print(Rule(style="dim"))
    out.print(_hanging("Claim  ", Text(normalise(answer.claim), style="bold")))
    if answer.reading:
        out.print(_hanging("       ", Text(_in_line(answer.reading), style="dim")))
    if answer.question:
        out.print(_hanging("       ", Text(_in_line(answer.question), style="bold")))
    out.print(_hanging(f"{answer.symbol:<3}    ", Text(answer.headline)))
    _show_facts(out, answer)
    _show_sides(out, answer)
    if answer.said:
        out.print()
        out.print(Text(_in_line(answer.said.title), style="bold"))
        out.print(_hanging(f"{answer.said.symbol:<3}    ", Text(answer.said.headline)))
        _show_facts(out, answer.said)
        _show_sides(out, answer.said)
    for own in answer.own:
        _show_own(out, own)
    out.print()
    out.print(Text(answer.footer, style="dim"))


def show_left_out(out: Console, claims: Sequence[str], most: int, words: Words) -> None:
    """Print the claims of a post that were not compared, the most check-worthy first."""
    out.print(Rule(style="dim"))
    out.print(Text(left_out(claims, most, words)))
    for claim in claims:
        out.print(_hanging("  - ", Text(_in_line(claim))))


def show_alternative(out: Console, text: str) -> None:
    """Print what a picture shows, in words."""
    out.print(Rule(style="dim"))
    out.print(Text(text))


def left_out(claims: Sequence[str], most: int, words: Words) -> str:
    """How many claims of a post were not compared, and why."""
    sentence = words.plural("{n} more claim was left out.", "{n} more claims were left out.", len(claims))
    return f"{sentence} " + words.plural("At most {n} claim is compared.", "At most {n} claims are compared.", most)


def _show_facts(out: Console, answer: Answer | Said) -> None:
    for fact in answer.facts:
        out.print(_hanging(f"  {fact.symbol}    ", _fact(fact)))
    if answer.changes:
        out.print(_hanging("       ", Text(_in_line(answer.changes))))


def _show_sides(out: Console, answer: Answer | Said) -> None:
    for symbol, label, colour, cards in (
        (AGREE, "AGREEING", "green", answer.agreeing),
        (CONTRADICT, "CONTRADICTING", "red", answer.contradicting),
    ):
        if cards:
            out.print()
            out.print(Text(f"{symbol} {label}", style=f"bold {colour}"))
            for card in cards:
                out.print(_card(card, colour))


def _show_own(out: Console, own: Own) -> None:
    out.print()
    out.print(_hanging(f"{own.link.symbol} ", Text(own.link.text, style="bold")))
    if own.card:
        out.print(_card(own.card, "green" if own.link.symbol == AGREE else "red"))
    else:
        out.print(Padding(address(own.link.url, own.link.url), (0, 0, 0, 2)))


def _fact(fact: Fact) -> Text:
    place = host(fact.url)
    shown = [Text(_in_line(fact.outlet)), address(place, fact.link)] if place else [Text(_in_line(fact.outlet))]
    where = Text.assemble(" (", Text(" · ").join(shown), ")") if fact.outlet else Text()
    return Text.assemble(_in_line(fact.text), where)


def address(shown: str, link: str) -> Text:
    """An address or a host as a link, for terminals that know links; with the host in ASCII, so that it is seen where it leads."""
    safe = safe_url(link, MAX_LINK)
    return Text(ascii_url(shown), style=Style(color="cyan", link=safe) if safe else Style(color="cyan"), overflow="fold")


def _in_line(text: str) -> str:
    """Clean before it is laid out: what is left out afterwards could have had a width."""
    return " ".join(normalise(text).split())


def show_history(out: Console, revisions: Sequence[tuple[int, datetime, str, str]]) -> None:
    """Print an article's revisions (number, stored at, title, text), each with what changed since the one before."""
    last: str | None = None
    for number, stored_at, title, text in revisions:
        out.print(Text(f"Revision {number}, stored {stored_at:%Y-%m-%d %H:%M} UTC: {title}", style="bold"))
        for sign, sentence in changed_sentences(last, text) if last is not None else ():
            out.print(_hanging(f"{sign} ", Text(" ".join(sentence.split()), style="green" if sign == "+" else "red")))
        last = text


def show_hits(out: Console, hits: Sequence[Hit]) -> None:
    """Print search results, best first."""
    for rank, hit in enumerate(hits, 1):
        passage, article = hit.passage, hit.passage.article
        ranks = f"dense {hit.dense_rank or '-'}, lexical {hit.lexical_rank or '-'}"
        out.print(Text(f"{rank:>3}  {hit.score:.3f}  ({ranks})  {named(article.source, article.url)}: {article.title}", style="bold"))
        out.print(Padding(Text(" ".join(passage.text.split())), (0, 0, 1, 5)))


class RateColumn(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:5.1f}/s", style="dim")


def progress(out: Console) -> Progress:
    """A progress bar with rate and time left."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), RateColumn(),
        TimeRemainingColumn(compact=True), console=out, transient=not out.is_terminal,
    )  # fmt: skip


def _card(card: Card, colour: str) -> RenderableType:
    head = Text.assemble(
        (_in_line(card.outlet), "bold"),
        "  ",
        (card.date, "dim"),
        ("  " + card.newer if card.newer else "", "bold"),
        ("  " + card.copies if card.copies else "", "italic"),
    )
    title = Text(_in_line(card.title), style="italic")
    quote = Text("“" + card.quote + "”")
    for start, end in card.decisive:
        quote.stylize(f"bold underline {colour}", start + 1, end + 1)
    before = textwrap.shorten(card.before[::-1], SURROUNDINGS, placeholder="…")[::-1]
    after = textwrap.shorten(card.after, SURROUNDINGS, placeholder="…")
    body = Text.assemble((before + " " if before else "", "dim"), quote, (" " + after if after else "", "dim"))
    body = Text(" ").join(line for line in body.split() if line.plain.strip())
    difference = [Text(f"claim against source: {card.difference}", style="bold")] if card.difference else []
    return Padding(Group(head, title, *difference, body, address(card.url, card.link)), (0, 0, 1, 2))


def _hanging(label: str, text: Text) -> Table:
    table = Table.grid(padding=0)
    table.add_column(width=len(label))
    table.add_column()
    table.add_row(Text(label, style="dim"), text)
    return table
