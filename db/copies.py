"""Copies of one story in the store: which articles are one, and which passage is searched for all of its copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.lexicon import add_words
from db.schema import ArticleRow, Base, PassageChangeRow, PassageRow, SketchBandRow, VectorRow
from retrieval.ports import Story, StoryMoved

_CHANGE = Base.metadata.tables[PassageChangeRow.__tablename__]  # without the object mapper, which costs more than the statements


def story_of(session: Session, story: Story | None) -> int | None:
    """The story of the article that this one is a copy of, which becomes a story when it has been none. None where it has gone."""
    if story is None:
        return None
    first = session.get(ArticleRow, story.article_id)
    if first is None:
        return None
    if first.story_id is None:
        first.story_id = (session.scalar(select(func.max(ArticleRow.story_id))) or 0) + 1
    merged = [id_ for id_ in story.stories if id_ != first.story_id]
    if merged:  # this copy shows that they are one
        session.execute(update(ArticleRow).where(ArticleRow.story_id.in_(merged)).values(story_id=first.story_id))
    return first.story_id


def check_twins(session: Session, twins: Iterable[int]) -> None:
    """Raises StoryMoved unless these passages are there, and are no copies themselves."""
    wanted = set(twins)
    there = select(func.count()).where(PassageRow.id.in_(wanted), PassageRow.copy_of.is_(None))
    if wanted and session.scalar(there) != len(wanted):
        raise StoryMoved


def withdraw(session: Session, article_id: int, revision_id: int | None) -> dict[int, int]:
    """Delete the passages of the current revision and say so in the change log; where others are copies of one, the first takes its place.

    Which passage took which one's place.
    """
    if revision_id is None:
        return {}
    rows = session.execute(
        select(PassageRow.id, PassageRow.copy_of).where(PassageRow.revision_id == revision_id).order_by(PassageRow.id)
    ).all()
    ids = [id_ for id_, copy_of in rows if copy_of is None]
    heirs = _promote_copies(session, ids)
    if rows:
        session.execute(delete(PassageRow).where(PassageRow.revision_id == revision_id))
    if ids:
        session.execute(insert(_CHANGE), [{"passage_id": id_, "present": False} for id_ in ids])
    session.execute(delete(SketchBandRow).where(SketchBandRow.article_id == article_id))
    return heirs


def _promote_copies(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """For each of these passages that has copies, its first copy gets its vector and is searched in its place."""
    heirs = session.execute(
        select(PassageRow.copy_of, func.min(PassageRow.id)).where(PassageRow.copy_of.in_(ids)).group_by(PassageRow.copy_of)
    ).all()
    for old, heir in heirs:
        session.execute(update(VectorRow).where(VectorRow.passage_id == old).values(passage_id=heir))
        session.execute(update(PassageRow).where(PassageRow.id == heir).values(copy_of=None))
        session.execute(update(PassageRow).where(PassageRow.copy_of == old).values(copy_of=heir))
    if heirs:
        add_words(session, [heir for _, heir in heirs])
        session.execute(insert(_CHANGE), [{"passage_id": heir, "present": True} for _, heir in heirs])
    return {old: heir for old, heir in heirs if old is not None}
