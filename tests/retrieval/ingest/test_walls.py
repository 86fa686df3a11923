"""Walls before articles are told from articles."""

from __future__ import annotations

import pytest

from retrieval.errors import BadItem
from retrieval.ingest.page import read_page
from tests.standins.news import page, story

URL = "https://echo.example/bridge"
LEAD = "The council of Harwick voted on Tuesday to close the old bridge over the river for repairs"


@pytest.mark.parametrize(
    ("text", "head", "instead"),
    [
        (f"{LEAD}. Subscribe to continue reading this story. Already a subscriber? Log in here", "", "a paywall"),
        (f"{LEAD}. You have reached your monthly limit of free articles", "", "a paywall"),
        (f"{LEAD}. It will take two years, the mayor said after the meeting", '<script type="application/ld+json">{"@type":"NewsArticle",'
         '"isAccessibleForFree": false}</script>', "a paywall"),
        ("Before you continue. We and our 800 partners store and access information on a device. Accept all or manage your choices. "
         "You can change your mind at any time on this page", "", "a consent wall"),
        ("Please enable JavaScript and cookies to continue. Checking if the site connection is secure before you go on to the page", "",
         "a door against robots"),
    ],
)  # fmt: skip
def test_a_wall_is_not_stored_as_an_article(text: str, head: str, instead: str) -> None:
    with pytest.raises(BadItem, match=instead):
        read_page(page(URL, "Bridge closes", text, head), "x", URL)


def test_an_article_that_speaks_of_walls_is_one() -> None:
    text = f"{story('Harwick')} {story('Oren')} The paper will let readers subscribe to continue reading after five articles."
    assert "subscribe to continue" in read_page(page(URL, "Paper builds paywall", text), "x", URL).text
