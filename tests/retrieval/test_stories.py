"""A story is found by words or by an address, gathered, and compared: over a real store and index, with fake models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.headlines import Headlines
from db.passages import Passages
from retrieval.search import Search
from retrieval.stories import MAX_ASKED, NoStory, Stories
from retrieval.types import Article
from tests.standins.models import HashEmbedder, WordStance
from tests.standins.store import NOON, Store

VOTE = "The council of Harwick voted 14 to 3 to close the old bridge."
OTHER_VOTE = "The council of Harwick voted 12 to 5 to close the old bridge."


def article(name: str, words: str, source: str, days: float = 0, feed_id: int | None = None) -> Article:
    return Article(f"https://{name}.example/a", "Old bridge of Harwick closed", source, words, NOON + timedelta(days=days), feed_id=feed_id)


ECHO = article("echo", f"{VOTE} Mayor Olsen spoke about the bridge for an hour.", "Harwick Echo")
POST = article("post", f"{OTHER_VOTE} Nobody in Harwick spoke about the bridge.", "Oren Post", days=1)
ZOO = Article("https://zoo.example/a", "Giraffe born", "Oren Post", "A young giraffe was born in Oren's zoo on Sunday.", NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        yield opened


def stories(store: Store) -> Stories:
    search = Search(HashEmbedder(), store.index, store.passages)
    return Stories(search, HashEmbedder(), store.passages, Headlines(store.database), WordStance(), {"stance": "words"}, WordStance())


def test_a_story_is_found_by_words_and_its_outlets_are_compared(store: Store) -> None:
    store.add(POST, ECHO, ZOO)
    found = stories(store).compare("  the old bridge of Harwick ")
    assert found.asked == "the old bridge of Harwick"
    assert [one.article.source for one in found.told] == ["Harwick Echo", "Oren Post"]
    assert [one.article.published_at for one in found.told] == [NOON, NOON + timedelta(days=1)]
    assert [[excerpt.text for excerpt in point.excerpts] for point in found.points.differing] == [[VOTE, OTHER_VOTE]]
    assert (found.voices, found.models) == (2, {"stance": "words"})
    assert set(found.took_ms) == {"search", "compare"}


def test_a_story_is_found_by_the_address_of_an_article_as_it_may_be_copied(store: Store) -> None:
    store.add(ECHO, POST, ZOO)
    whole = stories(store)
    by_words = whole.compare("the old bridge of Harwick")
    for address in ("https://post.example/a", "https://post.example/a?utm_source=x", " https://echo.example/a "):
        assert whole.compare(address).told == by_words.told


def test_one_outlet_alone_is_compared_with_nothing(store: Store) -> None:
    store.add(ECHO, article("echo-again", f"{OTHER_VOTE} Mayor Olsen of Harwick spoke again.", "Harwick Echo", days=1), ZOO)
    found = stories(store).compare("the old bridge of Harwick")
    assert (found.voices, len(found.told)) == (1, 2)
    assert not (found.points.shared or found.points.differing or found.points.changed or found.points.only)


def test_copies_of_one_text_are_one_voice(store: Store) -> None:
    text = " ".join(f"{VOTE[:-1]}, and street {name} was shut by clerk {name} too." for name in ("Ash", "Birch", "Cedar", "Elm", "Fir"))
    store.add(article("echo", text, "Harwick Echo"), article("copy", text, "Valley News"))
    for asked in ("the old bridge of Harwick", "https://copy.example/a"):
        found = stories(store).compare(asked)
        assert found.voices == 1
        assert len(found.told) == 1
        assert [*found.told[0].copies, found.told[0].article.url] in (
            ["https://copy.example/a", "https://echo.example/a"], ["https://echo.example/a", "https://copy.example/a"],
        )  # fmt: skip


def test_articles_hang_together_by_days_in_a_chain(store: Store) -> None:
    later = [article(f"day{days}", f"{VOTE} Bridge news {days}.", f"Outlet {days}", days=days) for days in (15, 30, 90)]
    store.add(ECHO, *later)
    found = stories(store).compare("https://echo.example/a")
    assert [one.article.source for one in found.told] == ["Harwick Echo", "Outlet 15", "Outlet 30"]
    assert [one.article.source for one in stories(store).compare("https://day90.example/a").told] == ["Outlet 90"]


def test_an_article_without_a_date_tells_the_story_if_it_is_very_much_alike(store: Store) -> None:
    undated = Article("https://page.example/a", ECHO.title, "Valley News", ECHO.text.replace("an hour", "two hours"), None)
    store.add(ECHO, undated)
    assert [one.article.source for one in stories(store).compare("https://echo.example/a").told] == ["Harwick Echo", "Valley News"]
    assert [one.article.source for one in stories(store).compare("https://page.example/a").told] == ["Harwick Echo", "Valley News"]


def test_nothing_shows_of_a_hidden_source(store: Store) -> None:
    source = store.source("own", 5)
    store.add(ECHO, article("post", POST.text, "Oren Post", days=1, feed_id=source), ZOO)
    assert stories(store).compare("the old bridge of Harwick").voices == 2
    found = stories(store).compare("the old bridge of Harwick", hidden={source})
    assert [one.article.source for one in found.told] == ["Harwick Echo"]
    assert not found.points.differing
    with pytest.raises(NoStory, match="No article with this address is stored"):
        stories(store).compare("https://post.example/a", hidden={source})


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("penguins dance tango", "No stored article tells of this"),
        ("https://nowhere.example/a", "No article with this address is stored"),
        ("", "in a few words"),
        ("😀 \u200b", "in a few words"),
        ("x" * (MAX_ASKED + 1), "401 characters"),
        ("\ud800", "in a few words"),
    ],
)
def test_what_names_no_story_is_told_in_a_sentence(store: Store, asked: str, sentence: str) -> None:
    store.add(ECHO, ZOO)
    with pytest.raises(NoStory, match=sentence):
        stories(store).compare(asked)


def test_an_empty_store_has_no_story(store: Store) -> None:
    with pytest.raises(NoStory):
        stories(store).compare("the old bridge of Harwick")


def test_an_agencys_text_in_another_outlet_is_the_agencys_voice(store: Store) -> None:
    credited = article("mill", f"HARWICK (Harwick Echo) - {OTHER_VOTE} Mayor Olsen of Harwick shut the bridge.", "Mill Courier", days=1)
    store.add(ECHO, credited)
    found = stories(store).compare("the old bridge of Harwick")
    assert [one.voice for one in found.told] == ["Harwick Echo", "Harwick Echo"]
    assert found.voices == 1


def test_more_articles_than_there_is_room_for_leave_the_most_alike(store: Store) -> None:
    many = [article(f"n{n}", f"{VOTE} Report number {n} of the bridge.", f"Outlet {n % 9}", days=n / 24) for n in range(30)]
    store.add(*many)
    found = stories(store).compare("https://n3.example/a")
    assert len(found.told) == 12
    assert "https://n3.example/a" in [one.article.url for one in found.told]
    dates = [one.article.published_at or datetime.max.replace(tzinfo=UTC) for one in found.told]
    assert dates == sorted(dates)


def test_a_story_without_any_date_is_told_in_the_order_of_its_articles(store: Store) -> None:
    store.add(*(replace(one, published_at=None) for one in (POST, ECHO)))
    found = stories(store).compare("the old bridge of Harwick")
    assert [one.article.source for one in found.told] == ["Oren Post", "Harwick Echo"]
    assert [OTHER_VOTE, VOTE] in [[excerpt.text for excerpt in point.excerpts] for point in found.points.differing]


class Emptied(Passages):
    """A store from which all articles go between the search and the reading."""

    def article_text(self, revision_ids: Sequence[int]) -> dict[int, str]:
        return {}


def test_a_story_that_went_just_now_is_not_found(store: Store) -> None:
    store.add(ECHO, POST)
    search = Search(HashEmbedder(), store.index, store.passages)
    gone = Stories(search, HashEmbedder(), Emptied(store.database), Headlines(store.database), WordStance(), {}, WordStance())
    with pytest.raises(NoStory, match="No stored article"):
        gone.compare("the old bridge of Harwick")
