"""What is forgotten: articles by age and by number. What an answer has quoted is kept, so that it can be read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from db.articles import withdraw
from db.engine import Database
from db.schema import AddressRow, ArticleRow, CheckExcerptRow, RevisionRow
from retrieval.sources import Kind, State

BATCH = 200  # articles a transaction: writers wait no longer than for that


def prune(database: Database, before: datetime | None, keep: int | None) -> int:
    """Forget articles that were published (or, undated, stored) before `before`, and the oldest beyond the newest `keep`; how many."""
    count = 0
    while ids := _outlived(database, before, keep):
        with database.writing() as session:
            for id_ in ids:
                _forget(session, id_)
        count += len(ids)
    if before is not None:
        with database.writing() as session:  # pages that were settled long ago; younger ones keep a feed from naming them anew
            session.execute(
                delete(AddressRow).where(
                    AddressRow.kind == Kind.PAGE,
                    AddressRow.feed_id.is_not(None),
                    AddressRow.state != State.ACTIVE,
                    AddressRow.last_visit_at < before,
                )  # fmt: skip
            )
    return count


def _outlived(database: Database, before: datetime | None, keep: int | None) -> Sequence[int]:
    age = func.coalesce(RevisionRow.published_at, ArticleRow.created_at)
    query = select(ArticleRow.id).join(RevisionRow, RevisionRow.id == ArticleRow.revision_id).order_by(age, ArticleRow.id).limit(BATCH)
    with database.reading() as session:
        beyond = (session.scalar(select(func.count()).where(ArticleRow.revision_id.is_not(None))) or 0) - keep if keep is not None else 0
        old = list(session.scalars(query.where(age < before))) if before is not None else []
        return old or (list(session.scalars(query.limit(min(BATCH, beyond)))) if beyond > 0 else [])


def _forget(session: Session, article_id: int) -> None:
    row = session.get(ArticleRow, article_id)
    if row is None:
        return
    withdraw(session, row.id, row.revision_id)
    row.revision_id = None
    session.flush()
    quoted = exists().where(CheckExcerptRow.revision_id == RevisionRow.id)
    session.execute(delete(RevisionRow).where(RevisionRow.article_id == article_id, ~quoted))
    if session.scalar(select(func.count()).where(RevisionRow.article_id == article_id)) == 0:
        session.delete(row)
