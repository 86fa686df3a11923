"""Articles going in, in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from sqlalchemy.exc import DatabaseError, StatementError

from db.articles import Articles
from retrieval.errors import StoreError
from retrieval.ingest.pipeline import ingest
from retrieval.ports import Saved, Story, StoryMoved, Vectors
from retrieval.types import Article
from tests.standins.databases import on_postgres
from tests.standins.store import EMBEDDER, NOON, Store, article, sentences_about

BRIDGE = article("bridge", sentences_about(["the bridge", "the tunnel"]))
SHIPYARD = article("shipyard", sentences_about(["the shipyard"]), source="Oren Post")
REVISED = replace(BRIDGE, text=sentences_about(["the bridge", "the ferry"]))


def _save(store: Store, it: Article) -> Saved:
    return store.articles.save(it, [(0, len(it.text))], EMBEDDER.embed([it.text]), EMBEDDER.model_id)


def test_a_first_article_is_new_and_the_same_again_is_unchanged(store: Store) -> None:
    assert _save(store, BRIDGE) is Saved.NEW
    before = store.dump()
    assert _save(store, BRIDGE) is Saved.UNCHANGED
    assert store.dump() == before


@pytest.mark.parametrize(
    "other", [REVISED, replace(BRIDGE, title="Other"), replace(BRIDGE, source="Other"), replace(BRIDGE, published_at=NOON + timedelta(1))]
)
def test_other_words_title_outlet_or_time_make_a_revision(store: Store, other: Article) -> None:
    _save(store, BRIDGE)
    old = store.live()
    assert _save(store, other) is Saved.REVISED
    (passage,) = store.stored_passages()
    assert (passage.text, passage.article.title, passage.article.source) == (other.text, other.title, other.source)
    assert store.live().isdisjoint(old)
    assert store.articles.counts()["articles"] == 1


def test_the_same_moment_in_another_zone_is_no_revision(store: Store) -> None:
    _save(store, BRIDGE)
    assert _save(store, replace(BRIDGE, published_at=NOON.astimezone(timezone(timedelta(hours=5))))) is Saved.UNCHANGED


def test_a_removed_article_leaves_search_and_the_counts_but_not_the_archive(store: Store) -> None:
    _save(store, BRIDGE)
    _save(store, SHIPYARD)
    (revision,) = {passage.article.revision_id for passage in store.stored_passages() if passage.article.url == BRIDGE.url}
    assert store.articles.remove([BRIDGE.url, "https://nowhere.example/"]) == 1
    assert store.articles.remove([BRIDGE.url]) == 0
    assert [passage.article.url for passage in store.stored_passages()] == [SHIPYARD.url]
    assert store.articles.counts() == {"sources": 2, "articles": 1, "passages": 1}
    assert store.articles.by_source() == [("Harwick Echo", 0), ("Oren Post", 1)]
    assert store.passages.article_text([revision]) == {revision: BRIDGE.text}


def test_a_removed_article_can_come_back_with_fresh_passage_ids(store: Store) -> None:
    _save(store, BRIDGE)
    gone = store.live()
    store.articles.remove([BRIDGE.url])
    assert store.articles.unknown([BRIDGE]) == [BRIDGE]
    assert _save(store, BRIDGE) is Saved.REVISED
    assert store.live() and store.live().isdisjoint(gone)


def test_the_change_log_tells_of_every_passage_that_came_and_went(store: Store) -> None:
    _save(store, BRIDGE)
    (first,) = store.live()
    _save(store, REVISED)
    (second,) = store.live()
    store.articles.remove([BRIDGE.url])
    rows = [(row.passage_id, row.present) for row in store.changes.changes(0, 100)]
    assert rows == [(first, True), (first, False), (second, True), (second, False)]
    assert store.changes.last_seq() == 4
    assert [row.seq for row in store.changes.changes(1, 2)] == [2, 3]


def test_unknown_names_what_is_not_stored_as_it_is_in_the_order_given(store: Store) -> None:
    _save(store, BRIDGE)
    assert store.articles.unknown([SHIPYARD, BRIDGE]) == [SHIPYARD]
    assert store.articles.unknown([REVISED, SHIPYARD]) == [REVISED, SHIPYARD]
    assert store.articles.unknown([]) == []


def test_more_vectors_than_passages_are_refused_and_leave_nothing(store: Store) -> None:
    before = store.dump()
    with pytest.raises(ValueError, match="1 passages, 0 of them copies, but 2 vectors"):
        store.articles.save(BRIDGE, [(0, 10)], EMBEDDER.embed(["a", "b"]), EMBEDDER.model_id)
    assert store.dump() == before


def test_a_save_that_fails_halfway_leaves_nothing(store: Store) -> None:
    before = store.dump()
    with pytest.raises(ValueError, match="could not convert"):
        store.articles.save(BRIDGE, [(0, 10)], np.array([["no number"]]), EMBEDDER.model_id)
    assert store.dump() == before


@pytest.mark.parametrize("present", [0, 1])
def test_a_revision_that_fails_at_the_change_log_leaves_the_old_article_whole(store: Store, present: int) -> None:
    _save(store, BRIDGE)
    _refuse_changes(store, "NEW.present" if present else "NOT NEW.present")
    before = store.dump()
    with pytest.raises((DatabaseError, StoreError), match="injected"):
        _save(store, REVISED)
    assert store.dump() == before
    store.run("DROP TRIGGER refuse ON passage_change" if on_postgres else "DROP TRIGGER refuse")
    assert _save(store, REVISED) is Saved.REVISED


def _refuse_changes(store: Store, when: str) -> None:
    if not on_postgres:
        store.run(f"CREATE TRIGGER refuse BEFORE INSERT ON passage_change WHEN {when} BEGIN SELECT RAISE(ABORT, 'injected'); END")
        return
    store.run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'injected'; END $$")
    store.run(f"CREATE TRIGGER refuse BEFORE INSERT ON passage_change FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()")


def test_a_removal_that_fails_leaves_the_article_whole(store: Store) -> None:
    _save(store, BRIDGE)
    _refuse_changes(store, "true")
    before = store.dump()
    with pytest.raises((DatabaseError, StoreError), match="injected"):
        store.articles.remove([BRIDGE.url])
    assert store.dump() == before


def test_a_time_without_a_zone_is_refused_and_leaves_nothing(store: Store) -> None:
    before = store.dump()
    with pytest.raises(StatementError, match="without a zone"):
        _save(store, replace(BRIDGE, published_at=datetime(2025, 2, 24, 12)))  # noqa: DTZ001 - the mistake under test
    assert store.dump() == before


def test_times_come_back_in_utc(store: Store) -> None:
    _save(store, replace(BRIDGE, published_at=datetime(2025, 2, 24, 23, 30, tzinfo=timezone(timedelta(hours=-5)))))
    (passage,) = store.stored_passages()
    assert passage.article.published_at == datetime(2025, 2, 25, 4, 30, tzinfo=UTC)
    assert passage.article.published_at.tzinfo is UTC


def test_an_article_without_time_or_passages_is_kept_too(store: Store) -> None:
    empty = replace(BRIDGE, published_at=None)
    assert store.articles.save(empty, [], EMBEDDER.embed([]), EMBEDDER.model_id) is Saved.NEW
    assert store.articles.counts() == {"sources": 1, "articles": 1, "passages": 0}
    assert store.changes.last_seq() == 0


OURS, THEIRS = 111, 222


def _brought(store: Store) -> list[tuple[str, int | None, str]]:
    """(title, feed, outlet) of all that is searched."""
    return [(one.article.title, one.article.feed_id, one.article.source) for one in store.stored_passages()]


def test_a_source_that_fewer_see_changes_no_article_of_others(store: Store) -> None:
    common, ours, theirs = store.source("common"), store.source("ours", OURS), store.source("theirs", THEIRS)
    for first, seen_by_more in ((None, "by hand"), (common, "common"), (theirs, "theirs")):
        url = f"https://echo.example/{seen_by_more}"
        _save(store, replace(BRIDGE, url=url, title="First", feed_id=first))
        before = store.dump()
        forged = replace(REVISED, url=url, title="Forged", feed_id=ours)
        assert store.articles.unknown([forged]) == []
        assert _save(store, forged) is Saved.UNCHANGED
        assert store.dump() == before


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("text", [BRIDGE.text, REVISED.text])
def test_what_a_common_source_brings_too_is_everyones_from_then_on(store: Store, text: str, by_hand: bool) -> None:
    ours = store.source("ours", OURS)
    common = None if by_hand else store.source("common")
    store.add(replace(BRIDGE, title="Title", source="Misnamed", feed_id=ours))
    assert _brought(store) == [("Title", ours, "Misnamed")]
    again = replace(BRIDGE, title="Title", text=text, feed_id=common)
    assert store.articles.unknown([again]) == [again]
    store.add(again)
    assert _brought(store) == [("Title", common, BRIDGE.source)]
    assert store.articles.unknown([again, replace(again, feed_id=ours)]) == []
    assert len(store.articles.revisions(BRIDGE.url)) == (1 if text == BRIDGE.text and not by_hand else 2)


def test_of_two_sources_of_one_server_the_later_may_correct_what_the_earlier_brought(store: Store) -> None:
    one, other = store.source("one", OURS), store.source("other", OURS)
    store.add(replace(BRIDGE, feed_id=one))
    assert store.articles.unknown([replace(BRIDGE, feed_id=other)]) == []
    store.add(replace(REVISED, feed_id=other))
    assert [feed for _, feed, _ in _brought(store)] == [other]


def test_what_was_taken_out_of_search_belongs_to_whoever_brings_it_again(store: Store) -> None:
    common, ours = store.source("common"), store.source("ours", OURS)
    store.add(replace(BRIDGE, feed_id=common))
    store.articles.remove([BRIDGE.url])
    store.add(replace(BRIDGE, feed_id=ours))
    assert [feed for _, feed, _ in _brought(store)] == [ours]


def test_a_page_that_is_no_more_is_marked_once_and_its_words_stay(store: Store) -> None:
    _save(store, BRIDGE)
    assert not store.articles.mark_gone("https://nowhere.example/", NOON)
    assert store.articles.mark_gone(BRIDGE.url, NOON)
    assert not store.articles.mark_gone(BRIDGE.url, NOON + timedelta(days=1))
    (passage,) = store.stored_passages()
    assert (passage.text, passage.article.gone) == (BRIDGE.text, True)
    assert _save(store, REVISED) is Saved.REVISED  # it is there again
    assert not store.stored_passages()[0].article.gone


def test_a_copy_of_an_article_that_went_meanwhile_is_of_no_story(store: Store) -> None:
    copy = replace(BRIDGE, url="https://post.example/bridge", source="Oren Post")
    vectors = EMBEDDER.embed([copy.text])
    assert store.articles.save(copy, [(0, len(copy.text))], vectors, EMBEDDER.model_id, Story(999, {}, [])) is Saved.NEW
    assert [passage.article.story_id for passage in store.stored_passages()] == [None]


def test_a_copy_of_a_passage_that_went_meanwhile_is_not_saved_but_told(store: Store) -> None:
    _save(store, BRIDGE)
    before = store.dump()
    copy = replace(BRIDGE, url="https://post.example/bridge", source="Oren Post")
    (article_id,) = store.column("SELECT id FROM article")
    with pytest.raises(StoryMoved):
        store.articles.save(copy, [(0, len(copy.text))], EMBEDDER.embed([]), EMBEDDER.model_id, Story(article_id, {0: 999}, []))
    assert store.dump() == before


def test_an_article_that_has_no_passages_is_revised_and_removed_as_others_are(store: Store) -> None:
    nothing = EMBEDDER.embed([])
    assert store.articles.save(BRIDGE, [], nothing, EMBEDDER.model_id) is Saved.NEW
    assert store.articles.save(REVISED, [], nothing, EMBEDDER.model_id) is Saved.REVISED
    assert store.live() == set()
    assert store.articles.remove([BRIDGE.url]) == 1
    assert store.articles.counts()["articles"] == 0
    assert store.column("SELECT count(*) FROM passage_change") == [0]


class Elsewhere(Articles):
    """A store in which others move a story each time that somebody would save a copy of it."""

    moves = 0

    def save(  # type: ignore[override]  # its own is decorated
        self,
        article: Article,
        passages: Sequence[tuple[int, int]],
        vectors: Vectors,
        model_id: str,
        story: Story | None = None,
        bands: Sequence[int] = (),
    ) -> Saved:
        if story is not None and story.twins:
            self.moves += 1
            raise StoryMoved
        return super().save(article, passages, vectors, model_id, story, bands)


def test_a_copy_whose_story_moves_on_and_on_is_searched_by_itself(store: Store) -> None:
    text = " ".join(sentences_about([f"the bridge of number {number}"]) for number in range(40))
    store.add(replace(BRIDGE, text=text))
    alone = len(store.live())
    books = Elsewhere(store.database)
    report = ingest([replace(BRIDGE, text=text, url="https://post.example/bridge", source="Oren Post")], books, EMBEDDER)
    assert (report.saved[Saved.NEW], report.copies, report.failed) == (1, 1, [])
    assert 1 < books.moves < 20
    assert len(store.live()) == 2 * alone
    assert len({passage.article.story_id for passage in store.stored_passages()}) == 1
