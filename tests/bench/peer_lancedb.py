"""LanceDB as a peer: IVF_HNSW_SQ and its full-text index over one table. Runs in LanceDB's environment; see tests/bench/peer_rig.py.

As docs.lancedb.com/indexing/vector-index has it: HNSW with scalar quantisation for the best recall and latency, one partition for each
1,048,576 rows, ef from 1.5 k to 10 k, a refine factor against the quantisation's loss, only the columns wanted, `optimize` after ingestion.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import FTS, HnswSq
from lancedb.rerankers import RRFReranker

from tests.bench.peer_rig import COUNT, Data, Passage, Rows, Settings, run

BATCH = 10_000
ROWS_A_PARTITION = 1_048_576
NAME, COLUMNS = "passages", ["id", "title", "text"]


def build(data: Data, place: Path) -> dict[str, float]:
    vectors = data.vectors
    schema = pa.schema([
        ("id", pa.int64()), ("title", pa.string()), ("text", pa.string()), ("searched", pa.string()),
        ("vector", pa.list_(pa.float32(), vectors.shape[1])),
    ])  # fmt: skip

    def batches() -> Iterator[pa.RecordBatch]:
        batch: list[Passage] = []
        for passage in data.passages():
            batch.append(passage)
            if len(batch) == BATCH:
                yield _batch(batch, vectors, schema)
                batch = []
        if batch:
            yield _batch(batch, vectors, schema)

    started = time.perf_counter()
    table = lancedb.connect(str(place)).create_table(NAME, batches(), schema=schema)
    stored = time.perf_counter()
    partitions = max(1, len(vectors) // ROWS_A_PARTITION)
    table.create_index("vector", config=HnswSq(distance_type="cosine", num_partitions=partitions))
    by_meaning = time.perf_counter()
    table.create_index("searched", config=FTS())
    table.optimize()
    return {"store_s": stored - started, "vector_index_s": by_meaning - stored, "text_index_s": time.perf_counter() - by_meaning}


def _batch(batch: list[Passage], vectors: Rows, schema: Any) -> Any:
    rows = vectors[batch[0].id : batch[-1].id + 1]
    columns = [
        pa.array([one.id for one in batch]),
        pa.array([one.title for one in batch]),
        pa.array([one.text for one in batch]),
        pa.array([f"{one.title}\n{one.text}" for one in batch]),
        pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), rows.shape[1]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class Served:
    """`settings` may have "ef" and "refine_factor"; else LanceDB's own hold."""

    def __init__(self, data: Data, place: Path, settings: Settings) -> None:
        self._table = lancedb.connect(str(place)).open_table(NAME)
        self.settings = settings
        self._reranker = RRFReranker()

    def hybrid(self, vector: Rows, words: str) -> list[int]:
        query = self._table.search(query_type="hybrid", vector_column_name="vector", fts_columns="searched").vector(vector).text(words)
        query = self._tuned(query.distance_type("cosine").limit(COUNT).rerank(self._reranker))
        return [row["id"] for row in query.select(COLUMNS).to_list()]

    def dense(self, vector: Rows) -> list[int]:
        query = self._tuned(self._table.search(vector, vector_column_name="vector").distance_type("cosine").limit(COUNT))
        return [row["id"] for row in query.select(["id"]).to_list()]

    def _tuned(self, query: Any) -> Any:
        for name, value in self.settings.items():
            query = getattr(query, name)(value)
        return query


if __name__ == "__main__":
    run(build, Served)
