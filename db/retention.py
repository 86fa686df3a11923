"""What is forgotten: articles by age and by number, asks and checks by age. What an answer has quoted is kept as long as the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from db.copies import withdraw
from db.engine import Database
from db.schema import WAITING, AddressRow, ArticleRow, AskCheckRow, AskRow, CheckExcerptRow, CheckRow, DisputeRow, GuildRow, RevisionRow
from retrieval.sources import Kind, State

BATCH = 200  # articles or asks a transaction: writers wait no longer than for that
PRIVATE_HOURS = 24  # of asks whose answers only the asker saw, and their checks: what their buttons need
KEEP_DAYS = 30  # of other asks and their checks, where a server sets nothing else
KEEP_CASES = 365  # days after their end, likewise
KEEP_OPINIONS = 365  # days; they outlive the checks, and have no words then
WAIT = timedelta(days=1)  # for an answer: Discord takes none for what was asked before
OWN_ARTICLES = 2_000  # of a source that only servers see: who adds it is no operator, and the disk is not theirs
LOST = timedelta(hours=1)  # after which no answer gets a check any more that none has got: it waits a quarter of an hour at most


def prune(database: Database, before: datetime | None, keep: int | None) -> int:
    """Forget articles that were published (or, undated, stored) before `before`, and the oldest beyond the newest `keep`; how many."""
    count = 0
    while ids := _outlived(database, before, keep):
        with database.writing() as session:
            for id_ in ids:
                forget_article(session, id_)
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


def prune_own(database: Database, keep: int = OWN_ARTICLES) -> int:
    """Forget the oldest articles beyond the newest `keep` of each source that only servers see; how many."""
    private = select(AddressRow.id).where(AddressRow.private.is_(True), AddressRow.feed_id.is_(None))
    searched = (ArticleRow.revision_id.is_not(None), ArticleRow.feed_id.in_(private))
    with database.reading() as session:
        large = session.scalars(select(ArticleRow.feed_id).where(*searched).group_by(ArticleRow.feed_id).having(func.count() > keep)).all()
    count = 0
    for feed_id in large:
        newest = (
            select(ArticleRow.id).where(ArticleRow.feed_id == feed_id, ArticleRow.revision_id.is_not(None)).order_by(ArticleRow.id.desc())
        )
        with database.reading() as session:
            beyond = session.scalars(newest.offset(keep)).all()
        for at in range(0, len(beyond), BATCH):
            with database.writing() as session:
                for id_ in beyond[at : at + BATCH]:
                    forget_article(session, id_)
        count += len(beyond)
    return count


def purge_asks(database: Database, now: datetime) -> int:
    """Forget private asks after PRIVATE_HOURS, others when their server keeps them no longer or they have waited for a day, with the
    checks that no other ask and no case has; and checks that no ask has got. How many asks.
    """
    with database.reading() as session:
        terms = {KEEP_DAYS, *session.scalars(select(GuildRow.keep_days).distinct())}
    count = forget_asks(database, and_(AskRow.public.is_(False), AskRow.created_at < now - timedelta(hours=PRIVATE_HOURS)))
    count += forget_asks(database, and_(AskRow.state == WAITING, AskRow.created_at < now - WAIT))
    for days in sorted(terms):
        theirs = select(GuildRow.id).where(GuildRow.keep_days == days)
        of_term: ColumnElement[bool] = AskRow.guild_id.in_(theirs)
        if days == KEEP_DAYS:
            of_term = or_(of_term, AskRow.guild_id.is_(None), AskRow.guild_id.not_in(select(GuildRow.id)))
        count += forget_asks(database, and_(of_term, AskRow.created_at < now - timedelta(days=days)))
    _forget_checks_of_nobody(database, CheckRow.claim_key != "", now - LOST)
    _forget_checks_of_nobody(database, CheckRow.claim_key == "", now - timedelta(days=KEEP_DAYS))
    return count


def forget_article(session: Session, article_id: int) -> None:
    """Take an article out of search, and delete it but for the revisions that checks have quoted."""
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


def forget_asks(database: Database, which: ColumnElement[bool]) -> int:
    """Forget these asks, with the checks that no other ask and no case has; how many."""
    count = 0
    while True:
        with database.writing() as session:
            ids = session.scalars(select(AskRow.id).where(which).order_by(AskRow.id).limit(BATCH)).all()
            checks = session.scalars(select(AskCheckRow.check_id).where(AskCheckRow.ask_id.in_(ids)).distinct()).all()
            session.execute(delete(AskRow).where(AskRow.id.in_(ids)))
            forget_checks(session, checks)
        count += len(ids)
        if len(ids) < BATCH:
            return count


def forget_checks(session: Session, check_ids: Iterable[int]) -> None:
    """Delete those of the checks that no ask and no case has, and the articles out of search that nothing else quotes."""
    ids = session.scalars(select(CheckRow.id).where(CheckRow.id.in_(check_ids), _unused())).all()
    quoted = (
        select(ArticleRow.id)
        .join(RevisionRow, RevisionRow.article_id == ArticleRow.id)
        .join(CheckExcerptRow, CheckExcerptRow.revision_id == RevisionRow.id)
        .where(CheckExcerptRow.check_id.in_(ids), ArticleRow.revision_id.is_(None))
    )
    articles = session.scalars(quoted.distinct()).all()
    session.execute(delete(CheckRow).where(CheckRow.id.in_(ids)))
    for article_id in articles:
        forget_article(session, article_id)


def _outlived(database: Database, before: datetime | None, keep: int | None) -> Sequence[int]:
    age = func.coalesce(RevisionRow.published_at, ArticleRow.created_at)
    query = select(ArticleRow.id).join(RevisionRow, RevisionRow.id == ArticleRow.revision_id).order_by(age, ArticleRow.id).limit(BATCH)
    with database.reading() as session:
        beyond = (session.scalar(select(func.count()).where(ArticleRow.revision_id.is_not(None))) or 0) - keep if keep is not None else 0
        old = list(session.scalars(query.where(age < before))) if before is not None else []
        return old or (list(session.scalars(query.limit(min(BATCH, beyond)))) if beyond > 0 else [])


def _forget_checks_of_nobody(database: Database, which: ColumnElement[bool], before: datetime) -> None:
    """Checks that were made for an ask and never given to one, since the program was stopped in between; and those of the command line."""
    lost = select(CheckRow.id).where(which, CheckRow.created_at < before, _unused())
    while True:
        with database.writing() as session:
            ids = session.scalars(lost.order_by(CheckRow.id).limit(BATCH)).all()
            forget_checks(session, ids)
        if len(ids) < BATCH:
            return


def _unused() -> ColumnElement[bool]:
    """Checks that no ask and no case has."""
    of_cases = select(DisputeRow.check_id).where(DisputeRow.check_id.is_not(None))
    return and_(CheckRow.id.not_in(select(AskCheckRow.check_id)), CheckRow.id.not_in(of_cases))
