"""Pronouns stand for something only where that is safe; else the words before go along as context."""

from __future__ import annotations

import pytest

from retrieval.claims import Post, find_claims, spans_of, statement
from retrieval.errors import BadClaim
from retrieval.reading.pointing import Referent, context, referent
from retrieval.types import Claim
from tests.retrieval.reading.nasty import read_all


def last(post: str) -> tuple[str, Referent | None]:
    """Context and referent of a post's last clause."""
    shown, spans = spans_of(post)
    return context(shown, spans, len(spans) - 1), referent(shown, spans, len(spans) - 1)


@pytest.mark.parametrize(
    ("post", "pointer", "words"),
    [
        ("The American text was adopted on Monday. It got 93 votes.", "It", "The American text"),
        ("Mayor Ilse Brandt opened the bridge. She said that 400 people came.", "She", "Mayor Ilse Brandt"),
        ("Ilse Brandt sold her yard. She left in May.", "She", "Ilse Brandt"),
        ("The judge struck down the fine. He ordered a new trial.", "He", "The judge"),
        ("The engineers closed the bridge. They found 12 cracks.", "They", "The engineers"),
        ("The old bridge of Harwick was closed. However, it was opened again in May.", "it", "The old bridge of Harwick"),
        ("The bridge was closed. It was repaired in May. It reopened in June.", "It", "The bridge"),
        ("The bridge finally reopened. It closed in June.", "It", "The bridge"),
        ("The bridge fell and it killed two.", "it", "The bridge"),
        ("The police closed the bridge. They found 12 cracks.", "They", "The police"),
    ],
)
def test_a_pronoun_takes_the_plain_subject_before_that_agrees_with_it(post: str, pointer: str, words: str) -> None:
    assert last(post)[1] == Referent(pointer, words)


@pytest.mark.parametrize(
    "post",
    [
        "It reopened in June.",  # nothing before
        "Mayor Ilse Brandt opened the bridge. It cost 4 million dalers.",  # the bridge, not the mayor
        "The council closed the bridge. They found 12 cracks.",  # who?
        "The nurses struck in May. It lasted 12 days.",
        "The mayor and the judge closed the bridge. She left in May.",  # which?
        "Olsen and Brandt closed the bridge. She left in May.",
        "The yard closed his road. It reopened in June.",
        "On Monday the bridge was closed. It reopened in June.",  # the subject is not first
        "The ship near the bridge sank. It was old.",
        "There was a bridge. It was old.",
        "Its owner left. He died.",
        "The vote failed. This angered 12 states.",  # the failure
        "The vote failed. This law angered 12 states.",
        "Three people died. It ran for 12 days.",
        "Oren Steel sold its yard. He resigned in May.",  # a firm
        "Ilse Brandt sold her yard. He resigned in May.",
        "Jan Vos sold his yard. She resigned in May.",
        "The bridge was closed. Its owner paid 400 dalers.",
        "The bridge was closed. The ferry sank.",
    ],
)
def test_a_pronoun_whose_meaning_is_not_sure_stays_a_pronoun(post: str) -> None:
    assert last(post)[1] is None


def test_the_statement_that_is_judged_names_what_the_pronoun_stands_for() -> None:
    claim = find_claims("The old bridge was closed on Monday. However, it was opened again on 4 May.").claims[-1]
    assert claim.text == "it was opened again on 4 May."  # as written
    assert statement(claim) == "The old bridge was opened again on 4 May."


def test_a_connector_and_markup_are_no_part_of_the_statement() -> None:
    assert statement(Claim("Meanwhile, the **old** bridge fell.")) == "The old bridge fell."
    assert statement(Claim("However")) == "However"


@pytest.mark.parametrize(
    ("post", "before"),
    [
        ("The council met on Monday evening. It closed 3 bridges.", "The council met on Monday evening."),
        ("The council adopted a plan. Rents rose in Lisbon. The plan was rejected.", "The council adopted a plan."),  # shares a word
        ("The council met on Monday evening. Its members were absent.", "The council met on Monday evening."),
        ("The council voted on Monday evening. These votes were counted.", "The council voted on Monday evening."),
        ("The council met on Monday evening. Hi all. It closed 3 bridges.", "The council met on Monday evening."),  # past chatter
        ("The council met on Monday evening. This week it closed 3 bridges.", ""),
        ("The council met on Monday evening. It is clear that bridges fell.", ""),
        ("The council met on Monday evening. The vote of the senate failed.", ""),
        ("The council met on Monday evening. Norwick closed 3 bridges.", ""),
        ("It closed 3 bridges.", ""),
    ],
)
def test_what_points_back_takes_the_nearest_clause_that_can_say_to_what(post: str, before: str) -> None:
    assert last(post)[0] == before


def test_pointing_back_is_read_to_its_end_however_often_it_is_done() -> None:
    def read(text: str) -> Post | None:
        try:
            return find_claims(text)
        except BadClaim:
            return None

    read_all(read)
