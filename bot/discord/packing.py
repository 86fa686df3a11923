"""An answer as Markdown texts that keep within Discord's limits, whatever comes in. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.discord.markdown import escaped, host, linked, one_line, quoted, safe_url
from bot.render import AGREE, CONTRADICT, Answer, Card, Own, Said
from bot.texts import shortened, units
from bot.words import Words
from retrieval.text import Span

Made = TypeVar("Made")

_LINKED = re.compile(r"(?<!\\)\[([^\]\n]+)\]\(<([^>\n]+)>\)")

MAX_NOTES = 900  # of the lines before the footer
EACH = 2  # excerpts a side before "more" is asked for: what a phone shows on two screens
MAX_CLAIM = 500
MAX_NAME = 80  # characters of an outlet
MAX_EXTRA = 200  # characters of what is said beside a quote: where copies stand, what differs
SHORT_LINK = 100  # characters of an address that fits everywhere
MAX_FACTS, MAX_OWN = 6, 3  # facts of a claim that are told apart, links of a post
MAX_FACT = 160  # characters of a line about a fact
# Widths of a quote that are tried in turn, the first at which everything fits is taken; the last always does.
WIDTHS = (700, 500, 350, 240, 160, 90, 40)


@dataclass(frozen=True, slots=True)
class Packed:
    """The texts of an answer, and how many excerpts of each side they hold."""

    head: str
    agreeing: Sequence[str]
    contradicting: Sequence[str]
    foot: str
    beside: Sequence[Sequence[str]] = ()  # after the sides: what sources say of words that were said, what the post's own links say

    @property
    def length(self) -> int:
        beside = [text for group in self.beside for text in group]
        return sum(units(text) for text in (self.head, *self.agreeing, *self.contradicting, *beside, self.foot))


def within(text: str, limit: int) -> str:
    """As `shortened`, in characters as Discord counts them."""
    made, width = text, limit
    while units(made) > limit:
        made = shortened(text, width)
        width -= max(1, (units(made) - limit) // 2)
    return made


def packed(answer: Answer, words: Words, notes: Sequence[str] = (), limit: int = MAX_TEXT, each: int = EACH) -> Packed:
    """The answer in at most `limit` characters, with at most `each` excerpts a side.

    `notes` are ready Markdown for the foot, of MAX_NOTES characters at most in all.
    """
    return _fitting(lambda width: _packed(answer, words, notes, width, each), lambda made: made.length, limit)


def card(one: Card, words: Words, width: int = WIDTHS[0]) -> str:
    """One excerpt: outlet and date, the quoted words with the decisive ones in bold, where they stand."""
    text, spans, before, after = clipped(one.quote, one.decisive, width)
    outlet = " · ".join([f"**{name(one, width)}**", *_when(one)])
    quote = f"> “{before}{quoted(text, spans)}{after}”"
    place = host(one.url)
    link = linked(words("Read it at {host}", host=place), address(one, width)) if place else ""
    rest = [part for part in (link, *_extras(one, width)) if part]
    return "\n".join([outlet, quote, "-# " + " · ".join(rest)] if rest else [outlet, quote])


def name(one: Card, width: int = WIDTHS[0]) -> str:
    """The outlet, escaped; its host's name where it has none that can be seen."""
    return escaped(shortened(one_line(one.outlet) or host(one.url) or "?", MAX_NAME if width > WIDTHS[-1] else WIDTHS[-1]))


def _when(one: Card) -> list[str]:
    return [one.date, f"**{one.newer}**"] if one.newer else [one.date]


def address(one: Card, width: int = WIDTHS[0]) -> str:
    """The link to the quoted words as far as there is room for it, else to the article; "" where that is too long too."""
    link = safe_url(one.link) if width >= WIDTHS[3] else ""
    link = link or safe_url(one.url)
    return link if width > WIDTHS[-1] or len(link) <= SHORT_LINK else ""


def _extras(one: Card, width: int) -> list[str]:
    """What is said beside the quote, escaped; nothing at the last width."""
    return [escaped(shortened(text, min(MAX_EXTRA, width))) for text in (one.copies, one.difference)] if width > WIDTHS[-1] else []


def cards(every: Sequence[Card], words: Words, limit: int = MAX_TEXT) -> list[str]:
    """Excerpts in at most `limit` characters in all: their quotes are shortened, and the last dropped where that is not enough."""

    def made(width: int) -> list[str]:
        return [card(one, words, width) for one in every]

    texts = _fitting(made, lambda texts: sum(map(units, texts)), limit)
    while sum(map(units, texts)) > limit:
        texts.pop()
    return texts


def plain(answer: Answer, words: Words, notes: Sequence[str] = (), each: int = EACH) -> str:
    """The same content without any layout, in reading order: for screen readers, in MAX_CONTENT characters."""

    def made(width: int, each: int = each) -> str:
        claim = escaped(shortened(answer.claim, MAX_CLAIM // 2 if width >= WIDTHS[3] else MAX_CLAIM // 4))
        lines = [words("Claim: {claim}", claim=claim), *_reading(answer, width)]
        lines += [*([_question(answer)] if answer.question else []), answer.headline, *_plainly(_facts(answer, width))]
        for label, side in ((words("Agreeing"), answer.agreeing), (words("Contradicting"), answer.contradicting)):
            lines += [_read_out(f"{label} {number}", one, width) for number, one in enumerate(side[:each], 1)]
        if answer.said and each:
            lines += [_said_title(answer.said, width), f"{answer.said.symbol} {answer.said.headline}"]
            lines += _plainly(_facts(answer.said, width))
            lines += [_read_out(symbol, one, width) for symbol, one in _of_said(answer.said, width)]
        for own in _own(answer, width) if each else ():
            lines.append(f"{own.link.symbol} {own.link.text}")
            lines += [_read_out(own.link.symbol, own.card, width)] if own.card and width > WIDTHS[-1] else []
        return "\n".join([*lines, *notes, answer.footer])

    text = _fitting(made, units, MAX_CONTENT)
    while units(text) > MAX_CONTENT and each:
        each -= 1
        text = made(WIDTHS[-1], each)
    return within(text, MAX_CONTENT)


def _read_out(label: str, one: Card, width: int) -> str:
    """An excerpt in one line."""
    text, _, before, after = clipped(one.quote, one.decisive, width)
    link = address(one, width) if width > WIDTHS[-1] else ""
    outlet = name(one, width) if link or not host(one.url) else f"{name(one, width)} · {host(one.url)}"
    said_by = ", ".join([label, outlet, one.date, *([one.newer] if one.newer else [])])
    parts = [f"{said_by}: “{before}{escaped(text)}{after}”", *_extras(one, width)]
    return ". ".join(part for part in parts if part) + (f" <{link}>" if link else "")


def clipped(quote: str, decisive: Sequence[Span], width: int) -> tuple[str, list[Span], str, str]:
    """(part of the quote, decisive spans in it, "… " or "", " …" or ""): at most `width` characters, from where the decisive words are.

    The part is the quote's own words, cut between words where there are any.
    """
    if len(quote) <= width:
        return quote, list(decisive), "", ""
    first = decisive[0][0] if decisive else 0
    start = 0 if first < width // 2 else _word_start(quote, max(0, first - width // 4))
    end = _word_end(quote, start, min(len(quote), start + width))
    spans = [(max(a, start) - start, min(b, end) - start) for a, b in decisive if a < end and b > start]
    return quote[start:end], spans, "… " if start else "", " …" if end < len(quote) else ""


def _packed(answer: Answer, words: Words, notes: Sequence[str], width: int, each: int) -> Packed:
    claim = escaped(shortened(answer.claim, MAX_CLAIM if width >= WIDTHS[3] else MAX_CLAIM // 4))
    label, rule = words("Claim"), words("Quoted word for word; Crosscheck does not rule true or false.")
    foot = [*notes, f"-# {answer.footer} {rule}"]
    head = [f"-# {label}", f"> {claim}", *(f"-# {text}" for text in _reading(answer, width))]
    head += [f"### {_question(answer)}", f"{answer.symbol} {answer.headline}"] if answer.question else []
    head += [] if answer.question else [f"### {answer.symbol} {answer.headline}"]
    own = [_own_text(one, words, width) for one in _own(answer, width)]
    return Packed(
        "\n".join([*head, *_facts(answer, width)]),
        [card(one, words, width) for one in answer.agreeing[:each]],
        [card(one, words, width) for one in answer.contradicting[:each]],
        "\n".join(foot),
        [*([_said(answer.said, words, width)] if answer.said else []), *([own] if own else [])],
    )


def _reading(answer: Answer, width: int) -> list[str]:
    """How the claim was read, where there is room to say it; escaped."""
    text = escaped(shortened(one_line(answer.reading), min(width, 300))) if width > WIDTHS[-1] else ""
    return [text] if text else []


def _question(answer: Answer) -> str:
    return escaped(shortened(one_line(answer.question), MAX_NAME))


def _facts(answer: Answer | Said, width: int) -> list[str]:
    """The facts of the claim, or of words said, apart and what was reported when: a line each, as small print in Markdown."""
    roomy = width >= WIDTHS[4]
    lines = []
    for fact in answer.facts[: MAX_FACTS if roomy else 2]:
        text = escaped(shortened(one_line(fact.text), MAX_FACT if roomy else width))
        url = next((one for one in map(safe_url, (fact.link, fact.url)) if one and len(one) <= MAX_FACT), "") if roomy else ""
        place = host(fact.url)
        outlet = escaped(shortened(one_line(fact.outlet), MAX_NAME // 2))
        # The host is the link: an outlet's name there could look like another site's address.
        where = " · ".join(part for part in (outlet, linked(place, url) if url and place else place) if part)
        lines.append(f"-# {fact.symbol} {text}" + (f" ({where})" if where and width > WIDTHS[-1] else ""))
    changes = escaped(shortened(one_line(answer.changes), 400 if roomy else 2 * width))
    return [*lines, *([f"-# {changes}"] if changes else [])]


def _plainly(lines: Sequence[str]) -> list[str]:
    """Lines of `_facts` without their Markdown."""
    return [_LINKED.sub(r"\1: <\2>", line.removeprefix("-# ")) for line in lines]


def _own(answer: Answer, width: int) -> Sequence[Own]:
    return answer.own[: MAX_OWN if width > WIDTHS[-1] else 1]


def _own_text(own: Own, words: Words, width: int) -> str:
    """What an address in the post says, with its words where it says something and there is room for them."""
    place = host(own.link.url)
    url = safe_url(own.link.url) if width > WIDTHS[-1] else ""
    where = linked(place, url) if place and url else ""
    line = f"**{own.link.symbol} {own.link.text}**" + (f" · {where}" if where else "")
    return "\n".join([line, card(own.card, words, min(width, WIDTHS[3]))]) if own.card and width > WIDTHS[-1] else line


def _said_title(said: Said, width: int) -> str:
    return escaped(shortened(one_line(said.title), min(width, WIDTHS[3]) + 40))


def _of_said(said: Said, width: int) -> list[tuple[str, Card]]:
    """The best excerpts on the words said: one a side, or two of the only one; none at the last width."""
    each = 1 if said.agreeing and said.contradicting else EACH
    every = [(AGREE, one) for one in said.agreeing[:each]] + [(CONTRADICT, one) for one in said.contradicting[:each]]
    return every if width > WIDTHS[-1] else []


def _said(said: Said, words: Words, width: int) -> list[str]:
    head = "\n".join([f"### {_said_title(said, width)}", f"{said.symbol} {said.headline}", *_facts(said, width)])
    shown = _of_said(said, width)
    both = bool(said.agreeing and said.contradicting)
    return [head, *(f"{symbol} {card(one, words, width)}" if both else card(one, words, width) for symbol, one in shown)]


def side_title(symbol: str, words: Words, shown: int, total: int) -> str:
    """Such as: ✓ **Agreeing** (2 of 5)."""
    label = words("Agreeing") if symbol == AGREE else words("Contradicting")
    count = "" if shown == total else " " + words("({shown} of {total})", shown=shown, total=total)
    return f"**{symbol} {label}**{count}"


def sides(answer: Answer, made: Packed) -> list[tuple[str, Sequence[str], Sequence[Card]]]:
    """(symbol, texts, all cards) of the sides that have any."""
    both = ((AGREE, made.agreeing, answer.agreeing), (CONTRADICT, made.contradicting, answer.contradicting))
    return [(symbol, texts, every) for symbol, texts, every in both if texts]


def _fitting(make: Callable[[int], Made], length: Callable[[Made], int], limit: int) -> Made:
    for width in WIDTHS:
        made = make(width)
        if length(made) <= limit:
            break
    return made


def _word_start(text: str, at: int) -> int:
    space = text.find(" ", at)
    return space + 1 if at and 0 <= space < at + 40 else at


def _word_end(text: str, start: int, end: int) -> int:
    if end == len(text):
        return end
    space = text.rfind(" ", start, end)
    return space if space > start + (end - start) * 2 // 3 else end
