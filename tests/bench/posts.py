"""Whole posts: are their claims found, and does each get the right side? Over the posts with gold claims (data/posts/README.md).

    python -m tests.bench.posts [--half a|b] [--spans] [--show]

Claims are found when a predicted span and a gold one share at least 0.8 of the characters of both together (intersection over union); one
marked "maybe" counts neither way. Sides are asked of the gold claims that were found, as the product understood them: with what it took
for their context. A claim that was missed has no side, and counts as wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.app import App
from retrieval.claims import Post, find_claims
from retrieval.errors import BadClaim
from retrieval.ingest.pipeline import ingest
from retrieval.text import Span
from retrieval.types import Article, Claim, Comparison
from tests.bench.goldposts import HALVES, GoldClaim, GoldPost, read_articles, read_posts
from tests.bench.report import RESULTS, save, show
from tests.bench.sample import ingest_sample, scratch_app

OVERLAP = 0.8
EVERY = 100  # claims: no limit here


@dataclass(slots=True)
class Tally:
    """Counts over a half."""

    claims: int = 0  # gold ones, "maybe" apart
    predicted: int = 0  # those that are no "maybe"
    found: int = 0
    speakers: int = 0  # gold claims with a speaker that were found
    speakers_right: int = 0
    with_evidence: int = 0
    side_right: int = 0
    without: int = 0
    silent: int = 0
    said: int = 0  # words said, with evidence
    said_right: int = 0
    shown: dict[str, int] = field(default_factory=lambda: {"agree": 0, "contradict": 0})
    shown_right: dict[str, int] = field(default_factory=lambda: {"agree": 0, "contradict": 0})

    @property
    def f1(self) -> float:
        return 2 * self.found / max(1, self.claims + self.predicted)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whole posts.")
    parser.add_argument("--half", choices=sorted(HALVES), help="only this one")
    parser.add_argument("--spans", action="store_true", help="claims only: no model is run")
    parser.add_argument("--show", action="store_true", help="print each claim that came out wrong")
    options = parser.parse_args()
    halves = [options.half] if options.half else sorted(HALVES)
    if options.spans:
        tallies = {half: _tally(None, _posts(half), options.show) for half in halves}
    else:
        with newsroom() as app:
            tallies = {half: _tally(app, _posts(half), options.show) for half in halves}
    show("Whole posts", ("half", "claims", "precision", "recall", "F1", "speaker", "side", "said", "silence", "agree", "contradict"), [
        [_row(half, tally) for half, tally in tallies.items()],
    ])  # fmt: skip
    if not options.half and not options.spans:
        save(RESULTS / "posts.json", {half: {**asdict(tally), "f1": round(tally.f1, 3)} for half, tally in tallies.items()})


@contextmanager
def newsroom() -> Iterator[App]:
    """The app over the bundled sample and the articles of both halves."""
    with scratch_app() as app:
        ingest_sample(app, app.embedder)
        ingest(gold_articles(), app.articles, app.embedder)
        yield app


def gold_articles() -> list[Article]:
    """The articles of both halves."""
    rows = [row for half in HALVES.values() for name in half for row in read_articles(name)]
    return [
        Article(row["url"], row["title"], row["source"], row["text"], datetime.fromisoformat(row["published_at"].replace("Z", "+00:00")))
        for row in rows
    ]


def _posts(half: str) -> list[GoldPost]:
    return [post for name in HALVES[half] for post in read_posts(name)]


def read(post: GoldPost) -> Post:
    """The post as the product reads it."""
    try:
        return find_claims(post.text, EVERY)
    except BadClaim:
        return Post(post.text, ())


def matched(gold: Sequence[GoldClaim], claims: Sequence[Claim]) -> dict[GoldClaim, Claim]:
    """Which claim stands for which gold one: the best overlap first, each once."""
    pairs = [(overlap((one.start, one.end), claim.span), one, claim) for one in gold for claim in claims if claim.span]
    result: dict[GoldClaim, Claim] = {}
    for share, one, claim in sorted(pairs, key=lambda pair: -pair[0]):
        if share >= OVERLAP and one not in result and all(claim is not taken for taken in result.values()):
            result[one] = claim
    return result


def overlap(one: Span, other: Span) -> float:
    """Intersection over union, 0 to 1."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def _tally(app: App | None, posts: Sequence[GoldPost], shown: bool) -> Tally:  # noqa: FBT001
    result = Tally()
    for post in posts:
        found = read(post)
        pairs = matched(post.claims, found.claims)
        extra = [claim for claim in found.claims if not any(claim is one for one in pairs.values())]
        maybe = [(one.start, one.end) for one in post.claims if one.maybe]
        wrong = [claim for claim in extra if not any(overlap(span, claim.span or (0, 0)) >= 0.5 for span in maybe)]
        gold = [one for one in post.claims if not one.maybe]
        result.claims += len(gold)
        result.found += sum(one in pairs for one in gold)
        result.predicted += len(wrong) + sum(one in pairs for one in gold)
        for one in gold:
            if one.speaker and one in pairs:
                result.speakers += 1
                result.speakers_right += _same_name(one.speaker, pairs[one].speaker)
                if shown and not _same_name(one.speaker, pairs[one].speaker):
                    print(f"{post.id} speaker {one.speaker!r}, read {pairs[one].speaker!r}: {one.text}")  # noqa: T201
            if shown and one not in pairs:
                print(f"{post.id} missed: {one.text}")  # noqa: T201
        if shown:
            print("\n".join(f"{post.id} too many: {claim.text}" for claim in wrong))  # noqa: T201
        if app is not None:
            _sides(app, post, gold, pairs, result, shown)
    return result


def _same_name(gold: str, read: str) -> bool:
    """Whether the one names the other: "Mayor Olsen" and "Olsen"."""
    one, two = (set(name.lower().replace("the ", "").split()) for name in (gold, read))
    return bool(one & two)


def _sides(app: App, post: GoldPost, gold: Sequence[GoldClaim], pairs: dict[GoldClaim, Claim], tally: Tally, shown: bool) -> None:  # noqa: FBT001
    claims = [pairs[one] for one in gold if one in pairs]
    answers = iter(app.checker.check(claims)) if claims else iter(())
    for one in gold:
        comparison = next(answers) if one in pairs else None
        _count(one, comparison, tally)
        if shown and comparison is not None and not _right(one, comparison):
            print(f"{post.id} {one.side}{f'>{one.later}' if one.later else ''} came out {comparison.outcome.value}: {one.text}")  # noqa: T201
            for excerpt in (*comparison.agreeing[:2], *comparison.contradicting[:2]):
                sure = f"{excerpt.stance.agree:.2f}/{excerpt.stance.contradict:.2f}"
                print(f"      {sure} {excerpt.text[:220]!r} {excerpt.difference}")  # noqa: T201


def _count(one: GoldClaim, comparison: Comparison | None, tally: Tally) -> None:
    sides = {one.side, one.later} - {None}
    if sides == {"none"}:
        tally.without += 1
        tally.silent += comparison is None or not (comparison.agreeing or comparison.contradicting)
    else:
        tally.with_evidence += 1
        tally.side_right += comparison is not None and _right(one, comparison)
    if comparison is not None:
        for side, excerpts in (("agree", comparison.agreeing), ("contradict", comparison.contradicting)):
            if excerpts:
                tally.shown[side] += 1
                tally.shown_right[side] += side in sides or "mixed" in sides
        if one.content_side not in {None, "none"} and comparison.said is not None:
            tally.said += 1
            tally.said_right += comparison.said.outcome.value in {one.content_side, "mixed"}


def _right(one: GoldClaim, comparison: Comparison) -> bool:
    """Whether the comparison shows the gold side: "mixed" is right for one only where the gold says both, now or later."""
    sides = {one.side, one.later} - {None, "none"}
    wanted = {"agree", "contradict"} if "mixed" in sides else sides
    shown = {side for side, every in (("agree", comparison.agreeing), ("contradict", comparison.contradicting)) if every}
    return shown == wanted or (len(wanted) > 1 and bool(shown) and shown <= wanted)


def _row(half: str, tally: Tally) -> list[str]:
    def share(part: int, whole: int) -> str:
        return f"{part}/{whole} {part / whole:.2f}" if whole else "-"

    return [
        half, str(tally.claims), share(tally.found, tally.predicted), share(tally.found, tally.claims), f"{tally.f1:.3f}",
        share(tally.speakers_right, tally.speakers), share(tally.side_right, tally.with_evidence), share(tally.said_right, tally.said),
        share(tally.silent, tally.without), share(tally.shown_right["agree"], tally.shown["agree"]),
        share(tally.shown_right["contradict"], tally.shown["contradict"]),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
