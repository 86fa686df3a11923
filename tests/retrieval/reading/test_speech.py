"""Who is said to have said what, and where nobody is."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.claims import parse_claim, said_by
from retrieval.reading.speech import speech_in
from tests.retrieval.reading.nasty import TEXTS, read_all


@pytest.mark.parametrize(
    ("claim", "speaker", "said"),
    [
        ("Mayor Olsen said on Friday that the bridge will reopen in May", "Mayor Olsen", "the bridge will reopen in May"),
        ("Mayor Olsen said yesterday the bridge is safe", "Mayor Olsen", "the bridge is safe"),
        ("Mayor Olsen on Friday evening said the bridge is safe", "Mayor Olsen", "the bridge is safe"),
        ("Olsen yesterday said the bridge is safe", "Olsen", "the bridge is safe"),
        ("Bridge to reopen in May, says Olsen", "Olsen", "Bridge to reopen in May"),
        ("The bridge is safe – says Olsen", "Olsen", "The bridge is safe"),
        ("The bridge is safe, the mayor of Harwick announced on Monday", "the mayor of Harwick", "The bridge is safe"),
        ("According to the Harwick Echo, rents rose by 8%", "the Harwick Echo", "rents rose by 8%"),
        ("As per the ministry, rents rose by 8%", "the ministry", "rents rose by 8%"),
        ("According to Olsen there are six leaks", "Olsen", "there are six leaks"),
        ("Rents rose by 8%, according to the ministry", "the ministry", "Rents rose by 8%"),
        ("Rents rose by 8% according to the ministry", "the ministry", "Rents rose by 8%"),
        ("Olsen denied that he had taken money", "Olsen", "he had taken money"),
        ('"The bridge is safe," said Ilse Brandt, the mayor, on Friday', "Ilse Brandt", "The bridge is safe"),
        ("“The bridge is safe,” the mayor said", "the mayor", "The bridge is safe"),
        ('Olsen said: "The bridge is safe"', "Olsen", "The bridge is safe"),
        ("Olsen, who met the council on Friday, said the bridge was safe", "Olsen", "the bridge was safe"),
        ("The firm told reporters that it had sold its yard", "The firm", "it had sold its yard"),
        ("The firm told the Harbour Courier it had sold its yard", "The firm", "it had sold its yard"),
        ("The police have confirmed two people died", "The police", "two people died"),
        ("The mayor met her in May and said the bridge was safe", "The mayor", "the bridge was safe"),
        ("The report found that 12 bolts were missing", "The report", "12 bolts were missing"),
        ("A survey shows rents rose by 8%", "A survey", "rents rose by 8%"),
        ("No 10 officials said the bridge was safe", "No 10 officials", "the bridge was safe"),
        ("But also for Olsen said the bridge was shut", "Olsen", "the bridge was shut"),
        ("olsen said the bridge is closed", "olsen", "the bridge is closed"),
        ("Olsen said $5 million was missing (40%)", "Olsen", "$5 million was missing (40%)"),
        ("Olsen claims the report found that 12 bolts were missing", "Olsen", "the report found that 12 bolts were missing"),
    ],
)
def test_the_speaker_and_the_words_said_are_found(claim: str, speaker: str, said: str) -> None:
    found = speech_in(claim)
    assert found is not None
    assert (claim[slice(*found.speaker)], claim[slice(*found.said)]) == (speaker, said)


@pytest.mark.parametrize(
    "claim",
    [
        "The bridge was closed on Monday",
        "Olsen denied the claims",  # which, it does not say
        "Olsen promised to close the bridge",
        "Olsen asked whether the bridge was safe",
        "Olsen was said to have left the country",
        "It is said that the lake is deep",
        "The Reported Case closed in May",
        "The council's claims office was closed in May",
    ],
)
def test_a_claim_that_reports_no_words_has_no_speaker(claim: str) -> None:
    assert speech_in(claim) is None


@pytest.mark.parametrize(
    "claim",
    [
        "Olsen did not say that the bridge was safe",
        "Olsen didn't say that the bridge was safe",
        "Olsen hasn’t said the bridge was safe",
        "Olsen has never said that the bridge was safe",
        "Nobody said the bridge was safe",
        "No minister said the bridge was safe",
        "None of the ministers said the bridge was safe",
        "Neither Olsen nor Brandt said that the bridge was safe",
        "The bridge was safe, nobody said",
    ],
)
def test_words_that_somebody_did_not_say_are_not_said(claim: str) -> None:
    assert speech_in(claim) is None


def test_a_verb_of_speech_inside_the_words_said_is_not_the_frame() -> None:
    claim = "“The ministry said the port was shut,” said Olsen"
    found = speech_in(claim)
    assert found is not None
    assert claim[slice(*found.speaker)] == "Olsen"


def test_the_words_said_are_a_claim_of_their_own() -> None:
    claim = parse_claim("Mayor Olsen said that the bridge will reopen in May.")
    said = said_by(claim)
    assert said is not None
    assert (said.text, said.speaker) == ("the bridge will reopen in May.", "")
    assert said_by(said) is None


def test_a_long_claim_is_read_to_its_end() -> None:
    read_all(speech_in)


@given(claim=TEXTS)
def test_whatever_is_written_speaker_and_words_lie_inside_and_apart(claim: str) -> None:
    found = speech_in(claim)
    if found is None:
        return
    (start, end), (first, last) = found.speaker, found.said
    assert 0 <= start < end <= len(claim)
    assert 0 <= first < last <= len(claim)
    assert end <= first or last <= start
