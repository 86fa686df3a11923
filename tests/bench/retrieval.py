"""Quality of retrieval: dense, lexical and their fusions on fact-checking claims.

    python -m tests.bench.retrieval --data FOLDER [--out FILE]

FOLDER holds train.jsonl.xz and dev.jsonl.xz of the stance data. The first run embeds 20,000 passages (minutes on two cores); they are kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bot.parts import model_files
from config.settings import Settings
from retrieval.embed import SentenceEmbedder
from retrieval.fuse import by_rank, by_score
from retrieval.index.dense import DenseIndex
from retrieval.index.lexical import LexicalIndex
from retrieval.ports import Indexable, Vectors
from retrieval.training.data import read_pairs
from retrieval.types import Match
from tests.bench.cached import embedded
from tests.bench.claimset import SETS, ClaimSet, build
from tests.bench.metrics import mean, ndcg_at, recall_at
from tests.bench.report import RESULTS, Value, save, sha256, show

FILES = ("train.jsonl.xz", "dev.jsonl.xz")
PASSAGES, QUERIES, SEED = 20_000, 1_500, 20_250_224
DEPTH = 150  # a side: what retrieval.search asks for 50 passages
WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7)

Sides = tuple[list[Match], list[Match]]  # (dense, lexical) of one query
Fusion = Callable[[list[Match], list[Match]], list[Match]]
FUSIONS: dict[str, Fusion] = {
    "dense": lambda dense, _: dense,
    "BM25": lambda _, lexical: lexical,
    "by rank": by_rank,
    **{f"score {weight}": partial(by_score, dense_weight=weight) for weight in WEIGHTS},
}
MEASURES: dict[str, Callable[[Sequence[int], frozenset[int]], float]] = {
    "nDCG@10": partial(ndcg_at, k=10),
    "recall@1": partial(recall_at, k=1),
    "recall@10": partial(recall_at, k=10),
    "recall@50": partial(recall_at, k=50),
}
MACRO, OVERALL = "macro-average of sets", "all queries"
Figures = dict[str, dict[str, dict[str, float]]]  # fusion -> set, MACRO or OVERALL -> measure -> 0 to 1


def sides(claims: ClaimSet, passages: Vectors, queries: Vectors) -> list[Sides]:
    """Both rankings of each query by the real indexes, the dense side scored by cosine with the stored vectors as LocalIndex does."""
    items = [Indexable(number, "", text, vector) for number, (text, vector) in enumerate(zip(claims.passages, passages, strict=True))]
    with tempfile.TemporaryDirectory() as folder:
        dense, lexical = DenseIndex(Path(folder) / "dense", passages.shape[1]), LexicalIndex(Path(folder) / "lexical")
        for index in (dense, lexical):
            index.apply((), items)
            index.commit(1)
        found = []
        for query, vector in zip(claims.queries, queries, strict=True):
            matches = [Match(id_, float(passages[id_] @ vector)) for id_ in dense.search(vector, DEPTH)]
            matches.sort(key=lambda match: (-match.score, match.passage_id))
            found.append((matches[:DEPTH], lexical.search(query.claim, DEPTH)))
        lexical.close()
    return found


def measure(claims: ClaimSet, found: Sequence[Sides]) -> Figures:
    """Each fusion by each measure: a set, the plain average of the sets, all queries alike."""
    figures: Figures = {}
    for name, fuse in FUSIONS.items():
        values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for query, (dense, lexical) in zip(claims.queries, found, strict=True):
            ranking = [match.passage_id for match in fuse(dense, lexical)]
            for measure_name, value_of in MEASURES.items():
                values[query.source][measure_name].append(value_of(ranking, query.relevant))
        rows = {source: {each: mean(values[source][each]) for each in MEASURES} for source in SETS if source in values}
        macro = {each: mean([row[each] for row in rows.values()]) for each in MEASURES}
        overall = {each: mean([value for by_measure in values.values() for value in by_measure[each]]) for each in MEASURES}
        figures[name] = {**rows, MACRO: macro, OVERALL: overall}
    return figures


def best(figures: Figures) -> str:
    """The fusion of the highest macro-average nDCG@10; the first of equals."""
    return max(figures, key=lambda name: figures[name][MACRO]["nDCG@10"])


def print_figures(claims: ClaimSet, figures: Figures) -> None:
    counts = {source: sum(query.source == source for query in claims.queries) for source in SETS}
    counts[OVERALL] = len(claims.queries)
    groups = list(next(iter(figures.values())))

    def row(group: str, each: str) -> list[str]:
        label = f"{each}  {group} ({counts[group]})" if group in counts else f"{each}  {group}"
        return [label, *(f"{figures[name][group][each]:.3f}" for name in figures)]

    by_set = [row(group, "nDCG@10") for group in groups]
    recalls = [row(group, each) for group in (MACRO, OVERALL) for each in MEASURES if each != "nDCG@10"]
    show(
        f"Retrieval: {len(claims.queries)} claims among {len(claims.passages)} passages; best: {best(figures)}",
        ["", *figures],
        [by_set, recalls],
    )


def tell(made: int, wanted: int) -> None:
    sys.stderr.write(f"{made} of {wanted} texts embedded\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Quality of retrieval on fact-checking claims.")
    parser.add_argument("--data", type=Path, required=True, help=f"folder of {' and '.join(FILES)}")
    parser.add_argument("--out", type=Path, default=RESULTS / "retrieval.json")
    arguments = parser.parse_args()
    paths = [arguments.data / name for name in FILES]
    claims = build([pair for path in paths for pair in read_pairs(path)], PASSAGES, QUERIES, SEED)
    embedder = SentenceEmbedder(*model_files("embedding", Settings().embedding_model))
    queries = embedded(embedder, [query.claim for query in claims.queries], tell)
    passages = embedded(embedder, claims.passages, tell)
    figures = measure(claims, sides(claims, passages, queries))
    print_figures(claims, figures)
    data: dict[str, Value] = {path.name: sha256(path) for path in paths}
    save(
        arguments.out,
        {
            "model": embedder.model_id, "data_sha256": data, "seed": SEED, "depth": DEPTH, "passages": len(claims.passages),
            "queries": {source: sum(query.source == source for query in claims.queries) for source in SETS},
            "best": best(figures), "figures": figures,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
