"""Does a check show the right side? The whole path, with the real models, over two stores.

    python -m tests.bench.sides --data DIR [--claims N] [--out FILE]

1. The bundled sample, with our own claims whose side is known (data/sample_sides.jsonl).
2. Evidence of fact-checking sets from dev (which trained nothing), each stored as an article: a claim's own evidence must come out on
   its side. What other articles are shown for it nobody has judged, so only the claim's own are counted.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.app import App
from retrieval.errors import BadClaim
from retrieval.ingest.pipeline import ingest
from retrieval.training.data import Pair, read_pairs
from retrieval.types import Article, Comparison
from tests.bench.claimset import SETS
from tests.bench.report import RESULTS, save, sha256, show
from tests.bench.sample import ingest_sample, scratch_app

SEED = 7
CASES = Path(__file__).parent / "data" / "sample_sides.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    claim: str
    side: str  # agree, contradict, or none: nothing must be shown
    urls: frozenset[str]  # articles that decide; empty: any article


@dataclass(slots=True)
class Tally:
    """Over the cases: expected sides found, silence kept, and of what was shown on a side how much was right."""

    expected: int = 0
    found: int = 0
    silent_expected: int = 0
    silent: int = 0
    agree_shown: int = 0
    agree_right: int = 0
    contradict_shown: int = 0
    contradict_right: int = 0

    def count(self, case: Case, comparison: Comparison) -> None:
        shown = {
            side: any(not case.urls or excerpt.article.url in case.urls for excerpt in excerpts)
            for side, excerpts in (("agree", comparison.agreeing), ("contradict", comparison.contradicting))
        }
        if case.side == "none":
            self.silent_expected += 1
            self.silent += not any(shown.values())
        else:
            self.expected += 1
            self.found += shown[case.side]
        self.agree_shown += shown["agree"]
        self.agree_right += shown["agree"] and case.side == "agree"
        self.contradict_shown += shown["contradict"]
        self.contradict_right += shown["contradict"] and case.side == "contradict"

    def row(self, name: str) -> list[str]:
        return [
            name, f"{self.found}/{self.expected}", f"{self.silent}/{self.silent_expected}",
            f"{self.agree_right}/{self.agree_shown}", f"{self.contradict_right}/{self.contradict_shown}",
        ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whether checks show the right side.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev.jsonl.xz")
    parser.add_argument("--claims", type=int, default=300, help="claims of dev that are checked")
    parser.add_argument("--out", type=Path, default=RESULTS / "sides.json")
    options = parser.parse_args()
    dev = options.data / "dev.jsonl.xz"
    tallies: dict[str, Tally] = {}
    with sample_app() as app:
        tallies["sample"] = tally(app, sample_cases())
        bars = app.stance.bars
    pairs = read_pairs(dev)
    with dev_app(pairs) as app:
        cases = dev_cases(pairs, options.claims)
        for source in sorted(cases):
            tallies[source] = tally(app, cases[source])
    result = {name: asdict(found) for name, found in tallies.items()}
    save(options.out, {"dev_sha256": sha256(dev), "bars": asdict(bars), "tallies": result})
    show("Right side shown", ("store", "sides found", "silence kept", "agree right", "contradict right"), [
        [found.row(name) for name, found in tallies.items()],
    ])  # fmt: skip


def tally(app: App, cases: Sequence[Case]) -> Tally:
    """Check each case's claim and count."""
    result = Tally()
    for case in cases:
        try:
            result.count(case, app.checker.check_text(case.claim))
        except BadClaim:  # a claim such as "He is inside." cannot be checked, and so finds nothing
            result.expected += case.side != "none"
    return result


def sample_cases() -> list[Case]:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [Case(row["claim"], row["side"], frozenset()) for row in rows]


def dev_cases(pairs: Sequence[Pair], count: int) -> dict[str, list[Case]]:
    """Claims of the fact-checking sets by set, with the one article that decides; a neutral one must not be shown on either side."""
    rng = random.Random(SEED)
    of_sets = [(number, pair) for number, pair in enumerate(pairs) if pair.source in (*SETS, "fnc1-train")]
    chosen = rng.sample(of_sets, min(count, len(of_sets)))
    cases: dict[str, list[Case]] = {}
    for number, pair in chosen:
        side = "none" if pair.label == "neutral" else pair.label
        cases.setdefault(pair.source, []).append(Case(pair.claim, side, frozenset([_url(number)])))
    return cases


@contextmanager
def sample_app() -> Iterator[App]:
    """The app over the bundled sample."""
    with scratch_app() as app:
        ingest_sample(app, app.embedder)
        yield app


@contextmanager
def dev_app(pairs: Sequence[Pair]) -> Iterator[App]:
    """The app over dev's evidence, one article a pair."""
    articles = [
        Article(_url(number), "", f"Outlet {number}", pair.evidence)
        for number, pair in enumerate(pairs)
        if pair.source in (*SETS, "fnc1-train")
    ]
    with scratch_app() as app:
        ingest(articles, app.articles, app.embedder)
        yield app


def _url(number: int) -> str:
    return f"https://dev.example/{number}"


if __name__ == "__main__":
    main()
