"""Posts with gold claims, as data/posts/README.md describes them: what is in the files, and whether it keeps the rules.

    python -m tests.bench.goldposts [NAME...]

says what is wrong with posts-NAME.jsonl and articles-NAME.jsonl.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "posts"
KINDS = ("forum", "chat", "press", "retelling")
SIDES = ("agree", "contradict", "mixed", "none")
HALVES = {"a": ("a1", "a2", "a3"), "b": ("b1", "b2", "b3")}


@dataclass(frozen=True, slots=True)
class GoldClaim:
    """A claim that a reader marked; post.text[start:end] == text. Sides as in data/posts/README.md."""

    text: str
    start: int
    end: int
    side: str
    evidence: tuple[str, ...] = ()
    speaker: str | None = None
    content: str | None = None
    content_side: str | None = None
    later: str | None = None
    own_link: str | None = None
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class GoldPost:
    """A post with its claims, in its order."""

    id: str
    kind: str
    posted_at: datetime
    text: str
    claims: tuple[GoldClaim, ...]


def read_posts(name: str) -> list[GoldPost]:
    """The posts of posts-NAME.jsonl. Raises ValueError, with the post's id, on the first that breaks a rule of form."""
    return [_post(row) for row in _rows(DATA / f"posts-{name}.jsonl")]


def read_articles(name: str) -> list[dict[str, str]]:
    """The articles of articles-NAME.jsonl, as written."""
    return _rows(DATA / f"articles-{name}.jsonl")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _post(row: Mapping[str, Any]) -> GoldPost:
    text = str(row["text"])
    if row["kind"] not in KINDS:
        raise ValueError(f"{row['id']}: kind {row['kind']!r}")
    claims = tuple(sorted((_claim(str(row["id"]), text, each) for each in row["claims"]), key=lambda claim: claim.start))
    for one, following in zip(claims, claims[1:], strict=False):
        if one.end > following.start:
            raise ValueError(f"{row['id']}: {one.text!r} overlaps {following.text!r}")
    return GoldPost(str(row["id"]), row["kind"], datetime.fromisoformat(str(row["posted_at"]).replace("Z", "+00:00")), text, claims)


def _claim(post: str, text: str, row: Mapping[str, Any]) -> GoldClaim:
    words = str(row["text"])
    places = list(_places(text, words))
    nth = row.get("nth")
    if not places or (nth is None and len(places) > 1):
        raise ValueError(f"{post}: {words!r} stands {len(places)} times in the post")
    start = places[nth or 0]
    sides = [row["side"], *(row.get(name) for name in ("content_side", "later", "own_link"))]
    if any(side is not None and side not in SIDES for side in sides) or row["side"] is None:
        raise ValueError(f"{post}: {words!r} has sides {sides}")
    if row.get("content") and str(row["content"]) not in words:
        raise ValueError(f"{post}: {row['content']!r} is no piece of {words!r}")
    return GoldClaim(
        words, start, start + len(words), row["side"], tuple(row.get("evidence") or ()), row.get("speaker"), row.get("content"),
        row.get("content_side"), row.get("later"), row.get("own_link"), bool(row.get("maybe")),
    )  # fmt: skip


def _places(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while words and at >= 0:
        yield at
        at = text.find(words, at + 1)


def complaints(names: Sequence[str]) -> list[str]:
    """What breaks a rule, a sentence each."""
    found = []
    for name in names:
        articles = {str(row["url"]): row for row in read_articles(name)}
        for post in read_posts(name):
            count = len(post.text.split())
            if not 100 <= count <= 900:
                found.append(f"{post.id}: {count} words")
            if not post.claims:
                found.append(f"{post.id}: no claim")
            for claim in post.claims:
                if (claim.side == "none" and not claim.later) == bool(claim.evidence):
                    found.append(f"{post.id}: {claim.text!r} is {claim.side} with {len(claim.evidence)} articles")
                found += [f"{post.id}: {url} is no article" for url in claim.evidence if name[0] in HALVES and url not in articles]
                if bool(claim.content) != bool(claim.speaker):
                    found.append(f"{post.id}: {claim.text!r} has a speaker or a content, not both")
    return found


def main() -> None:
    names = sys.argv[1:] or [name for half in HALVES.values() for name in half]
    problems = complaints(names)
    for name in names:
        posts, articles = read_posts(name), read_articles(name)
        claims = [claim for post in posts for claim in post.claims]
        sides = Counter(claim.side for claim in claims)
        print(f"{name}: {len(posts)} posts, {sum(len(post.text.split()) for post in posts)} words, {len(articles)} articles, "  # noqa: T201
              f"{len(claims)} claims {dict(sides)}, {sum(claim.maybe for claim in claims)} maybe, "
              f"{sum(bool(claim.speaker) for claim in claims)} with a speaker")  # fmt: skip
    print("\n".join(problems) or "no complaint")  # noqa: T201
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
