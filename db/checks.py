"""What was checked and what was shown, kept with the revisions that were quoted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from db.engine import Database
from db.schema import CheckExcerptRow, CheckRow, RevisionRow
from retrieval.types import Comparison, Excerpt


class Checks:
    """Saving comparisons, and reading back the words that they showed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, comparison: Comparison) -> int:
        """Store a comparison with its excerpts in one transaction; its id. Raises StoreError."""
        with self._database.writing() as session:
            row = CheckRow(
                claim=comparison.claim.text, outcome=comparison.outcome.value, considered=comparison.considered,
                independent_sources=comparison.independent_sources, models=dict(comparison.models), created_at=datetime.now(UTC),
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add_all(_excerpt_rows(row.id, "agree", comparison.agreeing))
            session.add_all(_excerpt_rows(row.id, "contradict", comparison.contradicting))
            return row.id

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
        )
        for rank, excerpt in enumerate(excerpts, 1)
    ]  # fmt: skip
