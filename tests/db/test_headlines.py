"""Articles by address and by age, as who may see them sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.headlines import Headlines
from tests.standins.store import Store, article


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as opened:
        yield opened


def test_an_article_is_found_by_its_address_as_search_has_it_now(store: Store) -> None:
    headlines = Headlines(store.database)
    store.add(article("a", "The bridge closed on Monday.", title="First"))
    store.add(article("a", "The bridge closed on Tuesday.", title="Second"))
    found = headlines.at("https://echo.example/a")
    assert found is not None
    assert (found.title, found.source) == ("Second", "Harwick Echo")
    assert store.passages.article_text([found.revision_id]) == {found.revision_id: "The bridge closed on Tuesday."}
    assert headlines.at("https://echo.example/b") is None
    store.articles.remove(["https://echo.example/a"])
    assert headlines.at("https://echo.example/a") is None
    assert headlines.latest(5) == []


def test_the_latest_come_first_without_those_of_hidden_sources(store: Store) -> None:
    headlines = Headlines(store.database)
    source = store.source("own", 5)
    store.add(article("a", "The bridge closed.", title="A"))
    store.add(replace(article("b", "The ferry sank.", title="B"), feed_id=source))
    store.add(article("c", "The mill burned.", title="C"))
    assert [one.title for one in headlines.latest(9)] == ["C", "B", "A"]
    assert [one.title for one in headlines.latest(2)] == ["C", "B"]
    assert [one.title for one in headlines.latest(9, {source})] == ["C", "A"]
    assert headlines.at("https://echo.example/b", {source}) is None
