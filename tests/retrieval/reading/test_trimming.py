"""What a writer says beside the matter goes; the matter stays."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.reading.trimming import core
from tests.retrieval.reading.nasty import TEXTS, read_all

MATTER = "the bridge was closed on Monday"


def kept(clause: str) -> str:
    return clause[slice(*core(clause))]


@pytest.mark.parametrize(
    "opening",
    [
        "Oh, and ", "Well, ", "By the way, ", "Edit: ", "PS: ", "Also - ", "However, ", "In other news, ", "In the end ",
        "It turns out that ", "Turns out ", "Apparently ",
        "Word is ", "Rumour has it ", "I read that ", "I’ve just heard today that ", "Remember that ",
        "So ", "But ", "And yet, ", "Oh, well, ",
    ],
)  # fmt: skip
def test_openings_go(opening: str) -> None:
    assert kept(f"{opening}{MATTER}") == MATTER


@pytest.mark.parametrize(
    "comment",
    [
        ", sorry", ", what a shame, those poor families", ", what a shame", ", which is rough, sorry",
        ", those poor families", " – go figure", " lol", " lol tbh", ", apparently", " though", " too",
        " so take your bike", ", so thanks for nothing", ", of all things", ", so off they went",
        " (source)", " (see here)", ", via" + " " * 20, " " * 20, ", see more here:",
    ],
)  # fmt: skip
def test_comments_go(comment: str) -> None:
    assert kept(f"The bridge was closed on Monday{comment}").removesuffix(", which is rough") == "The bridge was closed on Monday"


@pytest.mark.parametrize(
    "clause",
    [
        "The bridge was closed on Monday, by 14 votes",
        "The bridge was closed on Monday, in Harwick",
        "The bridge was closed on Monday, because the mayor wanted it",
        "The bridge was closed on Monday, which surprised nobody",
        "Oster won the cup, its third title",
        "The plant closed, a sad day for 40 workers",
        "The plant closed on Monday, good news Olsen",
        "The plant closed, with the loss of many jobs",
        "The council bought bread, milk and butter",
        "The council bought bread, milk, and butter",
        "The strike hit trains, trams, buses and ferries",
        "Oster beat three teams, including my own",
        "Olsen said “it was closed, sad”",
        "First Minister Olsen resigned",
        "Second-hand cars got cheaper in May",
        "So far twelve people were arrested",
        "So many people came that it closed",
        "The firm opened a shop here",
        "The council wants people to read more",
        "The toolkit was sold to an apparatus",
    ],
)
def test_the_matter_stays(clause: str) -> None:
    assert kept(clause) == clause


@pytest.mark.parametrize("clause", ["Wells, the mayor, resigned", "Olsen, a former judge, resigned"])
def test_a_clause_never_loses_its_verb(clause: str) -> None:
    assert kept(clause) == clause


@pytest.mark.parametrize("clause", ["Oh, it fell", "So it fell", "It fell, sorry", "Sad lol", "0 0 - SORRY"])
def test_three_words_stay(clause: str) -> None:
    assert kept(clause) == clause


def test_three_words_are_enough() -> None:
    assert kept("Oh, the bridge fell, sorry") == "the bridge fell"


def test_a_long_clause_is_read_to_its_end() -> None:
    read_all(core)


@given(clause=TEXTS)
def test_whatever_is_written_the_core_lies_inside(clause: str) -> None:
    start, end = core(clause)
    assert 0 <= start <= end <= len(clause)
    assert len(clause[start:end].split()) >= min(3, len(clause.split()))
