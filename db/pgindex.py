"""The search index where the database is PostgreSQL: the rows themselves. pgvector finds by meaning, tsvectors by words.

There is no view to bring up to date: a passage, its vector and its words are written and deleted in one transaction. One HNSW index a
model is all that is made beside the tables, when it is first needed, without keeping anybody waiting; until then vectors are looked at one
by one.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from sqlalchemy import Integer, String, bindparam, delete, func, select, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from db.engine import Database
from db.halves import as_text
from db.lexicon import WORDS, add_words
from db.pgwords import VISIBLE, best_by_words
from db.schema import VectorRow
from retrieval.errors import IndexFault
from retrieval.ports import Vectors
from retrieval.types import Match

log = logging.getLogger("crosscheck.index")

# Up to this many bytes of vectors every one is looked at: exact, the same answer always. 5,000 of 384 dimensions, under 10 ms.
EXACT_BYTES = 5 << 20
# Candidates a result, to be scored by the exact cosine; pgvector looks at 1,000 at most.
RESCORED, MOST_CANDIDATES = 2, 1000
BUILD_LOCK_TIMEOUT = "10s"  # for what runs already; it is tried again at the next start
PAGE = 500


@dataclass(frozen=True)
class PgIndex:
    """The PassageIndex on PostgreSQL; every search sees what was stored before it was asked."""

    database: Database
    model_id: str
    dimension: int
    hidden: frozenset[int] = frozenset()
    _looked_for: set[str] = field(default_factory=set, compare=False, repr=False)  # its HNSW index, by name, once a process

    def without(self, hidden: Collection[int]) -> PgIndex:
        """The same index as if what the sources of these ids brought were not stored. What has a copy of others stays."""
        return replace(self, hidden=frozenset(hidden))

    def dense(self, vector: Vectors, count: int) -> list[Match]:
        """At most `count` passages by cosine with the stored float16 vectors, best first, ties by id."""
        candidates = min(MOST_CANDIDATES, RESCORED * count)
        values = {
            "vector": as_text(vector), "exact": as_text(vector), "dimension": self.dimension, "model": self.model_id,
            "hidden": sorted(self.hidden), "candidates": candidates, "count": count,
        }  # fmt: skip
        with self.database.reading() as session:
            size = session.scalar(text("SELECT pg_relation_size('passage_vector')")) or 0
        if size > EXACT_BYTES and not self._looked_for:
            self._looked_for.add(self._name)
            threading.Thread(target=self._build_quietly, name="vector index", daemon=True).start()
        with self.database.reading() as session:
            if size <= EXACT_BYTES:
                session.execute(text("SELECT set_config('enable_indexscan', 'off', true)"))
            else:
                session.execute(_GO_ON, {"candidates": str(candidates)})
            return [Match(id_, score) for id_, score in session.execute(_NEAREST, values)]

    def lexical(self, text: str, count: int) -> list[Match]:
        """At most `count` passages by BM25 over the text's words, best first, ties by id."""
        with self.database.reading() as session:
            return best_by_words(session, text, count, self.hidden)

    def follow(self, progress: Callable[[int], None] | None = None) -> int:
        """Make the model's HNSW index where it is missing. Rows need no following: 0."""
        del progress
        self._build()
        return 0

    def behind(self) -> int:
        """How many rows of the change log are not applied: never any."""
        return 0

    def rebuild(self, progress: Callable[[int], None] | None = None) -> int:
        """Make the words of all passages and the HNSW index anew, while others search; how many passages there are."""
        after, count = 0, 0
        stored = select(VectorRow.passage_id).where(VectorRow.model_id == self.model_id).order_by(VectorRow.passage_id).limit(PAGE)
        while True:
            with self.database.writing() as session:
                ids = session.scalars(stored.where(VectorRow.passage_id > after)).all()
                session.execute(delete(WORDS).where(WORDS.c.passage_id.in_(ids)))
                add_words(session, ids)
            if not ids:
                break
            after, count = ids[-1], count + len(ids)
            if progress is not None:
                progress(len(ids))
        with self.database.writing() as session:  # of passages that have gone otherwise than by their deletion: there are none
            session.execute(delete(WORDS).where(WORDS.c.passage_id.not_in(select(VectorRow.passage_id))))
        self._build(anew=True)
        return count

    def ids(self) -> tuple[set[int], set[int]]:
        """Passage ids that (the dense, the lexical) side holds now; for verification."""
        of_model = select(VectorRow.passage_id).where(VectorRow.model_id == self.model_id)
        with self.database.reading() as session:
            dense = set(session.scalars(of_model))
            return dense, set(session.scalars(select(WORDS.c.passage_id)))

    def close(self) -> None:
        """Nothing is held here."""

    @property
    def _name(self) -> str:
        """Of the HNSW index of the model."""
        return f"ix_passage_vector_hnsw_{zlib.crc32(f'{self.model_id} {self.dimension}'.encode()):08x}"

    def _build_quietly(self) -> None:
        """As `_build`, beside those who ask: they wait for nothing and are told nothing."""
        try:
            self._build()
        except (IndexFault, SQLAlchemyError) as error:
            log.warning("the vector index was not made (%s): searches look at every vector", type(error).__name__)

    def _build(self, *, anew: bool = False) -> None:
        """The HNSW index of the model, made while others write. Of several who find it missing one makes it.

        Raises IndexFault where the database refuses. Where somebody's long transaction is in the way, it is left for the next time.
        """
        name = self._name
        model = self.model_id.replace("'", "''")
        valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
        key = zlib.crc32(name.encode())
        with _BUILDING, self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.scalar(valid, {"name": name}) and not anew:
                return
            if not connection.scalar(select(func.pg_try_advisory_lock(key))):
                return
            try:
                connection.execute(text(f"SET lock_timeout = '{BUILD_LOCK_TIMEOUT}'"))
                if connection.scalar(valid, {"name": name}) is not None:  # what a killed program left behind, or what is to be made anew
                    connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
                connection.exec_driver_sql(
                    f"CREATE INDEX CONCURRENTLY {name} ON passage_vector USING hnsw "
                    f"(CAST(data AS halfvec({self.dimension})) halfvec_cosine_ops) WHERE model_id = '{model}'"
                )
            except DatabaseError as error:
                if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                    raise IndexFault(f"The vector index cannot be made: {str(error.orig).splitlines()[0]}.") from error
                log.warning("the vector index is made another time: others' transactions are in the way")
            finally:
                connection.invalidate()  # with its settings and its lock


# How the index goes on when hidden passages leave too few; it stays as it is set until the transaction ends.
_GO_ON = text("SELECT set_config('hnsw.ef_search', :candidates, true), set_config('hnsw.iterative_scan', 'relaxed_order', true)")
# Model and dimension stand in the statement itself: with parameters, one plan for all models could not use the index of one. The second
# cosine is in float32, as the local index has it; pgvector's <#> is the negative inner product, and the vectors are of unit length.
_NEAREST = text(
    """
    WITH near AS MATERIALIZED (
        SELECT v.passage_id, v.data FROM passage_vector v
        WHERE v.model_id = :model AND {visible}
        ORDER BY CAST(v.data AS halfvec(:dimension)) <=> CAST(:vector AS halfvec(:dimension)) LIMIT :candidates
    )
    SELECT passage_id, -(CAST(data AS vector) <#> CAST(:exact AS vector)) AS score FROM near ORDER BY score DESC, passage_id LIMIT :count
    """.replace("{visible}", VISIBLE.replace("{passage}", "v.passage_id"))
).bindparams(bindparam("model", literal_execute=True, type_=String), bindparam("dimension", literal_execute=True, type_=Integer))
_BUILDING = threading.Lock()
_IN_THE_WAY = frozenset({"55P03", "40P01"})  # a lock timeout, a deadlock


def build_all(database: Database) -> None:
    """The HNSW index of each model that the store has vectors of, where the database is PostgreSQL. Raises IndexFault."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.reading() as session:
        models = session.execute(text("SELECT DISTINCT model_id, vector_dims(data) FROM passage_vector ORDER BY model_id")).all()
    for model_id, dimension in models:
        PgIndex(database, model_id, dimension).follow()
