"""`compare` on the command line: what is printed, and what others script against."""

from __future__ import annotations

import io

from rich.cells import cell_len
from rich.console import Console

from bot.story_rendering import story_answer
from bot.story_terminal import show_story
from bot.words import words_for
from retrieval.gathering import Told
from retrieval.points import Point, Points
from retrieval.stories import StoryComparison
from retrieval.types import ArticleRef, Excerpt, Stance
from tests.bot.conftest import CommandLine, record

VOTE = "The council of Harwick voted 14 to 3 to close the old bridge."
OTHERWISE = "The council of Harwick voted 12 to 5 to close the old bridge."
NEWS = [
    record("echo", "Harwick Echo", f"{VOTE} Mayor Olsen spoke about the bridge for an hour.", published_at="2025-02-24T18:10:00Z"),
    record("oren", "Oren Post", f"{OTHERWISE} Nobody in Harwick spoke about the bridge.", published_at="2025-02-25T08:00:00Z"),
]
KEYS = {"story", "independent_sources", "articles", "shared", "differing", "changed", "only", "models", "took_ms"}


def _comparison(quote: str, outlets: int = 2) -> StoryComparison:
    articles = [ArticleRef(n, n, f"https://a.example/{n}", quote, f"Outlet {n}", None) for n in range(outlets)]
    excerpts = [Excerpt(quote, 0, len(quote), one, Stance(0.9, 0.05, 0.05), decisive=[(0, 3)]) for one in articles]
    points = Points([Point(excerpts)], [Point(excerpts[:2], "93 against 120 votes")], [Point(excerpts[:2])], excerpts[:1])
    return StoryComparison("the bridge", [Told(one, one.source, quote) for one in articles], points, {})


def _shown(comparison: StoryComparison) -> str:
    out = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    show_story(out, story_answer(comparison))
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_outlets_stand_side_by_side_with_what_differs(bare: CommandLine) -> None:
    bare.ingest(NEWS)
    result = bare("compare", "the old bridge of Harwick")
    assert result.exit_code == 0, result.output
    assert "2 independent outlets tell this story." in result.stdout
    assert "≠ WHERE THEY DIFFER" in result.stdout
    assert "14 against 12" in result.stdout
    assert any("Harwick Echo" in row and "Oren Post" in row for row in result.stdout.splitlines())
    assert result.stdout.index("24 Feb 2025") < result.stdout.index("25 Feb 2025")


def test_the_json_has_the_same_shape_always(bare: CommandLine) -> None:
    bare.ingest(NEWS)
    (line,) = bare.lines("compare", "https://echo.example/bridge", "--json")
    assert set(line) == KEYS
    assert line["independent_sources"] == 2
    articles = line["articles"]
    assert isinstance(articles, list)
    assert [set(one) for one in articles] == [{"id", "url", "title", "source", "published_at", "external_id", "voice", "copies"}] * 2
    points = line["differing"]
    assert isinstance(points, list)
    assert points[0]["difference"] == "14 against 12"
    assert [one["text"] for one in points[0]["excerpts"]] == [VOTE, OTHERWISE]


def test_one_outlet_alone_is_told_in_a_sentence(bare: CommandLine) -> None:
    bare.ingest(NEWS[:1])
    result = bare("compare", "the old bridge of Harwick")
    assert result.exit_code == 0
    assert "Only one independent outlet tells this story here" in " ".join(result.stdout.split())


def test_a_story_that_nobody_tells_is_a_sentence_and_exit_code_2(bare: CommandLine) -> None:
    bare.ingest(NEWS)
    result = bare("compare", "penguins dance tango")
    assert result.exit_code == 2
    assert result.stderr.startswith("No stored article tells of this.")
    assert bare("compare").exit_code == 2


def test_no_line_is_wider_than_80_columns_and_one_outlet_has_the_whole_row() -> None:
    shown = _shown(_comparison("The bridge closed on Monday, " * 9, outlets=3))
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert "“The bridge closed on Monday, The bridge closed on Monday, The bridge" in shown


def test_nothing_in_the_words_rules_who_is_right() -> None:
    answer = story_answer(_comparison("It closed."), words_for("en-GB"))
    said = " ".join([answer.headline, answer.footer, *(section.title for section in answer.sections)]).lower()
    assert not {"true", "false", "correct", "wrong", "right", "fake", "verified"} & set(said.split())
    assert [section.symbol for section in answer.sections] == ["=", "≠", "→", "·"]
