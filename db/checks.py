"""What was checked and what was shown, kept with the revisions that were quoted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import func, select

from db.engine import Database
from db.retrying import retried
from db.schema import ANSWERED, AskCheckRow, AskRow, CheckExcerptRow, CheckRow, RevisionRow
from retrieval.ports import Vectors
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Outcome, OwnSource, Part, Stance

AGREE, CONTRADICT = "agree", "contradict"  # the sides
COMPARED = 5_000  # of the newest checks of a server whose claims are compared with another: 30 ms of 384 dimensions


@dataclass(frozen=True, slots=True)
class Earlier:
    """A check that was shown publicly before, of a like claim."""

    check_id: int
    ask_id: int
    claim: str
    likeness: float  # cosine of the claims' vectors
    created_at: datetime  # when it was asked
    message_id: int | None
    channel_id: int | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept of a comparison beside its columns and excerpts, as one JSON document."""

    speaker: str = ""
    said_words: str = ""
    pointer: str = ""
    referent: str = ""
    said: Comparison | None = None
    parts: tuple[Part, ...] = ()
    accounts: tuple[Account, ...] = ()
    own: tuple[OwnSource, ...] = ()


_BESIDE = TypeAdapter(Beside)


class Checks:
    """Saving comparisons, and reading them back as they were shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def save(self, comparison: Comparison, key: str = "", seq: int = 0, vector: Vectors | None = None) -> int:
        """Store a comparison with its excerpts in one transaction; its id. Raises StoreError.

        `key` (at most 64 characters) is what askings share that have one answer, `seq` the store's last change before it was looked at,
        `vector` (dimension,) the claim's, by the comparison's embedding model.
        """
        with self._database.writing() as session:
            row = CheckRow(
                claim=comparison.claim.text, outcome=comparison.outcome.value, considered=comparison.considered,
                independent_sources=comparison.independent_sources, models=dict(comparison.models), created_at=datetime.now(UTC),
                context=comparison.claim.context, newest_article_at=comparison.newest_article_at, claim_key=key, store_seq=seq,
                vector=None if vector is None else np.asarray(vector, dtype="<f2").tobytes(), beside=_dumped(comparison),
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add_all(_excerpt_rows(row.id, AGREE, comparison.agreeing))
            session.add_all(_excerpt_rows(row.id, CONTRADICT, comparison.contradicting))
            return row.id

    def load(self, check_id: int) -> Comparison | None:
        """The comparison as it was shown; None where it is forgotten. Whatever became of the articles, the words are those of then.

        What is not kept: the claim's span, and the times that the steps took.
        """
        return self.load_many([check_id]).get(check_id)

    def load_many(self, ids: Collection[int]) -> dict[int, Comparison]:
        """As `load`, by id; those that are forgotten are left out."""
        sides: dict[tuple[int, str], list[Excerpt]] = {}
        with self._database.reading() as session:
            rows = session.scalars(select(CheckRow).where(CheckRow.id.in_(ids))).all()
            for row, article_id, *words in session.execute(_excerpts().where(CheckExcerptRow.check_id.in_(ids))):
                sides.setdefault((row.check_id, row.side), []).append(_excerpt(row, article_id, *words))
        return {row.id: _comparison(row, sides.get((row.id, AGREE), []), sides.get((row.id, CONTRADICT), [])) for row in rows}

    def same(self, key: str, seq: int, models: Mapping[str, str]) -> int | None:
        """The newest check with this key that was made of the same store by the same models; None where there is none."""
        query = select(CheckRow.id, CheckRow.models).where(CheckRow.claim_key == key, CheckRow.store_seq == seq)
        with self._database.reading() as session:
            rows = session.execute(query.order_by(CheckRow.id.desc())) if key else ()
            return next((id_ for id_, made_by in rows if made_by == dict(models)), None)

    def earlier(
        self,
        guild_id: int,
        vector: Vectors,
        model_id: str,
        since: datetime,
        at_least: float,
        limit: int = 10,
        without: Collection[int] = (),
    ) -> list[Earlier]:
        """What was asked in a server after `since` and answered publicly, of claims whose vectors have a cosine of `at_least` or more.

        Most alike first, then newest; each wording of a claim once, by its newest ask. Vectors of other models are not compared.
        """
        query = (
            select(CheckRow.vector, CheckRow.id, AskRow.id, CheckRow.claim, AskRow.created_at, AskRow.message_id, AskRow.channel_id)
            .join(AskCheckRow, AskCheckRow.check_id == CheckRow.id)
            .join(AskRow, AskRow.id == AskCheckRow.ask_id)
            .where(AskRow.guild_id == guild_id, AskRow.public.is_(True), AskRow.state == ANSWERED, AskRow.created_at > since)
            .where(CheckRow.vector.is_not(None), CheckRow.models["embedding"].as_string() == model_id, CheckRow.id.not_in(without))
            .order_by(AskRow.created_at.desc(), AskRow.id.desc(), AskCheckRow.place)
            .limit(COMPARED)
        )
        with self._database.reading() as session:
            rows = [row for row in session.execute(query) if row[0] is not None and len(row[0]) == 2 * len(vector)]
        found: dict[str, Earlier] = {}
        for row, likeness in zip(rows, cosines([row[0] or b"" for row in rows], vector), strict=True):
            if likeness >= at_least:
                _, check_id, ask_id, claim, created_at, message_id, channel_id = row
                one = Earlier(check_id, ask_id, claim, float(likeness), created_at, message_id, channel_id)
                found.setdefault(" ".join(claim.casefold().split()), one)
        return sorted(found.values(), key=lambda one: -one.likeness)[:limit]

    def vector(self, check_id: int) -> Vectors | None:
        """The claim's embedding, (dimension,) float32; None where none was kept."""
        with self._database.reading() as session:
            data = session.scalar(select(CheckRow.vector).where(CheckRow.id == check_id))
        return np.frombuffer(data, dtype="<f2").astype(np.float32) if data else None

    def context(self, check_id: int, side: str, rank: int, width: int) -> tuple[str, str, str] | None:
        """(before, quote, after) of an excerpt: the article as it stood, up to `width` characters a side; None where there is none."""
        query = (
            select(RevisionRow.text, CheckExcerptRow.start, CheckExcerptRow.end)
            .join(RevisionRow, RevisionRow.id == CheckExcerptRow.revision_id)
            .where(CheckExcerptRow.check_id == check_id, CheckExcerptRow.side == side, CheckExcerptRow.rank == rank)
        )
        with self._database.reading() as session:
            found = session.execute(query).one_or_none()
        if found is None:
            return None
        text, start, end = found
        return text[max(0, start - width) : start], text[start:end], text[end : end + width]

    def quoted(self, check_id: int) -> list[str]:
        """The words shown for a check, agreeing first, best first, as they stood: also after their article was revised or removed."""
        query = (
            select(RevisionRow.text, CheckExcerptRow.start, CheckExcerptRow.end)
            .join(RevisionRow, RevisionRow.id == CheckExcerptRow.revision_id)
            .where(CheckExcerptRow.check_id == check_id)
            .order_by(CheckExcerptRow.side, CheckExcerptRow.rank)
        )
        with self._database.reading() as session:
            return [text[start:end] for text, start, end in session.execute(query)]


def _excerpt_rows(check_id: int, side: str, excerpts: Sequence[Excerpt]) -> list[CheckExcerptRow]:
    return [
        CheckExcerptRow(
            check_id=check_id, side=side, rank=rank, revision_id=excerpt.article.revision_id, start=excerpt.start, end=excerpt.end,
            agree=excerpt.stance.agree, contradict=excerpt.stance.contradict, neutral=excerpt.stance.neutral,
            before=len(excerpt.before), after=len(excerpt.after), decisive=[list(span) for span in excerpt.decisive],
            copies=list(excerpt.copies), credit=excerpt.credit, difference=excerpt.difference, url=excerpt.article.url,
            title=excerpt.article.title, source=excerpt.article.source, published_at=excerpt.article.published_at,
            external_id=excerpt.article.external_id, story_id=excerpt.article.story_id, gone=excerpt.article.gone,
            feed_id=excerpt.article.feed_id,
        )
        for rank, excerpt in enumerate(excerpts, 1)
    ]  # fmt: skip


def _excerpts() -> Any:  # noqa: ANN401 - a Select of four columns
    """Excerpts, best first, with the article's id and the words before, in and after them."""
    one, text = CheckExcerptRow, RevisionRow.text
    return (
        select(
            one, RevisionRow.article_id, func.substr(text, one.start - one.before + 1, one.before),
            func.substr(text, one.start + 1, one.end - one.start), func.substr(text, one.end + 1, one.after),
        )
        .join(RevisionRow, RevisionRow.id == one.revision_id)
        .order_by(one.check_id, one.side, one.rank)
    )  # fmt: skip


def _excerpt(row: CheckExcerptRow, article_id: int, before: str, words: str, after: str) -> Excerpt:
    article = ArticleRef(
        article_id, row.revision_id, row.url, row.title, row.source, row.published_at, row.external_id, row.story_id, row.gone, row.feed_id
    )
    decisive = [(start, end) for start, end in row.decisive]
    stance = Stance(row.agree, row.contradict, row.neutral)
    return Excerpt(words, row.start, row.end, article, stance, before, after, decisive, tuple(row.copies), row.credit, row.difference)


def _comparison(row: CheckRow, agreeing: Sequence[Excerpt], contradicting: Sequence[Excerpt]) -> Comparison:
    beside = _BESIDE.validate_json(row.beside) if row.beside else Beside()
    claim = Claim(row.claim, None, row.context, beside.speaker, beside.said_words, beside.pointer, beside.referent)
    return Comparison(
        claim, Outcome(row.outcome), agreeing, contradicting, row.considered, row.independent_sources, row.newest_article_at, row.models,
        said=beside.said, parts=beside.parts, accounts=beside.accounts, own=beside.own,
    )  # fmt: skip


def _dumped(comparison: Comparison) -> str:
    claim = comparison.claim
    beside = Beside(
        claim.speaker, claim.said, claim.pointer, claim.referent, comparison.said, comparison.parts, comparison.accounts, comparison.own
    )  # fmt: skip
    return "" if beside == Beside() else _BESIDE.dump_json(beside).decode()


def cosines(stored: Sequence[bytes], vector: Vectors) -> Vectors:
    """(n,) cosines of stored vectors with one of as many dimensions."""
    rows = np.frombuffer(b"".join(stored), dtype="<f2").astype(np.float32).reshape(len(stored), len(vector))
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: Vectors = rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines
