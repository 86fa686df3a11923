"""Whatever followed claims and their news hold, the messages about them keep to Discord's rules, ping nobody, and have their own layout."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.follow_views import SHOWN, CaseNews, case_news_view, following_view, news_view
from bot.discord.ids import Act, CaseId, CustomId, Step, parse_case_id, parse_id
from bot.discord.limits import MAX_CONTENT
from bot.discord.views import plain_form
from bot.texts import units
from bot.words import Words, words_for
from db.cases import State
from db.follows import MAX_FOLLOWS, Follow
from retrieval.types import Outcome
from tests.bot.discord.test_case_views import case
from tests.bot.discord.test_views import ANY, NEWS, URLS, WORDS, News, examples, harmless, payload
from tests.standins.discord.component_rules import SELECTS, TEXT_DISPLAY, walk

NOON = datetime(2025, 2, 24, 12, tzinfo=UTC)
ENGLISH = words_for("en-GB")
PLAIN = News(["The council of Harwick voted 12 to 5 to close the old bridge."], [URLS[0]])


def _follows(news: News, count: int) -> list[Follow]:
    """With excerpts that are all new."""
    made = []
    for turn in range(count):
        now = news.comparison(1 + turn % 3, 1 + (turn + 1) % 3, turn=turn * 10)
        seen = replace(now, outcome=Outcome.NO_MATCH, agreeing=(), contradicting=())
        made.append(Follow(2**62 + turn, 1, 2, None, "en", now.claim, seen, now, None, NOON))
    return made


def _texts(view: ui.LayoutView) -> str:
    made = [str(one["content"]) for one in walk(payload(view)["components"]) if one["type"] == TEXT_DISPLAY]
    for text in made:
        harmless(text)
    return "\n".join(made)


def _ids(view: ui.LayoutView) -> list[str]:
    return [str(one["custom_id"]) for one in walk(payload(view)["components"]) if "custom_id" in one]


@ANY
@examples(9, ENGLISH)
@given(NEWS, st.integers(1, 9), WORDS)
def test_news_fits_whatever_it_says(news: News, count: int, words: Words) -> None:
    follows = _follows(news, count)
    _texts(news_view(follows, words))
    content, _ = plain_form(news_view(follows, words, MAX_CONTENT))
    assert units(content) <= MAX_CONTENT


@ANY
@examples(9, ENGLISH)
@given(NEWS, st.integers(1, 9), WORDS)
def test_news_of_cases_fits_whatever_it_says(news: News, count: int, words: Words) -> None:
    every = [CaseNews(case(news, State.UPHELD, id=number), [follow]) for number, follow in enumerate(_follows(news, count))]
    view = case_news_view(every, words)
    _texts(view)
    assert len(_ids(view)) == min(count, SHOWN)


@ANY
@examples(MAX_FOLLOWS, ENGLISH)
@given(NEWS, st.integers(0, MAX_FOLLOWS), WORDS)
def test_the_list_of_what_is_followed_has_every_claim(news: News, count: int, words: Words) -> None:
    follows = _follows(news, count)
    view = following_view(follows, words)
    assert _texts(view).count(".** ") >= count
    options = [option["value"] for one in walk(payload(view)["components"]) if one["type"] in SELECTS for option in one["options"]]
    assert options == [str(follow.id) for follow in follows]
    assert units(plain_form(following_view(follows, words, MAX_CONTENT))[0]) <= MAX_CONTENT


@pytest.mark.parametrize("words", [words_for(language) for language in ("en", "de", "fr", "es")])
def test_the_longest_claims_and_excerpts_leave_room_for_those_of_the_others(words: Words) -> None:
    long = News(["W" * 4_000, "@" * 4_000], [f"https://echo.example/{'a' * 600}"])
    assert _texts(news_view(_follows(long, SHOWN + 2), words)).count("\n**") == SHOWN
    assert _texts(news_view(_follows(PLAIN, SHOWN), words)).count("✗ **") == SHOWN


def test_the_parts_of_the_news() -> None:
    (follow,) = _follows(PLAIN, 1)
    said = _texts(news_view([follow], ENGLISH))
    assert said.index("✗ **") < said.index("✓ **")  # what contradicts comes first
    assert said.count("> “") == 2  # the best two
    (stop,) = _ids(news_view([follow], ENGLISH))
    assert parse_id(stop) == CustomId(Act.UNFOLLOW)
    resolved, open_ = case(PLAIN, State.DISPUTED, id=7, number=3, decided=4), case(PLAIN, State.OPEN, id=8, number=4)
    view = case_news_view([CaseNews(resolved, [follow]), CaseNews(open_, [follow])], ENGLISH)
    assert [parse_case_id(one) for one in _ids(view)] == [CaseId(Step.REOPEN, 7, 4)]
    assert "Case 3" in _texts(view) and "Case 4" in _texts(view)
