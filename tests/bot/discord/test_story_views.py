"""Whatever a story's outlets hold, the message about it keeps to Discord's rules, pings nobody, and has our layout and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.discord.limits import MAX_CONTENT
from bot.discord.story_views import story_view
from bot.discord.views import plain_form
from bot.story_rendering import StoryAnswer, story_answer
from bot.texts import units
from bot.words import Words, words_for
from retrieval.gathering import Told
from retrieval.points import Point, Points
from retrieval.stories import StoryComparison
from retrieval.types import Excerpt
from tests.bot.discord.test_views import ANY, NEWS, URLS, WORDS, News, components, examples, payload, shape, texts
from tests.standins.discord.component_rules import walk
from tests.standins.discord.problems import reason
from tests.standins.discord.rules import message_problems

ENGLISH = words_for("en-GB")
COUNTS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.integers(2, 8))
PLAIN = News(["The council of Harwick voted 12 to 5 to close the old bridge."], [URLS[0]])


def _excerpts(news: News, count: int, turn: int) -> list[Excerpt]:
    found = news.comparison(count, 0, turn=turn)
    return list(found.agreeing)


def _answer(news: News, counts: tuple[int, int, int, int, int], words: Words = ENGLISH) -> StoryAnswer:
    """A story with so many points of each kind, each shared one of so many outlets."""
    shared, differing, changed, only, outlets = counts
    made = [_excerpts(news, outlets, turn) for turn in range(shared)]
    two = [Point(_excerpts(news, 2, turn), news.texts[turn % len(news.texts)]) for turn in range(max(differing, changed))]
    told = [Told(one.article, news.texts[0], one.text, one.copies) for one in _excerpts(news, outlets + 4, 1)]
    points = Points([Point(one) for one in made], two[:differing], two[:changed], _excerpts(news, only, 3))
    return story_answer(StoryComparison(news.texts[-1], told, points, {}), words)


@ANY
@examples((6, 6, 6, 4, 8), ENGLISH)
@given(NEWS, COUNTS, WORDS)
def test_a_story_of_anything_fits_and_is_laid_out_as_ours(news: News, counts: tuple[int, int, int, int, int], words: Words) -> None:
    answer = _answer(news, counts, words)
    head, *rest, foot = texts(story_view(answer, words))
    assert shape(head) == ["-# ", "> ", "### "]
    assert set(shape(foot)) == {"-# "}
    assert all(set(shape(text)) <= {"**", "> ", "-# "} for text in rest)


@ANY
@examples((6, 6, 6, 4, 8), ENGLISH)
@given(NEWS, COUNTS, WORDS)
def test_as_plain_text_it_fits_too(news: News, counts: tuple[int, int, int, int, int], words: Words) -> None:
    content, view = plain_form(story_view(_answer(news, counts, words), words, MAX_CONTENT))
    assert reason(message_problems({"content": content, "components": components(view)}, ())) == ""
    assert 0 < units(content) <= MAX_CONTENT


def test_a_usual_story_shows_all_kinds_with_excerpts_of_at_least_two_outlets() -> None:
    said = "\n".join(texts(story_view(_answer(PLAIN, (4, 2, 2, 3, 4)), ENGLISH)))
    for title in ("= What several outlets have", "≠ Where they differ", "→ What changed", "· What only one of them has"):
        assert title in said
    assert said.count("> “") >= 7


def test_a_story_of_many_points_keeps_well_under_forty_components() -> None:
    view = story_view(_answer(News(["Bridge."], [URLS[0]]), (6, 6, 6, 4, 8)), ENGLISH)
    assert len(list(walk(payload(view)["components"]))) <= 40


def test_what_is_left_out_is_counted() -> None:
    said = "\n".join(texts(story_view(_answer(PLAIN, (6, 6, 6, 4, 8)), ENGLISH)))
    assert "more article" in said
    assert " of 6)" in said
