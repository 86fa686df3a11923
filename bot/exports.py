"""Cases as files: JSON with everything, CSV with a row an excerpt, ClaimReview (https://schema.org/ClaimReview) for who publishes them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from bot.texts import inert
from db.cases import RESOLVED, Dispute, Event, Post, Snapshot, State
from db.disputes import Disputes
from retrieval.types import Comparison, Excerpt

Kind = Literal["json", "csv", "claimreview"]
Case = tuple[Dispute, Sequence[Snapshot], Sequence[Event]]

# What moderators decide, in words; a case is never rated in numbers.
IN_WORDS = {
    State.OPEN: "open", State.IN_REVIEW: "in review", State.UPHELD: "upheld: the post stands",
    State.DISPUTED: "disputed: sources contradict it", State.UNCLEAR: "unclear", State.DISMISSED: "dismissed",
}  # fmt: skip
COLUMNS = (
    "case", "state", "opened_at", "resolved_at", "post", "post_url", "posted_at", "snapshot", "taken_at", "claim", "outcome", "side",
    "excerpt", "outlet", "title", "published_at", "url", "revision", "copies", "models",
)  # fmt: skip
MENTION = re.compile(r"<@!?\d+>")
PAGE = 500  # cases that are read at once
SIGNS = "=+\\-@＝＋－＠"  # with which a spreadsheet's formula begins
# At a cell's start, or behind what is a separator where spreadsheets take none from the file.
FORMULA = re.compile(rf"(?:^|(?<=[;\t|]))(?=[\s\u200b\ufeff]*[{SIGNS}]|[\t\r\n])")


def export(cases: Sequence[Case], kind: Kind, author: str = "") -> tuple[str, bytes]:
    """(file name, content). `author` is the name of the server whose moderators decided. Only JSON names members, by their ids."""
    match kind:
        case "json":
            return "cases.json", _json({"server": author, "cases": [_case(*case) for case in cases]})
        case "csv":
            return "cases.csv", _csv(row for case in cases for row in _rows(*case))
        case "claimreview":
            return "claimreview.json", _json([review for case in cases for review in _reviews(*case, author)])


def all_cases(disputes: Disputes, guild_id: int, states: Collection[State] = ()) -> list[Dispute]:
    """A server's cases, newest first; no `states`: all of them."""
    cases: list[Dispute] = []
    while (page := disputes.page(guild_id, states, offset=len(cases), limit=PAGE)).disputes:
        cases.extend(page.disputes)
    return cases


def everything(disputes: Disputes, guild_id: int) -> list[Case]:
    """A server's cases with all that belongs to them, oldest first: what `export` takes."""
    cases = reversed(all_cases(disputes, guild_id))
    return [(case, disputes.snapshots(case.id), disputes.history(case.id)) for case in cases]


def post_url(post: Post, message_id: int | None = None) -> str | None:
    """Where the post is, or another message in its channel; None for a claim that was typed."""
    message = message_id or post.message_id
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{message}" if post.channel_id and message else None


def _case(dispute: Dispute, snapshots: Sequence[Snapshot], events: Sequence[Event]) -> dict[str, Any]:
    post = dispute.post
    return {
        "id": dispute.id, "number": dispute.number, "server": _id(post.guild_id), "state": dispute.state, "version": dispute.version,
        "opened_at": dispute.opened_at, "resolved_at": dispute.resolved_at, "assignee": _id(dispute.assignee),
        "post": {
            "author": _id(post.author), "text": post.text, "url": post_url(post), "channel": _id(post.channel_id),
            "message": _id(post.message_id), "posted_at": post.posted_at,
        },
        "public_note": post_url(post, dispute.note_message_id) if dispute.note_message_id else None,
        "appeal": dispute.appeal, "appealed_at": dispute.appealed_at,
        "flags": [{**asdict(flag), "person": _id(flag.person)} for flag in dispute.flags],
        "evidence": [
            {
                "snapshot": snapshot.number, "taken_at": snapshot.taken_at, "digest": snapshot.digest, "claims_erased": snapshot.erased,
                "comparisons": [asdict(comparison) for comparison in snapshot.comparisons],
            }
            for snapshot in snapshots
        ],
        "audit": [{**asdict(event), "person": _id(event.person)} for event in events],
    }  # fmt: skip


def _rows(dispute: Dispute, snapshots: Sequence[Snapshot], _: Sequence[Event]) -> Iterator[list[object]]:
    """A row an excerpt; one without for a comparison that has none, and for a case that has none."""
    post = dispute.post
    words, state = _unnamed(post.text), IN_WORDS[dispute.state]
    head = [dispute.number, state, dispute.opened_at, dispute.resolved_at, words, post_url(post), post.posted_at]
    compared = [(snapshot, comparison) for snapshot in snapshots for comparison in snapshot.comparisons]
    for snapshot, comparison in compared:
        about = [snapshot.number, snapshot.taken_at, _unnamed(comparison.claim.text), comparison.outcome.value]
        models = " ".join(f"{role}={model}" for role, model in comparison.models.items())
        for side, excerpt in _sides(comparison):
            article = excerpt.article
            yield [
                *head, *about, side, excerpt.text, article.source, article.title, article.published_at, article.url, article.revision_id,
                " ".join(excerpt.copies), models,
            ]  # fmt: skip
        if not comparison.agreeing and not comparison.contradicting:
            yield [*head, *about, *[None] * 8, models]
    if not compared:
        yield [*head, *[None] * 13]


def _reviews(dispute: Dispute, snapshots: Sequence[Snapshot], _: Sequence[Event], author: str) -> Iterator[dict[str, Any]]:
    """A ClaimReview for each claim of a resolved case, by its newest evidence. The rating is the moderators' words, and no number."""
    if dispute.state not in RESOLVED or not snapshots:
        return
    post = dispute.post
    for comparison in snapshots[-1].comparisons:
        if not comparison.claim.text:  # erased at its author's wish
            continue
        yield _without_nothing({
            "@context": "https://schema.org",
            "@type": "ClaimReview",
            "url": post_url(post, dispute.note_message_id),
            "datePublished": dispute.resolved_at,
            "author": {"@type": "Organization", "name": author},
            "claimReviewed": _unnamed(comparison.claim.query),
            "itemReviewed": _without_nothing({
                "@type": "Claim",
                "text": _unnamed(comparison.claim.query),
                "appearance": {"@type": "CreativeWork", "url": post_url(post)} if post_url(post) else None,
                "datePublished": post.posted_at,
            }),
            "reviewRating": {"@type": "Rating", "alternateName": IN_WORDS[dispute.state]},
            "citation": [_citation(excerpt) for _, excerpt in _sides(comparison)],
        })  # fmt: skip


def _citation(excerpt: Excerpt) -> dict[str, Any]:
    article = excerpt.article
    return _without_nothing({
        "@type": "NewsArticle", "headline": article.title, "url": article.url, "datePublished": article.published_at,
        "publisher": {"@type": "Organization", "name": article.source}, "text": excerpt.text,
    })  # fmt: skip


def _sides(comparison: Comparison) -> list[tuple[str, Excerpt]]:
    return [("agrees", one) for one in comparison.agreeing] + [("contradicts", one) for one in comparison.contradicting]


def _unnamed(text: str) -> str:
    """Without the ids of members that a post mentions."""
    return MENTION.sub("@member", text)


def _without_nothing(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if part is not None}


def _id(value: int | None) -> str | None:
    """Discord's ids are strings, as Discord has them in JSON: they have more digits than a number there can hold."""
    return None if value is None else str(value)


def _json(value: object) -> bytes:
    return inert(json.dumps(value, ensure_ascii=False, indent=1, default=_time)).encode()


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the mark at its front by which spreadsheets know it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    """What a spreadsheet takes as text: no formula."""
    text = _time(value) if isinstance(value, datetime) else "" if value is None else str(value)
    return FORMULA.sub("'", text)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in a file")
