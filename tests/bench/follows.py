"""Followed claims against what was just stored: how long a pass takes, what becomes due, and how the bar was chosen.

    python -m tests.bench --only follows
    python -m tests.bench.follows --data FOLDER [--out FILE]

The first is the speed, with real claims and evidence if the stance data is there (STANCE_DATA or ../shared/data/stance), else with made.
The second measures what bars let through: of pairs of dev (which trained nothing) in which evidence agrees or contradicts, of those among
them from which a check shows an excerpt, and of pairs that have nothing to do with each other.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from bot.app import App
from bot.followed import compare_stored, is_news
from retrieval.check import Checker, Limits
from retrieval.claims import parse_claim
from retrieval.errors import BadClaim
from retrieval.followed import Arrived
from retrieval.ingest.split import split
from retrieval.ports import Indexable, Vectors
from retrieval.training.data import Pair, read_pairs
from retrieval.training.scenes import scene_pairs
from retrieval.types import Article, ArticleRef, Claim, Comparison, Hit, Outcome, Passage
from tests.bench.cached import embedded
from tests.bench.claimset import SETS
from tests.bench.metrics import percentile
from tests.bench.report import RESULTS, ROOT, save, sha256, show
from tests.bench.retrieval import tell
from tests.bench.sample import scratch_app

FOLDER = Path(os.environ.get("STANCE_DATA") or ROOT.parent / "shared" / "data" / "stance")
FOLLOWED, PASSAGES, EACH = 10_000, 1_000, 50  # claims, news, claims of a person
MADE = 40_000  # pairs, where there is no data
CHECKED = 60  # of the claims that became due
ROUNDS = 3
SEED = 20_250_224
NEWS = "fnc1-train"  # whole news articles, on other topics than those of SETS
BARS = (0.25, 0.30, 0.35, 0.40, 0.42, 0.45, 0.50)


def follows_speed() -> dict[str, float]:
    """Seconds of a pass of FOLLOWED claims against PASSAGES new ones, by turns with those of embedding these passages; `ratio` of the two.

    What became due, how much of it has a known relation to the news, and how many claims of passages on other topics make due. Then what
    checking CHECKED of the due claims again takes and tells.
    """
    pairs, is_real = _pairs()
    rng = random.Random(SEED)
    of_sets = [pair for pair in pairs if pair.source in SETS or not is_real]
    passages = rng.sample(sorted({pair.evidence for pair in of_sets}), PASSAGES)
    claims = rng.sample(sorted({pair.claim for pair in of_sets}), FOLLOWED)
    related = _related(of_sets, claims, passages)
    with scratch_app() as app:
        vectors = embedded(app.embedder, claims, tell)
        _follow(app, claims, vectors)
        reached = app.follows.reached()
        embedding, passing = [], []
        for number in range(ROUNDS):
            started = time.perf_counter()
            made = app.embedder.embed(passages)
            embedding.append(time.perf_counter() - started)
            if number == 0:
                _store(app, passages, made)
            app.follows.mark_due([], app.follows.reached(), reached)  # back to where it was
            started = time.perf_counter()
            while compare_stored(app):
                pass
            passing.append(time.perf_counter() - started)
        due = [follow.id - 1 for follow in app.follows.due(FOLLOWED)]  # ids count from 1 in a new database
        figures = {
            "real_text": is_real, "claims": len(claims), "passages": len(passages), "embedding_s": median(embedding),
            "pass_s": median(passing), "ratio": median(one / other for one, other in zip(passing, embedding, strict=True)),
            "due": len(due), "related": len(related), "due_related": len(related.intersection(due)),
        }  # fmt: skip
        if is_real:
            figures["due_by_other_news"] = int(_by_other_news(app, pairs, rng).speak_of(claims, vectors).sum())
        return figures | _checked(app, [claims[place] for place in rng.sample(due, min(CHECKED, len(due)))])


def _pairs() -> tuple[list[Pair], bool]:
    """Pairs of claims and evidence, and whether they are real."""
    files = [FOLDER / name for name in ("train.jsonl.xz", "dev.jsonl.xz")]
    if all(file.exists() for file in files):
        return [pair for file in files for pair in read_pairs(file)], True
    return scene_pairs(MADE, SEED), False


def _related(pairs: Sequence[Pair], claims: Sequence[str], passages: Collection[str]) -> set[int]:
    """Places of the claims that some passage is known to agree with or to contradict."""
    news = set(passages)
    spoken_of = {pair.claim for pair in pairs if pair.label != "neutral" and pair.evidence in news}
    return {place for place, claim in enumerate(claims) if claim in spoken_of}


def _follow(app: App, claims: Sequence[str], vectors: Vectors) -> None:
    for place, (claim, vector) in enumerate(zip(claims, vectors, strict=True)):
        silent = Comparison(Claim(claim), Outcome.NO_MATCH, (), (), 0, 0, None, {})
        app.follows.follow(1 + place // EACH, None, None, "en", silent, vector, app.embedder.model_id)


def _store(app: App, passages: Sequence[str], vectors: Vectors) -> None:
    for number, (text, vector) in enumerate(zip(passages, vectors, strict=True)):
        article = Article(f"https://bench.example/{number}", "", f"Outlet {number % 50}", text)
        app.articles.save(article, [(0, len(text))], vector[None, :], app.embedder.model_id)


def _by_other_news(app: App, pairs: Sequence[Pair], rng: random.Random) -> Arrived:
    """As many passages of news articles on other topics."""
    articles = rng.sample(sorted({pair.evidence for pair in pairs if pair.source == NEWS}), PASSAGES // 4)
    texts = [text[start:end] for text in articles for start, end in split(text)][:PASSAGES]
    vectors = embedded(app.embedder, texts, tell)
    return Arrived([Indexable(number, "", text, vector) for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))])


def _checked(app: App, claims: Sequence[str]) -> dict[str, float]:
    """What full checks of these take, and how many of them give their followers news."""
    silent = Comparison(Claim(""), Outcome.NO_MATCH, (), (), 0, 0, None, {})
    took, told = [], 0
    for claim in claims:
        started = time.perf_counter()
        found = app.check_claims([Claim(claim)])[0].comparison
        took.append((time.perf_counter() - started) * 1000)
        told += is_news(silent, found, 1)
    return {"checked": len(claims), "check_p50_ms": percentile(took, 0.5), "checked_with_news": told}


# The bar.


def main() -> None:
    parser = argparse.ArgumentParser(description="What bars let through between followed claims and news.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--out", type=Path, default=RESULTS / "follows.json")
    options = parser.parse_args()
    dev = options.data / "dev.jsonl.xz"
    pairs = [pair for pair in read_pairs(dev) if pair.source in SETS and pair.label != "neutral"]
    with scratch_app() as app:
        claims, passages = sorted({pair.claim for pair in pairs}), sorted({pair.evidence for pair in pairs})
        of_claims, of_passages = (embedded(app.embedder, texts, tell) for texts in (claims, passages))
        sys.stderr.write("checking ...\n")
        shown = shown_sides(app, pairs)
    arrived = Arrived([Indexable(number, "", *both) for number, both in enumerate(zip(passages, of_passages, strict=True))])
    rows = np.array([claims.index(pair.claim) for pair in pairs]), np.array([passages.index(pair.evidence) for pair in pairs])
    scores = {"cosine": of_claims @ of_passages.T, "cosine and words": arrived.scores(claims, of_claims)}
    figures: dict[str, dict[str, float]] = {}
    for name, every in scores.items():
        apart = every.copy()
        apart[rows] = -1
        sides = np.array(shown)
        for bar in BARS:
            figures[f"{name} {bar:.2f}"] = let_through(every[rows] >= bar, sides, apart >= bar)
    columns = list(next(iter(figures.values())))
    table = [[name, *(f"{row[column]:.4f}" for column in columns)] for name, row in figures.items()]
    show(f"{len(pairs)} pairs, {sum(side != '' for side in shown)} with an excerpt; {len(passages)} passages", ["bar", *columns], [table])
    save(options.out, {"dev_sha256": sha256(dev), "pairs": len(pairs), "shown": sum(side != "" for side in shown), "bars": figures})


def let_through(related: NDArray[np.bool_], sides: NDArray[np.str_], apart: NDArray[np.bool_]) -> dict[str, float]:
    """Shares of related pairs, of those of which a check shows an excerpt, or a contradiction; of other pairs, of claims that have one."""
    return {
        "related": float(related.mean()), "shown": float(related[sides != ""].mean()),
        "shown contradictions": float(related[sides == "contradict"].mean()), "other pairs": float(apart.mean()),
        "claims of other pairs": float(apart.any(axis=1).mean()),
    }  # fmt: skip


def shown_sides(app: App, pairs: Sequence[Pair]) -> list[str]:
    """The side on which a check shows an excerpt of the pair's evidence, were it all that is stored; "" for none."""
    own = _OwnEvidence()
    limits = Limits(app.settings.passages, app.settings.passages_per_article, app.settings.excerpts)
    checker = Checker(own, app.stance, own, {}, limits, app.small_stance if app.settings.stance == "large" else None)  # type: ignore[arg-type]
    sides = []
    for pair in pairs:
        own.evidence = pair.evidence
        try:
            found = checker.check([parse_claim(pair.claim)])[0]
        except BadClaim:
            sides.append("")
            continue
        sides.append("contradict" if found.contradicting else "agree" if found.agreeing else "")
    return sides


class _OwnEvidence:
    """A store of one passage, which every search finds."""

    evidence = ""

    def find(self, queries: Sequence[str], *_: object) -> list[list[Hit]]:
        passage = Passage(1, self.evidence, 0, len(self.evidence), ArticleRef(1, 1, "https://dev.example/", "", "Dev", None))
        return [[Hit(passage, 1.0, 1, 1)] for _ in queries]

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        return dict.fromkeys(revision_ids, self.evidence)


if __name__ == "__main__":
    main()
