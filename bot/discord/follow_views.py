"""Messages about followed claims: what is new, for a person and for moderators, and the list of what somebody follows. Built only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord
from discord import ui

from bot.discord.case_views import case_link, state_name
from bot.discord.ids import Act, CaseId, CustomId, Step
from bot.discord.limits import MAX_OPTION, MAX_OPTIONS, MAX_TEXT
from bot.discord.markdown import escaped, linked, one_line
from bot.discord.packing import card, within
from bot.discord.views import CLAIM_WIDTHS, stopped
from bot.followed import fresh
from bot.render import AGREE, CONTRADICT, answer, headline, symbol
from bot.texts import shortened, units
from bot.words import Words
from db.cases import RESOLVED, Dispute
from db.follows import MAX_FOLLOWS, Follow

Row = ui.ActionRow[ui.LayoutView]

SHOWN = 5  # claims or cases of a message; a row holds as many buttons
# Characters of a claim, its new excerpts, and characters of each: tried in turn until all fits, as it does with the last.
WIDTHS = ((400, 2, 500), (300, 2, 240), (300, 1, 350), (200, 1, 240), (200, 1, 160), (120, 1, 90), (120, 1, 40), (120, 0, 0))


@dataclass(frozen=True, slots=True)
class CaseNews:
    """A case with those of its claims that there is news of."""

    case: Dispute
    follows: Sequence[Follow]


def news_view(follows: Sequence[Follow], words: Words, room: int = MAX_TEXT) -> ui.LayoutView:
    """What is new of the claims that somebody follows: SHOWN of them with their new excerpts, the rest counted."""
    shown = follows[:SHOWN]
    head = "### " + words.plural("News on {n} claim that you follow", "News on {n} claims that you follow", len(follows))
    foot = []
    if left := len(follows) - len(shown):
        foot.append("-# " + words.plural("… and {n} more claim: /following", "… and {n} more claims: /following", left))
    foot.append("-# " + words("Quoted word for word; Crosscheck does not rule true or false."))
    blocks = _fitting([("", follow) for follow in shown], words, room - units("\n".join([head, *foot])) - 1)
    return stopped(_container([head, *blocks, "\n".join(foot)]), *_stops(shown, words))


def case_news_view(every: Sequence[CaseNews], words: Words, room: int = MAX_TEXT) -> ui.LayoutView:
    """What is new of a server's cases: SHOWN of them, each with one claim, its new excerpts, and a button to reopen what was resolved."""
    shown = every[:SHOWN]
    head = "### " + words.plural("News on {n} disputed post", "News on {n} disputed posts", len(every))
    foot = []
    if left := len(every) - len(shown):
        foot.append("-# " + words.plural("… and {n} more case: /disputes list", "… and {n} more cases: /disputes list", left))
    foot.append("-# " + words("Cases are decided by this server's moderators, not by Crosscheck."))
    blocks = _fitting([(_named(one.case, words), one.follows[0]) for one in shown], words, room - units("\n".join([head, *foot])) - 1)
    buttons: list[ui.Button[ui.LayoutView]] = [
        ui.Button(
            label=words("Reopen case {n}", n=one.case.number), custom_id=str(CaseId(Step.REOPEN, one.case.id, one.case.decided)),
            style=discord.ButtonStyle.secondary,
        )
        for one in shown if one.case.state in RESOLVED
    ]  # fmt: skip
    return stopped(_container([head, *blocks, "\n".join(foot)]), *([ui.ActionRow(*buttons)] if buttons else []))


def following_view(follows: Sequence[Follow], words: Words, room: int = MAX_TEXT) -> ui.LayoutView:
    """What somebody follows, with what is known of it, and selects to stop."""
    if not follows:
        return stopped(ui.TextDisplay(words("You follow no claim. Each answer has a button for that.")))
    title = words("{n} of {limit} claims that you can follow", n=len(follows), limit=MAX_FOLLOWS)
    for width, explained in CLAIM_WIDTHS:
        lines = [f"### {title}", *(_line(number, one, words, width, explained=explained) for number, one in enumerate(follows, 1))]
        if units("\n".join(lines)) <= room:
            break
    return stopped(ui.TextDisplay("\n".join(lines)), *_stops(follows, words))


def _fitting(every: Sequence[tuple[str, Follow]], words: Words, room: int) -> list[str]:
    """A text for each claim, with what stands above it, in `room` characters in all."""
    for widths in WIDTHS:
        texts = [_news(above, follow, words, *widths) for above, follow in every]
        if sum(units(text) + 1 for text in texts) <= room:
            break
    return texts


def _news(above: str, follow: Follow, words: Words, width: int, count: int, quote: int) -> str:
    """A claim, what the sources say of it now and said before, and its best new excerpts, of both sides if there are."""
    now = follow.latest
    agreeing, contradicting = fresh(follow.seen, now)
    cards = answer(replace(now, agreeing=agreeing, contradicting=contradicting), words)
    against, by = [(CONTRADICT, one) for one in cards.contradicting], [(AGREE, one) for one in cards.agreeing]
    best = [*against[:1], *by[:1], *against[1:], *by[1:]]
    lines = [above] if above else []
    lines.append(f"> {escaped(shortened(one_line(follow.claim.text), width))}")
    lines.append(f"**{symbol(now)} {headline(now, words)}**")
    if now.outcome is not follow.seen.outcome:
        lines.append("-# " + words("Before: {outcome}", outcome=headline(follow.seen, words)))
    lines += [f"{mark} {card(one, words, quote)}" for mark, one in best[:count]]
    return "\n".join(lines)


def _named(case: Dispute, words: Words) -> str:
    """A case, with where moderators see it."""
    name, link = words("Case {n}", n=case.number), case_link(case)
    return f"**{linked(name, link) if link else name}** · {state_name(case.state, words)}"


def _line(number: int, follow: Follow, words: Words, width: int, *, explained: bool) -> str:
    line = f"**{number}.** {symbol(follow.latest)} “{escaped(shortened(one_line(follow.claim.text), width))}”"
    if not explained:
        return line
    until = words("followed until {date}", date=words.date(follow.until))
    return f"{line}\n-# {headline(follow.latest, words)} · {until}"


def _stops(follows: Sequence[Follow], words: Words) -> list[Row]:
    """As many selects as the claims need: what is chosen is followed no more."""
    options = [
        discord.SelectOption(label=within(f"{number}. {one_line(one.claim.text)}", MAX_OPTION), value=str(one.id))
        for number, one in enumerate(follows, 1)
    ]
    return [
        ui.ActionRow(
            ui.Select(
                custom_id=str(CustomId(Act.UNFOLLOW, detail=str(at or ""))), placeholder=words("Stop following a claim"),
                options=options[at : at + MAX_OPTIONS],
            )
        )
        for at in range(0, len(options), MAX_OPTIONS)
    ]  # fmt: skip


def _container(texts: Sequence[str]) -> ui.Container[ui.LayoutView]:
    """Texts with lines between them."""
    parts: list[ui.Item[ui.LayoutView]] = []
    for text in texts:
        parts += [ui.Separator(), ui.TextDisplay(text)] if parts else [ui.TextDisplay(text)]
    return ui.Container(*parts)
