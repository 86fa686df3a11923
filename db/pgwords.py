"""Passages by their words in PostgreSQL: BM25 over candidates that the rarest words of the question give.

PostgreSQL's own ts_rank knows nothing of how rare a word is, and ranks all that match. Here an inverted index (GIN) gives the passages
that have one of the rare words, some thousands at most, and of the common ones those that have two; these are scored by BM25 as the
local index does it, so that the work is bounded whatever is asked.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from retrieval.lexemes import query_lexemes
from retrieval.types import Match

MAX_QUERY_WORDS = 64
TITLE_BOOST = 0.5  # this and the next as in the local index (retrieval/index/lexical.py)
K1, B = 1.2, 0.75
# Candidates that the rare words give together, and as many more that the common ones give. With 60,000 passages of 60 words: 16 ms, and
# 72 ms with 3,000; 300 claims over 5,000 passages were answered as well with 600 (nDCG@10 .799, recall@50 .920) as with all that match.
BUDGET = 1000
# Up to this many bytes of words each is counted; above, PostgreSQL's statistics know the common ones.
COUNTED_BYTES = 8 << 20
SAMPLED = 2000  # passages whose mean length stands for that of all

# ts_rank of a word with n places of weight 1 is the sum of 1/j**2 up to n, by pi**2/6: from that, n is found again.
_STEPS = [sum(1 / j**2 for j in range(1, n + 1)) * 6 / math.pi**2 - 0.002 for n in range(1, 13)]

# What says of a searched passage that it may be seen: its own article, or one with a copy of it, is of no source in :hidden. Not with
# EXISTS, for which PostgreSQL may first gather all passages there are.
VISIBLE = """(
    cardinality(CAST(:hidden AS bigint[])) = 0
    OR (SELECT true FROM passage p JOIN article a ON a.revision_id = p.revision_id
        WHERE p.id = {passage} AND (a.feed_id IS NULL OR a.feed_id <> ALL (CAST(:hidden AS bigint[])))) IS TRUE
    OR (SELECT true FROM passage p JOIN article a ON a.revision_id = p.revision_id
        WHERE p.copy_of = {passage} AND (a.feed_id IS NULL OR a.feed_id <> ALL (CAST(:hidden AS bigint[]))) LIMIT 1) IS TRUE
)"""
# BM25 (Robertson and Zaragoza, 2009) of the passage, and a share of it for a term of the title, whose length is taken for the mean.
# In ts_rank's weights the title's places, marked A, count nothing.
_BEST = text(
    """
    WITH term AS (
        SELECT * FROM unnest(CAST(CAST(:queries AS text[]) AS tsquery[]), CAST(CAST(:titles AS text[]) AS tsquery[]),
            CAST(:idfs AS float8[])) AS t (query, title, idf)
    ), found AS (
        (SELECT passage_id FROM passage_words w WHERE words @@ CAST(:any AS tsquery) AND {visible} LIMIT :budget)
        UNION (SELECT passage_id FROM passage_words w WHERE words @@ CAST(:both AS tsquery) AND {visible} LIMIT :budget)
        UNION (SELECT passage_id FROM passage_words w WHERE words @@ CAST(:alone AS tsquery) AND {visible} LIMIT :budget)
    ), given AS MATERIALIZED (
        -- Looked up by their ids before words are looked at: otherwise all passages of a common word may be joined.
        SELECT passage_id, words, length FROM passage_words WHERE passage_id = ANY (ARRAY(SELECT passage_id FROM found))
    ), counted AS (
        SELECT passage_id, idf, CAST(words @@ title AS integer) AS titled, :k1 * (1 - :b + :b * length / :mean) AS norm,
            width_bucket(CAST(ts_rank('{1,0,0,0}', words, query) AS float8), CAST(:steps AS float8[])) AS times
        FROM given JOIN term ON words @@ query
    )
    SELECT passage_id, round(CAST(sum(idf * (times * (:k1 + 1) / (times + norm) + :boost * titled)) AS numeric), 5) AS score
    FROM counted GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT :count
    """.replace("{visible}", VISIBLE.replace("{passage}", "w.passage_id"))
)
_SIZE = text("SELECT pg_relation_size('passage_words'), reltuples FROM pg_class WHERE oid = CAST('passage_words' AS regclass)")
_MEAN = text("SELECT avg(length) FROM (SELECT length FROM passage_words LIMIT :sampled) AS sampled")
_COMMON = text(
    """
    SELECT elem, freq FROM pg_stats, unnest(CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs[1:cardinality(
        CAST(CAST(most_common_elems AS text) AS text[]))]) AS t (elem, freq)
    WHERE tablename = 'passage_words' AND attname = 'words' AND schemaname = current_schema() AND elem = ANY (CAST(:lexemes AS text[]))
    """
)
_COUNTS = text(
    """
    SELECT lexeme, (SELECT count(*) FROM (SELECT FROM passage_words WHERE words @@ CAST(quote_literal(lexeme) AS tsquery) LIMIT :most) AS w)
    FROM unnest(CAST(:lexemes AS text[])) AS t (lexeme)
    """
)


@dataclass(frozen=True, slots=True)
class _Frequencies:
    """How many passages there are, how many have each term, and how many terms one has."""

    passages: int
    having: dict[str, int]
    mean_length: float

    def idf(self, lexeme: str) -> float:
        having = self.having[lexeme]
        return math.log(1 + (max(self.passages, having) - having + 0.5) / (having + 0.5))


def best_by_words(session: Session, question: str, count: int, hidden: Collection[int]) -> list[Match]:
    """At most `count` of the passages that somebody sees from whom the sources `hidden` are hidden, best first, ties by id."""
    lexemes = query_lexemes(question, MAX_QUERY_WORDS)
    if not lexemes:
        return []
    session.execute(text("SELECT set_config('enable_seqscan', 'off', true)"))  # statistics may be behind, and the index never is
    found = _frequencies(session, lexemes)
    lexemes = [lexeme for lexeme in lexemes if found.having[lexeme]]
    if not lexemes:
        return []
    values = _candidates(sorted(lexemes, key=lambda lexeme: (found.having[lexeme], lexeme)), found, count) | {
        "queries": [_quoted(lexeme) for lexeme in lexemes],
        "titles": [f"{_quoted(lexeme)}:A" for lexeme in lexemes],
        "idfs": [found.idf(lexeme) for lexeme in lexemes],
    }
    fixed = {"k1": K1, "b": B, "boost": TITLE_BOOST, "steps": _STEPS, "budget": BUDGET, "count": count, "hidden": sorted(hidden)}
    return [Match(id_, float(score)) for id_, score in session.execute(_BEST, {**values, **fixed, "mean": found.mean_length})]


def _candidates(rarest_first: Sequence[str], found: _Frequencies, count: int) -> dict[str, object]:
    """Queries: any of the rare terms; the rarest of the common ones with another of them; that one alone, where else too few match."""
    given = rare = 0
    while rare < len(rarest_first) and given + found.having[rarest_first[rare]] <= BUDGET:
        given += found.having[rarest_first[rare]]
        rare += 1
    quoted = [_quoted(lexeme) for lexeme in rarest_first]
    common = quoted[rare:]
    return {
        "any": " | ".join(quoted[:rare]),
        "both": f"{common[0]} & ({' | '.join(common[1:])})" if len(common) > 1 else "",
        "alone": common[0] if common and given < count else "",
    }


def _frequencies(session: Session, lexemes: Sequence[str]) -> _Frequencies:
    size, passages = session.execute(_SIZE).one()
    known: dict[str, int] = {}
    if size > COUNTED_BYTES and passages > 0:
        known = {lexeme: round(share * passages) for lexeme, share in session.execute(_COMMON, {"lexemes": lexemes})}
    else:
        passages = session.scalar(text("SELECT count(*) FROM passage_words"))
    counts = session.execute(_COUNTS, {"lexemes": [each for each in lexemes if each not in known], "most": 4 * BUDGET})
    mean_length = session.scalar(_MEAN, {"sampled": SAMPLED})
    return _Frequencies(int(passages), known | {lexeme: having for lexeme, having in counts}, float(mean_length or 1) or 1.0)


def _quoted(lexeme: str) -> str:
    """As a tsquery has it; a lexeme is letters and digits alone."""
    return f"'{lexeme}'"
