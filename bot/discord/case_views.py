"""Messages about a disputed post: the case, its evidence, the public note. Built only; bot/discord/case_presses.py acts.

What moderators decide is theirs: the texts say who judged, and Crosscheck adds nothing but the excerpts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord
from discord import ui

from bot.discord.answering import LikeCase
from bot.discord.ids import CaseId, Step
from bot.discord.limits import MAX_OPTION, MAX_OPTIONS, MAX_TEXT
from bot.discord.markdown import escaped, linked, one_line
from bot.discord.packing import packed, side_title, sides, within
from bot.discord.views import stopped
from bot.render import Answer, answer, headline, symbol
from bot.texts import shortened, units
from bot.words import Words
from db.cases import RESOLVED, Dispute, Snapshot, State
from retrieval.types import Comparison

Row = ui.ActionRow[ui.LayoutView]

NOTES = 3  # flags that are named
# Characters of the post and of each note that a case shows: tried in turn until the head fits, as it does with the last.
WIDTHS = ((600, 200), (400, 120), (240, 60), (100, 30))
LINES = 12  # claims of a post that a case lists
HEAD, ROOM = 1_300, 1_800  # characters for what is said of the case, and for the evidence, of MAX_TEXT


def state_name(state: State, words: Words) -> str:
    """As it stands in a sentence: "open", "disputed: sources contradict it"."""
    return {
        State.OPEN: words("open"),
        State.IN_REVIEW: words("in review"),
        State.UPHELD: words("upheld: the post stands"),
        State.DISPUTED: words("disputed: sources contradict it"),
        State.UNCLEAR: words("unclear"),
        State.DISMISSED: words("dismissed"),
    }[state]


def case_view(
    case: Dispute, snapshots: Sequence[Snapshot], words: Words, likes: Sequence[LikeCase] = (), *, publishable: bool = False
) -> ui.LayoutView:
    """A case with its evidence and what can be done with it. `publishable`: the server lets notes be published."""
    for post, note in WIDTHS:
        title = "### " + words("Case {n}", n=case.number) + f" · {state_name(case.state, words)}"
        head = "\n".join([title, *_about(case, words, post, note)])
        if units(head) <= HEAD:
            break
    parts: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(head), ui.Separator()]
    parts += [ui.TextDisplay(text) for text in _evidence(snapshots, words)]
    foot = [like_note(one, words) for one in likes[:3]]
    foot.append("-# " + words("Cases are decided by this server's moderators, not by Crosscheck."))
    parts += [ui.Separator(), ui.TextDisplay("\n".join(foot))]
    return stopped(ui.Container(*parts), *_rows(case, snapshots, words, publishable=publishable))


def _about(case: Dispute, words: Words, width: int, note_width: int) -> list[str]:
    """Who flagged it and why, whose it is, what was decided: Markdown lines."""
    lines = []
    if case.assignee is not None and case.state is State.IN_REVIEW:
        lines.append(words("In review by {person}", person=person(case.assignee, words)))
    post = case.post
    author = words("Post by {person}", person=person(post.author, words)) if post.author else words("Post")
    written = [time(post.posted_at)] if post.posted_at else []
    place = post_link(case)
    link = [linked(words("Go to the post"), place)] if place else []
    lines.append(" · ".join([author, *written, *link]))
    text = escaped(shortened(one_line(post.text), width)) if post.text else words("Its words were erased.")
    lines.append(f"> {text}")
    for flag in case.flags[:NOTES]:
        by = words("Flagged by {person}, {when}") if flag.moderator else words("Reported by {person}, {when}")
        by = by.format(person=person(flag.person, words), when=time(flag.created_at or case.opened_at))
        lines.append("-# " + " · ".join([by, *([escaped(shortened(one_line(flag.reason), note_width))] if flag.reason else [])]))
        if flag.note:
            lines.append(f"-# “{escaped(shortened(one_line(flag.note), note_width))}”")
    if more := len(case.flags) - NOTES:
        lines += ["-# " + words.plural("and {n} more", "and {n} more", more)] if more > 0 else []
    if case.appeal:
        lines.append(words("Appeal of the author, {when}:", when=time(case.appealed_at or case.changed_at)))
        lines.append(f"> {escaped(shortened(one_line(case.appeal), width))}")
    return lines


def _evidence(snapshots: Sequence[Snapshot], words: Words) -> list[str]:
    """The newest snapshot, as texts of ROOM characters in all; older ones are opened by the select."""
    if not snapshots:
        return [words("The evidence is being looked for.")]
    newest = snapshots[-1]
    title = words("Evidence as it stood {when}", when=time(newest.taken_at))
    if len(snapshots) > 1:
        title += " · " + words.plural("{n} earlier state below", "{n} earlier states below", len(snapshots) - 1)
    if not newest.comparisons:
        return [f"**{title}**", words("No statement was found in it that could be compared.")]
    if len(newest.comparisons) == 1:
        return [f"**{title}**", *_one(newest.comparisons[0], words)]
    lines, room = [], ROOM
    for number, one in enumerate(newest.comparisons[:LINES], 1):
        line = f"**{number}.** {symbol(one)} “{_claim(one, words, 160)}”\n-# {headline(one, words)}"
        if (room := room - units(line) - 1) < 0:
            break
        lines.append(line)
    if left := len(newest.comparisons) - len(lines):
        lines.append("-# " + words.plural("… and {n} more.", "… and {n} more.", left))
    return [f"**{title}**", "\n".join(lines)]


def _one(comparison: Comparison, words: Words) -> list[str]:
    shown = answer(comparison, words)
    made = packed(shown, words, limit=ROOM)
    texts = [made.head]
    for mark, cards, every in sides(shown, made):
        texts.append("\n".join([side_title(mark, words, len(cards), len(every)), *cards]))
    return [*texts, *("\n".join(group) for group in made.beside), made.foot]


def evidence_view(snapshot: Snapshot, place: int, words: Words) -> ui.LayoutView:
    """One claim of a snapshot with all excerpts that fit, as they stood."""
    comparison = snapshot.comparisons[place]
    shown: Answer = answer(comparison, words)
    models = ", ".join(f"`{escaped(model)}`" for model in comparison.models.values())
    stood = words("As it stood {when}; compared by {models}", when=time(snapshot.taken_at), models=models)
    made = packed(shown, words, [f"-# {stood}"], MAX_TEXT - 300, each=5)
    parts: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(made.head)]
    for mark, texts, every in sides(shown, made):
        parts.append(ui.Separator())
        parts.append(ui.TextDisplay(side_title(mark, words, len(texts), len(every))))
        parts.extend(ui.TextDisplay(text) for text in texts)
    for group in made.beside:
        parts += [ui.Separator(), *(ui.TextDisplay(text) for text in group)]
    parts += [ui.Separator(), ui.TextDisplay(made.foot)]
    return stopped(ui.Container(*parts))


def public_note(case: Dispute, snapshots: Sequence[Snapshot], words: Words, *, preview: bool = False) -> ui.LayoutView:
    """The note under a post: what the moderators decided, and the excerpts. No name of whoever flagged or decided.

    A `preview` is what a moderator sees before, with the button that publishes it.
    """
    head = "\n".join(["### " + words("Note of the moderators"), words("This post is {state}.", state=state_name(case.state, words))])
    parts: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(head)]
    spoken = [one for one in (snapshots[-1].comparisons if snapshots else ()) if one.agreeing or one.contradicting]
    room = MAX_TEXT - 600
    for one in spoken[:6]:
        texts = _one(one, words) if len(spoken) == 1 else _briefly(one, words)
        room -= sum(map(units, texts))
        if room < 0:
            break
        parts += [ui.Separator(), *(ui.TextDisplay(text) for text in texts)]
    when = time(snapshots[-1].taken_at if snapshots else case.changed_at)
    foot = words("Excerpts as they stood {when}, word for word. The decision is the moderators', not Crosscheck's.", when=when)
    parts += [ui.Separator(), ui.TextDisplay("-# " + foot)]
    rows: list[Row] = []
    if not preview and case.post.author is not None and case.appealed_at is None:
        rows.append(ui.ActionRow(button(words("Appeal (author of the post)"), CaseId(Step.APPEAL, case.id))))
    if preview:
        publish: ui.Button[ui.LayoutView] = ui.Button(
            label=words("Publish"), custom_id=str(CaseId(Step.PUBLISH, case.id, case.decided)), style=discord.ButtonStyle.primary
        )
        rows.append(ui.ActionRow(publish))
        return stopped(ui.TextDisplay(words("This is what everyone will see under the post:")), ui.Container(*parts), *rows)
    return stopped(ui.Container(*parts), *rows)


def _briefly(comparison: Comparison, words: Words) -> list[str]:
    """A claim among several: one excerpt a side."""
    shown = answer(comparison, words)
    made = packed(shown, words, limit=900, each=1)
    return [made.head, *(text for _, cards, _ in sides(shown, made) for text in cards)]


def case_link(case: Dispute) -> str:
    """The case in the moderators' channel; "" where it is not shown yet."""
    return f"https://discord.com/channels/{case.post.guild_id}/{case.card[0]}/{case.card[1]}" if case.card else ""


def post_link(case: Dispute) -> str:
    """The post; the channel where the message is not known; "" where that is not either."""
    post = case.post
    if post.channel_id is None:
        return ""
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}" + (f"/{post.message_id}" if post.message_id else "")


def like_note(one: LikeCase, words: Words) -> str:
    """A line for moderators that leads to another case of the claim."""
    case = one.dispute
    link = case_link(case)
    name = words("Case {n}", n=case.number)
    named = linked(name, link) if link else name
    state = state_name(case.state, words)
    if one.same:
        return "-# " + words("The same claim: {case}, {state}.", case=named, state=state)
    return "-# " + words("A like claim: {case}, {state}.", case=named, state=state)


def _rows(case: Dispute, snapshots: Sequence[Snapshot], words: Words, *, publishable: bool) -> list[Row]:
    rows: list[Row] = []
    options = []
    for snapshot in reversed(snapshots):
        for place, one in enumerate(snapshot.comparisons):
            label = f"{snapshot.number}.{place + 1} {symbol(one)} {_claim(one, words, 90, escape=False)}"
            options.append(discord.SelectOption(label=within(one_line(label), MAX_OPTION), value=f"{snapshot.number}.{place}"))
    if options:
        placeholder = words("Open the evidence of a claim")
        rows.append(ui.ActionRow(ui.Select(custom_id=_id(Step.EVIDENCE, case), placeholder=placeholder, options=options[:MAX_OPTIONS])))
    if case.state not in RESOLVED:
        names = [state_name(state, words) for state in State if state in RESOLVED]
        states = [
            discord.SelectOption(label=within(name, MAX_OPTION), value=state.value)
            for name, state in zip(names, (one for one in State if one in RESOLVED), strict=True)
        ]
        rows.append(ui.ActionRow(ui.Select(custom_id=_id(Step.RESOLVE, case), placeholder=words("Resolve as …"), options=states)))
    buttons = []
    if case.state is State.OPEN:
        buttons.append(button(words("Take into review"), CaseId(Step.TAKE, case.id, case.decided)))
    elif case.state is State.IN_REVIEW:
        buttons.append(button(words("Take over"), CaseId(Step.TAKE, case.id, case.decided)))
        buttons.append(button(words("Release"), CaseId(Step.RELEASE, case.id, case.decided)))
    else:
        buttons.append(button(words("Reopen"), CaseId(Step.REOPEN, case.id, case.decided)))
        if publishable and case.post.message_id is not None and case.note_message_id is None:
            buttons.append(button(words("Publish a note"), CaseId(Step.NOTE, case.id, case.decided)))
    buttons.append(button(words("History"), CaseId(Step.HISTORY, case.id, case.decided)))
    return [*rows, ui.ActionRow(*buttons)]


def _id(step: Step, case: Dispute) -> str:
    return str(CaseId(step, case.id, case.decided))


def _claim(comparison: Comparison, words: Words, width: int, *, escape: bool = True) -> str:
    text = shortened(one_line(comparison.claim.text), width)
    return (escaped(text) if escape else text) or words("Its words were erased.")


def person(id_: int | None, words: Words) -> str:
    return f"<@{id_}>" if id_ is not None else words("somebody who was erased")


def time(when: datetime, style: str = "f") -> str:
    """A moment as Discord shows it to each reader in their own zone and language."""
    return f"<t:{int(when.timestamp())}:{style}>"


def button(label: str, custom_id: CaseId) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=label, custom_id=str(custom_id), style=discord.ButtonStyle.secondary)
