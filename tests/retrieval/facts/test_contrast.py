"""The facts of a claim beside those of an evidence text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.facts.contrast import Contrast, Match, contrast
from retrieval.facts.quantities import quantities
from retrieval.facts.sameness import satisfies

PUBLISHED = date(2025, 8, 20)
SENTENCES = st.lists(
    st.sampled_from(
        "the resolution adopted rejected rose fell prices not by with 93 120 votes to 18 against people killed injured about at least half "
        "of voters 4.7 % in March 2024 on Monday $5 million Resolution 2758 third round no nobody . ,".split()
    ),
    max_size=20,
).map(" ".join)


def different(claim: str, evidence: str) -> list[tuple[str, str, str]]:
    return [(match.kind, match.claim, match.evidence) for match in contrast(claim, evidence, PUBLISHED).different]


@pytest.mark.parametrize(
    ("claim", "evidence", "words"),
    [
        ("It was adopted by 93 votes.", "It was adopted with 120 votes in favour.", ("93 votes", "120 votes")),
        ("The vote had 18 abstentions.", "In the vote 120 were in favour, 20 abstained.", ("18", "20")),
        ("It passed by 190 votes to 2.", "In the vote it passed 190-4.", ("2", "4")),
        ("At least 40 people were killed.", "It killed 12 people and injured 30.", ("At least 40 people", "12 people")),
        ("Nobody was killed in the fire.", "The fire killed three people.", ("Nobody", "three people")),
        ("Inflation rose to 4.7 percent.", "Inflation reached 5.2%, the office said.", ("4.7 percent", "5.2%")),
        ("The fine was $5 million.", "He paid a fine of $7.5m.", ("$5 million", "$7.5m")),
        ("The third round of talks began.", "The second round of talks began in Oslo.", ("third round", "second round")),
        ("The 45-year-old driver fled.", "The 54-year-old driver fled.", ("45-year-old", "54-year-old")),
        ("Two dozen ships left the port.", "Three ships left the port.", ("Two dozen ships", "Three ships")),
    ],
)
def test_numbers_of_one_thing_differ(claim: str, evidence: str, words: tuple[str, str]) -> None:
    assert different(claim, evidence)[:1] == [("number", *words)]


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("At least 40 people were killed.", "The blast killed 52 people, including 12 children."),
        ("52 people were killed.", "At least 40 people were killed."),
        ("A third of voters stayed at home.", "Some 35% of voters stayed at home."),
        ("Half of voters stayed at home.", "Nearly half of voters stayed at home."),
        ("Dozens of ships left the port.", "37 ships left the port."),
        ("The bridge is 100 miles long.", "The bridge is 160 km long."),
        ("It took three hours.", "It took 180 minutes."),
        ("It cost five million euros.", "It cost €5m."),
        ("Inflation rose to 4.7 percent.", "Inflation rose to 4.72 percent."),
        ("The film grossed more than US $690,000.", "The film grossed $697,346."),
        ("The party failed to reach five percent.", "The party received 4.3 percent."),
    ],
)
def test_a_number_that_meets_the_claims_is_no_difference(claim: str, evidence: str) -> None:
    assert different(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("40 people were killed.", "12 children were killed."),  # may be among the 40
        ("40 people were killed.", "Another 12 people were killed."),
        ("40 people attended.", "120 people were injured."),
        ("The navy has 120 ships.", "Twelve ships of the navy left the port."),
        ("Rates rose by 2 percent.", "Rates rose by 3 percentage points."),
        ("Inflation rose to 4.7 percent in March.", "Inflation rose to 5.2% in February."),
        ("The motion got 93 votes.", "120 votes were cast."),
        ("He served 10 years.", "He paid $12."),
        ("The third round began.", "Two rounds began."),
    ],
)
def test_numbers_that_may_be_of_other_things_are_not_compared(claim: str, evidence: str) -> None:
    assert [found for found in different(claim, evidence) if found[0] == "number"] == []


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("The bridge opened in March 2024.", "The bridge opened in May 2024.", [("date", "March 2024", "May 2024")]),
        ("The bridge opened in March 2024.", "The bridge opened on 14 March 2024.", []),
        ("The bridge opened on 14 March 2024.", "The bridge opened in March.", []),
        ("The bridge opened after 2007.", "The bridge opened in October 2008.", []),
        ("The bridge opened on 14 March 2024.", "The bridge opened on Monday.", []),
        ("The bridge opened in March 2024.", "The mayor was born in May 1970.", []),
        (
            "Resolution 2758 calls for talks.",
            "Resolution 2334 calls for talks.",
            [("identifier", "Resolution 2758", "Resolution 2334")],
        ),
        ("The G7 met in Rome.", "The G20 met in Rome.", []),
    ],
)
def test_dates_and_identifiers_differ_only_where_both_are_plain(claim: str, evidence: str, found: list[tuple[str, str, str]]) -> None:
    assert different(claim, evidence) == found


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("The parliament approved the budget.", "The parliament rejected the budget.", [("direction", "approved", "rejected")]),
        ("The court found him guilty of fraud.", "The court acquitted him of fraud.", [("direction", "guilty", "acquitted")]),
        ("The talks began before the vote.", "The talks began after the vote.", [("direction", "before", "after")]),
        ("The talks began before the vote.", "The talks began after the storm.", []),
        ("Prices rose in Norway.", "Wages fell in Spain.", []),
        ("The parliament approved the budget.", "The parliament did not approve the budget.", [("negation", "approved", "not approve")]),
        ("The president did not resign.", "The president resigned.", [("negation", "not resign", "resigned")]),
        ("The president did not resign.", "The president never resigned.", []),
        ("The president resigned.", "Reports claimed that the president did not resign.", []),
        ("The president did not resign.", "It is unclear whether the president resigned.", []),
    ],
)
def test_opposites_and_denials_differ_when_said_of_the_same(claim: str, evidence: str, found: list[tuple[str, str, str]]) -> None:
    assert different(claim, evidence) == found


def test_what_the_evidence_shares_and_lacks_is_told_apart() -> None:
    found = contrast("It was adopted by 93 votes on 3 March 2024 after 12 speeches.", "It was adopted by 93 votes.", PUBLISHED)
    assert Match("number", "93 votes", "93 votes") in found.same
    assert found.missing == ("12 speeches", "3 March 2024")
    assert found.different == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "phrase"),
    [
        ("It was adopted by 93 votes.", "It was adopted with 120 votes.", "93 against 120 votes"),
        ("The fine was $5 million.", "He paid a fine of $7.5m.", "$5 million against $7.5m"),
        ("Prices rose in Norway.", "Prices in Norway rose.", ""),
    ],
)
def test_a_difference_is_explained_in_the_words_of_the_texts(claim: str, evidence: str, phrase: str) -> None:
    assert contrast(claim, evidence).explain() == phrase


@settings(max_examples=60)
@given(SENTENCES, SENTENCES)
def test_whether_two_quantities_can_be_one_does_not_depend_on_their_order(one: str, two: str) -> None:
    assert all(satisfies(a, b) == satisfies(b, a) for a in quantities(one) for b in quantities(two))


@settings(max_examples=60)
@given(st.text(max_size=60) | SENTENCES, st.text(max_size=60) | SENTENCES, st.none() | st.dates())
def test_any_two_texts_are_compared_in_their_own_words(claim: str, evidence: str, published: date | None) -> None:
    found = contrast(claim, evidence, published)
    assert all(match.claim in claim and match.evidence in evidence for match in found.same + found.different)
    assert all(words in claim for words in found.missing)


@settings(max_examples=60)
@given(st.text(max_size=60) | SENTENCES)
def test_no_number_of_a_text_differs_from_itself(text: str) -> None:
    assert [match for match in contrast(text, text).different if match.kind in {"number", "date", "identifier"}] == []


def test_nothing_beside_nothing_is_nothing() -> None:
    assert contrast("", "") == Contrast()
