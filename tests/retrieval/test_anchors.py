"""Numbers and names that an agreeing excerpt must have."""

from __future__ import annotations

import pytest

from retrieval.anchors import names, numbers, supports_agreement
from retrieval.types import Claim


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It passed by 93-8-73.", {93, 8, 73}),
        ("93–8, with 73 abstentions", {93, 8, 73}),
        ("ninety-three votes to eight", {93, 8}),
        ("two hundred and four votes", {204}),
        ("1,500 people, 4.7% more", {1500, 4.7}),
        ("five million of 12.5 million, 2 billion", {5_000_000, 12_500_000, 2_000_000_000}),
        ("5 million and 3 thousand", {5_000_000, 3_000}),
        ("no number at all, and one of them", set()),
        ("on 24 February 2025, on March 3rd and in 1999", set()),
        ("the 3rd of May and 5 ships", {5}),
        ("", set()),
    ],
)
def test_quantities_are_read_from_digits_and_words_without_dates(text: str, found: set[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The council met.", set()),
        ("A week ago Macron met Prime Minister Keir Starmer in Paris.", {"macron", "keir", "starmer", "paris"}),
        ("It came on Monday, 3 February, and Theresa left.", {"theresa"}),
        ("Dmitry Peskov said so.", {"dmitry", "peskov"}),
        ("He said: Nobody came. Then NATO did.", {"nato"}),
        ("Russia’s and Putin's plan", {"putin"}),
        ("", set()),
    ],
)
def test_names_are_capitalised_words_that_open_no_sentence(text: str, found: set[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("claim", "excerpt", "around", "agrees"),
    [
        ("It was adopted by 93 votes.", "Ninety-three countries voted for it.", "", True),
        ("Ninety-three countries voted for it.", "It was adopted by 93 votes to 18.", "", True),
        ("It was adopted by 93 votes.", "It was adopted 93-8-73.", "", True),
        ("It was adopted by 93 votes.", "It was adopted by 94 votes.", "", False),
        ("It was adopted by 93 votes.", "It was adopted.", "93 votes were cast.", False),
        ("It was adopted on 24 February 2025.", "It was adopted on Monday.", "", True),
        ("It cost five million euros.", "It cost 5 million euros.", "", True),
        ("It cost five million euros.", "It cost 5 billion euros.", "", False),
        ("Macron met Starmer in Paris.", "The two met in Paris.", "Starmer came by train.", True),
        ("Macron met Starmer in Paris.", "They met on Monday.", "", False),
        ("Macron met Starmer in Paris.", "Macron’s guest Starmer arrived.", "", True),
        ("prices rose again", "Prices rose.", "", True),
    ],
)
def test_an_excerpt_agrees_only_with_the_numbers_and_half_the_names_of_the_claim(
    claim: str, excerpt: str, around: str, agrees: bool
) -> None:
    assert supports_agreement(Claim(claim), excerpt, around) is agrees


def test_a_claim_that_points_back_needs_a_number_of_its_context() -> None:
    claim = Claim("The United States voted against it.", context="The resolution was adopted by 93 votes to 8.")
    assert supports_agreement(claim, "The United States voted against it.", "It passed 93-8.")
    assert not supports_agreement(claim, "The United States voted against it.", "It passed 10-0.")


def test_what_one_person_said_is_not_taken_for_the_word_of_another() -> None:
    claim = Claim("The Ardent Palace confirmed that Queen Mirel would receive Dorian envoys in Port Vale.")
    other = "Minister Okoro said on Monday that Queen Mirel would receive Dorian envoys in Port Vale."
    assert not supports_agreement(claim, other, "Mirel to receive envoys, Okoro says")
    assert supports_agreement(claim, "Queen Mirel will receive Dorian envoys in Port Vale, the Palace said.", "")
    assert supports_agreement(Claim("Okoro has publicly said that Queen Mirel would receive envoys."), other, "")
    assert supports_agreement(Claim("He said that Queen Mirel would receive envoys."), other, "")
